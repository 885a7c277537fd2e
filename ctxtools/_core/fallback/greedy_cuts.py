"""Cuts chosen one after the other: each the strongest near the end of what fits."""

from array import array
from collections.abc import Sequence

from ctxtools._core.fallback.numbers import check_same_length
from ctxtools._core.fallback.optimal_cuts import penalty_of


def greedy_cuts(
    sums_from: Sequence[int],
    sums_to: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
) -> memoryview:
    """Which cut points to cut at, each chosen without regard to those after it.

    A span ends at the cut point with the lowest penalty among those that fill at least three
    quarters of the limit, the last of equal ones; if there are none, it is as large as it can be.
    Arguments and result are those of `optimal_cuts`; each span can reach at least the next cut
    point.
    """
    check_same_length("sums_from and sums_to", sums_from, sums_to)
    check_same_length("sums_from and strengths", sums_from, strengths)
    last = len(sums_from) - 1
    cuts = [0]
    while (i := cuts[-1]) < last:
        highest, enough = sums_from[i] + limit, sums_from[i] + limit * 3 // 4
        furthest = i
        while furthest < last and sums_to[furthest + 1] <= highest:
            furthest += 1
        j = k = furthest = max(furthest, i + 1)
        # At the end of the text there is nothing to weigh: what is left fits.
        while furthest < last and k > i + 1 and sums_to[k - 1] >= enough:
            k -= 1
            if penalty_of(penalties, strengths[k]) < penalty_of(penalties, strengths[j]):
                j = k
        cuts.append(j)
    return memoryview(array("Q", cuts))
