"""What a check of limits found."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ctxtools.documents.file import display_name
from ctxtools.errors import Skipped
from ctxtools.limits.rules import Growth, LimitRule
from ctxtools.units import format_count, format_items, format_percent

if TYPE_CHECKING:
    from ctxtools.documents import Unmatched
    from ctxtools.models import Interval

Kind = Literal["each", "all", "growth", "total growth"]
"""What a limit is on: one file, all files of a rule, the growth of either."""


class CheckedFile(NamedTuple):
    """A file that a rule matches, counted with one tokenizer.

    Attributes:
        path: as it was named or found.
        name: its path from the folder of the rules, with ``/`` between names.
        tokenizer: the encoding that counts, or the model where its tokenizer is estimated.
        tokens: how many it has; by an estimate, typically.
        interval: of an estimate, whose upper bound is compared; None of an exact number.
        rule: whose limit counts; None if no rule limits each of its files.
        growth_rule: whose limit of growth counts, with something to compare with.
        before: its tokens before; None if it is new, or nothing is compared.
    """

    path: str
    name: str
    tokenizer: str
    tokens: int
    interval: "Interval | None" = None
    rule: LimitRule | None = None
    growth_rule: LimitRule | None = None
    before: int | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that it may have; None without a limit."""
        return self.rule.each if self.rule else None

    @property
    def growth_limit(self) -> int | None:
        """The most tokens that its growth allows; None if that is not limited."""
        growth = self.growth_rule.each_growth if self.growth_rule else None
        return growth.highest(self.before) if growth and self.before is not None else None


