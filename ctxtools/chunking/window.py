"""One window of a document: where its chunks start and end, and that none is above the limit."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from ctxtools import _core
from ctxtools._core.longest_pieces import cut_into_pieces
from ctxtools._core.types import CutPoints, Strength
from ctxtools.chunking.costs import EVENNESS, PENALTIES
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure

_start, _end = attrgetter("start"), attrgetter("end")


@dataclass(slots=True)
class Span:
    """A chunk to be. Places are in characters of its window.

    Attributes:
        start: where its slice starts.
        own: where what the chunk before does not have starts: behind the overlap.
        end: where it ends.
        strength: how good the cut at its end is.
        text: the header, and the slice.
        header: what is put before the slice.
        tokens: those of the text, counted.
        shortened: it has less overlap than was asked for.
        dropped: its header, or a part of it, was left out.
        oversize: it is one character above the limit.
        start_byte, end_byte: where it starts and ends in the window's UTF-8.
        start_line: the number of line feeds before it in the window.
        children: the smaller chunks inside.
    """

    start: int
    own: int
    end: int
    strength: int
    text: str = ""
    header: str = ""
    tokens: int = 0
    shortened: bool = False
    dropped: bool = False
    oversize: bool = False
    start_byte: int = 0
    end_byte: int = 0
    start_line: int = 0
    children: Sequence["Span"] = ()


class Window:
    """A stretch of a document that is cut at once.

    Args:
        text: the stretch.
        offset: where it starts in the document, in characters.
        counter: the counter.
        structure: the blocks of the document.
        settings: what was asked for.
    """

    def __init__(
        self, text: str, offset: int, counter: TextCounter, structure: Structure, settings: Settings
    ) -> None:
        self._text, self._offset = text, offset
        self._counter, self._structure, self._settings = counter, structure, settings
        self._is_plain = not settings.chunk_overlap and not structure.blocks  # texts are slices
        self._index = counter.index(text)
        self._header_tokens: dict[str, int] = {"": 0}
        self._costs: dict[int, tuple[Sequence[int], Sequence[int]]] = {}  # see _header_costs

    def spans(self, own: int) -> Sequence[Span]:
        """The largest chunks from a place on, each with the smaller ones inside."""
        whole = Span(0, own, len(self._text), Strength.SECTION)
        parents = [whole]
        for limit in self._settings.chunk_sizes:
            self._cut_all(parents, limit)
            parents = [child for parent in parents for child in parent.children]
            self._locate(parents)
        return whole.children

    def start_before(self, spans: Sequence[Span], number: int) -> Span:
        """The span with whose start a window may start that goes on with the span of a number, so
        that this has what it asks for of the text before it."""
        own, overlap = spans[number].own, self._settings.chunk_overlap
        while number and self._index.count(spans[number].start, own) < overlap:
            number -= 1
        return spans[number]

    def _cut_all(self, parents: list[Span], limit: int) -> None:
        """Gives each of the consecutive parents its children."""
        places = self._places(parents, limit)
        starts = self._burdened(places, limit)
        first = 0
        for parent in parents:
            last = bisect_left(places.offsets, parent.end, first)
            part = slice(first, last + 1)
            problem = starts[part], places.sums_to[part], places.strengths[part], PENALTIES, limit
            if self._settings.strategy == "greedy":
                cuts = _core.greedy_cuts(*problem)
            else:
                cuts = _core.optimal_cuts(*problem, self._settings.min_size, EVENNESS)
            apart = _apart([first + i for i in cuts], places)
            spans = self._spans(places, apart, limit, parent)
            parent.children = self._certified(spans, limit, parent)
            first = last

    def _places(self, parents: list[Span], limit: int) -> CutPoints:
        """Where the parents' text may be cut."""
        settings, offset = self._settings, self._offset
        end = offset + len(self._text)
        marks, whole = self._structure.cut_constraints(offset, end, self._fitting_whole(limit))
        blocks = sorted(marks.items())
        return CutPoints(
            *self._index.cut_points(
                parents[0].own,
                limit,
                limit - settings.chunk_overlap - (limit // 2 if settings.header else 0),
                (
                    [place - offset for place, _ in blocks],
                    bytes(strength for _, strength in blocks),
                ),
                ([start - offset for start, _ in whole], [end - offset for _, end in whole]),
                [parent.end for parent in parents[:-1]],
            )
        )

    def _fitting_whole(self, limit: int) -> Callable[[int, int], bool]:
        """What says whether a part of the document fits into a chunk, with overlap and header."""
        index, offset, room = self._index, self._offset, limit - self._settings.chunk_overlap
        # No character has more tokens than bytes; so what is small needs no counter.
        sure = 0
        if index.additive and self._structure.blocks:
            headers = max(self._header_costs(limit)[1])
            sure = (room - headers) // (1 if self._text.isascii() else 4)

        def fits(start: int, end: int) -> bool:
            if end - start <= sure:
                return True
            tokens = index.count(start - offset, end - offset)
            return tokens + self._header_cost(start, limit) <= room

        return fits

    def _burdened(self, places: CutPoints, limit: int) -> memoryview:
        """The starts of the places, with overlap and header as a part of what follows each.

        Neither takes room from what cannot be cut: that has at most the limit.
        """
        overlap, starts = self._settings.chunk_overlap, places.sums_from
        if self._is_plain:
            return starts
        at, headers = self._header_costs(limit)
        burdened, first = memoryview(array("q", starts)), 0
        for change, tokens in zip([*at[1:], None], headers, strict=True):
            last = len(starts) - 1
            if change is not None:
                last = bisect_left(places.offsets, change - self._offset, first, last)
            if more := overlap + tokens:
                parts = zip(starts[first:last], places.sums_to[first + 1 : last + 1], strict=True)
                burdened[first:last] = array(
                    "q", [max(start - more, end - limit) for start, end in parts]
                )
            first = last
        if not self._offset and not places.offsets[0]:
            burdened[0] = starts[0]
        return burdened

    def _header_cost(self, place: int, limit: int) -> int:
        """The tokens of the header of what starts at a place, which is in the document."""
        at, tokens = self._header_costs(limit)
        return tokens[bisect_right(at, place) - 1]

    def _header_costs(self, limit: int) -> tuple[Sequence[int], Sequence[int]]:
        """Places of the document where the header changes, and its tokens from each of them on."""
        if limit not in self._costs:
            at, headers = self._structure.header_changes
            here = slice(
                bisect_right(at, self._offset) - 1, bisect_right(at, self._offset + len(self._text))
            )
            every = {part for header in headers[here] for part in (*header, "".join(header))}
            new = [header for header in every if header not in self._header_tokens]
            self._header_tokens.update(zip(new, self._counter.count_batch(new), strict=True))
            tokens = [self._tokens(self._fitting(*each, limit // 2)) for each in headers[here]]
            self._costs[limit] = at[here], tokens
        return self._costs[limit]

    def _spans(
        self, places: CutPoints, cuts: Sequence[int], limit: int, parent: Span
    ) -> list[Span]:
        """The chunks between chosen places."""
        at = array("I", map(places.offsets.__getitem__, cuts))
        starts, ends = at[:-1], at[1:]
        oversize = frozenset(places.oversize)
        if self._is_plain:
            texts = self._index.slices(starts, ends)
            strengths = map(places.strengths.__getitem__, cuts[1:])
            return [
                Span(start, start, end, strength, text, oversize=start in oversize)
                for start, end, strength, text in zip(starts, ends, strengths, texts, strict=True)
            ]
        overlaps = self._index.overlap_starts(starts, self._settings.chunk_overlap)
        spans = []
        for start, i, j in zip(overlaps, cuts, cuts[1:], strict=False):
            span = Span(start, places.offsets[i], places.offsets[j], places.strengths[j])
            span.oversize = places.offsets[i] in oversize
            self._furnish(span, limit, limit - (places.sums_to[j] - places.sums_from[i]), parent)
            spans.append(span)
        return spans

    def _furnish(self, span: Span, limit: int, spare: int, parent: Span) -> None:
        """Gives a span its header, and as much of the overlap asked for as there is room for."""
        settings, asked = self._settings, span.start
        if self._is_plain:
            span.text = self._text[span.start : span.end]
            return
        if span.oversize:
            span.start, spare = span.own, 0
        elif span.start < parent.start:
            span.start = parent.start
            if self._index.count(span.start, span.own) > settings.chunk_overlap:
                span.start = span.own  # less text may have more tokens, where counts do not add up
        span.header, span.dropped = self._header(span.start, span.own, limit, spare)
        room = max(0, spare - self._tokens(span.header))
        if room < settings.chunk_overlap and span.start < span.own:
            shorter = self._index.overlap_starts(array("I", [span.own]), room)[0]
            span.start = max(span.start, shorter)
        joined = span.own + self._offset > 0 and settings.chunk_overlap > 0
        span.shortened = joined and (span.start > asked or span.start == span.own)
        span.text = span.header + self._text[span.start : span.end]

    # Headers

    def _header(self, start: int, own: int, limit: int, room: int) -> tuple[str, bool]:
        """The header of what starts there, and whether it had to be made smaller."""
        if not self._structure.blocks:
            return "", False
        titles, rows = self._structure.header(start + self._offset, own + self._offset)
        header = self._fitting(titles, rows, min(room, limit // 2)) if room else ""
        return header, header != titles + rows

    def _fitting(self, titles: str, rows: str, most: int) -> str:
        """Of a header what has at most so many tokens."""
        for header in (titles + rows, rows, titles):
            if self._tokens(header) <= most:
                return header
        return ""

    def _tokens(self, header: str) -> int:
        tokens = self._header_tokens.get(header)
        if tokens is None:
            tokens = self._header_tokens[header] = self._counter.count_batch([header])[0]
        return tokens

    # Certainty, and places

    def _certified(self, spans: list[Span], limit: int, parent: Span) -> list[Span]:
        """The spans with their tokens counted; those above the limit are mended."""
        self._count(spans)
        if all(span.tokens <= limit for span in spans):
            return spans
        certified, waiting = [], spans[::-1]
        while waiting:
            span = waiting.pop()
            if span.tokens <= limit or span.oversize:
                certified.append(span)
                continue
            mended = self._mended(span, limit, parent)
            self._count(mended)
            waiting += reversed(mended)
        return certified

    def _count(self, spans: Sequence[Span]) -> None:
        """Counts the text of each span.

        An index that is additive says of a part of the text what counter it alone would say. Text
        with a header before it, and any other index's, is counted.
        """
        parts: list[Span] = []
        texts: list[Span] = []
        for span in spans:
            (texts if span.header or not self._index.additive else parts).append(span)
        starts, ends = array("I", map(_start, parts)), array("I", map(_end, parts))
        for span, tokens in zip(parts, self._index.counts(starts, ends), strict=True):
            span.tokens = tokens
        counts = self._counter.count_batch([span.text for span in texts])
        for span, tokens in zip(texts, counts, strict=True):
            span.tokens = tokens

    def _locate(self, spans: Sequence[Span]) -> None:
        """Gives consecutive spans their places in bytes and lines."""
        bytes_, lines = self._index.positions(array("I", map(_start, spans)))
        ends, _ = self._index.positions(array("I", map(_end, spans)))
        for span, start, end, line in zip(spans, bytes_, ends, lines, strict=True):
            span.start_byte, span.end_byte, span.start_line = start, end, line

    def _mended(self, span: Span, limit: int, parent: Span) -> list[Span]:
        """A span above the limit with less overlap, in two or more, or without its header."""
        excess = span.tokens - limit
        if span.start < span.own:
            overlap = self._index.count(span.start, span.own)
            # Little is taken from the overlap; for more, the chunk itself is cut.
            if excess <= max(2, overlap // 8) or not self._middle(span):
                rest = array("I", [span.own])
                shorter = self._index.overlap_starts(rest, max(0, overlap - excess))[0]
                span.start = shorter if shorter > span.start else span.own
                span.shortened = True
                span.text = span.header + self._text[span.start : span.end]
                return [span]
        if middle := self._middle(span):
            return self._cut_at([middle], span, limit, parent)
        if span.header:
            span.header, span.dropped = "", True
            span.text = self._text[span.start : span.end]
            return [span]
        if span.end - span.own == 1:
            span.oversize = True
            return [span]
        ends: Sequence[int] = self._index.cluster_ends(span.own, span.end)
        if len(ends) == 1:
            ends = range(span.own + 1, span.end + 1)
        pieces = cut_into_pieces(
            span.own, ends, max(1, limit - self._settings.chunk_overlap), self._index.count
        )
        return self._cut_at([(end, Strength.NONE) for end, _ in pieces[:-1]], span, limit, parent)

    def _middle(self, span: Span) -> tuple[int, int] | None:
        """The strongest place in the middle of a span, and its strength; None if there is none."""
        for level in sorted(Strength, reverse=True):
            at, strengths = self._index.boundaries(level, span.own, span.end)
            if len(at):
                middle = (span.own + span.end) / 2
                best = min(range(len(at)), key=lambda i: abs(at[i] - middle))
                return at[best], strengths[best]
        return None

    def _cut_at(
        self, cuts: Sequence[tuple[int, int]], span: Span, limit: int, parent: Span
    ) -> list[Span]:
        """A span in several, with overlap and header each."""
        spans, own, start = [], span.own, span.start
        for end, strength in (*cuts, (span.end, span.strength)):
            spare = limit - self._index.count(own, end)
            part = Span(start, own, end, strength)
            self._furnish(part, limit, spare, parent)
            spans.append(part)
            own = end
            start = self._index.overlap_starts(array("I", [own]), self._settings.chunk_overlap)[0]
        return spans


def _apart(cuts: list[int], places: CutPoints) -> list[int]:
    """The cuts, and one behind each character above the limit: what follows may have no tokens."""
    oversize = frozenset(places.oversize)
    if not oversize:
        return cuts
    return sorted({*cuts, *(i + 1 for i in cuts[:-1] if places.offsets[i] in oversize)})
