"""What ``ctx corpus pack`` does: a packing with its progress, and what it says at the end."""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.cli.output.console import draw_rows, print_json, row_console, warn
from ctxtools.cli.output.reports.corpus import Shown
from ctxtools.cli.runs.corpus import print_failed
from ctxtools.corpus import Manifest, PackOptions, Result, get_engine, pack
from ctxtools.units import format_count, format_items, format_percent

if TYPE_CHECKING:
    from ctxtools.cli.commands.corpus import CorpusOptions
    from ctxtools.cli.options import Messages

_INTEGER = re.compile("-?[0-9]+")
_SUMS = ("rows", "bad_records", "nulls", "empty", "truncated", "dropped", "tokens", "left_out")


def parse_tokens(given: Sequence[str]) -> list[int | str]:
    """Tokens as a command line names them: ids are digits; with a sign they are no token's."""
    return [int(each) if _INTEGER.fullmatch(each) else each for each in given]


def pack_corpus(
    inputs: Sequence[str], packing: PackOptions, options: "CorpusOptions", messages: "Messages"
) -> int:
    """Pack a corpus, and return the exit code."""
    engine = get_engine(options.engine, workers=options.workers)
    start = time.monotonic()
    with Shown(messages.shows_progress) as shown:
        result = pack(
            inputs,
            options.output,
            packing,
            engine=engine,
            skip_bad_records=options.skip_bad_records,
            progress=shown.update,
        )
    seconds = time.monotonic() - start
    if options.as_json:
        print_json(_figures(result))
    elif result.manifest and not messages.quiet:
        if options.files:
            _print_files(result.manifest)
        _print_summary(result.manifest, options.output, seconds)
    return print_failed(result, quiet=messages.quiet)


def _figures(result: Result) -> dict[str, Any]:
    """All figures, for ``--json``."""
    manifest = result.manifest
    found: dict[str, Any] = {"complete": manifest is not None}
    if manifest:
        plan = manifest.facts["plan"]
        found |= {
            "windows": plan["bins"],
            **{name: plan[name] for name in ("window", "lower_bound", "efficiency", "pieces")},
            "window_tokens": plan["tokens"],
            **_totals(manifest),
            "shards": len(manifest.entries),
            "bytes": manifest.totals()["bytes"],
        }
    return found | {
        "reused": result.reused,
        "removed": result.removed,
        "failed": [{"error": each.message, "hint": each.hint} for each in result.failed],
        "files": manifest.facts["inputs"] if manifest else [],
        "skipped": [each.as_dict() for each in result.skipped],
    }


def _totals(manifest: Manifest) -> dict[str, int]:
    inputs = manifest.facts["inputs"]
    return {name: sum(each[name] for each in inputs) for name in _SUMS}


def _print_files(manifest: Manifest) -> None:
    names = ("rows", "empty", "truncated", "dropped", "tokens", "left_out")
    rows = [
        (*(format_count(each[name]) for name in names), each["input"])
        for each in manifest.facts["inputs"]
    ]
    sums = [format_count(_totals(manifest)[name]) for name in names]
    headings = (*(name.replace("_", " ") for name in names), "file")
    draw_rows(row_console(), headings, rows, (*sums, "total"), left=("file",))


def _print_summary(manifest: Manifest, folder: str, seconds: float) -> None:
    plan, totals = manifest.facts["plan"], _totals(manifest)
    full = format_percent(plan["tokens"], plan["bins"] * plan["window"], 4)
    print(
        f"{format_items(totals['rows'], 'row')}, {format_items(totals['tokens'], 'token')}: "
        f"{format_items(plan['bins'], 'training window')} of {format_count(plan['window'])}"
        + (f", {full} full" if full else "")
    )
    above = format_count(plan["bins"] - plan["lower_bound"])
    print(f"at least {format_count(plan['lower_bound'])} are needed: {above} above the lower bound")
    if totals["empty"]:
        print(f"omitted: {format_items(totals['empty'], 'document')} without a token")
    if totals["bad_records"]:
        print(f"omitted: {format_items(totals['bad_records'], 'bad record')}, which --json lists")
    for name in ("truncated", "dropped"):
        if totals[name]:
            lost = format_items(totals["left_out"], "token")
            print(f"{name}: {format_items(totals[name], 'document')}, {lost} left out")
    warn(f"{folder}: {format_items(len(manifest.entries), 'shard')} in {seconds:.1f} s")
