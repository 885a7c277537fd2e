"""What ``ctx corpus`` does: a run with its progress, and what it says at the end."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctxtools.cli.boundary import fail
from ctxtools.cli.output.console import print_json, warn
from ctxtools.corpus import Manifest, Progress, Result, get_engine, load_manifest, run, verify
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.cli.commands.corpus import CorpusOptions
    from ctxtools.cli.options import Messages
    from ctxtools.corpus.steps import Step

_LISTED = 20  # problems that are printed one by one


def run_step(
    inputs: Sequence[str], step: "Step", options: "CorpusOptions", messages: "Messages"
) -> int:
    """Run a step, and return the exit code."""
    engine = get_engine(options.engine, workers=options.workers)
    start = time.monotonic()
    with _Shown(messages.shows_progress) as shown:
        result = run(inputs, step, options.output, engine=engine, progress=shown.update)
    seconds = time.monotonic() - start
    if options.as_json:
        print_json(_figures(result))
    elif result.manifest and not messages.quiet:
        _print_summary(result, result.manifest, options.output, seconds)
    for error in result.failed[:_LISTED]:
        fail(error.message, error.hint)
    if (more := len(result.failed) - _LISTED) > 0:
        warn(f"{format_count(more)} more parts failed; --json lists them")
    if result.failed and not messages.quiet:
        warn(
            f"{format_count(len(result.failed))} parts failed, and the folder is not complete; the "
            "same command does what is missing"
        )
    return 2 if result.failed else 0


def verify_folder(folder: str, *, as_json: bool, quiet: bool) -> int:
    """Verify a folder, and return the exit code."""
    problems = verify(folder)
    manifest = load_manifest(folder)
    if as_json:
        listed = [asdict(problem) for problem in problems]
        print_json({"parts": len(manifest.entries), **manifest.totals(), "problems": listed})
    else:
        for problem in problems:
            print(f"{problem.path}: {problem.reason}")
        if not problems and not quiet:
            rows = format_count(manifest.totals()["rows_out"])
            print(f"{format_count(len(manifest.entries))} parts with {rows} rows are as written")
    return 1 if problems else 0


def _figures(result: Result) -> dict[str, Any]:
    """All figures, for ``--json``."""
    manifest = result.manifest
    return {
        "complete": manifest is not None,
        **({"parts": len(manifest.entries), **manifest.totals()} if manifest else {}),
        "reused": result.reused,
        "removed": result.removed,
        "failed": [{"error": each.message, "hint": each.hint} for each in result.failed],
        "files": _files(manifest) if manifest else [],
    }


def _files(manifest: Manifest) -> list[dict[str, Any]]:
    """Rows and tokens of each input."""
    found: dict[str, dict[str, Any]] = {}
    for entry in manifest.entries:
        row: dict[str, Any] = {"input": entry.input, "rows": 0, "nulls": 0, "tokens": 0}
        row = found.setdefault(entry.input, row)
        row["rows"] += entry.rows_in
        row["nulls"] += entry.nulls
        row["tokens"] += entry.tokens
    return list(found.values())


def _print_summary(result: Result, manifest: Manifest, folder: str, seconds: float) -> None:
    totals = manifest.totals()
    files, nulls = len(_files(manifest)), totals["nulls"]
    print(
        f"{format_count(totals['rows_in'])} rows of {format_count(files)} files: "
        f"{format_count(totals['tokens'])} tokens"
        + (f", {format_count(nulls)} rows without a text" if nulls else "")
    )
    done = len(manifest.entries) - result.reused
    warn(
        f"{folder}: {format_count(done)} parts in {seconds:.1f} s"
        + (f", {format_count(result.reused)} were there" if result.reused else "")
        + (f", {format_count(result.removed)} of earlier inputs removed" if result.removed else "")
    )


class _Shown:
    """The progress of a run, on stderr if that is a terminal."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._start, self._first, self._rows, self._tokens = time.monotonic(), 0, 0, 0
        self._status: Any = None

    def __enter__(self) -> "_Shown":
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def update(self, progress: Progress) -> None:
        """Show how far it is."""
        self._rows += progress.entry.rows_in
        self._tokens += progress.entry.tokens
        self._first = self._first or progress.done
        if not self._wanted:
            return
        if self._status is None:
            from ctxtools.cli.output.console import console

            self._status = console(file=sys.stderr).status("")
            self._status.start()
        seconds = time.monotonic() - self._start
        done = progress.done - self._first + 1
        left = seconds / done * (progress.parts - progress.done)
        self._status.update(
            f"{format_count(progress.done)} of {format_count(progress.parts)} parts, "
            f"{format_count(round(self._rows / seconds))} rows/s, "
            f"{format_count(round(self._tokens / seconds))} tokens/s, {left:.0f} s left"
        )
