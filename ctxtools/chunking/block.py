"""Block: a unit of a document's structure, as the parser of its format finds it."""

import warnings
from typing import NamedTuple

from ctxtools._core.types import Strength

MAX_DEPTH = 32
"""The deepest that blocks are nested; anything deeper is cut by the boundaries of the text alone.
So functions that walk blocks may recurse."""

MAX_TITLE = 200
"""The longest title, in characters: every block and chunk inside a block repeats its title."""


def short_title(title: str) -> str:
    """A title, truncated if it is too long."""
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"


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
    """

    start: int
    end: int
    kind: str
    strength: Strength = Strength.PARAGRAPH
    title: str = ""
    atomic: bool = False
    repeat: str = ""
    children: tuple["Block", ...] = ()

    def __repr__(self) -> str:
        title = f" {self.title!r}" if self.title else ""
        n = len(self.children)
        inside = f" of {n} block{'' if n == 1 else 's'}" if n else ""
        return f"<Block {self.kind}{title} {self.start}..{self.end}{inside}>"

    @property
    def whole(self) -> bool:
        """Deprecated: use `atomic`."""
        warnings.warn("Block.whole is now Block.atomic", DeprecationWarning, stacklevel=2)
        return self.atomic


# The level, start, title and strength of a section, and the number in ``done`` of its first block.
OpenSection = tuple[int, int, str, Strength, int]


def close_sections(sections: list[OpenSection], done: list[Block], level: int, end: int) -> None:
    """End all sections of a level or deeper: their blocks become the children of a new one."""
    while sections and sections[-1][0] >= level:
        _, start, title, strength, first = sections.pop()
        children = tuple(done[first:])
        done[first:] = [Block(start, end, "section", strength, title, children=children)]
