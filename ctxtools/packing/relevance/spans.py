"""What a question, or a change, says of the lines of documents."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ctxtools.chunking.settings import Format
    from ctxtools.documents.readers.extraction.extracted import Heading


class Source(NamedTuple):
    """A document that is asked.

    Attributes:
        path: what it is called, below the folder that was named.
        text: of it.
        format: of the text; by the path if "auto".
        headings: of plain text, where its reader found some.
    """

    path: str
    text: str
    format: "Format" = "auto"
    headings: "Sequence[Heading]" = ()


class ScoredSpan(NamedTuple):
    """Lines of a document, and how relevant they are.

    Attributes:
        first: the number of its first line, from 0.
        last: the number of the line after it.
        score: from 0 to 1, which is that of the most relevant span of all documents.
        context: the lines of the signatures and headings that it is inside of.
        required: whether every excerpt has it, since lines of it were changed.
        is_rough: whether it begins and ends anywhere, and so is no excerpt.
    """

    first: int
    last: int
    score: float
    context: tuple[int, ...] = ()
    required: bool = False
    is_rough: bool = False


class Relevance(NamedTuple):
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


def merged(one: Relevance, other: Relevance) -> Relevance:
    """The spans of both; of two that overlap, the one that is required, or of the higher score."""
    spans = [*one.spans, *other.spans]
    spans.sort(key=lambda span: (not span.required, -span.score, span.first))
    found: list[ScoredSpan] = []  # in order
    for span in spans:
        at = bisect_left(found, span.first, key=lambda each: each.first)
        before = found[at - 1].last if at else 0
        after = found[at].first if at < len(found) else span.last
        if before <= span.first and span.last <= after:
            found.insert(at, span)
    return Relevance(tuple(found))


def diminished(relevance: Relevance) -> Relevance:
    """The same spans, of which the n-th best counts for an n-th: of what repeats itself, as tests
    do that call the same functions again and again.
    """
    best = sorted(relevance.spans, key=lambda span: (-span.score, span.first))
    spans = [span._replace(score=span.score / n) for n, span in enumerate(best, 1)]
    return Relevance(tuple(sorted(spans, key=lambda span: span.first)))


def sharpened(scores: Sequence[float], highest: float, power: float) -> list[float]:
    """Scores as shares of the highest one to a power, so that what scores half counts for less."""
    return [(max(score, 0.0) / highest) ** power if highest > 0 else 0.0 for score in scores]
