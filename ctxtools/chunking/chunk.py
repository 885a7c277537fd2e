"""Chunk: one piece of a document."""

from dataclasses import dataclass, fields, make_dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a document, and where it is from.

    Attributes:
        id: 32 hexadecimal digits, made of content and configuration: the same from run to run.
        text: what goes to the model: ``header + source_text[start_index:end_index]``. (Only where
            ``on_oversize="split-tokens"`` cut a character it is U+FFFD, for a part of it.)
        header: what is put before the slice ("" where nothing is).
        token_count: tokens of ``text``, exactly.
        start_index, end_index: the slice of the document, in characters; overlap with the chunk
            before is a part of it.
        start_byte, end_byte: the same in bytes of its UTF-8 (three for a lone surrogate).
        start_line: the line, from 1, that the slice starts on; a line ends with "\\n".
        headings: the titles of the sections, classes and functions around the place where what is
            new in the chunk starts, behind the overlap; from the outermost on. Of one that is
            longer than 200 characters, the start.
        kind: what it is a part of: "table", "function", …; "text" where that is nothing special,
            "mixed" where it is several things.
        parent_id: the id of the larger chunk that it lies in, where sizes are nested.
        index: its number in the document (among those of its size), from 0.
        source: the document's path or name; "" where it has none.
    """

    id: str
    text: str
    header: str
    token_count: int
    start_index: int
    end_index: int
    start_byte: int
    end_byte: int
    start_line: int
    headings: tuple[str, ...]
    kind: str
    parent_id: str | None
    index: int
    source: str


_Draft: Any = make_dataclass(
    "_Draft", [(field.name, field.type) for field in fields(Chunk)], slots=True
)


def new_chunk(*values: object) -> Chunk:
    """A chunk, of the values of its fields in order.

    A frozen dataclass sets each field by a call, which takes longer than to cut the text. So it is
    made as one that is not frozen and has the same slots, three times as fast.
    """
    chunk: Chunk = _Draft(*values)
    chunk.__class__ = Chunk
    return chunk
