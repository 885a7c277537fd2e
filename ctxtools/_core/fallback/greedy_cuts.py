"""Cuts that are chosen one after the other: each the strongest near the end of what fits."""

from collections.abc import Sequence

from ctxtools._core.fallback.optimal_cuts import numbers
from ctxtools.encodings.engines import kernel


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
    if kernel.available():
        from ctxtools._kernel import greedy_cuts as compiled

        cuts = compiled(numbers(starts), numbers(ends), bytes(strengths), penalties, limit)
        return memoryview(cuts).tolist()
    return _greedy_cuts(starts, ends, strengths, penalties, limit)


def _greedy_cuts(
    starts: Sequence[int],
    ends: Sequence[int],
    strengths: Sequence[int],
    penalties: Sequence[float],
    limit: int,
) -> list[int]:
    """As the kernel does it."""
    last = len(starts) - 1
    cuts = [0]
    while (i := cuts[-1]) < last:
        most, enough = starts[i] + limit, starts[i] + limit * 3 // 4
        furthest = i
        while furthest < last and ends[furthest + 1] <= most:
            furthest += 1
        j = k = furthest = max(furthest, i + 1)
        # At the end of the text there is nothing to weigh: what is left fits.
        while furthest < last and k > i + 1 and ends[k - 1] >= enough:
            k -= 1
            if penalties[strengths[k]] < penalties[strengths[j]]:
                j = k
        cuts.append(j)
    return cuts
