"""The best cuts of a text: all of them chosen together, by dynamic programming.

The idea is that of D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software:
Practice and Experience 11 (1981): a text of n places is cut so that a sum over its parts is least,
where the best way to each place is made of the best ways to the places before it.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from math import inf

from ctxtools.encodings.engines import kernel

_NO_WAY = inf


def best_cuts(
    starts: Sequence[int],
    ends: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
    minimum: int,
    evenness: float,
) -> list[int]:
    """The numbers of the places to cut at, from 0 to n - 1, so that the cost is least.

    The part from place i to place j has ``size = ends[j] - starts[i]`` tokens, at most ``limit``,
    and costs::

        1 + penalties[strengths[j]] + evenness * ((limit - size) / limit)**2
          + (1 if size < minimum else 0)

    Time is the number of places times how many of them one part can span; memory is linear.

    Args:
        starts: the tokens before each place, as a part that starts there sees it.
        ends: the same, as a part that ends there sees it. Neither need grow from each place to
            the next.
        strengths: how good a cut at each place is.
        penalties: what a cut of each strength costs.
        limit: the most tokens of a part, at least 1.
        minimum: a smaller part costs one more.
        evenness: what an empty part would cost more than a full one.

    Raises:
        ValueError: there is no such way to cut.
    """
    if kernel.available():
        from ctxtools._kernel import best_cuts as compiled

        cuts = compiled(
            numbers(starts), numbers(ends), bytes(strengths), penalties, limit, minimum, evenness
        )
        return memoryview(cuts).tolist()
    return _best_cuts(starts, ends, strengths, penalties, limit, minimum, evenness)


def numbers(values: Sequence[int]) -> "memoryview[int] | array[int]":
    """Numbers of tokens as the kernel takes them."""
    return values if isinstance(values, memoryview) else array("q", values)


def _best_cuts(
    starts: Sequence[int],
    ends: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
    minimum: int,
    evenness: float,
) -> list[int]:
    """As the kernel does it, operation for operation: the sums are rounded alike."""
    n, share = len(starts), 1.0 / limit
    costs, before = [0.0] * n, [-1] * n
    least = _least_from_here(ends)
    first = 0  # no earlier place can reach this one, or any behind it
    for j in range(1, n):
        while first < j and least[j] - starts[first] > limit:
            first += 1
        base, end = 1.0 + penalties[strengths[j]], ends[j]
        best, origin = _NO_WAY, -1
        for i in range(first, j):
            size = end - starts[i]
            if size > limit:
                continue
            rest = (limit - size) * share
            cost = base + evenness * (rest * rest)
            cost = costs[i] + (cost + (1.0 if size < minimum else 0.0))
            if cost < best:
                best, origin = cost, i
        costs[j], before[j] = best, origin
    if not n or costs[-1] == _NO_WAY:
        raise ValueError(f"no cuts leave at most {limit} tokens in each part")
    cuts = [n - 1]
    while cuts[-1] > 0:
        cuts.append(before[cuts[-1]])
    return cuts[::-1]


def _least_from_here(ends: Sequence[int]) -> list[int]:
    """The least of each value and those behind it."""
    return list(accumulate(reversed(ends), min))[::-1]
