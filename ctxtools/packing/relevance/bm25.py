"""BM25 of the segments of texts for the terms of a question.

After S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
Foundations and Trends in Information Retrieval 3 (2009), as Lucene has it: the inverse document
frequency is never negative, and there is no factor of k1 + 1. It takes only the occurrences of the
question's terms and the lengths of the segments: one scan of the texts, and no index.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

K1 = 1.2
B = 0.75


class Bm25(NamedTuple):
    """Scores of segments.

    Attributes:
        weights: of each term: its inverse document frequency times what the question gives it.
        mean_length: of a segment, in words.
        k1, b: the parameters of the formula.
    """

    weights: Sequence[float]
    mean_length: float
    k1: float = K1
    b: float = B

    def score(self, counts: Mapping[int, float], length: float) -> float:
        """The score of one segment.

        Args:
            counts: the occurrences of the terms that it has.
            length: in words.
        """
        norm = self.k1 * (1 - self.b + self.b * length / self.mean_length)
        return sum(self.weights[term] * count / (count + norm) for term, count in counts.items())


def inverse_frequency(segments: int, with_term: int) -> float:
    """The inverse document frequency of a term."""
    return log(1 + (segments - with_term + 0.5) / (with_term + 0.5))


def fitted(weights: Sequence[float], lengths: list[int], frequencies: Mapping[int, int]) -> Bm25:
    """What scores the segments of some texts.

    Args:
        weights: what the question gives each term.
        lengths: of all segments in words; empty ones do not count.
        frequencies: in how many segments each term occurs.
    """
    number, total = len(lengths) - lengths.count(0), sum(lengths)
    return Bm25(
        [
            weight * inverse_frequency(number, frequencies.get(term, 0))
            for term, weight in enumerate(weights)
        ],
        total / number if number else 1.0,
    )
