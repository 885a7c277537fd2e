"""What a pack is to answer: a question, a function that scores texts, or embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.packing.relevance.spans import Relevance, Source

Scorer = Callable[[Sequence[str]], Sequence[float]]
"""Of some texts, the score of each: any numbers, the highest for what is the most relevant."""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A question by its vector, and what makes those of texts.

    Attributes:
        query: the vector of the question.
        embed: of some texts, the vector of each, of as many numbers.
    """

    query: Sequence[float]
    embed: Callable[[Sequence[str]], Sequence[Sequence[float]]]

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """The cosine of each text's vector and the question's."""
        vectors = self.embed(texts)
        found = len(vectors) if hasattr(vectors, "__len__") else type(vectors).__name__
        if found != len(texts):
            raise UsageError(
                f"embed must return a vector for each of {len(texts)} texts, got {found}",
                hint="it gets a list of texts and returns a list of vectors",
            )
        return [self._cosine(vector) for vector in vectors]

    def _cosine(self, vector: Sequence[float]) -> float:
        if len(vector) != len(self.query):
            raise UsageError(
                f"the query has a vector of {len(self.query)} numbers, a text one of {len(vector)}",
                hint="embed both with the same model",
            )
        lengths = sqrt(sum(x * x for x in vector)) * sqrt(sum(x * x for x in self.query))
        product = sum(x * y for x, y in zip(vector, self.query, strict=True))
        return product / lengths if lengths else 0.0


Query = str | Scorer | Embeddings


def check_query(query: Any) -> None:
    """Raise UsageError if a query is none."""
    if query is None or callable(query):
        return
    if not isinstance(query, str):
        raise UsageError(
            f"query must be a str, a function or Embeddings, got {type(query).__name__}",
            hint="a function gets a list of texts and returns their scores",
        )
    if not query.strip():
        raise UsageError("query is empty", hint="leave it out, or say what the pack is to answer")


def find_relevance(
    sources: Sequence[Source], query: Query, limit: int, threads: int
) -> tuple[list[Relevance], list[str]]:
    """How relevant each document is, and notes for the user.

    Args:
        sources: the documents.
        query: what is asked.
        limit: of the pack in tokens: how much of the documents is looked at more closely.
        threads: how many may work; 0 is one per core.

    Raises:
        UsageError: a function returned something else than a number for each text.
    """
    if isinstance(query, str):
        from ctxtools.packing.relevance.lexical import by_words

        return by_words(sources, query, limit, threads)
    from ctxtools.packing.relevance.scored import by_scores

    return by_scores(sources, query)
