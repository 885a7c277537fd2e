"""Counts for tokenizers that are not available: an interval around another tokenizer's count.

How many tokens a model has for one of the other tokenizer depends on the text: digits and
punctuation have about as many, words have more, each script has its own factor. So the factor is
the mean of those of a text's characters, which estimates.json has for each class
(characters.py). scripts/estimates/ measures and fits them. Where only a count is known, plain
factors bound every kind of text that was measured.

An interval bounds what the measurement saw; it is not a guarantee.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.errors import UsageError
from ctxtools.models.interval import Interval, TextCount

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding


@dataclass(frozen=True, slots=True)
class Estimate:
    """How a model's token count follows from the count of a packaged encoding.

    Attributes:
        encoding: the packaged encoding whose count is multiplied.
        low: the model's tokens for each token of that encoding, at minimum.
        typical: the same, typically.
        high: the same, at maximum.
        basis: a sentence that says where the factors are from, and how far to trust them.
        characters: the name of a table in estimates.json, by which the factors follow from the
            characters of a text; None if there is none, and for every text they are those above.

    Raises:
        UsageError: not 0 < low <= typical <= high.
    """

    encoding: str
    low: float
    typical: float
    high: float
    basis: str
    characters: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.typical <= self.high:
            raise UsageError(
                f"estimate must have 0 < low <= typical <= high, "
                f"got {self.low}, {self.typical}, {self.high}"
            )

    def of(self, count: int) -> Interval:
        """The interval for a text that has ``count`` tokens in ``encoding``, rounded outward.

        A `TextCount` has a narrower one than a bare number where ``characters`` names a table.
        """
        found = getattr(count, "characters", ())
        if self.characters and any(found) and count > 0:
            return _load_table(self.characters).of(int(count), found)
        least = min(int(count), 1)  # no text is nothing
        return Interval(
            max(_times(count, self.low, ROUND_FLOOR), least),
            max(_times(count, self.typical, ROUND_HALF_EVEN), least),
            max(_times(count, self.high, ROUND_CEILING), least),
        )

    def measure(self, text: str, encoding: "Encoding | None" = None) -> TextCount:
        """The count of a text that ``of`` takes: tokens in ``encoding``, and its characters."""
        from ctxtools.models.characters import count_characters

        if encoding is None:
            from ctxtools.encodings import find_encoding

            encoding = find_encoding(self.encoding)
        return TextCount(encoding.count(text), count_characters(text) if self.characters else ())

    def highest_count(self, limit: int, text: TextCount) -> int:
        """The largest count, of texts of the same characters, whose upper bound is the limit.

        Args:
            limit: in tokens of the model.
            text: a text with these characters, of any length.
        """
        least, most = 0, max(limit, 0) * 20 + 1
        while most - least > 1:
            middle = (least + most) // 2
            if self.of(text.part(middle)).high <= limit:
                least = middle
            else:
                most = middle
        return least


@dataclass(frozen=True, slots=True)
class _Table:
    """Factors by class of characters; see scripts/estimates/fit.py.

    Attributes:
        factors: tokens for each token of the encoding.
        slopes: what is added to a factor for each token that a character has.
        spreads: the relative half width of the interval.
        bounds: of a text's factor.
        slack: of the interval beyond that, in square roots of the number of tokens; and one token.
    """

    factors: tuple[float, ...]
    slopes: tuple[float, ...]
    spreads: tuple[float, ...]
    bounds: tuple[float, float]
    slack: float

    def of(self, count: int, characters: Sequence[int]) -> Interval:
        from ctxtools.models.characters import CHARACTERS

        total = sum(characters[: len(CHARACTERS)])
        density = min(count / total, 3.0)
        factor = spread = 0.0
        for found, base, slope, width in zip(
            characters, self.factors, self.slopes, self.spreads, strict=True
        ):
            if found:
                share = found / total
                factor += share * (base + slope * density)
                spread += share * width
        typical = count * min(max(factor, self.bounds[0]), self.bounds[1])
        slack = 1 + self.slack * math.sqrt(typical)
        return Interval(
            max(math.floor(typical / (1 + spread) - slack), 1),  # no text is nothing
            max(round(typical), 1),
            math.ceil(typical * (1 + spread) + slack),
        )


@cache
def _load_table(name: str) -> _Table:
    import json

    found = json.loads(Path(__file__).with_name("estimates.json").read_text("utf-8"))
    try:
        table = found["tables"][name]
    except KeyError:
        raise UsageError(
            f"unknown table of estimates {name!r}",
            hint=f"the tables are {', '.join(found['tables'])}",
        ) from None
    factors, slopes, spreads = zip(*table["classes"].values(), strict=True)
    low, high = table["bounds"]
    return _Table(factors, slopes, spreads, (low, high), table["slack"])


def _times(count: int, factor: float, rounding: str) -> int:
    # Decimal, because 10 * 1.1 is 11.000000000000002 in floats, which rounds up to 12.
    return int((int(count) * Decimal(str(factor))).to_integral_value(rounding))
