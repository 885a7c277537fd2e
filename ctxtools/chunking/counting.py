"""What a chunker counts with: an encoding, or any function from a text to a number.

An encoding whose counts add up has an index, and all sizes are differences of its sums. For any
other counter the index estimates: the parts that the chunker asks for are counted and summed.
What is made of the estimate is counted again as it is, and mended where it is too large, so that
the limit is kept in any case.
"""

from collections.abc import Callable, Iterable
from operator import index

from ctxtools._core.types import TokenIndex
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.errors import UsageError


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
        return [self._size(text) for text in texts]

    def index(self, text: str) -> TokenIndex:
        """What tells the sizes of a text's parts."""
        if self._encoding:
            return self._encoding.index(text)
        from ctxtools.encodings.recounted import RecountedIndex

        return RecountedIndex(text, self._size)

    def _size(self, text: str) -> int:
        """What the function says."""
        assert self._function
        size = self._function(text)
        try:
            number = index(size)  # numpy's integers, too
        except TypeError:
            number = -1
        if number < 0:
            raise UsageError(
                f"the function that counts says {size!r:.40}, which is no whole number from 0 on",
                hint="let it return an int",
            )
        return number

    def tokens(self, text: str) -> list[bytes] | None:
        """The bytes of each token of a text; None if this counter has no tokens."""
        if not self._encoding:
            return None
        return [self._encoding.decode_bytes([i]) for i in self._encoding.encode(text)]
