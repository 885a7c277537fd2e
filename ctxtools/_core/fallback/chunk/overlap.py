"""Where the overlap of a chunk with the one before it starts."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from ctxtools._core.cut_types import CutRules
from ctxtools._core.fallback.boundaries import strength_at
from ctxtools._core.types import Strength, TokenIndex


class Overlaps:
    """Where overlaps start.

    Args:
        index: that of the text.
        rules: of these count ``boundaries``, ``overlap_strengths`` and ``walls``.
        first_word: the first boundary of a word, or if need be another offset, from which the text
            up to an offset has few enough tokens.
    """

    def __init__(
        self, index: TokenIndex, rules: CutRules, first_word: Callable[[int, int], int]
    ) -> None:
        self._index, self._first_word = index, first_word
        self._blocks, self._good = rules.boundaries, rules.overlap_strengths
        self._walls = rules.walls

    def start(self, end: int, overlap: int, min_start: int) -> int:
        """The start of the overlap of at most ``overlap`` tokens that ends at ``end``, not before
        ``min_start``: the first good boundary; if there is none, the first end of a clause if that
        leaves half of it, else of a word, or any start."""
        number = bisect_right(self._walls, end)
        wall = self._walls[number - 1] if number else 0
        min_start = min(max(min_start, wall), end)
        first = self._first_word(end, overlap)
        if first >= end or min_start >= end:
            return end
        if min_start >= first and self._index.count(min_start, end) <= overlap:
            return min_start
        first = max(first, min_start)
        clause: int | None = None
        any_: int | None = None
        offsets, strengths = self._good
        for start, strength in self._starts(first, end):
            number = bisect_right(offsets, start)
            good = strengths[number - 1] if number else Strength.SENTENCE
            is_inside = good > Strength.SECTION
            is_good = strength >= good
            is_clause = clause is None and strength >= Strength.CLAUSE and not is_inside
            is_any = any_ is None and not is_inside
            if not (is_good or is_clause or is_any):
                continue
            tokens = self._index.count(start, end)
            if tokens > overlap:
                continue
            if is_good:
                return start
            any_ = start if any_ is None else any_
            if is_clause and tokens >= overlap // 2:
                clause = start
        return next((start for start in (clause, any_) if start is not None), end)

    def _starts(self, first: int, end: int) -> list[tuple[int, int]]:
        """The boundaries and starts of blocks in ``first..end``, and ``first``, with their
        strengths."""
        index = self._index
        strength = strength_at(index.text, first) if first else Strength.SECTION
        found: dict[int, int] = {first: strength}
        found.update(zip(*index.boundaries(Strength.WORD, first, end), strict=True))
        starts, strengths = self._blocks
        for number in range(bisect_left(starts, first), bisect_left(starts, end)):
            start = starts[number]
            if not index.is_inside_cluster(start):
                found[start] = max(found.get(start, 0), strengths[number])
        return sorted(found.items())
