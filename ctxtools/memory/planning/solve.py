"""What fits into an amount of memory: exact, by the figures of a request."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from ctxtools.memory.layers import Stated
from ctxtools.memory.planning.request import MAX_CONTEXT, Request
from ctxtools.models import Interval
from ctxtools.models.interval import exactly

_Needs = Callable[[int, int], int]  # bytes for a context and a number of sequences

# Activations, graphs and what libraries take, of a device's memory: what five published logs of
# vLLM leave unexplained (Kimi K2 on H200, Qwen3 235B on H100, Llama 3.1 8B on RTX 3090, Qwen2.5
# 1.5B on 46 GB, gpt-oss-120b on H100) is 7 to 10 %.
_OVERHEAD = (Fraction(3, 100), Fraction(8, 100), Fraction(12, 100))
OVERHEAD_SOURCE = "3, 8 and 12 % of the memory: five published logs of vLLM leave 7 to 10 %"


class Solved(NamedTuple):
    """What fits into one amount of memory; the attributes are those of `MemoryPlan` and `Term`."""

    budget: int
    overhead: Interval
    available: Interval
    needed: Interval
    fits: bool | None
    max_context: Interval | None
    max_sequences: Interval | None


def solve(request: Request, memory: int, pool: int | None = None) -> Solved:
    """What fits devices with so much memory, or so much for caches."""
    share = request.defaults.utilization
    budget = memory * share.numerator // share.denominator
    weights, overhead = request.weights.interval, _overhead(request, memory)
    available = Interval(
        budget - weights.high - overhead.high,
        budget - weights.typical - overhead.typical,
        budget - weights.low - overhead.low,
    )
    if pool is not None:
        available = exactly(pool)
    low = request.needed(request.context, request.of_group)
    needed = Interval(low, low, request.needed_at_most(request.context, request.of_group))
    fits = None
    if needed.high <= available.low:
        fits = True
    elif needed.low > available.high:
        fits = False
    if fits and any(isinstance(each, Stated) for each in request.architecture.layers):
        fits = None  # the caches are a lower bound

    def contexts(needs: _Needs, room: int) -> int | None:
        return _largest(lambda n: needs(n, request.of_group) <= room)

    def counts(needs: _Needs, room: int) -> int | None:
        of_group = _largest(lambda n: needs(request.context, n) <= room)
        return None if of_group is None else of_group * request.groups

    return Solved(
        budget,
        overhead,
        available,
        needed,
        fits,
        _interval(contexts, request, available),
        _interval(counts, request, available),
    )


def _overhead(request: Request, memory: int) -> Interval:
    if not request.defaults.includes_overhead:
        return exactly(0)
    if request.overhead is not None:
        return exactly(request.overhead)
    low, typical, high = (memory * each.numerator // each.denominator for each in _OVERHEAD)
    return Interval(low, typical, high)


def _largest(fits: Callable[[int], bool]) -> int | None:
    """The largest number that fits, of which all smaller ones do too; None if there is no end."""
    if fits(MAX_CONTEXT):
        return None
    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _interval(
    largest: Callable[[_Needs, int], int | None], request: Request, available: Interval
) -> Interval | None:
    """What certainly fits, what is to be expected, and what may fit; None if all does."""
    low = largest(request.needed_at_most, available.low)
    if low is None:
        return None
    typical = largest(request.needed, available.typical)
    high = largest(request.needed, available.high)
    known = [MAX_CONTEXT if each is None else each for each in (typical, high)]
    return Interval(low, known[0], known[1])
