"""Block: a stretch of a document that belongs together, as the parser of its format finds it."""

from dataclasses import dataclass

from ctxtools.encodings.index import Strength


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document that belongs together, and the blocks inside it.

    Blocks say where a document may well be cut; they never change its text. What lies between
    the children of a block belongs to the block alone.

    Attributes:
        start: where it starts, in characters of the document.
        end: where it ends, the line break behind it included.
        kind: what it is: "section", "heading", "paragraph", "list", "table", "code", "function",
            "class", "object", "array", "row", "element", "text".
        strength: how good a cut is right before it.
        title: the heading of a section, the signature of a function; "" where it has none. The
            titles of the blocks around a place are its heading path.
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
