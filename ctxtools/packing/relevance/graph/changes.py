"""What lines that were changed use, and what uses them: definitions, callers, tests.

Names are looked up as the graph has them (`names`): what few files define and other files write.
What is found is a unit of its document (`ctxtools.packing.relevance.units`): a function, or some
lines of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ctxtools.documents.filetypes import document_kind
from ctxtools.packing.relevance.graph.edges import Graph
from ctxtools.packing.relevance.graph.names import definitions, weight_of, words
from ctxtools.packing.relevance.spans import Relevance, ScoredSpan, Source
from ctxtools.packing.relevance.units import Lines, Unit, units_of

CHANGED = 1.0
"""The score of what was changed."""
_USED, _USER, _TEST = 0.5, 0.35, 0.25  # of what it uses, of what uses it
_UNSEEN = 0.4  # of a name in a file that the other does not import
_MAX_DEFINERS = 4  # files that define a name; of more, it says nothing of any
_MAX_NAMES = 300  # that are looked up in either direction
_MAX_USERS = 30  # files that are shown to use a name
_MAX_UNITS = 3  # of a file, for one name
_MAX_TEXT = 3_000_000  # characters of all files that are divided into units

Spans = Sequence[tuple[int, int]]


def context_of_changes(
    sources: Sequence[Source], graph: Graph, changes: Mapping[int, Spans | None]
) -> list[Relevance]:
    """How relevant each document is for some changes.

    Takes time linear in the texts.

    Args:
        sources: all documents.
        graph: of their code.
        changes: the number of a document -> the first and the last of the lines that were changed,
            from 1; None is all of it.
    """
    units = _Units(sources)
    found = {number: _changed(units, number, spans) for number, spans in changes.items()}
    code = {source.number: position for position, source in enumerate(graph.sources)}
    if code.keys() & changes.keys():
        for number, span in _Context(units, graph, code, changes, found).spans():
            found.setdefault(number, {}).setdefault(span.first, span)
    return [
        Relevance(tuple(spans[first] for first in sorted(spans)))
        if (spans := found.get(number))
        else Relevance()
        for number in range(len(sources))
    ]


class _Units:
    """The units of documents, which are divided when they are first looked at."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._lines: dict[int, Lines] = {}
        self._units: dict[int, Sequence[Unit]] = {}
        self._remaining = _MAX_TEXT

    def lines(self, number: int) -> Lines:
        """The lines of a document."""
        if number not in self._lines:
            self._lines[number] = Lines(self._sources[number].text)
        return self._lines[number]

    def of(self, number: int, *, always: bool = False) -> Sequence[Unit]:
        """The units of a document; none of one that there is no time for."""
        if number not in self._units:
            lines = self.lines(number)
            if self._remaining < len(lines.text) and not always:
                return ()
            self._remaining -= len(lines.text)
            source = self._sources[number]
            self._units[number] = units_of(lines, source)
        return self._units[number]

    def with_lines(self, number: int, lines: Iterable[int]) -> list[Unit]:
        """The units of a document that some lines of it, in order, are in."""
        units, found, at = self.of(number), list[Unit](), 0
        for line in lines:
            while at < len(units) and units[at].last <= line:
                at += 1
            if at < len(units) and units[at].first <= line and found[-1:] != [units[at]]:
                found.append(units[at])
        return found

    def title(self, number: int, unit: Unit) -> str:
        """The lines that say what a unit is: its own title, or that of what it is inside of."""
        titles = [unit.title] if unit.title >= 0 else list(unit.context[-1:])
        return "\n".join(self.lines(number).slice(each, each + 1) for each in titles)


def _changed(units: _Units, number: int, spans: Spans | None) -> dict[int, ScoredSpan]:
    """The units of a document that were changed, by their first lines."""
    lines = units.lines(number)
    if spans is None:
        return {0: ScoredSpan(0, len(lines), CHANGED, required=True)}
    changed = [*_merged(spans, len(lines))]
    found, at = {}, 0
    for unit in units.of(number, always=True):
        while at < len(changed) and changed[at][1] <= unit.first:
            at += 1
        if at < len(changed) and changed[at][0] < unit.last:
            found[unit.first] = ScoredSpan(unit.first, unit.last, CHANGED, unit.context, True)
    return found


def _merged(spans: Spans, number: int) -> Iterator[tuple[int, int]]:
    """Lines as the first and the one after the last, from 0, in order, disjoint."""
    start = end = -1
    for first, last in sorted(spans):
        first, last = max(min(first, number) - 1, 0), min(last, number)
        if first <= end:
            end = max(end, last)
            continue
        if end > start >= 0:
            yield start, end
        start, end = first, max(last, first + 1)
    if end > start >= 0:
        yield start, end


