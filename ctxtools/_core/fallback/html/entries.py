"""Entry: a block that is being built."""

from collections.abc import Sequence
from typing import NamedTuple

from ctxtools._core.types import Strength

_LEVELS = 6  # of headings
_MAX_HEIGHT = 16  # of nested blocks; with the sections around them they are below MAX_DEPTH


class Node(NamedTuple):
    """A block, with the values of ``ctxtools.chunking.block.Block``."""

    start: int
    end: int
    kind: str
    strength: Strength = Strength.PARAGRAPH
    title: str = ""
    atomic: bool = False
    repeat: str = ""
    children: tuple["Node", ...] = ()
    repeat_from: int = 0
    level: int = 0


class Entry:
    """A block, while what is around it is not known.

    Attributes:
        title: that of a heading.
        level: of a heading, 1 to 6; 0 of anything else, and of a heading that rules nothing, such
            as one in a table.
        introduces: whether the block after it stays with it: it is a heading, a summary, a term.
        is_row, is_header: whether it is a row of a table; one of header cells alone, or in a head.
        height: how deep blocks are nested in it, itself included.
        The others are those of `Node`.
    """

    __slots__ = (
        *("start", "end", "kind", "strength", "atomic", "children", "repeat", "repeat_from"),
        *("title", "level", "introduces", "is_row", "is_header", "height"),
    )

    def __init__(
        self,
        start: int,
        end: int,
        kind: str,
        strength: Strength,
        *,
        atomic: bool = False,
        children: Sequence["Entry"] = (),
        introduces: bool = False,
        has_headings: bool = False,
    ) -> None:
        self.start, self.end, self.kind, self.strength = start, end, kind, strength
        self.atomic, self.introduces, self.title, self.level = atomic, introduces, "", 0
        self.repeat, self.repeat_from = "", 0
        self.is_row = self.is_header = False
        self.children, self.height = children, 1
        if children:
            self.height += max([child.height for child in children]) + _LEVELS * has_headings
            if self.height > _MAX_HEIGHT:
                self.children, self.height = (), 1

    def block(self, end: int) -> Node:
        """The block, up to ``end``."""
        children = blocks(self.children, end)
        return Node(
            self.start,
            end,
            self.kind,
            self.strength,
            atomic=self.atomic,
            repeat=self.repeat,
            children=(*children,),
            repeat_from=self.repeat_from,
        )


def blocks(entries: Sequence[Entry], end: int, main_end: int = -1) -> list[Node]:
    """The blocks of entries, grouped into a section after each heading.

    Args:
        entries: in order.
        end: that of what contains them. The last one ends there, at all depths: end tags belong to
            the block before them, and no block ends between two end tags.
        main_end: where the main content ends, and sections below the first level; -1 if nowhere.
    """
    done: list[Node] = []
    sections: list[tuple[Entry, int]] = []  # open: its heading, and the number of its first block
    after_heading = False

    def close(level: int, end: int) -> None:
        while sections and sections[-1][0].level >= level:
            heading, first = sections.pop()
            done[first:] = [section(done[first:], end, heading.title, heading.level)]

    for number, entry in enumerate(entries):
        entry_end = end if number == len(entries) - 1 else entry.end
        if 0 <= main_end <= entry.start:
            close(2, entry.start)
            entry.strength = Strength.SECTION
            after_heading, main_end = False, -1
        if entry.level:
            is_nested = not sections or entry.level > sections[-1][0].level
            strength = Strength.NONE if after_heading and is_nested else Strength.SECTION
            close(entry.level, entry.start)
            sections.append((entry, len(done)))
            done.append(Node(entry.start, entry_end, "heading", strength, atomic=True))
        else:
            block = entry.block(entry_end)
            done.append(block._replace(strength=Strength.NONE) if after_heading else block)
        after_heading = entry.level > 0
    close(0, end)
    return done


def section(parts: Sequence[Node], end: int, title: str, level: int) -> Node:
    """The section of some blocks. A cut before it is as good as one before the first of them, if
    that is its heading."""
    strength = parts[0].strength if parts[0].kind == "heading" else Strength.SECTION
    return Node(parts[0].start, end, "section", strength, title, children=(*parts,), level=level)
