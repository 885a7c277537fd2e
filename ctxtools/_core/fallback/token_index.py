"""The token index without the kernel: pretokens by a regex engine, sums of their tokens.

Both classes here are a `TokenIndex`; what they share needs an exact count of any span, and no more.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from ctxtools._core.cut_types import CutOptions, CutPoints, CutRules, Numbers, Spans
from ctxtools._core.fallback.numbers import (
    offset_of,
    offsets_of,
    range_of,
    ranges_of,
    tokens_of,
)
from ctxtools._core.fallback.text_map import TextMap
from ctxtools._core.types import NextSplit, Strength, TokenIndex

if TYPE_CHECKING:
    from ctxtools._core.types import TextMap as AnyTextMap

_NO_RULES = CutRules()
_LOOK_AHEAD = 64  # characters of white space


class SearchedIndex(ABC):
    """What follows from an exact count of any span, and from the map of the text.

    Args:
        text_map: the map, the kernel's or the fallback's.
    """

    additive: bool

    def __init__(self, text_map: "AnyTextMap") -> None:
        self._map = text_map

    @abstractmethod
    def _count(self, start: int, end: int) -> int:
        """The number of tokens of a span of the text."""

    @property
    def ends(self) -> memoryview:
        return self._map.ends

    @property
    def strengths(self) -> memoryview:
        return self._map.strengths

    @property
    def text(self) -> str:
        return self._map.text

    @property
    def length(self) -> int:
        return self._map.length

    def __len__(self) -> int:
        return len(self._map)

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        return self._map.slices(starts, ends)

    def positions(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        return self._map.positions(offsets)

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        return self._map.boundaries(strength, start, end)

    def cluster_ends(self, start: int, end: int) -> memoryview:
        return self._map.cluster_ends(start, end)

    def is_inside_cluster(self, offset: int) -> bool:
        return self._map.is_inside_cluster(offset)

    def cohesion(
        self, offsets: Sequence[int], reach: int, weight: float = 1.0
    ) -> "memoryview[float]":
        return self._map.cohesion(offsets, reach, weight)

    def count(self, start: int, end: int) -> int:
        return self._count(*range_of(start, end, self.length))

    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview:
        counts = [self._count(*span) for span in ranges_of(starts, ends, self.length)]
        return memoryview(array("Q", counts)).toreadonly()

    def end_anywhere(self, start: int, limit: int) -> int:
        limit, start = tokens_of(limit), offset_of(start, self.length)
        all_ = self.length - start
        taken = _max_fitting(all_, limit, lambda n: self._count(start, start + n) <= limit)
        end = start + taken
        while end > start:
            if not self.is_inside_cluster(end) and (
                end == start + taken or self._count(start, end) <= limit
            ):
                return end
            end -= 1
        return start + taken

    def start_anywhere(self, end: int, limit: int) -> int:
        limit, end = tokens_of(limit), offset_of(end, self.length)
        taken = _max_fitting(end, limit, lambda n: self._count(end - n, end) <= limit)
        start = end - taken
        while start < end:
            if not self.is_inside_cluster(start) and (
                start == end - taken or self._count(start, end) <= limit
            ):
                return start
            start += 1
        return end

    def cut_points(
        self, start: int, forced: Sequence[int], rules: CutRules, options: CutOptions
    ) -> CutPoints:
        from ctxtools._core.fallback.chunk.cut_points import find_cut_points

        return find_cut_points(cast(TokenIndex, self), start, forced, rules, options)

    def cut(self, start: int, parents: Numbers, rules: CutRules, options: CutOptions) -> Spans:
        from ctxtools._core.fallback.chunk.cut import cut

        index = cast(TokenIndex, self)
        return cut(index, start, parents, rules, options, self._overlap_start)

    def overlap_starts(
        self, offsets: Sequence[int], overlap: int, rules: CutRules = _NO_RULES
    ) -> memoryview:
        from ctxtools._core.fallback.chunk.cut_rules import rules_of
        from ctxtools._core.fallback.chunk.overlap import Overlaps

        overlap, found = tokens_of(overlap), offsets_of(offsets, self.length)
        rules = rules_of(rules, self.length)
        overlaps = Overlaps(cast(TokenIndex, self), rules, self._overlap_start)
        starts = [overlaps.start(offset, overlap, 0) for offset in found]
        return memoryview(array("I", starts)).toreadonly()

    def _overlap_start(self, end: int, overlap: int) -> int:
        """The first boundary of a word, or if need be another offset, from which the text up to
        ``end`` has at most ``overlap`` tokens."""
        if overlap <= 0:
            return end
        start, enough = end, overlap - overlap // 4
        # Finer boundaries only where the coarser ones give much less than is asked for.
        for strength in (Strength.WORD, Strength.NONE):
            if self._count(start, end) < enough:
                found = self._overlap_boundary(end, overlap, strength)
                start = start if found is None else min(start, found)
        if self._count(start, end) < enough:
            start = min(start, self.start_anywhere(end, overlap))
        return start

    @abstractmethod
    def _overlap_boundary(self, end: int, overlap: int, strength: Strength) -> int | None:
        """The first boundary of at least a strength from which there are few enough tokens."""


class SummedIndex(SearchedIndex):
    """The index of a text whose counts add up. See TokenIndex.

    Args:
        text: the text.
        ends: where its pretokens end (format ``I``).
        sums: the token sum at each end (format ``I``).
        count_text: the number of tokens of any text.
        token_lengths: the length of each token of any text, in bytes.
        pretoken_ends: where the pretokens of any text end.
        next_split: see NextSplit.
        longest: the length of the longest token, in bytes.
    """

    additive = True

    def __init__(
        self,
        text: str,
        ends: "array[int]",
        sums: "array[int]",
        count_text: Callable[[str], int],
        token_lengths: Callable[[str], list[int]],
        pretoken_ends: Callable[[str], Iterable[int]],
        next_split: NextSplit,
        longest: int,
    ) -> None:
        self._own_map = TextMap(text, ends)
        super().__init__(self._own_map)
        self._text, self._ends, self._sums = self._own_map.clean, ends, sums
        self._longest = longest
        self._count_text, self._token_lengths = count_text, token_lengths
        self._pretoken_ends, self._next_split = pretoken_ends, next_split

    @property
    def sums(self) -> memoryview:
        return memoryview(self._sums).toreadonly()

    @property
    def total(self) -> int:
        return self._sums[-1] if self._sums else 0

    def end(self, start: int, limit: int) -> int:
        limit, start = tokens_of(limit), offset_of(start, self.length)
        first = bisect_right(self._ends, start)
        # The sums are right but for the two ends of the span; from there it is a step or two.
        before = self._sums[first - 1] if first else 0
        after = max(first, bisect_right(self._sums, before + limit))
        while after > first and self._count(start, self._ends[after - 1]) > limit:
            after -= 1
        while after < len(self) and self._count(start, self._ends[after]) <= limit:
            after += 1
        return self._ends[after - 1] if after > first else start

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        start, end = range_of(start, end, self.length)
        span = self._text[start:end]
        lengths = (len(character.encode("utf-8", "surrogatepass")) for character in span)
        characters = {byte: at for at, byte in enumerate(accumulate(lengths), start + 1)}
        ends, sums = array("I"), array("I")
        for number, byte in enumerate(accumulate(self._token_lengths(span)), 1):
            if byte in characters:
                ends.append(characters[byte])
                sums.append(number)
        return memoryview(ends).toreadonly(), memoryview(sums).toreadonly()

    def measure(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        sums_from, sums_to = array("q"), array("q")
        for offset in offsets_of(offsets, self.length):
            sums_from.append(self._sum_from(offset, self.length))
            sums_to.append(self._sum_to(offset, 0))
        return memoryview(sums_from).toreadonly(), memoryview(sums_to).toreadonly()

    def _overlap_boundary(self, end: int, overlap: int, strength: Strength) -> int | None:
        # No token is longer, so more bytes are more tokens; and a pretoken may have any length.
        reach = overlap * self._longest
        low = max(0, end - reach - 1)
        number = bisect_right(self._ends, end)
        if end - (self._ends[number - 1] if number else 0) <= reach:
            excess = self._sum_to(end, 0) - overlap
            if excess <= 0:
                return 0
            # What starts at the end of this pretoken has few enough, and perhaps what is before.
            first = bisect_left(self._sums, excess)
            low = max(low, min(end, self._ends[first - 1] if first else 0))
        for start, _ in self._own_map.iter_boundaries(strength, low, end):
            if self._count(start, end) <= overlap:
                return start
        return None

    def _count(self, start: int, end: int) -> int:
        if start == end:
            return 0
        if end - start == self.length:
            return self.total
        # No pattern looks at what is before a match, so at the end of a pretoken the span and the
        # text are split alike.
        first = start if self._is_end(start) else self._cut_after(start, end)
        if first is None:
            return self._count_text(self._text[start:end])
        head = self._count_text(self._text[start:first]) if first > start else 0
        return head + self._sum_to(end, first) - self._sum_at(first)

    def _sum_from(self, start: int, end: int) -> int:
        """``total`` without the tokens of the text from ``start`` on."""
        if self._is_end(start):
            return self._sum_at(start)
        cut = self._cut_after(start, end)
        after = self.length if cut is None else cut
        return self._sum_at(after) - self._count_text(self._text[start:after])

    def _sum_to(self, end: int, start: int) -> int:
        """The tokens up to ``end`` of a text that ends there, where both texts are split at
        ``start``, the end of a pretoken."""
        # Only white space and unassigned characters look at what follows them.
        if self._is_end(end) and (not end or end == self.length or self._text[end - 1].isalnum()):
            return self._sum_at(end)
        cut = self._cut_before(start, end)
        return self._sum_at(cut) + self._count_text(self._text[cut:end])

    def _is_end(self, offset: int) -> bool:
        if not offset:
            return True
        i = bisect_left(self._ends, offset)
        return i < len(self._ends) and self._ends[i] == offset

    def _sum_at(self, end: int) -> int:
        """The tokens up to the end of a pretoken."""
        return self._sums[bisect_left(self._ends, end)] if end else 0

    def _cut_after(self, start: int, end: int) -> int | None:
        """An offset in ``start < offset < end`` where any text with both sides may be split."""
        width = 64
        while True:
            stop = min(end, start + width)
            span = self._text[start:stop]
            cut = self._next_split(span, 1)
            if cut is not None:
                return start + cut
            # Where the span has an end that the text has, too, they go on alike.
            for inner in self._pretoken_ends(span):
                cut = start + inner
                if cut < stop and self._is_settled(cut, stop) and self._is_end(cut):
                    return cut
            if stop == end:
                return None
            width *= 4

    def _cut_before(self, start: int, end: int) -> int:
        """The last offset in ``start < offset < end`` where the text that ends there is split like
        the whole text, or ``start``.

        Safe splits would be too far apart in some texts.
        """
        for number in range(bisect_left(self._ends, end) - 1, -1, -1):
            cut = self._ends[number]
            if cut <= start:
                break
            if self._is_settled(cut, end):
                return cut
        return start

    def _is_settled(self, cut: int, end: int) -> bool:
        """Whether a pretoken that ends at ``cut`` also does so in the text that ends at ``end``,
        which is after it.

        It does if what it ends in is neither white space nor a character that is unassigned; or
        if white space is followed by something else before ``end``, for patterns see no further.
        """
        last = self._text[cut - 1]
        if last.isprintable() and not last.isspace():
            return True
        if not last.isspace():
            return False
        after = self._text[cut : min(end, cut + _LOOK_AHEAD)].lstrip()
        return after[:1].isprintable() and after != ""


def _max_fitting(all_: int, first: int, fits: Callable[[int], bool]) -> int:
    """A number of characters, at most ``all_``, that fits while one more does not.

    Doubles from ``first`` on, then bisects between the last two.
    """
    low, step = 0, first
    if first <= 0:
        return 0
    while True:
        n = min(low + step, all_)
        if n == low:
            return low
        if not fits(n):
            break
        low, step = n, step * 2
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
