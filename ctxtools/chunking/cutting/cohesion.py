"""Cohesion: how much the text on the two sides of an offset belongs together.

A cut at the end of a sentence, or at a stronger boundary, costs `COHESION` times the z-score of
that: more where the two sides are more alike than at most such boundaries of the look-ahead window,
less where they are less alike. With ``cohesion="words"`` the words are compared, by
`TextMap.cohesion`; with a function that embeds, the mean vectors of the sentences.

What was tried: scores of clauses and lines too, for no gain; 30 and 120 words, which are worse;
discourse cues (a cut before "However" or "This" costs more), which changed nothing.
"""

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from math import fsum, hypot, isfinite, sqrt
from operator import add, mul

from ctxtools._core.cut_types import Costs
from ctxtools._core.types import Strength, TokenIndex
from ctxtools.chunking.costs import COHESION
from ctxtools.chunking.settings import Cohesion, Embed
from ctxtools.errors import UsageError

_REACH = 60  # words on each side
_SENTENCES = 3  # on each side
_SAME = 1e-9  # a deviation that is but rounding
_BATCH = 1024  # sentences that are embedded at once

_Vector = Sequence[float]


def cohesion_costs(index: TokenIndex, cohesion: Cohesion) -> Costs:
    """Offsets in the text of an index, and what a cut at each costs more, which may be below 0.

    Raises:
        UsageError: the function that embeds returns no vectors, or not one for each text.
    """
    if not cohesion:
        return (), ()
    offsets, _ = index.boundaries(Strength.SENTENCE)
    if not callable(cohesion):
        return offsets, index.cohesion(offsets, _REACH, COHESION)
    scores = _by_vectors(index, offsets, cohesion)
    return offsets, array("d", [COHESION * score for score in scores])


def _by_vectors(index: TokenIndex, offsets: Sequence[int], embed: Embed) -> list[float]:
    """The z-score at each end of a sentence."""
    ends = [0, *offsets, index.length]
    texts = [text.strip() for text in index.slices(ends[:-1], ends[1:])]
    # What is before the text and after it has nothing in common with anything.
    nothing: list[_Vector] = [()] * _SENTENCES
    vectors = chain(nothing[1:], _vectors(texts, embed), nothing[1:])
    near = deque(islice(vectors, 2 * _SENTENCES - 1), 2 * _SENTENCES)
    cosines = []
    for vector in vectors:
        near.append(vector)
        sides = [*near]
        cosines.append(_cosine(_sum(sides[:_SENTENCES]), _sum(sides[_SENTENCES:])))
    return _z_scores(cosines)


def _vectors(texts: Sequence[str], embed: Embed) -> Iterator[_Vector]:
    """The vectors of texts, of length 1; an empty one for a text without anything to read."""
    dimensions = None
    for first in range(0, len(texts), _BATCH):
        batch = texts[first : first + _BATCH]
        found = iter(_embedded([text for text in batch if text], embed))
        for text in batch:
            if not text:
                yield ()
                continue
            vector = next(found)
            if len(vector) != (dimensions or len(vector)):
                raise UsageError(
                    f"cohesion returned vectors of different lengths: {dimensions} and "
                    f"{len(vector)}",
                    hint="embed all texts by the same model",
                )
            dimensions = len(vector)
            length = hypot(*vector)
            yield array("d", [value / length for value in vector]) if length else ()


def _embedded(texts: list[str], embed: Embed) -> list[list[float]]:
    """What a function makes of texts, checked."""
    if not texts:
        return []
    answer = embed(texts)
    try:
        vectors = [[*map(float, vector)] for vector in answer]
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"cohesion must return a list of vectors, got {answer!r:.40}",
            hint="return a sequence of numbers for each text",
        ) from error
    if len(vectors) != len(texts):
        raise UsageError(
            f"cohesion returned {len(vectors)} vectors for {len(texts)} texts",
            hint="return one vector for each text, in the order of the texts",
        )
    for vector in vectors:
        if not vector or not all(map(isfinite, vector)):
            raise UsageError(
                f"cohesion must return vectors of finite numbers, got {vector!r:.40}",
                hint="the vector of a text that means nothing may be all zeros",
            )
    return vectors


def _sum(vectors: Sequence[_Vector]) -> list[float]:
    """The sum of those that are not empty."""
    total: list[float] = []
    for vector in vectors:
        if vector:
            total = [*map(add, total or repeat(0.0), vector)]
    return total


def _cosine(before: _Vector, after: _Vector) -> float | None:
    """The cosine of two vectors; None if one of them is empty, or zero."""
    length = hypot(*before) * hypot(*after)
    return sum(map(mul, before, after)) / length if length else None


def _z_scores(values: Sequence[float | None]) -> list[float]:
    """How many standard deviations each value is from the mean, at most three; 0 for none."""
    known = [value for value in values if value is not None]
    mean = fsum(known) / max(1, len(known))
    deviation = sqrt(fsum((value - mean) ** 2 for value in known) / max(1, len(known)))
    if deviation < _SAME:
        return [0.0] * len(values)
    return [
        0.0 if value is None else max(-3.0, min(3.0, (value - mean) / deviation))
        for value in values
    ]
