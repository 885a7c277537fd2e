"""Numbers of tokens: exact ones and intervals, and those that know their text's characters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ctxtools.units import format_count


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated number of tokens: printed as ``~1,234 (1,050–1,450)``, one number as itself.

    Attributes:
        low: the minimum number of tokens that the measurement saw.
        typical: the number to expect.
        high: the maximum that the measurement saw: the one to compare with a limit.
    """

    low: int
    typical: int
    high: int

    @property
    def exact(self) -> bool:
        """Whether there is one number only."""
        return self.low == self.high

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.typical + other.typical, self.high + other.high)

    def __str__(self) -> str:
        low, typical, high = map(format_count, (self.low, self.typical, self.high))
        return typical if self.exact else f"~{typical} ({low}–{high})"


NO_TOKENS = Interval(0, 0, 0)


def exactly(tokens: int) -> Interval:
    """The interval of a number that is certain."""
    return Interval(tokens, tokens, tokens)


class TextCount(int):
    """A number of tokens that knows the characters of its text, as an `Estimate` needs them.

    A sum of such numbers knows those of all texts.

    Attributes:
        characters: how many of each class of characters.CLASSES; empty if unknown.
        others: tokens of what comes with the text and is none, such as images, as the model itself
            counts them; the number does not include these.
    """

    characters: tuple[int, ...]
    others: Interval

    def __new__(
        cls, tokens: int, characters: Sequence[int] = (), others: Interval = NO_TOKENS
    ) -> "TextCount":
        count = super().__new__(cls, tokens)
        count.characters = tuple(characters)
        count.others = others
        return count

    def __add__(self, other: int) -> "TextCount":
        tokens, others = int(self) + int(other), self.others
        if (more := getattr(other, "others", NO_TOKENS)) is not NO_TOKENS:
            others = more if others is NO_TOKENS else others + more
        added = getattr(other, "characters", ())
        if not self.characters or not added:
            return TextCount(tokens, self.characters or added, others)
        both = [a + b for a, b in zip(self.characters, added, strict=True)]
        return TextCount(tokens, both, others)

    __radd__ = __add__

    def part(self, tokens: int) -> "TextCount":
        """The count of a text of ``tokens`` with the same shares of characters."""
        share = tokens / int(self) if self else 0
        return TextCount(tokens, [math.ceil(n * share) for n in self.characters])
