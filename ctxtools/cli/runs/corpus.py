"""What ``ctx corpus`` does: a run with its progress, and what it says at the end."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ctxtools.cli.boundary import fail
from ctxtools.cli.output.console import print_json, warn
from ctxtools.cli.output.notices import print_notices
from ctxtools.cli.output.reports.corpus import Shown, figures, print_summary
from ctxtools.corpus import Result, get_engine, load_manifest, run, verify
from ctxtools.units import format_items

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
    with Shown(messages.shows_progress) as shown:
        result = run(
            inputs,
            step,
            options.output,
            engine=engine,
            skip_bad_records=options.skip_bad_records,
            progress=shown.update,
        )
    seconds = time.monotonic() - start
    if options.as_json:
        print_json(figures(result))
    elif result.manifest and not messages.quiet:
        print_summary(result, result.manifest, options.output, seconds, files=options.files)
    return print_failed(result, quiet=messages.quiet)


def print_failed(result: Result, *, quiet: bool) -> int:
    """Print what was skipped and why parts are missing, and return the exit code."""
    print_notices(result.skipped, quiet=quiet)
    for error in result.failed[:_LISTED]:
        fail(error.message, error.hint)
    if (more := len(result.failed) - _LISTED) > 0:
        warn(f"{format_items(more, 'more part')} failed; --json lists them")
    if result.failed and not quiet:
        warn(
            f"{format_items(len(result.failed), 'part')} failed, and the folder is not complete; "
            "once that is mended, the same command does what is missing"
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
        if any(problem.is_rewritten for problem in problems) and not quiet:
            warn(
                "hint: remove these files, if they are there, and give the command of the run "
                "again, which writes them"
            )
        if not problems and not quiet:
            parts = format_items(len(manifest.entries), "part")
            rows = format_items(manifest.totals()["rows_out"], "row")
            print(f"as written: {parts} with {rows}")
    return 1 if problems else 0
