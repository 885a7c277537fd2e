"""No span is above the limit: those that are, by their exact count, are repaired."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

from ctxtools._core.cut_types import Numbers
from ctxtools._core.longest_pieces import cut_into_pieces
from ctxtools._core.types import Strength, TokenIndex
from ctxtools.chunking.cutting.assemble import Assembler
from ctxtools.chunking.cutting.spans import Span

_tokens = attrgetter("tokens")


class Repairer:
    """Repairs the spans of one look-ahead window.

    Args:
        index: the look-ahead window's token index.
        assembler: makes the window's spans.
        overlap: tokens of overlap asked for.
    """

    def __init__(self, index: TokenIndex, assembler: Assembler, overlap: int) -> None:
        self._index, self._assembler, self._overlap = index, assembler, overlap
        self._atomic: Numbers = (), ()

    def repaired(
        self,
        spans: list[Span],
        limit: int,
        parents: Sequence[Span],
        atomic: Numbers,
    ) -> list[Span]:
        """The spans, each of at most the limit or one character.

        Args:
            spans: those that the index cut.
            limit: the maximum tokens of a span.
            parents: the larger spans that they are in.
            atomic: the starts and ends of what is cut only if nothing else can be.
        """
        self._atomic = atomic
        if max(map(_tokens, spans), default=0) <= limit:
            return spans
        parent_ends = [parent.end for parent in parents]
        done, waiting = [], spans[::-1]
        while waiting:
            span = waiting.pop()
            if span.tokens <= limit or span.oversize:
                done.append(span)
                continue
            parent = parents[bisect_right(parent_ends, span.body_start)]
            waiting += reversed(self._repair(span, limit, parent.start))
        return done

    def _repair(self, span: Span, limit: int, earliest: int) -> list[Span]:
        """A span above the limit with less overlap, in two or more, or without its header."""
        excess = span.tokens - limit
        if span.start < span.body_start:
            overlap = self._index.count(span.start, span.body_start)
            # Little is taken from the overlap; for more, the chunk itself is cut.
            if excess <= max(2, overlap // 8) or not self._middle(span):
                start = self._assembler.overlap_start(span.body_start, max(0, overlap - excess))
                start = start if start > span.start else span.body_start
                return [self._assembler.with_start(span._replace(shortened=True), start)]
        if middle := self._middle(span):
            return self._split([middle], span, limit, earliest)
        if span.header:
            return [self._assembler.without_header(span)]
        if span.end - span.body_start == 1:
            return [span._replace(oversize=True)]
        ends: Sequence[int] = self._index.cluster_ends(span.body_start, span.end)
        if len(ends) == 1:
            ends = range(span.body_start + 1, span.end + 1)
        pieces = cut_into_pieces(
            span.body_start, ends, max(1, limit - self._overlap), self._index.count
        )
        cuts = [(end, int(Strength.NONE)) for end, _ in pieces[:-1]]
        return self._split(cuts, span, limit, earliest)

    def _middle(self, span: Span) -> tuple[int, int] | None:
        """The strongest boundary near the middle of a span, and its strength; None without any.

        In an atomic span only if there is none outside, and no start or end of such a span.
        """
        middle = (span.body_start + span.end) / 2

        def nearest(found: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
            return min(found, key=lambda cut: abs(cut[0] - middle), default=None)

        inside = None
        for strength in sorted(Strength, reverse=True):
            columns = self._index.boundaries(strength, span.body_start, span.end)
            found = [*zip(*columns, strict=True)]
            if outside := nearest(cut for cut in found if not self._is_in_atomic(cut[0])):
                return outside
            inside = inside or nearest(found)
        return nearest(self._atomic_ends(span)) or inside

    def _is_in_atomic(self, offset: int) -> bool:
        starts, ends = self._atomic
        number = bisect_left(starts, offset) - 1
        return number >= 0 and offset < ends[number]

    def _atomic_ends(self, span: Span) -> Iterable[tuple[int, int]]:
        """The starts and ends of atomic spans in a span, as cuts without strength."""
        starts, ends = self._atomic
        first = bisect_right(ends, span.body_start)
        last = bisect_left(starts, span.end)
        for number in range(first, last):
            for offset in (starts[number], ends[number]):
                is_in = span.body_start < offset < span.end
                if is_in and not self._index.is_inside_cluster(offset):
                    yield offset, Strength.NONE

    def _split(
        self, cuts: Sequence[tuple[int, int]], span: Span, limit: int, earliest: int
    ) -> list[Span]:
        """A span in several, with overlap and header each."""
        spans, body_start, start = [], span.body_start, span.start
        for end, strength in (*cuts, (span.end, span.strength)):
            spans.append(self._assembler.make(start, body_start, end, strength, limit, earliest))
            body_start = end
            start = self._assembler.overlap_start(body_start, self._overlap)
        return spans
