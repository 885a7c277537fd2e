"""Queries on the blocks of a document: where it may be cut, and the headings, header and kind of a
span."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter

from ctxtools.chunking.block import Block

_PLAIN = {"section", "paragraph", "text"}
_IGNORED = {"heading", "rule"}  # for the kind of a chunk
_TRANSPARENT = {"class", "function", "object", "array", "element"}  # a child may name the kind
_start = attrgetter("start")


class Structure:
    """The blocks of one document; none for plain text.

    Args:
        blocks: the outermost ones, in order. All offsets are in characters of the document.
        with_titles: whether headers contain titles.
    """

    def __init__(self, blocks: Sequence[Block] = (), *, with_titles: bool = False) -> None:
        self.blocks = blocks
        self._with_titles = with_titles

    def enclosing(self, offset: int) -> list[Block]:
        """The blocks that contain an offset (or start there), the outermost first."""
        path: list[Block] = []
        blocks = self.blocks
        while (i := bisect_right(blocks, offset, key=_start)) and offset < blocks[i - 1].end:
            path.append(blocks[i - 1])
            blocks = blocks[i - 1].children
        return path

    def headings(self, offset: int) -> tuple[str, ...]:
        """The titles of the blocks around an offset."""
        return tuple(block.title for block in self.enclosing(offset) if block.title)

    def header(self, start: int, body_start: int) -> tuple[str, str]:
        """The context that ``text[start:]`` lacks: what to put before a chunk.

        Args:
            start: where the chunk starts, overlap included.
            body_start: where it starts after the overlap.

        Returns:
            (the titles of the blocks around ``body_start`` that start before the chunk does; the
            header rows of the innermost table that the chunk starts in). Each may be "".
        """
        before = [block for block in self.enclosing(body_start) if block.start < start]
        titles = [block.title for block in before if block.title and self._with_titles]
        repeats = [b.repeat for b in before if b.repeat and start >= b.start + len(b.repeat)]
        return _joined(titles), repeats[-1] if repeats else ""

    @cached_property
    def header_changes(self) -> tuple[list[int], list[tuple[str, str]]]:
        """``header(offset, offset)`` of all offsets at once.

        Returns:
            (offsets where it changes, in order, from 0; its value from each of them on).
        """
        changes = [(0, ("", ""))]
        self._add_changes(changes, self.blocks, [], "")
        changes.sort(key=itemgetter(0))
        return [offset for offset, _ in changes], [header for _, header in changes]

    def _add_changes(
        self,
        changes: list[tuple[int, tuple[str, str]]],
        blocks: Sequence[Block],
        outer_titles: list[str],
        outer_rows: str,
    ) -> None:
        for start, end, _, _, title, _, rows, children in blocks:
            titles = outer_titles
            if title and self._with_titles:
                titles = [*outer_titles, title]
                changes.append((start + 1, (_joined(titles), outer_rows)))
            if rows:
                changes.append((start + len(rows), (_joined(titles), rows)))
            if children:
                self._add_changes(changes, children, titles, rows or outer_rows)
            if rows or titles is not outer_titles:
                changes.append((end, (_joined(outer_titles), outer_rows)))

    def kind(self, start: int, end: int) -> str:
        """The kind of the block that ``text[start:end]`` is from; "mixed" if from several kinds."""
        kinds = _kinds(self.blocks, start, end)
        if len(kinds) > 1:
            return "mixed"
        return kinds.pop() if kinds else "text"

    def cut_constraints(
        self, start: int, end: int, fits: Callable[[int, int], bool]
    ) -> tuple[dict[int, int], list[tuple[int, int]]]:
        """Where ``text[start:end]`` should be cut, and where it must not be.

        Args:
            start, end: offsets in the document.
            fits: whether the span between two offsets fits into a chunk.

        Returns:
            (offset of each block boundary in ``start < offset < end`` -> the strength of the
            outermost block that starts there; the spans of the atomic blocks that fit, disjoint
            and in order).
        """
        boundaries: dict[int, int] = {}
        atomic: list[tuple[int, int]] = []
        _add_constraints(self.blocks, start, end, fits, boundaries, atomic)
        return boundaries, atomic


def _add_constraints(
    blocks: Sequence[Block],
    start: int,
    end: int,
    fits: Callable[[int, int], bool],
    boundaries: dict[int, int],
    atomic: list[tuple[int, int]],
) -> None:
    for i in range(_first(blocks, start), len(blocks)):
        first, last, _, strength, _, is_atomic, _, children = blocks[i]
        if first >= end:
            return
        if last <= start:
            continue
        if first > start:
            boundaries.setdefault(first, strength)
        if is_atomic and start <= first and last <= end and fits(first, last):
            atomic.append((first, last))
        elif children:
            _add_constraints(children, start, end, fits, boundaries, atomic)


def _joined(titles: Sequence[str]) -> str:
    return " > ".join(titles) + "\n\n" if titles else ""


def _first(blocks: Sequence[Block], start: int) -> int:
    """The number of the first block that may extend past an offset."""
    if not blocks or blocks[0].start >= start:
        return 0
    return bisect_right(blocks, start, key=_start) - 1


def _kinds(blocks: Sequence[Block], start: int, end: int) -> set[str]:
    """The kinds of blocks in ``text[start:end]``; of the innermost one if that contains it all."""
    kinds: set[str] = set()
    for i in range(_first(blocks, start), len(blocks)):
        first, last, kind, _, _, _, _, children = blocks[i]
        if first >= end or len(kinds) > 1:
            break
        if last <= start or kind in _IGNORED:
            continue
        if kind in _PLAIN:
            kinds |= _kinds(children, start, end) or {"text"}
            continue
        inner = None
        if kind in _TRANSPARENT:
            inner = _containing_child(children, start, min(end, last), kind)
        kinds |= _kinds([inner], start, end) if inner else {kind}
    return kinds


def _containing_child(children: Sequence[Block], start: int, end: int, kind: str) -> Block | None:
    """The child of a block of a kind that contains ``text[start:end]``; None if none does.

    Between children there is only white space, commas and closing brackets, which count as part of
    the child before them; but in an element there may be text.
    """
    number = _first(children, start)
    if number == len(children):
        return None
    child = children[number]
    is_last = number + 1 == len(children)
    until = child.end if kind == "element" else end if is_last else children[number + 1].start
    return child if child.start <= start < child.end and end <= until else None