class CheckedTotal(NamedTuple):
    """All files that a rule matches together, where it limits that.

    Attributes:
        rule: the rule.
        files: how many they are.
        tokenizer, tokens, interval, before: as of a file; ``before`` includes removed files.
    """

    rule: LimitRule
    files: int
    tokenizer: str
    tokens: int
    interval: "Interval | None" = None
    before: int | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that they may have; None without a limit."""
        return self.rule.all

    @property
    def growth_limit(self) -> int | None:
        """The most tokens that their growth allows; None if that is not limited."""
        growth = self.rule.all_growth
        return growth.highest(self.before) if growth and self.before is not None else None


Checked = CheckedFile | CheckedTotal


class Exceeded(NamedTuple):
    """A limit that is exceeded or, by an estimate, may be.

    Attributes:
        kind: what it is on.
        of: the file, or the files.
        rule: that states it.
        limit: in tokens; of growth, what may be reached.
    """

    kind: Kind
    of: Checked
    rule: LimitRule
    limit: int

    @property
    def path(self) -> str | None:
        """The path of the file; None of all files of a rule."""
        return self.of.path if isinstance(self.of, CheckedFile) else None

    @property
    def message(self) -> str:
        """The same in words, on one line."""
        of, limit = self.of, format_count(self.limit)
        if isinstance(of, CheckedFile):
            what = display_name(of.path)
        else:
            what = f"{display_name(self.rule.pattern)} ({format_items(of.files, 'file')})"
        has = f"{format_tokens(of)} {of.tokenizer} tokens"
        if self.kind in ("each", "all"):
            over = "which may be"
            if of.tokens > self.limit:
                over = format_count(of.tokens - self.limit)
            by = "" if isinstance(of, CheckedTotal) else f" ({display_name(self.rule.pattern)})"
            return f"{what} has {has}, {over} over the limit of {limit}{by}"
        growth = self._growth.text
        before = of.before or 0
        grown = format_count(of.tokens - before)
        share = f", {format_percent(of.tokens - before, before)}" if before else ""
        return (
            f"{what} grew by {grown} to {has} (from {format_count(before)}{share}), and may grow "
            f"by {growth}"
        )

    @property
    def _growth(self) -> Growth:
        growth = self.rule.each_growth if self.kind == "growth" else self.rule.all_growth
        assert growth is not None  # it is exceeded
        return growth


class CheckedLimits:
    """What `check_limits` found.

    Attributes:
        files: that a rule matches, in the order in which they were found; one that two rules count
            differently is there twice.
        totals: for each rule that limits all its files together, in order.
        added: paths of files that are new since what was compared with.
        removed: paths of files that were there before and are not any more, or are not checked.
        skipped: what could not be read, or is no text, and why.
        unmatched: rules, and patterns of ``include`` and ``exclude``, that matched nothing.
        other_files: how many of the files that were named no rule matches.
        compared: what was compared with, in words; "" if nothing was.
        notes: remarks.
        file_notes: path -> remarks on how that file was read.
    """

    def __init__(
        self,
        *,
        files: tuple[CheckedFile, ...],
        totals: tuple[CheckedTotal, ...],
        added: tuple[str, ...],
        removed: tuple[str, ...],
        skipped: tuple[Skipped, ...],
        unmatched: "tuple[Unmatched, ...]",
        other_files: int,
        compared: str,
        notes: tuple[str, ...],
        file_notes: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.files = files
        self.totals = totals
        self.added = added
        self.removed = removed
        self.skipped = skipped
        self.unmatched = unmatched
        self.other_files = other_files
        self.compared = compared
        self.notes = notes
        self.file_notes = file_notes

    def __repr__(self) -> str:
        return f"<CheckedLimits of {len(self.files)} files, {len(self.exceeded)} exceeded>"

    @cached_property
    def exceeded(self) -> tuple[Exceeded, ...]:
        """The limits that are exceeded, or may be: those of files in their order, then of rules."""
        found = []
        for file in self.files:
            if _is_over(file, file.limit) and file.rule and file.limit is not None:
                found.append(Exceeded("each", file, file.rule, file.limit))
            top = file.growth_limit
            if top is not None and file.tokens > top and file.growth_rule:
                found.append(Exceeded("growth", file, file.growth_rule, top))
        for total in self.totals:
            if _is_over(total, total.limit) and total.limit is not None:
                found.append(Exceeded("all", total, total.rule, total.limit))
            top = total.growth_limit
            if top is not None and total.tokens > top:
                found.append(Exceeded("total growth", total, total.rule, top))
        return tuple(found)

    @property
    def complete(self) -> bool:
        """Whether everything that was to be checked could be read."""
        return not any(each.error for each in self.skipped)

    @property
    def fits(self) -> bool:
        """Whether no limit is exceeded by what could be read."""
        return not self.exceeded

    def as_json(self) -> dict[str, Any]:
        """All of it as one JSON object; ``fits`` is None where something could not be read that may
        exceed a limit."""
        return {
            "fits": None if self.fits and not self.complete else self.fits,
            "compared": self.compared or None,
            "exceeded": [_exceeded_json(each) for each in self.exceeded],
            "totals": [_total_json(each) for each in self.totals],
            "files": [_file_json(each) for each in self.files],
            "added": list(self.added),
            "removed": list(self.removed),
            "other_files": self.other_files,
            "skipped": [each.as_dict() for each in self.skipped],
            "unmatched": [
                {"option": each.option, "pattern": each.pattern, "hint": each.hint}
                for each in self.unmatched
            ],
            "notes": list(self.notes),
            "file_notes": {path: list(notes) for path, notes in self.file_notes.items()},
        }


def format_tokens(of: Checked) -> str:
    """Its tokens for people: ``1,234``, and ``~1,234`` of an estimate."""
    return f"{'' if of.interval is None or of.interval.exact else '~'}{format_count(of.tokens)}"


def _is_over(of: Checked, limit: int | None) -> bool:
    if limit is None:
        return False
    return (of.tokens if of.interval is None else of.interval.high) > limit


def _figures(of: Checked) -> dict[str, Any]:
    facts: dict[str, Any] = {"tokenizer": of.tokenizer, "tokens": of.tokens}
    if of.interval is not None and not of.interval.exact:
        facts["interval"] = [of.interval.low, of.interval.high]
    for name in ("limit", "growth_limit", "before"):
        if (value := getattr(of, name)) is not None:
            facts[name] = value
    return facts


def _file_json(file: CheckedFile) -> dict[str, Any]:
    facts = {"path": file.path, **_figures(file)}
    if file.name != file.path:
        facts["name"] = file.name
    if file.rule:
        facts["pattern"] = file.rule.pattern
    return facts


def _total_json(total: CheckedTotal) -> dict[str, Any]:
    return {"pattern": total.rule.pattern, "files": total.files, **_figures(total)}


def _exceeded_json(each: Exceeded) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": each.kind}
    if each.path is not None:
        facts["path"] = each.path
    return facts | {
        "pattern": each.rule.pattern,
        "tokens": each.of.tokens,
        "limit": each.limit,
        "message": each.message,
    }
