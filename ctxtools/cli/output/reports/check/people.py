"""The table of ``ctx check``, or one sentence for one file."""

from ctxtools.cli.output import console as output
from ctxtools.documents.file import display_name
from ctxtools.limits.result import (
    Checked,
    CheckedFile,
    CheckedLimits,
    CheckedTotal,
    format_tokens,
)
from ctxtools.units import format_count, format_items, format_percent

_NAMED = 20  # new and removed files that are printed one by one


def print_for_people(checked: CheckedLimits, top: int, color: str) -> None:
    """Print what exceeds its limit, the totals, and what is nearest to its limit.

    Args:
        checked: the result.
        top: how many files that keep their limits are shown.
        color: as `console` takes it.
    """
    if not checked.files and not checked.complete:
        return  # there is no answer
    if checked.compared:
        for word, names in (("new", checked.added), ("removed", checked.removed)):
            for name in names[:_NAMED]:
                output.say(f"{word}: {display_name(name)}")
            if len(names) > _NAMED:
                output.say(f"{word}: {format_count(len(names) - _NAMED)} more")
    rows: list[Checked] = [*_files(checked, top), *checked.totals]
    if len(rows) == 1 and len(checked.files) == 1:
        output.say(_sentence(rows[0], checked))
        return
    over = {id(each.of) for each in checked.exceeded}
    if rows:
        has_change = any(row.before is not None for row in rows)
        headings = ["Tokens", "Limit", "Of limit", *["Change"] * has_change, "", "Files"]
        left = ["", "Files"]
        cells = [_cells(row, has_change=has_change, over=id(row) in over) for row in rows]
        output.draw_rows(
            output.row_console(color), headings, cells, left=left, optional=["Change", "Limit"]
        )
    output.say(in_short(checked))


def in_short(checked: CheckedLimits) -> str:
    """How many files were checked, and how many limits are exceeded."""
    files = format_items(len({each.path for each in checked.files}), "file")
    number = len(checked.exceeded)
    if number:
        verdict = f"{format_items(number, 'limit')} {'is' if number == 1 else 'are'} exceeded"
    else:
        verdict = "no limit is exceeded" if checked.complete else "what could be read fits"
    return f"{files} checked: {verdict}"


def change(of: Checked) -> str:
    """By how much it grew: ``+120 (+3.1%)``; "" if it is new, or nothing is compared."""
    if of.before is None:
        return ""
    grown = of.tokens - of.before
    share = f" ({grown / of.before:+.1%})" if of.before and grown else ""
    return f"{grown:+,}{share}" if grown else "0"


def limit_of(of: Checked) -> int | None:
    """The limit that is nearest: that on its tokens, or on its growth."""
    limits = [each for each in (of.limit, of.growth_limit) if each is not None]
    return min(limits, default=None)


def _files(checked: CheckedLimits, top: int) -> list[CheckedFile]:
    """The files that exceed a limit, and some that do not, the nearest to their limits first."""
    over = list(
        {
            id(each.of): each.of for each in checked.exceeded if isinstance(each.of, CheckedFile)
        }.values()
    )
    ids = {*map(id, over)}
    others = [each for each in checked.files if id(each) not in ids and limit_of(each) is not None]
    others.sort(key=_share, reverse=True)
    return [*over, *others[:top]]


def _share(of: CheckedFile) -> float:
    limit = limit_of(of)
    return of.tokens / limit if limit else float(of.tokens > 0)


def _cells(row: Checked, *, has_change: bool, over: bool) -> list[str]:
    limit = limit_of(row)
    name = row.path if isinstance(row, CheckedFile) else row.rule.pattern
    shown = display_name(name)
    if isinstance(row, CheckedTotal):
        shown = f"{shown}: all {format_items(row.files, 'file')}"
    share = format_percent(row.tokens, limit) if limit else ""
    changed = ("new" if row.before is None else change(row),) if has_change else ()
    count = "" if limit is None else format_count(limit)
    return [format_tokens(row), count, share, *changed, "OVER" if over else "", shown]


def _sentence(row: Checked, checked: CheckedLimits) -> str:
    if checked.exceeded:
        return "; ".join(each.message for each in checked.exceeded)
    limit = limit_of(row)
    assert isinstance(row, CheckedFile) and limit is not None  # see `print_for_people`
    name, count = display_name(row.path), format_count(limit)
    share = format_percent(row.tokens, limit)
    changed = f", {change(row)}" if row.before is not None else ""
    rest = f" ({share}{changed})" if share or changed else ""
    return f"{name}: {format_tokens(row)} of {count} tokens{rest}"
