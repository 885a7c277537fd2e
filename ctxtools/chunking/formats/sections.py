"""Blocks in order, grouped into sections: what the parsers of markup share."""

from collections.abc import Sequence

from ctxtools._core.types import Strength
from ctxtools.chunking.block import (
    MAX_DEPTH,
    Block,
    OpenSection,
    close_sections,
    short_title,
)

DEEPEST = 10
"""The deepest level of a heading."""

NESTED = (MAX_DEPTH - DEEPEST - 2) // 2
"""How deep lists with their items, say, which are two blocks, may be nested in a section."""

_CLOSELY_FOLLOWING = frozenset({"list", "table", "code", "quote"})


class SectionBuilder:
    """Groups blocks, which are added in the order of the text, into sections.

    It says how well the text may be cut before each: not after a heading; at a line's end after a
    paragraph that introduces a list, table, block of code or quote; else as between paragraphs.

    Args:
        glued: the first block belongs to what is before it, such as the line that starts a note.
        strength: of a cut before a block, if nothing else is known of it.
    """

    def __init__(self, *, glued: bool = False, strength: Strength = Strength.PARAGRAPH) -> None:
        self._strength = strength
        self.done: list[Block] = []
        self._sections: list[OpenSection] = []
        self._after_heading, self._introduced = glued, False

    @property
    def is_after_heading(self) -> bool:
        """Whether nothing came after the last heading."""
        return self._after_heading

    def open(self, start: int, level: int, title: str) -> None:
        """Start a section, and end those of its level or deeper, without the block of a heading."""
        level = min(level, DEEPEST)
        nested = not self._sections or level > self._sections[-1][0]
        glued = self._after_heading and nested
        strength = Strength.NONE if glued else Strength.SECTION
        close_sections(self._sections, self.done, level, start)
        self._sections.append((level, start, short_title(title), strength, len(self.done)))

    def heading(self, start: int, end: int, level: int, title: str) -> None:
        """Start a section with its heading.

        Args:
            start, end: of the heading.
            level: the lower, the further out.
            title: the heading as it is read, on one line.
        """
        self.open(start, level, title)
        strength = self._sections[-1][3]
        self.done.append(Block(start, end, "heading", strength, atomic=True))
        self._after_heading, self._introduced = True, False

    def add(
        self,
        start: int,
        end: int,
        kind: str,
        *,
        atomic: bool = False,
        title: str = "",
        repeat: str = "",
        children: Sequence[Block] = (),
        repeat_from: int = 0,
        strength: Strength | None = None,
        introduces: bool = False,
    ) -> None:
        """Add a block.

        Args:
            start, end, kind, atomic, title, repeat, children, repeat_from: see `Block`.
            strength: of a cut before it; None to have it follow from what is before.
            introduces: it ends with a colon, say, and should stay with a list after it.
        """
        if self._after_heading:
            strength = Strength.NONE
        elif strength is None:
            close = self._introduced and kind in _CLOSELY_FOLLOWING
            strength = min(Strength.LINE, self._strength) if close else self._strength
        self.done.append(
            Block(start, end, kind, strength, title, atomic, repeat, tuple(children), repeat_from)
        )
        self._after_heading, self._introduced = False, introduces

    def glue(self, start: int, end: int, kind: str) -> None:
        """Add a block that belongs to what is before it and to what is after it, such as a date
        under a heading."""
        after_heading = self._after_heading
        strength = Strength.NONE if after_heading else None
        self.add(start, end, kind, atomic=True, strength=strength)
        self._after_heading = after_heading

    def blocks(self, end: int) -> tuple[Block, ...]:
        """The outermost blocks; the open sections end at ``end``."""
        close_sections(self._sections, self.done, -1, end)
        return tuple(self.done)


def rows_of(
    spans: Sequence[tuple[int, int]], strength: Strength = Strength.SENTENCE
) -> tuple[Block, ...]:
    """The rows of a table: the first is never parted from the header before it."""
    return tuple(
        Block(start, end, "row", strength if number else Strength.NONE, atomic=True)
        for number, (start, end) in enumerate(spans)
    )


def items_of(starts: Sequence[tuple[int, int]], end: int) -> list[Block]:
    """The items of a list, with the lists inside them.

    Args:
        starts: of each item how deep it is nested, and its offset; the first one is not nested.
        end: where the last one ends.
    """
    # Of each open item: how deep it is, its offset, and the items in it so far.
    opened: list[tuple[int, int, list[Block]]] = [(-1, 0, [])]

    def close(depth: int, end: int) -> None:
        while opened[-1][0] >= depth:
            _, start, inside = opened.pop()
            outer = opened[-1][2]
            children: tuple[Block, ...] = ()
            if inside:
                first = inside[0].start
                children = (
                    Block(first, end, "list", Strength.SENTENCE, atomic=True, children=(*inside,)),
                )
            strength = Strength.SENTENCE if len(opened) == 1 else Strength.LINE
            outer.append(Block(start, end, "item", strength, atomic=True, children=children))

    for depth, start in starts:
        depth = min(depth, NESTED)
        close(depth, start)
        opened.append((depth, start, []))
    close(0, end)
    return opened[0][2]


def ends_with_colon(line: str) -> bool:
    """Whether a paragraph's last line introduces what is after it."""
    return line.rstrip().endswith((":", "："))
