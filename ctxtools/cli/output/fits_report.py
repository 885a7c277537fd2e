"""What ``ctx fits`` reports: a line for each target, and JSON."""

from typing import Any

from ctxtools.cli.runs.fits import FitCheck, TargetCount
from ctxtools.units import format_count


def print_answers(check: FitCheck) -> None:
    """Print the answer for each target."""
    share = check.share_read()
    for count in check.counts:
        print(_line(count, share))


def answers_as_json(check: FitCheck) -> dict[str, Any]:
    """The answers, and what was not counted."""
    return {
        "fits": check.fits,
        "columns": [_as_json(count) for count in check.counts],
        "skipped": [{"path": each.path, "reason": each.reason} for each in check.skipped],
    }


def _line(found: TargetCount, share_read: float | None) -> str:
    target = found.target
    tokens, interval = target.format_tokens(found.count), target.interval(found.count)
    if target.estimate:
        tokens += f" ({target.format_interval(found.count)})"
    available, limit = target.available or 0, target.format_available()
    limit = limit if "(" in limit else f"{limit} tokens"
    if not found.over:
        spare = format_count(available - interval.high)
        return f"{target.name}: fits, {tokens} of {limit}, {spare} to spare"
    answer = "does not fit" if interval.low > available else "may not fit"
    if share_read == 1:
        excess = format_count(interval.typical - available)
        over = f", over by {excess}" if not target.estimate else ""
        return f"{target.name}: {answer}, {tokens} of {limit}{over}"
    line = f"{target.name}: {answer}, more than {tokens} of {limit}"
    if share_read:
        total = target.tokens(round(found.count / share_read / 1000) * 1000)
        line += f"; {share_read:.0%} was read, the total may be ~{format_count(total)}"
    return line


def _as_json(found: TargetCount) -> dict[str, Any]:
    """The answer; ``tokens`` is a lower bound if it is not ``complete``."""
    target, interval = found.target, found.target.interval(found.count)
    return target.as_json() | {
        "available": target.available,
        "fits": not found.over,
        "tokens": interval.typical,
        **({"interval": [interval.low, interval.high]} if target.estimate else {}),
        "complete": not found.over,
    }
