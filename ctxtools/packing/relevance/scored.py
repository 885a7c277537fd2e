"""Relevance by a function that scores texts: a model of the user's, or vectors."""

from collections.abc import Sequence
from math import isfinite
from statistics import median
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.packing.relevance.spans import Relevance, ScoredSpan, Source, sharpened
from ctxtools.packing.relevance.units import Lines, Unit, plain_units, units_of

_MAX_DIVIDED = 4_000_000  # characters of documents that are divided by their format
_POWER = 3.0
_MIN_SCORE = 0.004


def by_scores(sources: Sequence[Source], scorer: Any) -> tuple[list[Relevance], list[str]]:
    """How relevant each document is, and notes; the function gets the text of all units at once.

    Scores may be of any scale: what counts is how far one is above the median of all, against the
    highest.

    Raises:
        UsageError: it returned something else than a finite number for each text.
    """
    units: list[tuple[int, Unit]] = []
    texts: list[str] = []
    characters = _MAX_DIVIDED
    for number, source in enumerate(sources):
        lines = Lines(source.text)
        characters -= len(source.text)
        is_divided = characters >= 0
        for unit in units_of(lines, source) if is_divided else plain_units(lines):
            text = lines.slice(unit.first, unit.last)
            if text.strip():
                units.append((number, unit))
                texts.append(text)
    scores = _checked(scorer(texts) if texts else [], len(texts))
    middle = median(scores) if scores else 0.0
    above = [score - middle for score in scores]
    shares = sharpened(above, max(above, default=0.0), _POWER)
    found: list[list[ScoredSpan]] = [[] for _ in sources]
    for (number, unit), share in zip(units, shares, strict=True):
        if share >= _MIN_SCORE:
            found[number].append(ScoredSpan(unit.first, unit.last, share, unit.context))
    notes = [] if any(found) else ["query: all texts have the same score; nothing is chosen by it"]
    return [Relevance(tuple(spans)) for spans in found], notes


def _checked(answer: Any, number: int) -> list[float]:
    """What a function returned, as numbers."""
    try:
        scores = [float(score) for score in answer]
    except (TypeError, ValueError):
        scores, found = [], " ".join(repr(answer).split())
    else:
        wrong = next((score for score in scores if not isfinite(score)), None)
        found = f"{len(scores)} of {number}" if wrong is None else f"{wrong}"
    if len(scores) != number or not all(map(isfinite, scores)):
        raise UsageError(
            f"query must return a finite number for each text, got {found:.60}",
            hint="it gets a list of texts and returns as many scores",
        )
    return scores
