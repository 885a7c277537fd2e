"""How much each file is used, by others that are used: PageRank (Page, Brin, Motwani and Winograd
1999, "The PageRank Citation Ranking"), and how far it is from some files.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from ctxtools import _core

_STEPS = 12  # the damping leaves less than a hundredth of what more would change
DAMPING = 0.7  # of what a file passes on at each step; the rest starts anew


def rank(uses: list[dict[int, float]], starts: list[float]) -> list[float]:
    """The share of each file in the attention of a reader who starts anywhere and follows uses.

    Args:
        uses: of each file: file that it uses -> weight.
        starts: how often the reader starts at each file; not negative, some positive.

    Returns:
        Shares, which sum to 1.
    """
    return _core.rank(uses, starts, _STEPS, DAMPING)


def distances(
    uses: Sequence[Mapping[int, float]], seeds: Iterable[int], limit: int
) -> dict[int, tuple[int, int]]:
    """The files that some files use, directly or not: file -> (steps, the seed that is nearest).

    Args:
        uses: of each file: file that it uses -> weight.
        seeds: where to start, themselves 0 steps away.
        limit: the maximum of steps.
    """
    found = {seed: (0, seed) for seed in seeds}
    waiting = deque(found)
    while waiting:
        each = waiting.popleft()
        steps, seed = found[each]
        if steps == limit:
            continue
        for used in uses[each]:
            if used not in found:
                found[used] = steps + 1, seed
                waiting.append(used)
    return found
