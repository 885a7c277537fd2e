"""The index of a text whose counts do not add up: the same interface, by counting again.

It serves tokenizers of which nothing is known (``tokenizer.json``, SentencePiece), a text that the
tokenizer would normalise, and any function that counts.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cache, cached_property

from ctxtools._core.fallback.token_index import SearchedIndex
from ctxtools._core.types import Strength, TokenIndex
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.engines.backend import Backend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.surrogates import SURROGATE
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
        self._count_text = count
        self._places = _places(text)
        super().__init__(text, array("I"))

    @property
    def ends(self) -> memoryview:
        return self._places.ends

    @property
    def sums(self) -> memoryview:
        raise UsageError(
            "the counts of this text's parts do not add up, so there are no sums",
            hint="ask count() for each part",
        )

    @property
    def strengths(self) -> memoryview:
        return self._places.strengths

    @cached_property
    def total(self) -> int:
        return self._count_text(self._text)

    def __len__(self) -> int:
        return len(self._places)

    def end(self, start: int, limit: int) -> int:
        self._check(start)
        ends = self.ends
        first, after = bisect_right(ends, start), start
        low, step = first, 1  # the pretokens before low fit
        while low < len(ends):
            number = min(low + step, len(ends)) - 1
            if self._count(start, ends[number]) <= limit:
                low, step, after = number + 1, step * 2, ends[number]
            elif number == low:
                break
            else:
                step = max(1, (number - low) // 2)
        return after

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        return self._places.boundaries(strength, start, self.length if end is None else end)

    def positions(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        return self._places.positions(places)

    def measure(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        # What any text has, such as a mark of its start, a part has once.
        starts, total, once = array("q"), 0, self._tokens_of_nothing
        before = places[0] if len(places) else 0
        for place in places:
            self._check(place)
            if place > before:
                total += self._count(before, place) - once
                before = place
            starts.append(total)
        ends = array("q", [tokens + once for tokens in starts])
        return memoryview(starts).toreadonly(), memoryview(ends).toreadonly()

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        self._check_part(start, end)
        none = memoryview(array("I")).toreadonly()
        return none, none

    @cached_property
    def _tokens_of_nothing(self) -> int:
        return self._count_text("")

    def _overlap_start(self, place: int, overlap: int, strength: Strength) -> int | None:
        """It is looked for from where about so many tokens start: forwards, and then back, until
        twice in a row there are too many, since more text may have fewer tokens."""
        near = self.start_anywhere(place, overlap)
        low = max(0, near - _LOOK_BACK)
        places = [*self.boundaries(strength, low, place)[0]]
        if not low:
            places.insert(0, 0)
        first, found, misses = bisect_left(places, near), None, 0
        for start in places[first:]:
            if self._count(start, place) <= overlap:
                found = start
                break
        for start in reversed(places[:first]):
            if self._count(start, place) <= overlap:
                found, misses = start, 0
            else:
                misses += 1
            if misses == 2:
                break
        return found

    def _count(self, start: int, end: int) -> int:
        return self._count_text(self._text[start:end])


def _places(text: str) -> TokenIndex:
    """An index of the text that knows where it may well be cut, and nothing of the tokenizer."""
    # One character for one, so that places stay: joined, two surrogates may be one.
    index = _splitter().index(SURROGATE.sub("\ufffd", text))
    if index is None:  # longer than the kernel's places, and so than most machines' memory
        raise UsageError("the text has more than 4 GiB", hint="index it in parts")
    return index


@cache
def _splitter() -> Backend:
    """A tokenizer whose tokens are the bytes of a text, parted as most tokenizers part it."""
    ranks, pattern = {bytes([byte]): byte for byte in range(256)}, get_pattern("o200k")
    return byte_level_engine(ranks, pattern)
