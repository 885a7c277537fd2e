"""The best cuts of a text, all chosen together by dynamic programming.

After D. E. Knuth and M. F. Plass, "Breaking Paragraphs into Lines", Software: Practice and
Experience 11 (1981): the best way to each cut point extends the best way to one before it.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from math import inf

from ctxtools._core.fallback.numbers import check_same_length


def optimal_cuts(
    sums_from: Sequence[int],
    sums_to: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
    min_size: int,
    evenness: float,
) -> memoryview:
    """Which cut points to cut at, from the first to the last, so that the total cost is minimal.

    The span from cut point i to j has ``size = sums_to[j] - sums_from[i]`` tokens, at most
    ``limit``, and costs::

        1 + penalties[strengths[j]] + evenness * ((limit - size) / limit)**2
          + (1 if size < min_size else 0)

    Time is the number of cut points times how many of them one span can reach; memory is linear.

    Args:
        sums_from, sums_to, strengths: the cut points; see `CutPoints`. The sums need not grow from
            each cut point to the next.
        penalties: the cost of a cut of each strength.
        limit: the maximum tokens of a span, at least 1.
        min_size: a smaller span costs one more.
        evenness: what an empty span would cost more than a full one.

    Returns:
        Numbers of cut points, from 0 to n - 1 (format ``Q``).

    Raises:
        ValueError: no such cut exists.
    """
    check_same_length("sums_from and sums_to", sums_from, sums_to)
    check_same_length("sums_from and strengths", sums_from, strengths)
    # Operation for operation as in the kernel, so that the sums are rounded alike.
    n, share = len(sums_from), 1.0 / limit
    costs, before = [0.0] * n, [-1] * n
    min_following = [*accumulate(reversed(sums_to), min)][::-1]
    first = 0  # no earlier cut point can reach this one, or any after it
    for j in range(1, n):
        while first < j and min_following[j] - sums_from[first] > limit:
            first += 1
        base, end = 1.0 + penalty_of(penalties, strengths[j]), sums_to[j]
        best, origin = inf, -1
        for i in range(first, j):
            size = end - sums_from[i]
            if size > limit:
                continue
            rest = (limit - size) * share
            cost = base + evenness * (rest * rest)
            cost = costs[i] + (cost + (1.0 if size < min_size else 0.0))
            if cost < best:
                best, origin = cost, i
        costs[j], before[j] = best, origin
    if not n or costs[-1] == inf:
        raise ValueError(f"no cuts leave at most {limit} tokens in each span")
    cuts = [n - 1]
    while cuts[-1] > 0:
        cuts.append(before[cuts[-1]])
    return memoryview(array("Q", reversed(cuts)))


def penalty_of(penalties: Sequence[float], strength: int) -> float:
    """The cost of a cut of a strength; one without a cost is never cut at."""
    return penalties[strength] if strength < len(penalties) else inf
