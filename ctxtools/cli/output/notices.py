"""What goes to stderr in addition to a result: errors, skipped files, notes and hints."""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ctxtools.cli.output.console import warn
from ctxtools.documents.file import display_name
from ctxtools.errors import Skipped
from ctxtools.units import format_count

_FALLBACKS = ("ctxtools._core.fallback.", "ctxtools.encodings.engines.tiktoken")
_COMPILED = ("binary (compiled Python)", "binary (Java class)", "binary (gettext catalogue)")
_FIGURE = r"^[\d,]+ bytes, "
_LISTED = 20  # of a kind, that are printed one by one
_EACH = 3  # files with the same note, that are printed one by one


class FileNote(NamedTuple):
    """A remark on one file."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{display_name(self.path)}: {self.text}"


def hint_at_kernel() -> None:
    """Say that the compiled kernel is missing, if a fallback served instead without being asked."""
    core = sys.modules.get("ctxtools._core")
    if core is None or core.kernel or os.environ.get("CTXTOOLS_KERNEL") == "0":
        return
    if any(name.startswith(_FALLBACKS) for name in sys.modules):
        warn(
            "hint: this ran without the compiled kernel, which is many times faster: "
            f"{core.missing_reason}"
        )


def print_notices(
    skipped: Sequence[Skipped],
    notes: Sequence[str | FileNote] = (),
    *,
    quiet: bool,
    listed_by: str = "--json",
) -> None:
    """Print to stderr what was not read and why, and notes on the rest.

    All errors are printed. Of files that are merely not text, and of notes, the first are printed,
    and how to list the others.

    Args:
        skipped: files that were not read.
        notes: anything else.
        quiet: errors only.
        listed_by: the options of the command that list everything.
    """
    errors = [each for each in skipped if each.error]
    for each in errors:
        warn(f"error: {display_name(each.path)}: {each.reason}")
    for hint in dict.fromkeys(each.hint for each in errors if each.hint):
        warn("")
        warn(f"hint: {hint}")
    if quiet:
        return
    others = [each for each in skipped if not each.error]
    _print_skips(others, listed_by)
    lines = _shared(notes)
    for line in lines[:_LISTED]:
        warn(f"note: {line}")
    if len(lines) > _LISTED:
        warn(f"note: {format_count(len(lines) - _LISTED)} more; {listed_by} lists them")


def _print_skips(skipped: Sequence[Skipped], listed_by: str) -> None:
    """Print what was skipped; in one line what the same hint is for, such as an extra, and what was
    compiled from files that are there."""
    times = Counter((s.reason, s.hint) for s in skipped if s.hint or s.reason in _COMPILED)
    lines: dict[str, Skipped] = {}
    said: set[tuple[str, str | None]] = set()
    for each in skipped:
        key = each.reason, each.hint
        if key in said:
            continue
        name = display_name(each.path)
        if times[key] > _EACH:
            said.add(key)
            name = f"{name} and {format_count(times[key] - 1)} other files"
        hint = f" (hint: {each.hint})" if each.hint else ""
        lines[f"{name}: {each.reason}{hint}"] = each
    for line in [*lines][:_LISTED]:
        warn(f"skipped: {line}")
    if rest := [*lines.values()][_LISTED:]:
        # A reason may name figures of its file.
        reasons = Counter(re.sub(_FIGURE, "", each.reason) for each in rest)
        sums = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        warn(f"skipped: {format_count(len(rest))} more ({sums}); {listed_by} lists them")


def _shared(notes: Sequence[str | FileNote]) -> list[str]:
    """Notes as lines; what is noted of many files is one."""
    times = Counter(note.text for note in notes if isinstance(note, FileNote))
    lines: dict[str, None] = {}
    said: set[str] = set()
    for note in notes:
        if isinstance(note, str) or times[note.text] <= _EACH:
            lines[str(note)] = None
        elif note.text not in said:
            said.add(note.text)
            others = format_count(times[note.text] - 1)
            lines[f"{display_name(note.path)} and {others} other files: {note.text}"] = None
    return [*lines]


def exit_code(skipped: Iterable[Skipped], *, strict: bool) -> int:
    """2 if something could not be read or, with ``strict``, if anything was skipped; else 0."""
    return 2 if any(each.error or strict for each in skipped) else 0