class _Context:
    """The spans around some changes.

    Args:
        units: of all documents.
        graph: of the code.
        code: the number of a document -> its position in the graph.
        changes: see `context_of_changes`.
        changed: the number of a document -> the units that were changed, by their first lines.
    """

    def __init__(
        self,
        units: _Units,
        graph: Graph,
        code: Mapping[int, int],
        changes: Mapping[int, Spans | None],
        changed: Mapping[int, Mapping[int, ScoredSpan]],
    ) -> None:
        self._units, self._graph, self._changed = units, graph, changed
        self._definers: dict[str, list[int]] = {}
        for position, source in enumerate(graph.sources):
            for name in sorted(definitions(source.text, source.family)):
                self._definers.setdefault(name, []).append(position)
        self._written: dict[int, set[str]] = {}  # on the lines that were changed
        self._defined: dict[int, set[str]] = {}  # there, and around them
        for number in sorted(code.keys() & changed.keys()):
            position = code[number]
            family, lines = graph.sources[position].family, units.lines(number)
            spans = changes[number]
            exact = _merged(spans, len(lines)) if spans is not None else [(0, len(lines))]
            text = "".join(lines.slice(*each) for each in exact)
            self._written[position] = {each.decode("utf-8", "ignore") for each in words(text)}
            self._defined[position] = definitions(text, family)
            for unit in units.with_lines(number, sorted(changed[number])):
                title = units.title(number, unit).lstrip()
                self._defined[position] |= definitions(title, family)

    def spans(self) -> Iterator[tuple[int, ScoredSpan]]:
        """The spans of context by document: those of the highest score first."""
        found: dict[tuple[int, int], ScoredSpan] = {}
        for position, unit, score in (*self._used(), *self._users()):
            number = self._graph.sources[position].number
            if unit.first in self._changed.get(number, {}):
                continue
            known = found.get((number, unit.first))
            if known is None or known.score < score:
                span = ScoredSpan(unit.first, unit.last, score, unit.context)
                found[number, unit.first] = span
        for (number, _), span in found.items():
            yield number, span

    def _used(self) -> Iterator[tuple[int, Unit, float]]:
        """The units that define what the changed lines use."""
        for user, names in self._written.items():
            known = self._known(names)
            for name, score in known:
                for definer in self._definers[name]:
                    if definer == user and name in self._defined[user]:
                        continue
                    seen = definer == user or definer in self._graph.uses[user]
                    value = _USED * score * (1.0 if seen else _UNSEEN)
                    for unit in self._defining(definer, name):
                        yield definer, unit, value

    def _users(self) -> Iterator[tuple[int, Unit, float]]:
        """The units that use what was changed."""
        names: dict[str, int] = {}
        for definer, defined in self._defined.items():
            names.update((name, definer) for name, _ in self._known(defined))
        if not names:
            return
        spelled = {name.encode("utf-8", "surrogatepass") for name in names}
        shown: dict[str, int] = {}
        for position, source in enumerate(self._graph.sources):
            if not source.text:
                continue
            for each in sorted(words(source.text) & spelled):
                name = each.decode("utf-8", "surrogatepass")
                definer = names[name]
                shown[name] = shown.get(name, 0) + 1
                if shown[name] > _MAX_USERS:
                    continue
                is_test = document_kind(source.path) == "test"
                seen = definer == position or definer in self._graph.uses[position]
                score = (_TEST if is_test else _USER) * self._score(name)
                for unit in self._writing(position, name)[:_MAX_UNITS]:
                    yield position, unit, score * (1.0 if seen else _UNSEEN)

    def _known(self, names: AbstractSet[str]) -> list[tuple[str, float]]:
        """The names that few files define, with what they count, the highest first."""
        few = [
            (name, self._score(name))
            for name in sorted(names)
            if 0 < len(self._definers.get(name, ())) <= _MAX_DEFINERS
        ]
        few.sort(key=lambda each: -each[1])
        return few[:_MAX_NAMES]

    def _score(self, name: str) -> float:
        return weight_of(name) / len(self._definers[name])

    def _defining(self, position: int, name: str) -> list[Unit]:
        """The units of a file whose titles have a name, or which start what has it."""
        number = self._graph.sources[position].number
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        family = self._graph.sources[position].family
        lines = self._units.lines(number)
        return [
            unit
            for unit in self._units.with_lines(number, _lines_with(lines, pattern))
            if name in definitions(lines.slice(unit.first, unit.last), family)
        ][:_MAX_UNITS]

    def _writing(self, position: int, name: str) -> list[Unit]:
        """The units of a file that write a name other than in an import."""
        number = self._graph.sources[position].number
        lines = self._units.lines(number)
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        uses = [
            line
            for line in _lines_with(lines, pattern)
            if not _IMPORT.match(lines.slice(line, line + 1))
        ]
        return self._units.with_lines(number, uses)


_IMPORT = re.compile(r"\s*(?:from|import|use|using|require|include|#\s*include|export\s*[{*])\b")


def _lines_with(lines: Lines, pattern: re.Pattern[str]) -> list[int]:
    """The numbers of the lines that match, in order."""
    return sorted({lines.of(match.start()) for match in pattern.finditer(lines.text)})
