"""Queries on the blocks of a document: where it may be cut, and the headings, header and kind of a
span."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from ctxtools._core.windows import kernel_structure
from ctxtools.chunking.block import Block, Parsed

if TYPE_CHECKING:
    from ctxtools._core import Structure as KernelStructure

_PLAIN = {"section", "paragraph", "text"}
_IGNORED = {"heading", "rule"}  # for the kind of a chunk
_TRANSPARENT = {"class", "function", "object", "array", "element"}  # a child may name the kind
_start = attrgetter("start")
_NOTHING = Parsed()

# Text after the last child of a block is what closes it, such as brackets or an end tag, if it has
# at most that many characters.
_MAX_CLOSING = 24

Header = tuple[str, str]
"""The titles that a chunk lacks, and the header rows or the like."""


class Structure:
    """The blocks of one document; none for plain text.

    Args:
        parsed: what its parser found. All offsets are in characters of the document.
        text: the document.
        with_titles: whether headers contain titles.
    """

    def __init__(
        self, parsed: Parsed = _NOTHING, text: str = "", *, with_titles: bool = False
    ) -> None:
        self._parsed, self._text = parsed, text
        self._with_titles = with_titles
        self._sections: tuple[int, list[int]] = 0, []  # the last level asked for, and its sections

    @property
    def is_empty(self) -> bool:
        """Whether there are no blocks."""
        return self._parsed.is_empty

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The outermost blocks."""
        return self._parsed.blocks

    @cached_property
    def kernel(self) -> "KernelStructure | None":
        """The same, by which the kernel cuts; None if it cannot."""
        blocks = None
        if not self.is_empty or self._parsed.inline:
            try:
                blocks = self._parsed.columns
            except OverflowError:
                return None
        return kernel_structure(blocks, self._text, self._with_titles)

    def enclosing(self, offset: int) -> list[Block]:
        """The blocks that contain an offset (or start there), the outermost first; if what closes a
        block starts there, those around what follows that."""
        return self._around(self._after_closings(offset))

    def _around(self, offset: int) -> list[Block]:
        path: list[Block] = []
        blocks = self.blocks
        while (i := bisect_right(blocks, offset, key=_start)) and offset < blocks[i - 1].end:
            path.append(blocks[i - 1])
            blocks = blocks[i - 1].children
        return path

    def _after_closings(self, offset: int) -> int:
        """The offset after the brackets or end tags that close blocks there."""
        while (path := self._around(offset)) and offset >= self.closing(path[-1]):
            offset = path[-1].end
        return offset

    def closing(self, block: Block) -> int:
        """Where the text starts that closes a block, after its last child; its end if there is
        none."""
        if not block.children:
            return block.end
        last = block.children[-1].end
        length = len(self._text[last : block.end].strip())
        return last if 0 < length <= _MAX_CLOSING else block.end

    def between(self, start: int, end: int) -> list[Block]:
        """The blocks that have a part in ``start..end``, each before those inside it."""
        found: list[Block] = []
        _add_between(self.blocks, start, end, found)
        return found

    def inline_between(self, start: int, end: int) -> Sequence[tuple[int, int]]:
        """The spans in ``start..end`` that are not cut inside where they fit."""
        return _within(self._parsed.inline, start, end)

    def sections_between(self, start: int, end: int, max_level: int) -> Sequence[int]:
        """Where the sections of a heading of at most that level start in ``start..end``."""
        starts = self._section_starts(max_level)
        return starts[bisect_left(starts, start) : bisect_left(starts, end)]

    def _section_starts(self, max_level: int) -> list[int]:
        if self._sections[0] != max_level:
            starts, _, _, _, _, levels, *_ = self._parsed.columns.columns
            found = [
                start for start, level in zip(starts, levels, strict=True) if 0 < level <= max_level
            ]
            self._sections = max_level, found
        return self._sections[1]

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
        repeats = [b.repeat for b in before if b.repeat and start >= b.body]
        return _joined(titles), repeats[-1] if repeats else ""

    @cached_property
    def header_changes(self) -> tuple[list[int], list[Header]]:
        """``header(offset, offset)`` of all offsets at once.

        Returns:
            (offsets where it changes, in order, from 0; its value from each of them on).
        """
        nothing = "", ""
        changes = [(0, nothing)]
        self._add_changes(changes, self.blocks, [], nothing, nothing)
        changes.sort(key=itemgetter(0))
        return [offset for offset, _ in changes], [header for _, header in changes]

    def _add_changes(
        self,
        changes: list[tuple[int, Header]],
        blocks: Sequence[Block],
        outer_titles: list[str],
        outer: Header,
        after: Header,
    ) -> None:
        """Adds those inside of blocks.

        Args:
            outer_titles, outer: the titles around them, and the header.
            after: the header of what follows the last of them.
        """
        last = len(blocks) - 1
        for number, block in enumerate(blocks):
            titles, header = outer_titles, outer
            if block.title and self._with_titles:
                titles = [*outer_titles, block.title]
                header = _joined(titles), outer[1]
                changes.append((block.start + 1, header))
            if block.repeat:
                header = header[0], block.repeat
                changes.append((block.body, header))
            following = after if number == last else outer
            if block.children:
                closing = self.closing(block)
                ends = closing == block.end > block.children[-1].end
                self._add_changes(
                    changes, block.children, titles, header, header if ends else following
                )
                if closing < block.end:
                    changes.append((closing, following))
            changes.append((block.end, outer))

    def kind(self, start: int, end: int) -> str:
        """The kind of the block that ``text[start:end]`` is from; "mixed" if from several kinds."""
        first = self._after_closings(start)
        start = first if first < end else start
        kinds = _kinds(self.blocks, start, end)
        if len(kinds) > 1:
            return "mixed"
        return kinds.pop() if kinds else "text"


def _add_between(blocks: Sequence[Block], start: int, end: int, found: list[Block]) -> None:
    for i in range(_first(blocks, start), len(blocks)):
        block = blocks[i]
        if block.start >= end:
            return
        if block.end > start:
            found.append(block)
            if block.children:
                _add_between(block.children, start, end, found)


def _within(spans: Sequence[tuple[int, int]], start: int, end: int) -> Sequence[tuple[int, int]]:
    """Those of spans in order that lie in ``start..end``."""
    first = bisect_left(spans, start, key=itemgetter(0))
    last = bisect_left(spans, end, lo=first, key=itemgetter(0))
    return [span for span in spans[first:last] if span[1] <= end]


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
        first, last, kind, _, _, _, _, children, *_ = blocks[i]
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
