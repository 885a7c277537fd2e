"""From the blocks of a document to the rules for cutting a look-ahead window of it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from ctxtools._core.cut_types import NEVER, CutRules
from ctxtools._core.types import Strength, TokenIndex
from ctxtools.chunking.block import Block
from ctxtools.chunking.costs import GLUED, SECTION_GLUED, Weights
from ctxtools.chunking.cutting.headers import Headers
from ctxtools.chunking.structure import Structure

# In blocks of these kinds an overlap may start at any line.
_LINES = frozenset(
    {"code", "function", "class", "statement", "imports", "comment", "list"}
    | {"object", "array", "value", "record"}
)

_MEASURED = frozenset({"heading", "row"})

_Span = tuple[int, int]


class _Open(NamedTuple):
    """A block that the walk is in.

    Attributes:
        start, end: its span.
        closing: where what closes it starts; its end if nothing does.
        cost: of a cut inside it, where no block inside it says otherwise.
        strength: from which on a boundary inside it is a good start of an overlap.
        rows: where the rows start of a table whose header is repeated; -1 of others.
    """

    start: int
    end: int
    closing: int
    cost: float
    strength: int
    rows: int


class RuleMaker:
    """Makes the rules for one look-ahead window.

    Args:
        structure: the blocks of the document.
        text: that of the window.
        offset: where it starts in the document, in characters.
        index: the token index of the text.
        headers: those of the window's chunks.
        overlap: tokens of overlap asked for.
        weights: what a chunk costs.
        within_sections: whether no overlap reaches into another section or function.
    """

    def __init__(
        self,
        structure: Structure,
        text: str,
        offset: int,
        index: TokenIndex,
        headers: Headers,
        overlap: int,
        weights: Weights,
        *,
        within_sections: bool,
    ) -> None:
        self._text, self._offset, self._index = text, offset, index
        self._headers, self._overlap, self._weights = headers, overlap, weights
        self._blocks = structure.between(offset, offset + len(text))
        self._closings = [structure.closing(block) for block in self._blocks]
        self._inline = structure.inline_between(offset, offset + len(text))
        self._sums = self._measured()
        self._walls: list[int] = []
        if within_sections:
            ends = {at for block in self._blocks if block.title for at in (block.start, block.end)}
            self._walls = [at - offset for at in sorted(ends) if 0 <= at - offset <= len(text)]

    def rules(self, limit: int) -> CutRules:
        """The rules for chunks of at most a number of tokens."""
        if not self._blocks and not self._inline:
            return CutRules(overheads=self._overheads(limit))
        walk = _Walk(self._text, self._offset, self._weights.closing)
        for block, closing in zip(self._blocks, self._closings, strict=True):
            rest = self._rest(block.start, block.end, limit) if block.atomic else -1.0
            cost = self._weights.inside(rest) if rest >= 0 else None
            is_cut = block.kind == "row" and self._is_too_large(block, limit)
            walk.enter(block, closing, cost, is_cut=is_cut)
            self._add_atomic(walk.atomic, block, limit)
        walk.leave_all()
        at = [offset for offset, _, _ in walk.steps]
        atomic = self._with_inline(walk.atomic, walk.starts, limit)
        return CutRules(
            boundaries=(walk.starts, walk.strengths),
            atomic=([start for start, _ in atomic], [end for _, end in atomic]),
            inside=(at, [cost for _, cost, _ in walk.steps]),
            overheads=self._overheads(limit),
            overlap_strengths=(at, [strength for _, _, strength in walk.steps]),
            walls=self._walls,
        )

    def _measured(self) -> dict[int, tuple[int, int]]:
        """The token sums of spans that start, and that end, where blocks do that may be atomic."""
        offsets = {self._offset}
        for block in self._blocks:
            if block.atomic or block.repeat or block.kind in _MEASURED:
                offsets.update((block.start, block.body, block.end))
        last = self._offset + len(self._text)
        ordered = sorted(at for at in offsets if self._offset <= at <= last)
        sums = self._index.measure([at - self._offset for at in ordered])
        return dict(zip(ordered, zip(*sums, strict=True), strict=True))

    def _rest(self, start: int, end: int, limit: int) -> float:
        """The share of a chunk that a span leaves empty beside overlap and header; below 0 if it
        does not fit, or is not all in the window."""
        if start not in self._sums or end not in self._sums:
            return -1.0
        room = limit - self._overlap - self._headers.cost(start, limit)
        size = self._sums[end][1] - self._sums[start][0]
        return (room - size) / room if room > 0 else -1.0

    def _is_too_large(self, block: Block, limit: int) -> bool:
        """Whether a block has to be cut, even if it had no overlap before it."""
        if block.start not in self._sums or block.end not in self._sums:
            return False
        room = limit - self._headers.cost(block.start, limit)
        return self._sums[block.end][1] - self._sums[block.start][0] > room

    def _add_atomic(self, atomic: list[_Span], block: Block, limit: int) -> None:
        """Adds what of a block is never cut if it fits: a heading, the header rows of a table."""
        end = block.end if block.kind == "heading" else block.body if block.repeat else 0
        start = block.start
        if start < end and self._rest(start, end, limit) >= 0:
            span = start - self._offset, end - self._offset
            if not atomic or atomic[-1][1] <= span[0]:
                atomic.append(span)

    def _with_inline(self, atomic: list[_Span], starts: Sequence[int], limit: int) -> list[_Span]:
        """Spans that are not cut, with those inline between them in which no block starts."""
        if not self._inline:
            return atomic
        inline = []
        number = 0  # of the first block that may start inside
        for start, end in self._fitting_inline(limit):
            number = bisect_left(starts, start + 1, number)
            if number == len(starts) or starts[number] >= end:
                inline.append((start, end))
        merged: list[_Span] = []
        for span in sorted([*atomic, *inline], key=itemgetter(0)):
            if not merged or merged[-1][1] <= span[0]:
                merged.append(span)
        return merged

    def _fitting_inline(self, limit: int) -> Iterator[_Span]:
        offset, index = self._offset, self._index
        # No character has more tokens than bytes; so what is small need not be counted.
        room = limit - self._overlap - max(self._headers.costs(limit)[1])
        sure = room // (1 if self._text.isascii() else 4) if index.additive else 0
        for start, end in self._inline:
            if end - start > sure:
                tokens = index.count(start - offset, end - offset)
                if tokens > limit - self._overlap - self._headers.cost(start, limit):
                    continue
            yield start - offset, end - offset

    def _overheads(self, limit: int) -> tuple[Sequence[int], Sequence[int]]:
        """Offsets where the tokens of overlap and header change, and those tokens."""
        if not self._overlap and not self._blocks:
            return (), ()
        offsets, tokens = self._headers.costs(limit)
        # What starts the document has no overlap, and nothing before it that a header could name.
        first = 0 if self._offset else min(1, len(self._text))
        return (
            [*range(first), *(max(first, offset - self._offset) for offset in offsets)],
            [*[0] * first, *(self._overlap + more for more in tokens)],
        )


class _Walk:
    """One walk over the blocks of a look-ahead window, each before those inside it.

    Offsets that are given are in characters of the document, those found in characters of the
    window.

    Attributes:
        starts, strengths: where blocks start inside the window, and the strength of a cut there.
        steps: offsets, and from each of them on what a cut costs beside its strength, and the
            strength from which on a boundary is a good start of an overlap.
        atomic: spans that are never cut.
    """

    def __init__(self, text: str, offset: int, closing: float) -> None:
        self._text, self._offset, self._closing = text, offset, closing
        everything = _Open(-1, len(text) + 1, len(text) + 1, 0.0, Strength.SENTENCE, -1)
        self._open = [everything]
        self.starts: list[int] = []
        self.strengths: list[int] = []
        self.steps: list[tuple[int, float, int]] = []
        self.atomic: list[_Span] = []

    def enter(self, block: Block, closing: int, cost: float | None, *, is_cut: bool) -> None:
        """Comes to a block, after having left those that end before it.

        Args:
            block: the block.
            closing: where what closes it starts.
            cost: of a cut inside it; None if that is what is around it says.
            is_cut: whether it is certain to be cut.
        """
        start, end = block.start - self._offset, block.end - self._offset
        while self._open[-1].end <= start:
            self._leave()
        outer = self._open[-1]
        if 0 < start < len(self._text) and start > outer.start:
            self._add_start(start, block, outer)
        inner = outer.cost if cost is None else cost
        strength, rows = outer.strength, -1
        if block.kind == "table" and block.repeat:
            strength, rows = NEVER, block.body - self._offset
        elif block.kind == "row" and outer.rows >= 0:
            strength = Strength.SENTENCE if is_cut else NEVER
        elif block.kind in _LINES:
            strength = Strength.LINE
        self._add_step(start + 1, inner, strength)
        self._open.append(_Open(start, end, closing - self._offset, inner, strength, rows))

    def leave_all(self) -> None:
        """Comes to the end."""
        while len(self._open) > 1:
            self._leave()

    def _add_start(self, start: int, block: Block, outer: _Open) -> None:
        """A block that starts where none around it does."""
        self.starts.append(start)
        self.strengths.append(block.strength)
        is_row = block.kind == "row" and 0 <= outer.rows <= start
        strength = Strength.NONE if is_row else outer.strength
        cost = outer.cost
        if block.strength == Strength.NONE:
            cost += SECTION_GLUED if block.kind == "section" else GLUED
            first = self._start_of_space(start, outer)
            if first < start:
                self._add_step(first, cost, outer.strength)
        self._add_step(start, cost, strength)

    def _leave(self) -> None:
        """Comes to the end of the innermost block."""
        block = self._open.pop()
        outer = self._open[-1]
        if block.closing < block.end:
            first = self._start_of_space(block.closing, block)
            self._add_step(first, block.cost + self._closing, block.strength)
        self._add_step(block.end, outer.cost, outer.strength)

    def _start_of_space(self, offset: int, block: _Open) -> int:
        """Where the white space before an offset in a block starts, which is not cut off either
        from what is before it."""
        if offset > len(self._text):
            return offset
        while offset > block.start + 1 and offset > 1 and self._text[offset - 1].isspace():
            offset -= 1
        return offset

    def _add_step(self, offset: int, cost: float, strength: int) -> None:
        """From an offset on, a cut costs something else; what was said of what is after it is
        void."""
        offset = max(offset, 0)
        while self.steps and self.steps[-1][0] >= offset:
            self.steps.pop()
        if offset < len(self._text):
            self.steps.append((offset, cost, strength))
