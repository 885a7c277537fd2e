"""The token index without the kernel: pretokens by a regex engine, sums of their tokens.

Both classes here are a TokenIndex; what they share needs an exact count of any part, and no more.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import cast

from ctxtools._core.fallback.boundaries import cluster_insides, strength_at, wide_ends
from ctxtools._core.types import CutPoints, NextCut, Strength, TokenIndex
from ctxtools.errors import PlaceError


class SearchedIndex(ABC):
    """What follows from an exact count of any part, and from where the text may well be cut.

    Args:
        text: the text.
        ends: where its pretokens end (format ``I``).
    """

    def __init__(self, text: str, ends: "array[int]") -> None:
        self._text = text
        self._ends = ends

    @abstractmethod
    def _count(self, start: int, end: int) -> int:
        """The number of tokens of a part."""

    @property
    def ends(self) -> memoryview:
        return memoryview(self._ends).toreadonly()

    @property
    def strengths(self) -> memoryview:
        return memoryview(self._strengths)

    @cached_property
    def _strengths(self) -> bytes:
        return bytes(strength_at(self._text, end) for end in self._ends)

    @property
    def length(self) -> int:
        return len(self._text)

    def __len__(self) -> int:
        return len(self._ends)

    def count(self, start: int, end: int) -> int:
        self._check_part(start, end)
        return self._count(start, end)

    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview:
        counts = [self.count(*part) for part in zip(starts, ends, strict=True)]
        return memoryview(array("Q", counts)).toreadonly()

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        for part in zip(starts, ends, strict=True):
            self._check_part(*part)
        return [self._text[start:end] for start, end in zip(starts, ends, strict=True)]

    def positions(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        offsets, lines = array("I"), array("I")
        at = offset = line = 0
        for place in places:
            self._check(place)
            between, sign = self._text[at:place], 1
            if place < at:
                between, sign = self._text[place:at], -1
            offset += sign * len(between.encode("utf-8", "surrogatepass"))
            line += sign * between.count("\n")
            at = place
            offsets.append(offset)
            lines.append(line)
        return memoryview(offsets).toreadonly(), memoryview(lines).toreadonly()

    def end_anywhere(self, start: int, limit: int) -> int:
        self._check(start)
        most = self.length - start
        taken = _most(most, limit, lambda n: self._count(start, start + n) <= limit)
        end = start + taken
        while end > start:
            if not self._is_inside(end) and (
                end == start + taken or self._count(start, end) <= limit
            ):
                return end
            end -= 1
        return start + taken

    def start_anywhere(self, end: int, limit: int) -> int:
        self._check(end)
        taken = _most(end, limit, lambda n: self._count(end - n, end) <= limit)
        start = end - taken
        while start < end:
            if not self._is_inside(start) and (
                start == end - taken or self._count(start, end) <= limit
            ):
                return start
            start += 1
        return end

    def cut_points(
        self,
        start: int,
        limit: int,
        capacity: int,
        boundaries: tuple[Sequence[int], Sequence[int]],
        atomic: tuple[Sequence[int], Sequence[int]],
        forced: Sequence[int],
    ) -> CutPoints:
        from ctxtools._core.fallback.cut_points import find_cut_points

        for offset in (start, *boundaries[0], *atomic[0], *atomic[1], *forced):
            self._check(offset)
        return find_cut_points(
            self._text, cast(TokenIndex, self), start, limit, capacity, boundaries, atomic, forced
        )

    def overlap_starts(self, places: Sequence[int], overlap: int) -> memoryview:
        starts = [self._overlap(place, overlap) for place in places]
        return memoryview(array("I", starts)).toreadonly()

    def _overlap(self, place: int, overlap: int) -> int:
        self._check(place)
        start, enough = place, overlap - overlap // 4
        # Finer places only where the coarser ones give much less than is asked for.
        for strength in (Strength.WORD, Strength.NONE):
            if self._count(start, place) < enough:
                found = self._overlap_start(place, overlap, strength)
                start = start if found is None else min(start, found)
        if self._count(start, place) < enough:
            start = min(start, self.start_anywhere(place, overlap))
        return start

    @abstractmethod
    def _overlap_start(self, place: int, overlap: int, strength: Strength) -> int | None:
        """The first boundary of at least a strength from which there are few enough tokens."""

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        self._check(start)
        end = self.length if end is None else end
        self._check(end)
        places, strengths = array("I"), bytearray()
        for place, found in self._boundaries(strength, start, end):
            places.append(place)
            strengths.append(found)
        return memoryview(places).toreadonly(), memoryview(bytes(strengths))

    def _boundaries(self, strength: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The boundaries and their strengths, as they are asked for."""
        text, ends = self._text, self._ends
        wide = iter(wide_ends(text, start, end) if strength <= Strength.SENTENCE else ())
        next_wide = next(wide, end)
        for i in range(bisect_right(ends, start), len(ends)):
            place = ends[i]
            while next_wide < min(place, end):
                if not self._is_inside(next_wide):
                    yield next_wide, Strength.SENTENCE
                next_wide = next(wide, end)
            if place >= end:
                return
            if next_wide == place:
                next_wide = next(wide, end)
            found = strength_at(text, place)
            if found >= strength and not self._is_inside(place):
                yield place, found

    def _is_inside(self, place: int) -> int:
        """Whether a place is in a grapheme cluster."""
        insides = self._cluster_insides
        return insides[place] if insides else 0

    @cached_property
    def _cluster_insides(self) -> bytearray | None:
        if self._text.isascii() and "\r\n" not in self._text:
            return None
        return cluster_insides(self._text)

    def _check_part(self, start: int, end: int) -> None:
        if not 0 <= start <= end <= self.length:
            raise PlaceError(
                f"{start:,} to {end:,} is no part of a text of {self.length:,} characters"
            )

    def _check(self, place: int) -> None:
        if not 0 <= place <= self.length:
            raise PlaceError(f"{place:,} is no place in a text of {self.length:,} characters")


