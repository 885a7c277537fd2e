"""What ``ctx chunk`` reports: a summary for people, a histogram, and JSON."""

from collections.abc import Iterator
from typing import Any

from ctxtools.chunking.costs import STRENGTH_NAMES
from ctxtools.chunking.summary import Summary
from ctxtools.cli.output.console import bar, warn
from ctxtools.cli.runs.chunk import ChunkRun
from ctxtools.units import format_count, format_percent

_LEFT_OUT = {"script": "script", "style": "style", "svg": "drawing", "data-uri": "data URI"}
_BINS = 10  # of a histogram


def summary_as_json(run: ChunkRun) -> dict[str, Any]:
    """All figures, for ``--json``."""
    return {
        "documents": run.documents,
        "sizes": [_as_json(summary) for summary in run.summaries],
        "skipped": [{**each.as_dict(), "error": each.error} for each in run.skipped],
        "notes": run.notes,
    }


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "limit": summary.limit,
        "added_tokens": summary.tokens_added,
        "chunks": summary.chunks,
        "tokens": summary.tokens,
        "mean": round(summary.mean, 2),
        "fill": round(summary.fill, 4),  # the mean as a share of the limit
        "spread": round(summary.standard_deviation, 2),
        "smallest": summary.smallest,
        "largest": summary.largest,
        "cuts": {STRENGTH_NAMES[strength]: n for strength, n in summary.cuts.items()},
        "overlaps": summary.overlaps,
        "shortened_overlaps": summary.shortened_overlaps,
        "dropped_headers": summary.dropped_headers,
        "split_characters": summary.split_characters,
        "left_out": {kind: each._asdict() for kind, each in summary.left_out.items()},
    }


def print_summary(run: ChunkRun) -> None:
    """Print the figures to stderr; nothing, if no document could be read."""
    if run.skipped and not run.documents:
        return
    documents = f"{format_count(run.documents)} document{'s' * (run.documents != 1)}"
    for summary in run.summaries or [Summary(0)]:
        if not summary.chunks:
            warn(f"no chunks from {documents}")
            continue
        warn(
            f"{format_count(summary.chunks)} chunk{'s' * (summary.chunks != 1)} of at most "
            f"{format_count(summary.limit)} tokens{_added(summary)} from {documents}: "
            f"{format_percent(summary.fill, 1)} full on average, "
            f"{format_count(summary.smallest)} to {format_count(summary.largest)} tokens, "
            f"standard deviation {summary.standard_deviation:.1f}"
        )
        for line in _remarks(summary):
            warn(f"  {line}")


def _added(summary: Summary) -> str:
    """What a limit is for beside the text: ``, 2 of which the tokenizer adds,``."""
    if not summary.tokens_added:
        return ""
    return f", {format_count(summary.tokens_added)} of which the tokenizer adds,"


def _remarks(summary: Summary) -> Iterator[str]:
    total = sum(summary.cuts.values())
    if total:
        shares = sorted(summary.cuts.items(), reverse=True)
        listed = (f"{STRENGTH_NAMES[s]} {format_percent(n, total)}" for s, n in shares)
        yield f"{format_count(total)} cut{'s' * (total != 1)}: {', '.join(listed)}"
    if summary.shortened_overlaps:
        n, cuts = summary.shortened_overlaps, summary.overlaps
        yield f"less overlap than requested at {format_count(n)} of {format_count(cuts)} cuts"
    if summary.dropped_headers:
        yield f"headers omitted because they did not fit: {format_count(summary.dropped_headers)}"
    if summary.split_characters:
        yield f"characters split into tokens: {format_count(summary.split_characters)}"
    if summary.left_out:
        kinds = (
            f"{format_count(number)} {_LEFT_OUT[kind]}{'s' * (number != 1)} "
            f"({format_count(characters)} characters, {format_count(tokens)} tokens)"
            for kind, (number, characters, tokens) in sorted(summary.left_out.items())
        )
        yield f"left out: {', '.join(kinds)}"


def print_histogram(run: ChunkRun) -> None:
    """Print a histogram of chunk sizes to stdout."""
    if not run.summaries or not run.sizes:
        return
    limit = run.summaries[0].limit - run.summaries[0].tokens_added
    width = max(1, -(-limit // _BINS))
    bins = [0] * -(-limit // width)
    for size in run.sizes:
        bins[max(0, size - 1) // width] += 1
    highest = max(bins)
    for number, count in enumerate(bins):
        low, high = number * width + 1, min((number + 1) * width, limit)
        cells = len(format_count(limit))
        span = f"{format_count(low):>{cells}} to {format_count(high):>{cells}}"
        line = f"{span}  {bar(count / highest, 40)}  {format_count(count)}"
        print(line)
