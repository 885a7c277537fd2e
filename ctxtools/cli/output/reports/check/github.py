"""What GitHub Actions reads: annotations on stdout, and a summary of the job in Markdown.

The syntax is that of "Workflow commands for GitHub Actions" (docs.github.com): a name with a line
break or ``::`` in it cannot end the command or start another one.
"""

import os
import re

from ctxtools.atomic import atomic_write
from ctxtools.cli.output.reports.check.people import change, in_short, limit_of
from ctxtools.documents.file import display_name
from ctxtools.escape import one_line
from ctxtools.limits.result import Checked, CheckedFile, CheckedLimits, Exceeded, format_tokens
from ctxtools.regular_file import read_regular
from ctxtools.units import format_count, format_items, format_percent

_TITLES = {
    "each": "Token limit",
    "all": "Token limit of all files",
    "growth": "Token growth",
    "total growth": "Token growth of all files",
}
_MAX_SUMMARY = 1 << 20  # bytes of one step, as GitHub takes them
_ROWS = 100  # of the summary
_NAMED = 20  # new and removed files in it


def print_annotations(checked: CheckedLimits) -> None:
    """An annotation for each limit that is exceeded and each file that could not be read."""
    for each in checked.exceeded:
        print(_annotation("error", path_of(each), _TITLES[each.kind], each.message))
    for skipped in checked.skipped:
        if skipped.error:
            message = f"{display_name(skipped.path)}: {skipped.reason}"
            print(_annotation("error", skipped.path, "Not checked", message))
    for unmatched in checked.unmatched:
        if unmatched.option == "limit":
            message = unmatched.message(f"the limit {unmatched.pattern!r}")
            print(_annotation("warning", None, "Limit without files", message))
    # Not at the start of the line, so that nothing in it can be a command.
    print(f"ctx check: {in_short(checked)}")


def path_of(each: Exceeded) -> str | None:
    """The file to show it at: that file; of all files of a rule, the one that states the limit."""
    if each.path is not None:
        return each.path
    origin = each.rule.origin.partition(" [")[0]
    return origin if os.path.isfile(origin) else None


def in_workspace(path: str) -> str:
    """A path from the folder of the repository that GitHub checked out, as annotations have it."""
    workspace = os.environ.get("GITHUB_WORKSPACE") or os.curdir
    relative = os.path.relpath(path, workspace).replace(os.sep, "/")
    return path if relative.startswith("../") else relative


def _annotation(kind: str, path: str | None, title: str, message: str) -> str:
    facts = {"title": title} if path is None else {"file": in_workspace(path), "title": title}
    listed = ",".join(f"{name}={_property(value)}" for name, value in facts.items())
    return f"::{kind} {listed}::{one_line(_data(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return one_line(_data(text).replace(":", "%3A").replace(",", "%2C"))


def add_summary(checked: CheckedLimits, path: str) -> None:
    """Add a summary to what is in a file, completely or not at all.

    Raises:
        ReadError, OSError: it cannot be read or written.
    """
    before = b""
    if os.path.isfile(path):
        before = read_regular(path, 16 * _MAX_SUMMARY)
    text = summary(checked).encode("utf-8", "replace")
    with atomic_write(path, "wb") as file:
        file.write(before + text)


def summary(checked: CheckedLimits) -> str:
    """The result in Markdown."""
    sign = "x" if checked.exceeded or not checked.complete else "white_check_mark"
    lines = [f"### :{sign}: Tokens: {in_short(checked)}", ""]
    over = {id(each.of): each.of for each in checked.exceeded}
    rows: list[Checked] = [*over.values()]
    rows += [each for each in checked.totals if id(each) not in over]
    if rows:
        has_change = any(row.before is not None for row in rows)
        headings = ["Files", "Tokens", "Limit", "Of limit", *["Change"] * has_change]
        lines += [_row(headings), _row([":--", *["--:"] * (len(headings) - 1)])]
        lines += [
            _row(_cells(row, has_change=has_change, over=id(row) in over)) for row in rows[:_ROWS]
        ]
        if len(rows) > _ROWS:
            lines += ["", f"and {format_count(len(rows) - _ROWS)} more"]
        lines.append("")
    lines += [*_names("New", checked.added), *_names("Removed", checked.removed)]
    failed = [each.path for each in checked.skipped if each.error]
    lines += _names("Not checked", failed)
    return "\n".join(lines) + "\n"


def _cells(row: Checked, *, has_change: bool, over: bool) -> list[str]:
    if isinstance(row, CheckedFile):
        name = _code(in_workspace(row.path))
    else:
        name = f"{_code(row.rule.pattern)}, all {format_items(row.files, 'file')}"
    limit = limit_of(row)
    count = "" if limit is None else format_count(limit)
    share = format_percent(row.tokens, limit) if limit else ""
    mark = f"**{name}**" if over else name
    return [mark, format_tokens(row), count, share, *[change(row) or "new"] * has_change]


def _names(title: str, names: tuple[str, ...] | list[str]) -> list[str]:
    if not names:
        return []
    listed = ", ".join(_code(each) for each in names[:_NAMED])
    more = f" and {format_count(len(names) - _NAMED)} more" if len(names) > _NAMED else ""
    return [f"{title}: {listed}{more}", ""]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(name: str) -> str:
    """A name as code in a cell of a table; nothing in it is Markdown or HTML."""
    shown = display_name(name)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}".replace("|", "\\|")
