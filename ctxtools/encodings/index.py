"""The token index of a text: where its pretokens end, and how many tokens there are up to there."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol


class Strength(IntEnum):
    """How good a place is to cut a text at, by what is before and behind it."""

    NONE = 0  # between two pretokens, or two characters, that nothing separates
    WORD = 1  # white space before or behind
    LINE = 2  # a line break before
    SENTENCE = 3  # the end of a sentence, closing quotes and brackets included
    PARAGRAPH = 4  # an empty line before
    SECTION = 5  # a line break before, a heading behind


class TokenIndex(Protocol):
    """What one pass over a text tells, and what follows from it without counting again.

    Places are in characters of the text, from 0 to ``length``.
    """

    @property
    def ends(self) -> memoryview:
        """Where each pretoken ends (format ``I``)."""
        ...

    @property
    def sums(self) -> memoryview:
        """How many tokens there are up to each end (format ``I``)."""
        ...

    @property
    def strengths(self) -> memoryview:
        """How good a place to cut each end is (format ``B``): a `Strength`."""
        ...

    @property
    def length(self) -> int:
        """The number of characters of the text."""
        ...

    @property
    def total(self) -> int:
        """The number of tokens of the text."""
        ...

    def __len__(self) -> int:
        """The number of pretokens."""
        ...

    def count(self, start: int, end: int) -> int:
        """The number of tokens of ``text[start:end]``, as if it were counted on its own."""
        ...

    def end(self, start: int, limit: int) -> int:
        """The furthest end of a pretoken up to which the text from ``start`` has at most ``limit``
        tokens; ``start`` if there is none."""
        ...

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        """The places in ``start < place < end`` of at least a strength, none in a grapheme cluster.

        Sentences of Chinese and Japanese may end inside a pretoken; all other places are ends of
        pretokens.

        Returns:
            (places, their strengths), formats ``I`` and ``B``, in order.
        """
        ...

    def measure(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        """What a part of the text has that starts or ends at each place.

        Args:
            places: any places, in order.

        Returns:
            (starts, ends), format ``q``, so that ``text[places[i]:places[j]]`` has ``ends[j] -
            starts[i]`` tokens wherever some white space or other boundary that splits alike lies
            between them; the exact figure is ``count``.
        """
        ...
