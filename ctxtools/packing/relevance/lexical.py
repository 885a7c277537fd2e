"""Relevance by words: BM25 of spans, mixed with that of the document and of its path.

In two scans. The first counts the question's terms in segments of a number of lines, of all
documents. Those that score highest are then divided into units (`units`) and scanned line by line,
so that excerpts begin and end where functions and sections do.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ctxtools import _core
from ctxtools.documents.filetypes import document_kind
from ctxtools.packing.relevance.bm25 import Bm25, fitted
from ctxtools.packing.relevance.calls import with_called
from ctxtools.packing.relevance.spans import NOTHING, Relevance, ScoredSpan, Source, sharpened
from ctxtools.packing.relevance.units import Lines, Unit, import_lines, plain_units, units_of
from ctxtools.packing.relevance.words import Term, query_terms

_SEGMENT = 32  # lines of the first scan
_DOCUMENT = 0.7  # of the document's score, in that of each span
_PATH = 0.5  # of the weight of a term that the path has, in the same
_TITLE = 2.0  # occurrences that one in the title of a unit counts for, beside itself
_CONTEXT = 0.5  # of an occurrence, for one in a title around a unit
_IMPORTED = 0.25  # of an occurrence, and of a word, for one in an import
_POWER = 3.0  # half the highest score is an eighth as relevant
_SIZE_POWER = 0.6  # a long span answers more than a short one, but not in proportion
_LONG = 400  # words of a span from which on it counts for no more
_MIN_SCORE = 0.001  # of a span; lower ones are not relevant
_MAX_LINE_SCANNED = 400_000  # characters of a document that is divided into units
_CHARACTERS_PER_TOKEN = 12  # of the pack: three times what may go in is divided
_MIN_DIVIDED, _MAX_DIVIDED = 1_000_000, 1_500_000  # characters that are divided: 0.1 to 0.3 s
_NOTED = 8  # words that no document has

Counts = dict[int, dict[int, int]]  # segment: term: occurrences


class _Scored(NamedTuple):
    """A unit with its score and its words; rough where it is a segment of the first scan."""

    unit: Unit
    score: float
    words: int
    is_rough: bool = False

    @property
    def size_factor(self) -> float:
        """From 0 to 1, by its size."""
        return float((min(self.words, _LONG) / _LONG) ** _SIZE_POWER)


class _Divided(NamedTuple):
    """A document in units.

    Attributes:
        path: of the document.
        lines: of it.
        units: of it.
        scores: of each; 0 where it has no word of the question.
        words: of each line.
        has_calls: whether it is code that calls what it defines.
    """

    path: str
    lines: Lines
    units: Sequence[Unit]
    scores: Sequence[float]
    words: Sequence[int]
    has_calls: bool

    def scored(self, highest: float) -> list[_Scored]:
        """The units that are relevant.

        Args:
            highest: the highest score of all documents.
        """
        scores = self.scores
        if self.has_calls:
            scores = with_called(self.lines, self.units, scores, self.path, highest)
        return [
            _Scored(unit, score, sum(self.words[unit.first : unit.last]))
            for unit, score in zip(self.units, scores, strict=True)
            if score > 0
        ]


class Lexical:
    """How relevant the spans of some documents are for a question.

    Args:
        sources: the documents.
        terms: of the question.
        threads: how many may scan; 0 is one per core.

    Attributes:
        terms: as given.
        missing: the names of those that no document has.
    """

    def __init__(self, sources: Sequence[Source], terms: Sequence[Term], threads: int) -> None:
        self._sources, self._threads, self.terms = sources, threads, terms
        self._scan()

    def _scan(self) -> None:
        texts = [source.text for source in self._sources]
        lengths, counts = self._count(texts, _SEGMENT)
        self._lengths = lengths
        _, in_paths = self._count([_as_words(source.path) for source in self._sources], 1 << 30)
        weights = [term.weight for term in self.terms]
        frequencies: defaultdict[int, int] = defaultdict(int)
        in_documents: defaultdict[int, int] = defaultdict(int)
        totals: list[dict[int, int]] = []
        for found in counts:
            total: defaultdict[int, int] = defaultdict(int)
            for terms in found.values():
                for term, count in terms.items():
                    frequencies[term] += 1
                    total[term] += count
            for term in total:
                in_documents[term] += 1
            totals.append(total)
        self._spans = fitted(weights, [n for each in lengths for n in each], frequencies)
        sizes = [sum(each) for each in lengths]
        documents = fitted(weights, sizes, in_documents)
        self.missing = [
            term.name
            for number, term in enumerate(self.terms)
            if term.is_asked
            and not frequencies[number]
            and not any(number in found.get(0, {}) for found in in_paths)
        ]
        # What each span of a document has of the document's score, and of its path's.
        self._base = [
            _DOCUMENT * documents.score(total, size)
            + _PATH * sum(documents.weights[term] for term in found.get(0, {}))
            for total, size, found in zip(totals, sizes, in_paths, strict=True)
        ]
        self._segments = [
            {segment: self._spans.score(terms, each[segment]) for segment, terms in found.items()}
            for found, each in zip(counts, lengths, strict=True)
        ]

    def _count(self, texts: list[str], lines: int) -> tuple[list[list[int]], list[Counts]]:
        """The words of each segment of each text, and its terms."""
        words, numbers = _spellings(self.terms)
        ends, lengths, *found = _core.count_terms(texts, words, numbers, lines, self._threads)
        all_lengths, bounds = lengths.tolist(), [0, *ends.tolist()]
        by_text = [all_lengths[a:b] for a, b in pairwise(bounds)]
        counts: list[Counts] = [{} for _ in texts]
        for text, segment, term, count in zip(*(each.tolist() for each in found), strict=True):
            counts[text].setdefault(segment, {})[term] = count
        return by_text, counts

    def relevance(self, characters: int) -> list[Relevance]:
        """How relevant each document is.

        Args:
            characters: of the documents that are divided by their format.
        """
        best = [
            max(scores.values(), default=0.0) + base
            for scores, base in zip(self._segments, self._base, strict=True)
        ]
        scored = [
            [
                _Scored(
                    Unit(segment * _SEGMENT, (segment + 1) * _SEGMENT),
                    score + base,
                    lengths[segment],
                    is_rough=True,
                )
                for segment, score in sorted(scores.items())
            ]
            for scores, base, lengths in zip(self._segments, self._base, self._lengths, strict=True)
        ]
        chosen = []
        for number in sorted(range(len(best)), key=lambda number: (-best[number], number)):
            size = len(self._sources[number].text)
            if characters <= 0 or best[number] <= 0:
                break
            characters -= size
            chosen.append(number)
        divided = list(self._divided(chosen))
        highest = max((max(each.scores, default=0.0) for each in divided), default=0.0)
        for number, each in zip(chosen, divided, strict=True):
            scored[number] = each.scored(highest)
        return _relevance(scored)

    def _divided(self, numbers: Sequence[int]) -> Iterator["_Divided"]:
        """The units of some documents, and their scores."""
        lengths, counts = self._count([self._sources[number].text for number in numbers], 1)
        for number, words, found in zip(numbers, lengths, counts, strict=True):
            source = self._sources[number]
            lines = Lines(source.text)
            small = len(source.text) <= _MAX_LINE_SCANNED
            units = units_of(lines, source) if small else plain_units(lines)
            weights: dict[int, float] = {}
            kind = document_kind(source.path)
            if small and kind in ("code", "test"):
                weights = dict.fromkeys(import_lines(lines), _IMPORTED)
                for line in weights.keys() & range(len(words)):
                    words[line] = int(words[line] * _IMPORTED)
            scores = [
                score + self._base[number]
                if (score := _unit_score(self._spans, unit, words, found, weights)) > 0
                else 0.0
                for unit in units
            ]
            yield _Divided(source.path, lines, units, scores, words, small and kind == "code")


def _unit_score(
    bm25: Bm25,
    unit: Unit,
    words: Sequence[int],
    found: Mapping[int, Mapping[int, int]],
    weights: Mapping[int, float],
) -> float:
    """The score of a unit.

    Args:
        words: of each line.
        found: line: term: occurrences.
        weights: of an occurrence by its line, where it is not 1.
    """
    counts: defaultdict[int, float] = defaultdict(float)
    for line in range(unit.first, unit.last):
        for term, count in found.get(line, {}).items():
            counts[term] += count * (weights.get(line, 1) + _TITLE * (line == unit.title))
    if not counts:
        return 0.0
    for line in unit.context:
        for term in found.get(line, ()):
            counts[term] += _CONTEXT
    return bm25.score(counts, sum(words[unit.first : unit.last]))


def _relevance(scored: Sequence[Sequence[_Scored]]) -> list[Relevance]:
    """The spans of each document, from its units."""
    highest = max((each.score for units in scored for each in units), default=0.0)
    shares = [
        [
            share * each.size_factor
            for each, share in zip(
                units, sharpened([each.score for each in units], highest, _POWER), strict=True
            )
        ]
        if units
        else []
        for units in scored
    ]
    top = max((share for each in shares for share in each), default=0.0) or 1.0
    return [
        Relevance(
            tuple(
                ScoredSpan(*each.unit[:2], share / top, each.unit.context, is_rough=each.is_rough)
                for each, share in zip(units, its, strict=True)
                if share / top >= _MIN_SCORE
            )
        )
        if units
        else NOTHING
        for units, its in zip(scored, shares, strict=True)
    ]


def _spellings(terms: Sequence[Term]) -> tuple[list[str], list[int]]:
    """All spellings, and the number of the term of each: the first that has it."""
    numbers: dict[str, int] = {}
    for number, term in enumerate(terms):
        for word in sorted(term.spellings):
            numbers.setdefault(word, number)
    return list(numbers), list(numbers.values())


def _as_words(path: str) -> str:
    """A path as words on one line."""
    return " ".join(path.split())


NOTHING_FOUND = "query: no document has any of its words; nothing is chosen by it"
"""The note on a question of whose words none occurs."""


def by_words(
    sources: Sequence[Source], query: str, limit: int, threads: int
) -> tuple[list[Relevance], list[str]]:
    """How relevant each document is for a question, and notes.

    Args:
        sources: the documents.
        query: the question.
        limit: of the pack in tokens.
        threads: how many may scan; 0 is one per core.
    """
    terms = query_terms(query)
    if not terms:
        notes = ["query: it has no word that says what is asked for; nothing is chosen by it"]
        return [NOTHING] * len(sources), notes
    lexical = Lexical(sources, terms, threads)
    characters = min(max(_CHARACTERS_PER_TOKEN * limit, _MIN_DIVIDED), _MAX_DIVIDED)
    found = lexical.relevance(characters)
    if not any(each.spans for each in found):
        return found, [NOTHING_FOUND]
    return found, _missing_note(lexical.missing)


def _missing_note(missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    more = f" and {len(missing) - _NOTED} more" if len(missing) > _NOTED else ""
    return [f"query: no document has {', '.join(missing[:_NOTED])}{more}"]