class SummedIndex(SearchedIndex):
    """The index of a text whose counts add up. See TokenIndex.

    Args:
        text: the text.
        ends: where its pretokens end (format ``I``).
        sums: how many tokens there are up to each end (format ``I``).
        count_text: the number of tokens of any text.
        token_lengths: the length of each token of any text, in bytes.
        next_cut: see NextCut.
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
        next_cut: NextCut,
        longest: int,
    ) -> None:
        super().__init__(text, ends)
        self._longest = longest
        self._sums = sums
        self._count_text, self._token_lengths = count_text, token_lengths
        self._next_cut = next_cut

    @property
    def sums(self) -> memoryview:
        return memoryview(self._sums).toreadonly()

    @property
    def total(self) -> int:
        return self._sums[-1] if self._sums else 0

    def end(self, start: int, limit: int) -> int:
        self._check(start)
        first = bisect_right(self._ends, start)
        # The sums are right but for the two ends; from there it is a step or two.
        before = self._sums[first - 1] if first else 0
        after = max(first, bisect_right(self._sums, before + limit))
        while after > first and self._count(start, self._ends[after - 1]) > limit:
            after -= 1
        while after < len(self) and self._count(start, self._ends[after]) <= limit:
            after += 1
        return self._ends[after - 1] if after > first else start

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        self._check_part(start, end)
        part = self._text[start:end]
        lengths = (len(character.encode("utf-8", "surrogatepass")) for character in part)
        characters = {byte: at for at, byte in enumerate(accumulate(lengths), start + 1)}
        places, numbers = array("I"), array("I")
        for number, byte in enumerate(accumulate(self._token_lengths(part)), 1):
            if byte in characters:
                places.append(characters[byte])
                numbers.append(number)
        return memoryview(places).toreadonly(), memoryview(numbers).toreadonly()

    def measure(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        starts, ends = array("q"), array("q")
        for place in places:
            self._check(place)
            starts.append(self._before(place, self.length))
            ends.append(self._up_to(place, 0))
        return memoryview(starts).toreadonly(), memoryview(ends).toreadonly()

    def _overlap_start(self, place: int, overlap: int, strength: Strength) -> int | None:
        # No token is longer, so more bytes are more tokens; and a pretoken may be of any length.
        low = max(0, place - overlap * self._longest - 1)
        number = bisect_right(self._ends, place)
        if low < (self._ends[number - 1] if number else 0):
            excess = self._up_to(place, 0) - overlap
            if excess <= 0:
                return 0
            # What starts at this pretoken's end has few enough; and perhaps something before it.
            first = bisect_left(self._sums, excess)
            low = max(low, min(place, self._ends[first - 1] if first else 0))
        for start, _ in self._boundaries(strength, low, place):
            if self._count(start, place) <= overlap:
                return start
        return None

    def _count(self, start: int, end: int) -> int:
        if start == end:
            return 0
        if end - start == self.length:
            return self.total
        # No pattern looks behind, so at the end of a pretoken the two texts are parted alike.
        first = start if self._is_end(start) else self._cut_after(start, end)
        if first is None:
            return self._count_text(self._text[start:end])
        head = self._count_text(self._text[start:first]) if first > start else 0
        return head + self._up_to(end, first) - self._sum_at(first)

    def _before(self, start: int, end: int) -> int:
        """``total`` without the tokens of the text from ``start`` on."""
        if self._is_end(start):
            return self._sum_at(start)
        cut = self._cut_after(start, end)
        behind = self.length if cut is None else cut
        return self._sum_at(behind) - self._count_text(self._text[start:behind])

    def _up_to(self, end: int, start: int) -> int:
        """The tokens up to ``end`` of a text that ends there, where both texts are parted at
        ``start``, the end of a pretoken."""
        # Only white space and unassigned characters look at what is behind them.
        if self._is_end(end) and (not end or end == self.length or self._text[end - 1].isalnum()):
            return self._sum_at(end)
        cut = self._cut_before(start, end)
        return self._sum_at(cut) + self._count_text(self._text[cut:end])

    def _is_end(self, place: int) -> bool:
        if not place:
            return True
        i = bisect_left(self._ends, place)
        return i < len(self._ends) and self._ends[i] == place

    def _sum_at(self, end: int) -> int:
        """The tokens up to the end of a pretoken."""
        return self._sums[bisect_left(self._ends, end)] if end else 0

    def _cut_after(self, start: int, end: int) -> int | None:
        """A place above ``start`` and below ``end`` where any text with both may be cut."""
        width = 64
        while True:
            stop = min(end, start + width)
            cut = self._next_cut(self._text[start:stop], 1)
            if cut is not None:
                return start + cut
            if stop == end:
                return None
            width *= 4

    def _cut_before(self, start: int, end: int) -> int:
        """The last such place before ``end``, or ``start``."""
        width = 64
        while True:
            low = max(start, end - width)
            part, cut = self._text[low:end], 0
            while (following := self._next_cut(part, cut + 1)) is not None:
                cut = following
            if cut or low == start:
                return low + cut
            width *= 4


def _most(most: int, first: int, fits: Callable[[int], bool]) -> int:
    """The number of characters, at most ``most``, that fit where one more does not.

    Looks from ``first`` on at twice as many each time, then between the last two.
    """
    low, step = 0, first
    if first <= 0:
        return 0
    while True:
        n = min(low + step, most)
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
