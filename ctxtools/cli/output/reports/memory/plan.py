"""What ``ctx memory`` prints: the answer, and the terms of a plan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ctxtools.cli.output.console import console, draw, say, table
from ctxtools.cli.output.reports.memory import basis_in_words, gigabytes
from ctxtools.escape import one_line
from ctxtools.memory import MemoryPlan, Term
from ctxtools.memory.planning.plan import verdict_of
from ctxtools.models import Interval
from ctxtools.units import format_count, format_items

if TYPE_CHECKING:
    from rich.console import Console

_LABELS = {
    "memory": "memory",
    "budget": "engine may use",
    "weights": "− weights",
    "overhead": "− overhead",
    "available": "= left for caches",
    "tokens": "tokens",
    "sequences": "+ windows and states",
    "in flight": "+ in flight",
    "needed": "= caches needed",
}


def print_plan(plan: MemoryPlan, color: str) -> None:
    """The answer, the terms on each device, what fits at most, and the sources."""
    out = console(color)
    say(f"{_setting(plan)}: {plan.verdict}")
    say(_answer(plan))
    print()
    sources = [*dict.fromkeys(each.source for each in plan.terms if each.source)]
    _draw_terms(out, plan.terms, sources)
    print()
    limit = plan.architecture.context
    own = limit and plan.max_context and plan.max_context.high > limit
    own_limit = f"; the model takes {format_count(limit or 0)}" if own else ""
    longest = f"Longest context of {format_items(plan.sequences, 'sequence')}"
    say(f"{longest}: {_limits(plan.max_context, ' tokens')}{own_limit}")
    most = f"Most sequences of {format_count(plan.context)} tokens"
    say(f"{most}: {_limits(plan.max_sequences)}")
    if plan.alternatives:
        print()
        _draw_alternatives(out, plan)
    if sources:
        print()
    for number, source in enumerate(sources, start=1):
        say(f"[{number}] {source}")


def plan_in_words(plan: MemoryPlan) -> str:
    """The answer of a plan on one line, as ``ctx fits`` prints it."""
    return f"{_setting(plan)}: {plan.verdict}; {_answer(plan)}"


def _setting(plan: MemoryPlan) -> str:
    count, each = plan.devices, plan.device.devices
    text = f"{plan.model} on {format_count(count // each)} × {plan.device.name}"
    if each > 1:
        text += f" ({format_count(count)} devices)"
    if plan.data_parallel > 1:
        text += f" in {format_count(plan.data_parallel)} groups"
    return text


def _answer(plan: MemoryPlan) -> str:
    left = plan.available
    room = f"{_interval(left)} GB are" if left.low > 0 else f"at most {gigabytes(left.high)} GB are"
    if left.high <= 0:
        room = "nothing is"
    what = f"{format_items(plan.sequences, 'sequence')} of {format_count(plan.context)} tokens"
    verb = "needs" if plan.sequences == 1 else "need"
    needed = _interval(plan.term("needed").interval)
    return f"{what} {verb} {needed} GB of caches on each device, and {room} left"


def _draw_terms(out: "Console", terms: Sequence[Term], sources: Sequence[str]) -> None:
    grid = table("On each device", "GB", "Basis", left=["On each device", "Basis"])
    grid.add_column("How", justify="left", overflow="fold")
    for each in terms:
        source = f" [{sources.index(each.source) + 1}]" if each.source else ""
        grid.add_row(
            _LABELS[each.use],
            _interval(each.interval),
            basis_in_words(each.basis),
            one_line(f"{each.formula}{source}"),
            style="bold" if each.use in ("available", "needed") else "",
        )
    draw(out, grid)


def _draw_alternatives(out: "Console", plan: MemoryPlan) -> None:
    grid = table("Answer", "Longest context", "Sequences", left=["Answer"])
    grid.add_column("What if", justify="left", overflow="fold")
    for each in plan.alternatives:
        grid.add_row(
            verdict_of(each.fits),
            _range(each.max_context),
            _range(each.max_sequences),
            one_line(each.condition),
        )
    draw(out, grid)


def _limits(interval: Interval | None, unit: str = "") -> str:
    """What is certain, to be expected and possible, in words."""
    if interval is None:
        return "not limited by memory"
    low, typical, high = (
        format_count(each) if each else "none"
        for each in (interval.low, interval.typical, interval.high)
    )
    if interval.exact:
        return f"{low}{unit}" if interval.high else low
    certain = f"{low} for certain, " if interval.typical else ""
    return f"{certain}{typical} expected, {high}{unit} at most"


def _range(interval: Interval | None) -> str:
    """From what is certain to what is possible."""
    if interval is None:
        return "unlimited"
    low, high = interval.low, interval.high
    return format_count(low) if low == high else f"{format_count(low)}–{format_count(high)}"


def _interval(interval: Interval) -> str:
    low, high = gigabytes(interval.low), gigabytes(interval.high)
    return low if low == high else f"{low} to {high}"
