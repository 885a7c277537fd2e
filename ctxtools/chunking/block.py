"""Block: a stretch of a document that belongs together, as the parser of its format finds it."""

from typing import NamedTuple

from ctxtools._core.types import Strength

MAX_DEPTH = 32
"""How deep blocks lie in each other at most; what is deeper is left to the text's own boundaries.
So whoever walks over them may do it by recursion."""

LONGEST_TITLE = 200
"""Characters of a title at most: each block in a block, and each chunk of it, has it again."""


def short_title(title: str) -> str:
    """A title, or the start of a long one."""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


class Block(NamedTuple):
    """A stretch of a document that belongs together, and the blocks inside it.

    Blocks say where a document may well be cut; they never change its text. What lies between
    the children of a block belongs to the block alone. ``start < end``; children lie in their
    parent.

    A NamedTuple, since a long document has a hundred thousand of them: a frozen dataclass takes
    four times as long to make.

    Attributes:
        start: where it starts, in characters of the document.
        end: where it ends, the line break behind it included.
        kind: what it is: "section", "heading", "paragraph", "list", "item", "quote", "table",
            "row", "code", "html", "rule", "metadata", "element"; "imports", "function", "class",
            "statement", "comment"; "object", "array", "value", "record".
        strength: how good a cut is right before it, whatever the text alone says: what comes right
            behind a heading is better not parted from it, though an empty line is between them.
            Where several blocks start at one place, it is the outermost one's that counts.
        title: the heading of a section, the signature of a function; "" where it has none, and
            the start of a long one. The titles of the blocks around a place are its heading path.
        whole: it is not cut while it fits into one chunk.
        repeat: what each part of it but the first is headed by, where it has to be cut: the header
            rows of a table.
        children: the blocks inside, in order, disjoint.
    """

    start: int
    end: int
    kind: str
    strength: Strength = Strength.PARAGRAPH
    title: str = ""
    whole: bool = False
    repeat: str = ""
    children: tuple["Block", ...] = ()
