"""What a question, or a change, says of the lines of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Source(NamedTuple):
    """A document that is asked: what it is called, below the folder that was named; its text."""

    path: str
    text: str


class ScoredSpan(NamedTuple):
    """Lines of a document, and how relevant they are.

    Attributes:
        first: the number of its first line, from 0.
        last: the number of the line after it.
        score: from 0 to 1, which is that of the most relevant span of all documents.
        context: the lines of the signatures and headings that it is inside of.
    """

    first: int
    last: int
    score: float
    context: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Relevance:
    """How relevant a document is.

    Attributes:
        spans: of it, disjoint, in order; what they leave out is not relevant.
    """

    spans: tuple[ScoredSpan, ...] = ()

    @property
    def total(self) -> float:
        """The sum over all spans: that of the document as a whole."""
        return sum(span.score for span in self.spans)

    @property
    def best(self) -> ScoredSpan | None:
        """The span of the highest score, the first one of several; None if there is none."""
        return max(self.spans, key=lambda span: (span.score, -span.first), default=None)


NOTHING = Relevance()


def sharpened(scores: Sequence[float], highest: float, power: float) -> list[float]:
    """Scores as shares of the highest one to a power, so that what scores half counts for less."""
    return [(max(score, 0.0) / highest) ** power if highest > 0 else 0.0 for score in scores]
