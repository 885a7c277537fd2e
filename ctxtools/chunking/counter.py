"""What a chunker counts with: an encoding, or any function from a text to a number.

If the counts of an encoding add up, it has an index, and every size is a difference of its prefix
sums. For any other counter the index estimates: it counts the spans the chunker asks for, and adds.
The chunks made from an estimate are counted again, and repaired where they are too large, so the
limit holds in any case.
"""

from collections.abc import Callable, Iterable
from operator import index

from ctxtools._core.types import TokenIndex
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.errors import UsageError


class TextCounter:
    """One interface to every way of counting.

    Args:
        encoding: an Encoding, the name of a packaged one, or a function from a text to its size.

    Attributes:
        encoding: the Encoding; None for a function.
        name: of the encoding or function; part of each chunk's id.

    Raises:
        UsageError: it is none of these.
        UnknownEncodingError: unknown name.
    """

    def __init__(self, encoding: Encoding | str | Callable[[str], int]) -> None:
        if isinstance(encoding, str):
            encoding = get_encoding(encoding)
        self.encoding: Encoding | None = None
        if isinstance(encoding, Encoding):
            self.encoding, self.name = encoding, encoding.name
        elif callable(encoding):
            self._function = encoding
            self.name = getattr(encoding, "__qualname__", type(encoding).__qualname__)
        else:
            raise UsageError(
                f"encoding must be an Encoding, a name or a function, got {encoding!r:.40}",
                hint='pass an encoding such as "o200k_base", or a function from a str to an int',
            )

    @property
    def counts_with(self) -> Encoding | Callable[[str], int]:
        """What it was made of."""
        return self.encoding or self._function

    @property
    def tokens_added(self) -> int:
        """Tokens that the encoding's tokenizer itself adds to a text; 0 for a function."""
        return self.encoding.tokens_added if self.encoding else 0

    def count_batch(self, texts: Iterable[str]) -> list[int]:
        """The size of each text."""
        if self.encoding:
            return self.encoding.count_batch(texts, threads=1)
        return [self._size(text) for text in texts]

    def index(self, text: str) -> TokenIndex:
        """The token index of a text, or what serves as one for a function."""
        if self.encoding:
            return self.encoding.index(text).fixed()
        from ctxtools.encodings.recounted import RecountedIndex

        return RecountedIndex(text, self._size)

    def _size(self, text: str) -> int:
        size = self._function(text)
        try:
            number = index(size)  # numpy integers too
        except TypeError:
            number = -1
        if number < 0:
            raise UsageError(
                f"the counting function must return an int >= 0, got {size!r:.40}",
                hint="return the number of tokens of the text",
            )
        return number

    def tokens(self, text: str) -> list[bytes] | None:
        """The bytes of each token of a text; None for a function, which has no tokens."""
        if not self.encoding:
            return None
        return [self.encoding.decode_bytes([i]) for i in self.encoding.encode(text)]
