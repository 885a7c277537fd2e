"""A look-ahead window of a document, cut in one pass:

blocks -> where it should and must not be cut, and what headers take   structure.py headers.py
-> cut points with token sums -> choice -> overlaps and counts         TokenIndex.cut
-> overlap and header of each span                                     assemble.py
-> spans that all keep the limit                                       repair.py
"""

from collections.abc import Callable, Sequence

from ctxtools._core.types import CutOptions, Spans, Strength
from ctxtools.chunking.costs import EVENNESS, PENALTIES
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.assemble import Assembler
from ctxtools.chunking.cutting.headers import Headers
from ctxtools.chunking.cutting.repair import Repairer
from ctxtools.chunking.cutting.spans import Span, nested
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure

_Column = tuple[Sequence[int], Sequence[int]]


class LookAheadWindow:
    """A look-ahead window, which is cut as a whole.

    Args:
        text: that of the window.
        offset: where it starts in the document, in characters.
        counter: counts tokens.
        structure: the blocks of the document.
        settings: of the chunker.
    """

    def __init__(
        self, text: str, offset: int, counter: TextCounter, structure: Structure, settings: Settings
    ) -> None:
        self._text, self._offset, self._end = text, offset, offset + len(text)
        self._structure, self._settings = structure, settings
        overlap = settings.chunk_overlap
        self._is_plain = not overlap and not structure.blocks
        self._index = counter.index(text)
        self._headers = Headers(offset, self._end, counter, structure)
        self._assembler = Assembler(
            text, self._index, counter, self._headers, overlap, is_first=not offset
        )
        self._repairer = Repairer(self._index, self._assembler, overlap)

    def spans(self, body_start: int) -> Sequence[Span]:
        """The largest spans from an offset on, each with the smaller ones inside it."""
        length = len(self._text)
        all_ = Span(0, body_start, length, Strength.SECTION, "", 0, False, False, 0, 0, 0)
        parents, levels = [all_], []
        for limit in self._settings.chunk_sizes:
            cut = self._cut(parents, limit)
            spans = self._assembler.spans(cut, limit, plain=self._is_plain)
            parents = self._repairer.repaired(spans, limit, parents)
            levels.append(parents)
        return nested(levels)

    def start_before(self, spans: Sequence[Span], number: int) -> Span:
        """The span at whose start the next look-ahead window may start, so that the span it
        continues with has as much text before it as its overlap needs.

        Args:
            spans: those of this look-ahead window.
            number: of the span that the next look-ahead window continues with.
        """
        body_start, overlap = spans[number].body_start, self._settings.chunk_overlap
        while number and self._index.count(spans[number].start, body_start) < overlap:
            number -= 1
        return spans[number]

    def _cut(self, parents: Sequence[Span], limit: int) -> Spans:
        """The spans of one size, inside those of the next larger one."""
        settings = self._settings
        overlap = settings.chunk_overlap
        boundaries, atomic = self._constraints(limit)
        return Spans(
            *self._index.cut(
                parents[0].body_start,
                ([parent.start for parent in parents], [parent.end for parent in parents]),
                boundaries,
                atomic,
                self._overheads(limit),
                CutOptions(
                    limit,
                    limit - overlap - (limit // 2 if settings.header else 0),
                    overlap,
                    settings.min_size,
                    PENALTIES,
                    EVENNESS,
                    settings.strategy,
                ),
            )
        )

    def _constraints(self, limit: int) -> tuple[_Column, _Column]:
        """The boundaries of blocks with their strengths, and the spans that must not be cut."""
        found, atomic = self._structure.cut_constraints(self._offset, self._end, self._fits(limit))
        blocks, offset = sorted(found.items()), self._offset
        return (
            ([start - offset for start, _ in blocks], [strength for _, strength in blocks]),
            ([start - offset for start, _ in atomic], [end - offset for _, end in atomic]),
        )

    def _fits(self, limit: int) -> Callable[[int, int], bool]:
        """Whether a span of the document fits into a chunk, with overlap and header."""
        index, offset = self._index, self._offset
        capacity = limit - self._settings.chunk_overlap
        # No character has more tokens than bytes; so what is small need not be counted.
        sure = 0
        if index.additive and self._structure.blocks:
            headers = max(self._headers.costs(limit)[1])
            sure = (capacity - headers) // (1 if self._text.isascii() else 4)

        def fits(start: int, end: int) -> bool:
            if end - start <= sure:
                return True
            tokens = index.count(start - offset, end - offset)
            return tokens + self._headers.cost(start, limit) <= capacity

        return fits

    def _overheads(self, limit: int) -> _Column:
        """Offsets where the tokens of overlap and header change, and those tokens."""
        if self._is_plain:
            return (), ()
        offsets, tokens = self._headers.costs(limit)
        # What starts the document has no overlap, and nothing before it that a header could name.
        first = 0 if self._offset else 1
        return (
            [*range(first), *(max(first, offset - self._offset) for offset in offsets)],
            [*[0] * first, *(self._settings.chunk_overlap + more for more in tokens)],
        )
