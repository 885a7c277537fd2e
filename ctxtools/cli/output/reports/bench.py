"""What ``ctx bench`` reports: a table of engines, and JSON."""

from collections.abc import Sequence
from typing import Any

from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.machine import machine_info
from ctxtools.bench.measure import Measurement, Outcome
from ctxtools.cli.output.console import console, print_json, table, warn
from ctxtools.escape import one_line
from ctxtools.units import format_bytes, format_count


def speed(measurement: Measurement) -> float:
    """Megabytes a second of the best warm count; 0 if the engine failed."""
    seconds = measurement.warm_seconds
    return measurement.bytes / seconds / 1e6 if seconds else 0.0


def print_table(
    measurements: Sequence[Measurement],
    reference: Outcome,
    vocab: Vocabulary,
    threads: int,
    color: str | None,
) -> None:
    grid = table(
        *("engine", "version", "load s", "first MB/s", "warm MB/s", "Mtoken/s", "memory"),
        "agrees",
        left=("engine", "version", "agrees"),
    )
    for each in measurements:
        style = "bold" if each.engine == "ctxtools" else ""
        if each.outcome.status != "ok":
            fault = f"✗ {each.outcome.status}"
            grid.add_row(each.engine, each.version, "", "", "", "", "", fault, style=style)
            continue
        grid.add_row(
            each.engine,
            each.version,
            f"{each.load_seconds:.2f}",
            f"{each.bytes / each.first_seconds / 1e6:,.1f}",
            f"{speed(each):,.1f}",
            f"{each.outcome.tokens / each.warm_seconds / 1e6:.1f}",
            format_bytes(each.outcome.peak_rss),
            "✓" if reference.status == "ok" else "?",
            style=style,
        )
    out = console(color or "auto")
    out.print(grid)
    for each in measurements:
        if each.outcome.status != "ok":
            out.print(one_line(f"✗ {each.engine}: {each.outcome.detail}"))
    machine = machine_info()
    size = measurements[0].bytes if measurements else 0
    out.print(
        f"\n{format_bytes(size)}, {_reference_text(reference)} ({vocab.encoding}); "
        f"{threads} of {machine['cpus']} processors, {machine['cpu']}"
    )


def _reference_text(reference: Outcome) -> str:
    if reference.status != "ok":
        return f"no reference could count it: {reference.detail}"
    return f"{format_count(reference.tokens)} tokens by {reference.detail}"


def print_measurements_json(
    measurements: Sequence[Measurement], reference: Outcome, vocab: Vocabulary, threads: int
) -> None:
    print_json(
        {
            "machine": machine_info(),
            "encoding": vocab.encoding,
            "threads": threads,
            "bytes": measurements[0].bytes if measurements else 0,
            "tokens": reference.tokens if reference.status == "ok" else None,
            "reference": reference.detail,
            "engines": [_as_json(each) for each in measurements],
        }
    )


def _as_json(measurement: Measurement) -> dict[str, Any]:
    outcome = measurement.outcome
    facts: dict[str, Any] = {
        "engine": measurement.engine,
        "version": measurement.version,
        "status": outcome.status,
        "correct": outcome.status == "ok",
        "detail": outcome.detail,
        "tokens": outcome.tokens,
        "peak_rss": outcome.peak_rss,
    }
    if outcome.status == "ok":
        facts |= {
            "load_seconds": measurement.load_seconds,
            "first_seconds": measurement.first_seconds,
            "warm_seconds": measurement.warm_seconds,
            "mb_per_s": speed(measurement),
            "tokens_per_s": outcome.tokens / measurement.warm_seconds,
        }
    return facts


def print_hint(engines: int, quiet: bool) -> None:
    if engines < 4 and not quiet:
        warn("")
        warn('hint: pip install ".[bench]" in the clone brings other tokenizers to compare with')
