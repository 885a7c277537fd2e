"""What a cut costs beside the chunks that it makes, and where none is made."""

from bisect import bisect_right
from collections.abc import Sequence
from math import inf

from ctxtools._core.cut_types import CutRules


class CutCosts:
    """The cost of a cut at any offset.

    Args:
        penalties: by strength; a strength without one is never cut at.
        rules: of these count ``inside``, ``extra`` and ``atomic``.
    """

    def __init__(self, penalties: Sequence[float], rules: CutRules) -> None:
        self._penalties = [float(penalty) for penalty in penalties]
        self._starts, self._ends = rules.atomic
        self._inside, self._extra = rules.inside, dict(zip(*rules.extra, strict=True))

    def at(self, offset: int, strength: int) -> float | None:
        """The cost of a cut of a strength; None inside an atomic span."""
        number = bisect_right(self._starts, offset)
        if number and self._starts[number - 1] < offset < self._ends[number - 1]:
            return None
        return self.anywhere(offset, strength)

    def anywhere(self, offset: int, strength: int) -> float:
        """The same inside an atomic span too, which has to be cut."""
        cost = self._penalties[strength] if strength < len(self._penalties) else inf
        offsets, costs = self._inside
        if number := bisect_right(offsets, offset):
            cost += costs[number - 1]
        return cost + self._extra[offset] if offset in self._extra else cost

    def atomic_after(self, start: int) -> Sequence[tuple[int, int]]:
        """The atomic spans from the first on that ends after ``start``."""
        number = bisect_right(self._starts, start)
        number -= number > 0 and self._ends[number - 1] > start
        return [*zip(self._starts[number:], self._ends[number:], strict=True)]
