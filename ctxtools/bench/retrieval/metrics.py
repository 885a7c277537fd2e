"""What share of each answer the first chunks have, and whether a difference is more than chance.

All lengths are in characters, as in B. Smith and A. Troynikov, "Evaluating Chunking Strategies for
Retrieval", Chroma technical report, 2024.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import fsum
from typing import NamedTuple

from ctxtools.bench.retrieval.dataset import Dataset, Question

TOP = 5
"""The chunks that recall, precision and IoU are of."""
BUDGET = 1_500
"""The tokens of retrieved text that the other recall is of."""

_RESAMPLES = 1_000


class Chunk(NamedTuple):
    """A chunk of a text of the data set.

    Attributes:
        corpus: the name of the text.
        start, end: its span, in characters of the text.
        text: what a ranker reads: the span, maybe after a header.
        tokens: of that.
    """

    corpus: str
    start: int
    end: int
    text: str
    tokens: int


class Scores(NamedTuple):
    """A share for each question.

    Attributes:
        recall: of the answer, what is in the first `TOP` chunks.
        precision: of these chunks, what is in the answer.
        iou: of what is in either, what is in both.
        within: of the answer, what is in the first chunks that have at most `BUDGET` tokens
            together. It does not reward larger chunks.
    """

    recall: Sequence[float]
    precision: Sequence[float]
    iou: Sequence[float]
    within: Sequence[float]


class Difference(NamedTuple):
    """The mean of paired differences, and its interval of 95 % by the bootstrap over questions."""

    mean: float
    low: float
    high: float


def scores(dataset: Dataset, chunks: Sequence[Chunk], orders: Iterable[Sequence[int]]) -> Scores:
    """The scores of all questions.

    Args:
        dataset: the questions.
        chunks: of all texts, those of each text in the order of their ends.
        orders: for each question, the numbers of the chunks, the best first; at least those of
            `BUDGET` tokens and at least `TOP`, if there are so many.
    """
    located = _Located(chunks)
    rows = [
        _of_question(question, chunks, order, located)
        for question, order in zip(dataset.questions, orders, strict=True)
    ]
    return Scores(*zip(*rows, strict=True))


def whole(dataset: Dataset, chunks: Sequence[Chunk]) -> float:
    """The share of the spans of answers that lie in one chunk."""
    located = _Located(chunks)
    found = [
        any(chunks[number].start <= start and end <= chunks[number].end for number in numbers)
        for question in dataset.questions
        for start, end in question.answer
        for numbers in [located.touching(question.corpus, start, end)]
    ]
    return sum(found) / len(found)


def average(several: Sequence[Scores]) -> Scores:
    """The mean scores of each question."""
    return Scores(
        *(
            [fsum(values) / len(several) for values in zip(*columns, strict=True)]
            for columns in zip(*several, strict=True)
        )
    )


def mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def difference(ours: Sequence[float], theirs: Sequence[float], seed: int = 0) -> Difference:
    """How much higher the first shares are, question by question."""
    deltas = [our - their for our, their in zip(ours, theirs, strict=True)]
    chance = random.Random(seed)
    means = sorted(mean(chance.choices(deltas, k=len(deltas))) for _ in range(_RESAMPLES))
    tail = _RESAMPLES // 40
    return Difference(mean(deltas), means[tail], means[-1 - tail])


class _Located:
    """The chunks of each text by their spans."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._numbers: dict[str, list[int]] = {}
        for number, chunk in enumerate(chunks):
            self._numbers.setdefault(chunk.corpus, []).append(number)
        self._ends = {
            corpus: [chunks[number].end for number in numbers]
            for corpus, numbers in self._numbers.items()
        }
        self._chunks = chunks

    def touching(self, corpus: str, start: int, end: int) -> list[int]:
        """The numbers of the chunks that share a character with a span."""
        numbers, ends = self._numbers.get(corpus, []), self._ends.get(corpus, [])
        first = bisect_right(ends, start)
        # With overlap a few more chunks start before the end of the span than end after it.
        last = bisect_left(numbers, end, first, key=lambda number: self._chunks[number].start)
        return numbers[first:last]


def _of_question(
    question: Question, chunks: Sequence[Chunk], order: Sequence[int], located: _Located
) -> tuple[float, float, float, float]:
    answer = _length(question.answer)
    touching = {
        number
        for start, end in question.answer
        for number in located.touching(question.corpus, start, end)
    }

    def found(numbers: Sequence[int]) -> int:
        shared = [
            (max(start, chunks[number].start), min(end, chunks[number].end))
            for number in numbers
            if number in touching
            for start, end in question.answer
        ]
        return _length(shared)

    top = order[:TOP]
    inside, retrieved = found(top), sum(chunks[n].end - chunks[n].start for n in top)
    either = retrieved + answer - inside
    affordable, tokens = 0, 0
    for number in order:
        tokens += chunks[number].tokens
        if tokens > BUDGET:
            break
        affordable += 1
    return (
        inside / answer,
        inside / retrieved if retrieved else 0.0,
        inside / either,
        found(order[:affordable]) / answer,
    )


def _length(spans: Iterable[tuple[int, int]]) -> int:
    """The characters in any of some spans."""
    length = reached = 0
    for start, end in sorted(spans):
        length += max(0, end - max(start, reached))
        reached = max(reached, end)
    return length
