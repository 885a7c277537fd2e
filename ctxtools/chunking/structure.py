"""What a chunker asks of the blocks of a document: places, headings, headers, kinds."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter

from ctxtools.chunking.block import Block

_PLAIN = {"section", "paragraph", "text"}
_NO_THING = {"heading", "rule"}  # beside what else a chunk has
_OPEN = {"class", "function", "object", "array", "element"}  # what is inside may be named
_start = attrgetter("start")


class Structure:
    """The blocks of one document; without any, a plain text.

    Args:
        blocks: the outermost ones, in order. All places are in characters of the document.
        titled: whether headers are to have titles.
    """

    def __init__(self, blocks: Sequence[Block] = (), *, titled: bool = False) -> None:
        self.blocks = blocks
        self._titled = titled

    def around(self, place: int) -> list[Block]:
        """The blocks that a place lies in (or starts), from the outermost on."""
        path: list[Block] = []
        blocks = self.blocks
        while (i := bisect_right(blocks, place, key=_start)) and place < blocks[i - 1].end:
            path.append(blocks[i - 1])
            blocks = blocks[i - 1].children
        return path

    def headings(self, place: int) -> tuple[str, ...]:
        """The titles of the blocks around a place."""
        return tuple(block.title for block in self.around(place) if block.title)

    def header(self, start: int, place: int) -> tuple[str, str]:
        """What tells a reader of ``text[start:]`` where the place in it is from, and is not in it.

        Args:
            start: where the reader starts, overlap included.
            place: where what is new to the reader starts.

        Returns:
            (the titles of the blocks around the place that start before the text does; the rows
            that head the innermost table that the text starts in). Each is "" where there are
            none.
        """
        before = [block for block in self.around(place) if block.start < start]
        titles = [block.title for block in before if block.title and self._titled]
        repeats = [b.repeat for b in before if b.repeat and start >= b.start + len(b.repeat)]
        return _joined(titles), repeats[-1] if repeats else ""

    @cached_property
    def header_changes(self) -> tuple[list[int], list[tuple[str, str]]]:
        """What ``header(place, place)`` is, for all places at once.

        Returns:
            (places where it changes, in order, from 0 on; what it is from each of them on).
        """
        changes = [(0, ("", ""))]
        self._add_changes(changes, self.blocks, [], "")
        changes.sort(key=itemgetter(0))
        return [place for place, _ in changes], [header for _, header in changes]

    def _add_changes(
        self,
        changes: list[tuple[int, tuple[str, str]]],
        blocks: Sequence[Block],
        around: list[str],
        repeat: str,
    ) -> None:
        for start, end, _, _, title, _, rows, children in blocks:
            titles = around
            if title and self._titled:
                titles = [*around, title]
                changes.append((start + 1, (_joined(titles), repeat)))
            if rows:
                changes.append((start + len(rows), (_joined(titles), rows)))
            if children:
                self._add_changes(changes, children, titles, rows or repeat)
            if rows or titles is not around:
                changes.append((end, (_joined(around), repeat)))

    def kind(self, start: int, end: int) -> str:
        """What ``text[start:end]`` is a part of; "mixed" where it is several things."""
        kinds = _kinds(self.blocks, start, end)
        if len(kinds) > 1:
            return "mixed"
        return kinds.pop() if kinds else "text"

    def marks(
        self, start: int, end: int, fits: Callable[[int, int], bool]
    ) -> tuple[dict[int, int], list[tuple[int, int]]]:
        """The places in ``start < place < end`` that blocks start at, and what is kept whole.

        Args:
            start, end: a part of the document.
            fits: whether the part of the document between two places can be kept whole.

        Returns:
            (places -> how good a cut there is: that of the outermost block that starts there;
            the stretches not to cut, disjoint and in order).
        """
        marks: dict[int, int] = {}
        whole: list[tuple[int, int]] = []
        _mark(self.blocks, start, end, fits, marks, whole)
        return marks, whole


def _mark(
    blocks: Sequence[Block],
    start: int,
    end: int,
    fits: Callable[[int, int], bool],
    marks: dict[int, int],
    whole: list[tuple[int, int]],
) -> None:
    for i in range(_first(blocks, start), len(blocks)):
        first, last, _, strength, _, is_whole, _, children = blocks[i]
        if first >= end:
            return
        if last <= start:
            continue
        if first > start:
            marks.setdefault(first, strength)
        if is_whole and start <= first and last <= end and fits(first, last):
            whole.append((first, last))
        elif children:
            _mark(children, start, end, fits, marks, whole)


def _joined(titles: Sequence[str]) -> str:
    return " > ".join(titles) + "\n\n" if titles else ""


def _first(blocks: Sequence[Block], start: int) -> int:
    """The number of the first block that may reach beyond a place."""
    if not blocks or blocks[0].start >= start:
        return 0
    return bisect_right(blocks, start, key=_start) - 1


def _kinds(blocks: Sequence[Block], start: int, end: int) -> set[str]:
    """The kinds of things in ``text[start:end]``; the innermost where it is all in one."""
    kinds: set[str] = set()
    for i in range(_first(blocks, start), len(blocks)):
        first, last, kind, _, _, _, _, children = blocks[i]
        if first >= end or len(kinds) > 1:
            break
        if last <= start or kind in _NO_THING:
            continue
        if kind in _PLAIN:
            kinds |= _kinds(children, start, end) or {"text"}
            continue
        inner = _only(children, start, min(end, last), kind) if kind in _OPEN else None
        kinds |= _kinds([inner], start, end) if inner else {kind}
    return kinds


def _only(children: Sequence[Block], start: int, end: int, kind: str) -> Block | None:
    """The one of a block's children that ``text[start:end]`` is a part of; None if there is none.

    What is between children is white space, commas and closing brackets, and is passed over where
    it is behind the child; only in an element it may be text.
    """
    number = _first(children, start)
    if number == len(children):
        return None
    child = children[number]
    is_last = number + 1 == len(children)
    until = child.end if kind == "element" else end if is_last else children[number + 1].start
    return child if child.start <= start < child.end and end <= until else None
