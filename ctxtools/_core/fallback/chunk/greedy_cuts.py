"""Cuts chosen one after the other: each the cheapest near the end of what fits."""

from array import array
from collections.abc import Sequence

from ctxtools._core.fallback.numbers import check_same_length


def greedy_cuts(
    sums_from: Sequence[int],
    sums_to: Sequence[int],
    costs: Sequence[float],
    limit: int,
    below_min: float,
) -> memoryview:
    """Which cut points to cut at, each chosen without regard to those after it.

    A span ends at the cheapest of the cut points that fill at least three quarters of the limit,
    the last of equal ones; if there are none, it is as large as it can be. Where all of these cost
    ``below_min`` or more, as one does after a heading, it is the last before them that costs less.
    Arguments and result are those of `optimal_cuts`; each span can reach at least the next cut
    point.
    """
    check_same_length("sums_from and sums_to", sums_from, sums_to)
    check_same_length("sums_from and costs", sums_from, costs)
    last = len(sums_from) - 1
    cuts = [0]
    while (i := cuts[-1]) < last:
        highest, enough = sums_from[i] + limit, sums_from[i] + limit * 3 // 4
        furthest = i
        while furthest < last and sums_to[furthest + 1] <= highest:
            furthest += 1
        j = k = furthest = max(furthest, i + 1)
        # At the end of the text there is nothing to weigh: what is left fits.
        while furthest < last and k > i + 1 and (sums_to[k - 1] >= enough or costs[j] >= below_min):
            k -= 1
            if costs[k] < costs[j]:
                j = k
        cuts.append(j)
    return memoryview(array("Q", cuts))
