"""What ``ctx corpus`` prints: figures, a table of files, and progress."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ctxtools.cli.output.console import console, draw_rows, row_console, warn
from ctxtools.corpus import Manifest, Progress, Result
from ctxtools.units import format_bytes, format_count, format_items

_LISTED = 10  # files of which bad records are printed
_SHOWN = 3  # bad records of each
_SUMS = ("rows", "nulls", "bad_records", "tokens")


def figures(result: Result) -> dict[str, Any]:
    """All figures, for ``--json``."""
    manifest = result.manifest
    return {
        "complete": manifest is not None,
        **({"parts": len(manifest.entries), **manifest.totals()} if manifest else {}),
        **({"counts": _counts(manifest)} if manifest else {}),
        "reused": result.reused,
        "removed": result.removed,
        "failed": [{"error": each.message, "hint": each.hint} for each in result.failed],
        "files": _files(manifest) if manifest else [],
        "skipped": [each.as_dict() for each in result.skipped],
    }


def _counts(manifest: Manifest) -> dict[str, int]:
    """The tokens of each encoding, of steps that have several."""
    found: Counter[str] = Counter()
    for entry in manifest.entries:
        found.update(entry.counts)
    return dict(found)


def _files(manifest: Manifest) -> list[dict[str, Any]]:
    """Rows and tokens of each input."""
    found: dict[str, dict[str, Any]] = {}
    for entry in manifest.entries:
        new: dict[str, Any] = {"input": entry.input, **dict.fromkeys(_SUMS, 0), "first_bad": []}
        row = found.setdefault(entry.input, new)
        values = (entry.rows_in, entry.nulls, entry.bad_records, entry.tokens)
        for name, value in zip(_SUMS, values, strict=True):
            row[name] += value
        row["first_bad"] = [*row["first_bad"], *entry.first_bad][:_SHOWN]
    return list(found.values())


def print_summary(
    result: Result, manifest: Manifest, folder: str, seconds: float, *, files: bool
) -> None:
    """Print the totals and, if it is asked for, a table of files."""
    rows, totals = _files(manifest), manifest.totals()
    if files:
        shown = [(*(format_count(row[name]) for name in _SUMS), row["input"]) for row in rows]
        sums = [format_count(sum(row[name] for row in rows)) for name in _SUMS]
        headings = ("rows", "no text", "bad", "tokens", "file")
        draw_rows(row_console(), headings, shown, (*sums, "total"), left=("file",))
    nulls, bad, counts = totals["nulls"], totals["bad_records"], _counts(manifest)
    tokens = format_items(totals["tokens"], "token")
    if len(counts) > 1:
        tokens = ", ".join(f"{format_items(n, 'token')} of {name}" for name, n in counts.items())
    if manifest.step["kind"] == "chunk":
        tokens = f"{format_items(totals['rows_out'], 'chunk')}, {tokens}"
    print(
        f"{format_items(totals['rows_in'], 'row')} of {format_items(len(rows), 'file')}: {tokens}"
        + (f", {format_items(nulls, 'row')} without a text" if nulls else "")
        + (f", {format_items(bad, 'bad record')} left out" if bad else "")
    )
    for note in _bad_notes(rows):
        warn(note)
    done = len(manifest.entries) - result.reused
    warn(
        f"{folder}: {format_items(done, 'part')} in {seconds:.1f} s"
        + (f", {format_count(result.reused)} done before" if result.reused else "")
        + (f", {format_count(result.removed)} of earlier inputs removed" if result.removed else "")
    )


def _bad_notes(rows: list[dict[str, Any]]) -> Iterator[str]:
    bad = [row for row in rows if row["bad_records"]]
    for row in bad[:_LISTED]:
        first = "; ".join(row["first_bad"])
        yield f"{row['input']}: {format_items(row['bad_records'], 'bad record')} left out: {first}"
    if (more := len(bad) - _LISTED) > 0:
        files = format_items(more, "more file")
        yield f"bad records were left out of {files}, which --json lists"


class Work(NamedTuple):
    """What a run has done of a phase.

    Attributes:
        parts, size, tokens: how many parts, and their bytes of the input and tokens.
        seconds: how long that took.
    """

    parts: int
    size: int
    tokens: int
    seconds: float


class Shown:
    """The progress of a run, on stderr if that is a terminal.

    Args:
        wanted: False never shows anything.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._phase, self._work = "", Work(0, 0, 0, 0.0)
        self._status: Any = None

    def __enter__(self) -> "Shown":
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def update(self, progress: Progress) -> None:
        """Show how far it is."""
        if progress.phase != self._phase:
            self._phase, self._work, self._start = progress.phase, Work(0, 0, 0, 0.0), self._last
        self._last = time.monotonic()
        parts, size, tokens, _ = self._work
        tokens += progress.entry.tokens
        self._work = Work(parts + 1, size + progress.size, tokens, self._last - self._start)
        if not self._wanted:
            return
        if self._status is None:
            self._status = console(file=sys.stderr).status("")
            self._status.start()
        self._status.update(progress_line(progress, self._work))


def progress_line(progress: Progress, work: Work) -> str:
    """How far a phase of a run is, in a line; what remains goes by bytes, where they are known.

    Args:
        progress: of the last part.
        work: what this run has done of the phase.
    """
    seconds = max(1e-3, work.seconds)
    done = f"{format_count(progress.done)} of {format_count(progress.parts)} parts, "
    left = (progress.parts - progress.done) / work.parts
    if work.size:
        done += f"{format_bytes(progress.bytes_done)} of {format_bytes(progress.bytes)}, "
        done += f"{format_bytes(work.size / seconds)}/s, "
        left = (progress.bytes - progress.bytes_done) / work.size
    rate = format_count(round(work.tokens / seconds))
    phase = f"{progress.phase}: " if progress.phase else ""
    return f"{phase}{done}{rate} tokens/s, {_duration(left * seconds)} left"


def _duration(seconds: float) -> str:
    """A time for people: "50 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
