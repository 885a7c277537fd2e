"""What a chunker counts with: an encoding's token index, or any function from text to a number.

An encoding whose counts add up has an index, and all sizes are differences of its sums. For any
other counter sizes are estimated: the text's sentences are counted one by one and summed, and so
are the smaller parts of those that are too large. What is made of the estimate is counted again
as it is, and mended where it is too large, so that the limit is kept in any case.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Protocol

from ctxtools.chunking.clusters import cluster_ends
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.encodings.index import Strength
from ctxtools.errors import UsageError

# What finds the words and sentences of a text for counters that do not: any encoding would do.
_GUIDE = "o200k_base"


class Index(Protocol):
    """What is asked of a text: the part of `TokenIndex` that any counter can answer."""

    def count(self, start: int, end: int) -> int: ...

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[Sequence[int], Sequence[int]]: ...

    def measure(self, places: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]: ...

    def overlap_starts(self, places: Sequence[int], overlap: int) -> Sequence[int]: ...


class Counting:
    """A counter of any kind, as the chunker uses it.

    Args:
        counter: an encoding, the name of a packaged one, or a function from a text to its size.

    Raises:
        UsageError: it is none of these.
        UnknownEncodingError: there is no encoding of that name.
    """

    def __init__(self, counter: Encoding | str | Callable[[str], int]) -> None:
        if isinstance(counter, str):
            counter = get_encoding(counter)
        if not callable(counter) and not isinstance(counter, Encoding):
            raise UsageError(
                f"encoding is {counter!r:.40}",
                hint="pass an Encoding, the name of one, or a function from a str to an int",
            )
        self._encoding = counter if isinstance(counter, Encoding) else None
        self._function = None if isinstance(counter, Encoding) else counter

    @property
    def name(self) -> str:
        """What it is called: a part of each chunk's id."""
        if self._encoding:
            return self._encoding.name
        return getattr(self._function, "__qualname__", type(self._function).__qualname__)

    def count_batch(self, texts: Iterable[str]) -> list[int]:
        """The size of each text."""
        if self._encoding:
            return self._encoding.count_batch(texts, threads=1)
        assert self._function
        return [self._function(text) for text in texts]

    def index(self, text: str) -> Index:
        """What tells the sizes of a text's parts."""
        if self._encoding:
            try:
                return self._encoding.index(text)
            except ValueError:  # its counts do not add up, or those of this text do not
                pass
        return Estimate(text, self.count_batch)

    def tokens(self, text: str) -> list[bytes] | None:
        """The bytes of each token of a text; None if this counter has no tokens."""
        if not self._encoding:
            return None
        return [self._encoding.decode_bytes([i]) for i in self._encoding.encode(text)]


class Estimate:
    """The sizes of a text's parts where they do not add up; each part that is measured is counted.

    Args:
        text: the text.
        count_batch: the size of each of several texts.
    """

    def __init__(self, text: str, count_batch: Callable[[Iterable[str]], list[int]]) -> None:
        self._text = text
        self._count_batch = count_batch
        self._guide = get_encoding(_GUIDE).index(text)

    def count(self, start: int, end: int) -> int:
        return self._count_batch([self._text[start:end]])[0]

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[Sequence[int], Sequence[int]]:
        return self._guide.boundaries(strength, start, end)

    def measure(self, places: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        sizes = self._count_batch(self._text[a:b] for a, b in pairwise(places))
        sums = list(accumulate(sizes, initial=0))
        return sums, sums

    def overlap_starts(self, places: Sequence[int], overlap: int) -> Sequence[int]:
        return [self._overlap_start(place, overlap) for place in places]

    def _overlap_start(self, place: int, overlap: int) -> int:
        """See `TokenIndex.overlap_starts`."""
        if not overlap or not place:
            return place
        reach = 8 * overlap  # characters: mostly enough, and doubled where it is not
        while True:
            first = max(0, place - reach)
            starts = [*self._guide.boundaries(Strength.WORD, first, place)[0]]
            if not first:
                starts.insert(0, 0)
            if not first or (starts and self.count(starts[0], place) > overlap):
                break
            if reach > place:
                break
            reach *= 2
        start = self._first_that_fits(starts, place, overlap)
        if start < place:
            return start
        # Not even the last word fits: its last characters.
        word = starts[-1] if starts else first
        clusters = [word, *cluster_ends(self._text, word, place)]
        return self._first_that_fits(clusters, place, overlap)

    def _first_that_fits(self, starts: Sequence[int], place: int, overlap: int) -> int:
        fits = bisect_left(starts, True, key=lambda start: self.count(start, place) <= overlap)
        return starts[fits] if fits < len(starts) else place
