"""The index of a text whose counts do not add up: the same interface, by counting again.

It serves tokenizers of which nothing is known (``tokenizer.json``, SentencePiece), a text that the
tokenizer would normalise, and any function that counts.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property

from ctxtools import _core
from ctxtools._core.fallback.numbers import offset_of, offsets_of, range_of, tokens_of
from ctxtools._core.fallback.token_index import SearchedIndex
from ctxtools._core.types import Strength
from ctxtools.errors import UsageError

_LOOK_BACK = 256  # characters in which a boundary is looked for


class RecountedIndex(SearchedIndex):
    """See TokenIndex. ``count`` and the searches are exact; ``measure`` estimates.

    Args:
        text: any text.
        count: the number of tokens of a text.
    """

    additive = False

    def __init__(self, text: str, count: Callable[[str], int]) -> None:
        try:
            super().__init__(_core.TextMap(text))
        except OverflowError as error:
            raise UsageError(
                "the text has more than 4 GiB", hint="split it, and index each piece"
            ) from error
        self._text, self._count_text = text, count

    @property
    def sums(self) -> memoryview:
        raise UsageError(
            "counts do not add up for this text, so there are no token sums",
            hint="call count() for each span",
        )

    @cached_property
    def total(self) -> int:
        return self._count_text(self._text)

    def end(self, start: int, limit: int) -> int:
        limit, start = tokens_of(limit), offset_of(start, self.length)
        ends = self.ends
        first, after = bisect_right(ends, start), start
        low, step = first, 1  # the words before low fit
        while low < len(ends):
            number = min(low + step, len(ends)) - 1
            if self._count(start, ends[number]) <= limit:
                low, step, after = number + 1, step * 2, ends[number]
            elif number == low:
                break
            else:
                step = max(1, (number - low) // 2)
        return after

    def measure(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        # What comes with any text, such as a token at its start, a span has once.
        sums, total, once = array("q"), 0, self._tokens_of_nothing
        known = offsets_of(offsets, self.length)
        last = known[0] if known else 0
        for offset in known:
            if offset > last:
                total += self._count(last, offset) - once
                last = offset
            sums.append(total)
        sums_to = array("q", [tokens + once for tokens in sums])
        return memoryview(sums).toreadonly(), memoryview(sums_to).toreadonly()

    def _overlap_start(self, end: int, overlap: int) -> int:
        # Where a tokenizer adds more to any text, there is nothing to look for.
        return super()._overlap_start(end, 0 if overlap < self._tokens_of_nothing else overlap)

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        range_of(start, end, self.length)
        none = memoryview(array("I")).toreadonly()
        return none, none

    @cached_property
    def _tokens_of_nothing(self) -> int:
        return self._count_text("")

    def _overlap_boundary(self, end: int, overlap: int, strength: Strength) -> int | None:
        """Searches from where the overlap would start: forwards, and then back, until there are too
        many tokens twice in a row, since more text may have fewer tokens."""
        near = self.start_anywhere(end, overlap)
        low = max(0, near - _LOOK_BACK)
        starts = [*self.boundaries(strength, low, end)[0]]
        if not low:
            starts.insert(0, 0)
        first, found, misses = bisect_left(starts, near), None, 0
        for start in starts[first:]:
            if self._count(start, end) <= overlap:
                found = start
                break
        for start in reversed(starts[:first]):
            if self._count(start, end) <= overlap:
                found, misses = start, 0
            else:
                misses += 1
            if misses == 2:
                break
        return found

    def _count(self, start: int, end: int) -> int:
        return self._count_text(self._text[start:end])
