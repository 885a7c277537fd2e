"""Block: a unit of a document's structure, as the parser of its format finds it."""

import warnings
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ctxtools import _core
from ctxtools._core.block_kinds import KINDS
from ctxtools._core.titles import MAX_TITLE as MAX_TITLE
from ctxtools._core.titles import short_title as short_title
from ctxtools._core.types import Strength

if TYPE_CHECKING:
    from ctxtools._core import Blocks

MAX_DEPTH = 32
"""The deepest that blocks are nested; anything deeper is cut by the boundaries of the text alone.
So functions that walk blocks may recurse."""


class Block(NamedTuple):
    """A span of a document that belongs together, and the blocks inside it.

    Blocks say where a document is best cut; they never change its text. Text between the children
    of a block belongs to the block alone. ``start < end``, and children lie within their parent.

    A NamedTuple, because a long document has a hundred thousand of them and a frozen dataclass
    takes four times as long to create.

    Attributes:
        start: offset in characters of the document.
        end: offset of its end, which is after the line break that follows it.
        kind: "section", "heading", "paragraph", "list", "item", "quote", "table", "row", "code",
            "html", "rule", "metadata", "element"; "imports", "function", "class", "statement",
            "comment"; "object", "array", "value", "record".
        strength: of a cut right before it, regardless of the text there: a paragraph should stay
            with its heading although an empty line separates them. Where several blocks start at
            one offset, the strength of the outermost one applies.
        title: the heading of a section or the signature of a function, truncated if long; "" if
            it has none. The titles of the blocks around an offset are its heading path.
        atomic: whether it is kept in one piece if it fits into a chunk.
        repeat: text repeated at the start of each further chunk if it has to be cut: the header
            rows of a table.
        children: the blocks inside, in order, disjoint.
        repeat_from: the offset from which on a chunk that starts in the block has ``repeat`` before
            it; 0 stands for ``start + len(repeat)``, where the block starts with it.
        level: of a section: that of its heading, 1 for the outermost; 0 for any other block.
    """

    start: int
    end: int
    kind: str
    strength: Strength = Strength.PARAGRAPH
    title: str = ""
    atomic: bool = False
    repeat: str = ""
    children: tuple["Block", ...] = ()
    repeat_from: int = 0
    level: int = 0

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        n = len(self.children)
        inside = f" of {n} block{'' if n == 1 else 's'}" if n else ""
        return f"<Block {self.kind}{title} {self.start}..{self.end}{inside}>"

    @property
    def body(self) -> int:
        """The offset from which on chunks have ``repeat`` before them."""
        return self.repeat_from or self.start + len(self.repeat)

    @property
    def whole(self) -> bool:
        """Deprecated: use `atomic`."""
        warnings.warn("Block.whole is now Block.atomic", DeprecationWarning, stacklevel=2)
        return self.atomic


class Parsed:
    """What the parser of a format finds.

    Args:
        found: the outermost blocks, in order, disjoint; or all of them as columns, with ``inline``.
        inline: spans of (start, end) in characters that are not cut where they fit into a chunk,
            whatever block they are in: tags, links, inline code. In order, disjoint but for those
            inside another, which are after it and count where that does not fit or a block starts
            in it. They say nothing of where a cut is good.
        notes: remarks for the summary, such as what was not understood.
    """

    def __init__(
        self,
        found: "Sequence[Block] | Blocks" = (),
        inline: Sequence[tuple[int, int]] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self.notes = tuple(notes)
        if isinstance(found, Sequence):
            self.blocks, self.inline = tuple(found), inline
        else:
            self.columns = found

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The outermost blocks."""
        return _from_columns(self.columns)

    @cached_property
    def inline(self) -> Sequence[tuple[int, int]]:
        """Spans that are not cut."""
        return self.columns.inline

    @cached_property
    def columns(self) -> "Blocks":
        """The same as columns."""
        return _core.Blocks(self.blocks, self.inline)

    @property
    def is_empty(self) -> bool:
        """Whether there are no blocks."""
        return not (self.blocks if "blocks" in self.__dict__ else len(self.columns))

    def without_table_headers(self) -> "Parsed":
        """The same, but no table repeats its header."""
        return Parsed(without_table_headers(self.blocks), self.inline, self.notes)


_STRENGTHS = tuple(sorted(Strength))


def _from_columns(columns: "Blocks") -> tuple[Block, ...]:
    """The outermost blocks of some in pre-order."""
    texts = columns.texts
    rows = [*zip(*columns.columns, strict=True)]
    waiting: list[tuple[int, Block]] = []  # the number of each block, the first one last
    for number in range(len(rows) - 1, -1, -1):
        start, end, after, kind, strength, level, atomic, title, repeat, repeat_from = rows[number]
        children = []
        while waiting and waiting[-1][0] < after:
            children.append(waiting.pop()[1])
        block = Block(
            start,
            end,
            KINDS[kind],
            _STRENGTHS[strength],
            texts[title],
            bool(atomic),
            texts[repeat],
            tuple(children),
            repeat_from,
            level,
        )
        waiting.append((number, block))
    return tuple(block for _, block in reversed(waiting))


def without_table_headers(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks of which no table repeats its header."""
    return tuple(
        block._replace(
            repeat="" if block.kind == "table" else block.repeat,
            children=without_table_headers(block.children) if block.children else (),
        )
        for block in blocks
    )


# The level, start, title and strength of a section, and the number in ``done`` of its first block.
OpenSection = tuple[int, int, str, Strength, int]


def close_sections(sections: list[OpenSection], done: list[Block], level: int, end: int) -> None:
    """End all sections of a level or deeper: their blocks become the children of a new one."""
    while sections and sections[-1][0] >= level:
        own_level, start, title, strength, first = sections.pop()
        children = tuple(done[first:])
        section = Block(start, end, "section", strength, title, children=children, level=own_level)
        done[first:] = [section]
