"""Counts for tokenizers that are not available: an interval around another tokenizer's count.

The factors live in models.toml, each with what it was measured on. An interval bounds what the
measurement saw; it is not a guarantee, and a text of another kind can fall outside.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from ctxtools.errors import UsageError
from ctxtools.units import format_count


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated number of tokens: printed as ``~1,234 (1,050–1,450)``.

    Attributes:
        low: the minimum number of tokens that the measurement saw.
        typical: tokens, for English, Chinese, code, JSON and Markdown.
        high: the maximum that the measurement saw: the one to compare with a limit.
    """

    low: int
    typical: int
    high: int

    def __str__(self) -> str:
        low, typical, high = map(format_count, (self.low, self.typical, self.high))
        return f"~{typical} ({low}–{high})"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How a model's token count follows from the count of a packaged encoding.

    Attributes:
        encoding: the packaged encoding whose count is multiplied.
        low: the model's tokens for each token of that encoding, at minimum.
        typical: the same, typically.
        high: the same, at maximum.
        basis: a sentence that says where the factors are from, and how far to trust them.

    Raises:
        UsageError: not 0 < low <= typical <= high.
    """

    encoding: str
    low: float
    typical: float
    high: float
    basis: str

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.typical <= self.high:
            raise UsageError(
                f"estimate must have 0 < low <= typical <= high, "
                f"got {self.low}, {self.typical}, {self.high}"
            )

    def of(self, count: int) -> Interval:
        """The interval for a text that has ``count`` tokens in ``encoding``, rounded outward."""
        return Interval(
            _times(count, self.low, ROUND_FLOOR),
            _times(count, self.typical, ROUND_HALF_EVEN),
            _times(count, self.high, ROUND_CEILING),
        )


def _times(count: int, factor: float, rounding: str) -> int:
    # Decimal, because 10 * 1.1 is 11.000000000000002 in floats, which rounds up to 12.
    return int((count * Decimal(str(factor))).to_integral_value(rounding))
