"""Lexical cohesion: how alike the words are on the two sides of an offset.

See `ctxtools._core.types.TextMap.cohesion`.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import cast

from ctxtools._core.word_characters import is_ideograph, lower

_STEM = 5  # characters of a word that tell it from others
_MAX_REACH = 1 << 12
_FURTHEST = 3.0  # standard deviations from the mean that a value may seem to be
_UNIT = 1 << 20  # what a cosine of 1 is as an integer


def cohesion(
    runs: Sequence[tuple[str, int]], offsets: Sequence[int], reach: int, weight: float
) -> "memoryview[float]":
    """How alike the two sides of each offset are.

    Args:
        runs: those of letters, marks and digits, and where each starts.
        offsets, reach, weight: as of `TextMap.cohesion`.
    """
    words = [word for run, start in runs for word in _words(run, start)]
    starts = [start for _, start in words]
    stems = [stem for stem, _ in words]
    occurrences = Counter(stems)
    squares = {stem: ((len(stems) // n).bit_length() - 1) ** 2 for stem, n in occurrences.items()}
    reach = min(max(reach, 1), _MAX_REACH)
    cosines = []
    for offset in offsets:
        at = bisect_left(starts, offset)
        before, after = Counter(stems[max(0, at - reach) : at]), Counter(stems[at : at + reach])
        cosines.append(_cosine(before, after, squares))
    scores = array("d", [weight * score for score in _z_scores(cosines)])
    return cast("memoryview[float]", memoryview(scores).toreadonly())


def _words(run: str, start: int) -> Iterator[tuple[str, int]]:
    """The words of a run, and where each starts."""
    word = None  # where one starts
    for i, character in enumerate(run):
        if not is_ideograph(character):
            word = i if word is None else word
            continue
        if word is not None:
            yield _stem(run[word:i]), start + word
        word = None
        after = run[i + 1 : i + 2]
        yield character + (after if after and is_ideograph(after) else ""), start + i
    if word is not None:
        yield _stem(run[word:]), start + word


def _stem(word: str) -> str:
    return "".join(map(lower, word[:_STEM]))


def _cosine(before: Counter[str], after: Counter[str], squares: dict[str, int]) -> int | None:
    """That of two sides, of `_UNIT`; None if one of them is empty."""
    product = sum(n * after[stem] * squares[stem] for stem, n in before.items())
    lengths = [sum(n * n * squares[stem] for stem, n in side.items()) for side in (before, after)]
    if 0 in lengths:
        return None
    return int(product / sqrt(float(lengths[0]) * float(lengths[1])) * _UNIT)


def _z_scores(values: Sequence[int | None]) -> list[float]:
    """How many standard deviations each value is from the mean, at most three; 0 for none."""
    known = [value for value in values if value is not None]
    n, total = len(known), sum(known)
    # n times the standard deviation.
    deviation = sqrt(float(n * sum(value * value for value in known) - total * total))
    return [
        0.0
        if value is None or not deviation
        else max(-_FURTHEST, min(_FURTHEST, float(value * n - total) / deviation))
        for value in values
    ]
