"""Cuts that are chosen one after the other: each the strongest near the end of what fits."""

from bisect import bisect_right
from collections.abc import Sequence

_NEAR = 0.75  # of the limit; a part is not made smaller than this for a stronger cut


def greedy_cuts(
    starts: Sequence[int],
    ends: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
) -> list[int]:
    """The numbers of the places to cut at, from 0 to n - 1, each chosen without those behind it.

    A part ends at the place with the least penalty among those that make it at least three
    quarters of the limit, or else as large as it can be; the last of equal ones. Arguments are
    those of `best_cuts`; each part can reach at least the next place.
    """
    last = len(starts) - 1
    cuts = [0]
    while (i := cuts[-1]) < last:
        furthest = max(bisect_right(ends, starts[i] + limit, i + 1) - 1, i + 1)
        enough = starts[i] + int(limit * _NEAR)
        j = k = furthest
        # At the end of the text there is nothing to weigh: what is left fits.
        while furthest < last and k > i + 1 and ends[k - 1] >= enough:
            k -= 1
            if penalties[strengths[k]] < penalties[strengths[j]]:
                j = k
        cuts.append(j)
    return cuts
