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
    costs: Sequence[float],
    shares: Sequence[float],
    limit: int,
    min_size: int,
    below_min: float,
    evenness: float,
    smallness: float,
    per_span: float,
    target: float,
) -> memoryview:
    """Which cut points to cut at, from the first to the last, so that the total cost is minimal.

    The span from cut point i to j has ``size = sums_to[j] - sums_from[i]`` tokens, at most
    ``limit``. With ``rest = (limit - size) * shares[i]`` and ``missing = 1 - (1 - rest) / target``
    it costs::

        per_span + costs[j] + evenness * missing**2 + smallness * rest**16
          + (below_min if size < min_size else 0)

    and half of the evenness where it is above the target.

    Time is the number of cut points times how many of them one span can reach; memory is linear.

    Args:
        sums_from, sums_to: the cut points; see `CutPoints`. The sums need not grow from each cut
            point to the next.
        costs: what a cut at each costs.
        shares: the inverse of what a span that starts at each may have beside its overhead.
        limit: the maximum tokens of a span, at least 1.
        min_size: a smaller span costs ``below_min`` more.
        below_min: see there.
        evenness, smallness: see there.
        per_span: what each span costs.
        target: the share of what it may have that a span has best.

    Returns:
        Numbers of cut points, from 0 to n - 1 (format ``Q``).

    Raises:
        ValueError: no such cut exists.
    """
    check_same_length("sums_from and sums_to", sums_from, sums_to)
    check_same_length("sums_from and costs", sums_from, costs)
    check_same_length("sums_from and shares", sums_from, shares)
    # Operation for operation as in the kernel, so that the sums are rounded alike.
    n, slope = len(sums_from), 1.0 / target
    full = 1.0 - slope  # what a full span misses of the target
    totals, before = [0.0] * n, [-1] * n
    min_following = [*accumulate(reversed(sums_to), min)][::-1]
    first = 0  # no earlier cut point can reach this one, or any after it
    for j in range(1, n):
        while first < j and min_following[j] - sums_from[first] > limit:
            first += 1
        base, end = per_span + costs[j], sums_to[j]
        best, origin = inf, -1
        for i in range(first, j):
            size = end - sums_from[i]
            if size > limit:
                continue
            rest = (limit - size) * shares[i]
            square = rest * rest
            fourth = square * square
            eighth = fourth * fourth
            missing = full + slope * rest
            weight = 0.5 * evenness if missing < 0.0 else evenness
            uneven = weight * (missing * missing) + smallness * (eighth * eighth)
            more = below_min if size < min_size else 0.0
            cost = totals[i] + ((base + uneven) + more)
            if cost < best:
                best, origin = cost, i
        totals[j], before[j] = best, origin
    if not n or totals[-1] == inf:
        raise ValueError(f"no cuts leave at most {limit} tokens in each span")
    cuts = [n - 1]
    while cuts[-1] > 0:
        cuts.append(before[cuts[-1]])
    return memoryview(array("Q", reversed(cuts)))
