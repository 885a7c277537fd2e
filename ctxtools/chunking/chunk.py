"""Chunk: one piece of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from typing import Any

_SHOWN = 40  # characters of a text in a repr


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """One piece of a document, and where it is from.

    Attributes:
        id: 32 hexadecimal digits, derived from content and configuration: the same in every run.
        text: what goes to the model: ``header + source_text[start_index:end_index]``. (Only if
            ``on_oversize="split-tokens"`` split a character is it U+FFFD, for a part of that.)
        header: what precedes the slice; "" if nothing does.
        token_count: tokens of ``text``, exactly.
        start_index, end_index: the slice of the document, in characters, including the overlap
            with the previous chunk.
        start_byte, end_byte: the same in bytes of its UTF-8 (three for a lone surrogate).
        start_line: the line that the slice starts on, from 1; a line ends with "\\n".
        headings: the titles of the sections, classes and functions that contain the start of the
            chunk, after the overlap; the outermost first. Each is truncated to 200 characters.
        kind: the kind of block it is from: "table", "function", …; "text" if nothing special,
            "mixed" if several.
        parent_id: the id of the larger chunk that contains it, if sizes are nested.
        index: its number in the document (among those of its size), from 0.
        source: the document's path or name; "" if it has none.
        page_start, page_end: the pages, from 1, on which the slice starts and ends, white space
            around it aside; None if the document has no pages. It has pages if a form feed ends
            one, or if its reader said where they start.
        source_start, source_end: if the chunker renders documents or leaves something out, the span
            of the document that the slice was made of, in characters; ``start_index`` and the like
            are then of the text that was made. Else None.
        metadata: what is known of the document, such as the fields of a record that were kept; the
            same object in all its chunks.
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
    page_start: int | None = None
    page_end: int | None = None
    source_start: int | None = None
    source_end: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        text = self.text[: _SHOWN - 1] + "…" if len(self.text) > _SHOWN else self.text
        source = f" of {self.source!r}" if self.source else ""
        return (
            f"<Chunk {self.index}{source}, {self.start_index}..{self.end_index}, "
            f"{self.token_count} tokens: {text!r}>"
        )

    def _repr_html_(self) -> str:
        """The text as Jupyter shows it, under where it is from."""
        from ctxtools.jupyter import html_table, html_text

        where = f"{self.start_index:,}..{self.end_index:,}"
        row = (self.index, self.source, " › ".join(self.headings), where, self.token_count)
        headings = ("Chunk", "Source", "Headings", "Characters", "Tokens")
        return html_table("", headings, [row], numbers=(0, 4)) + html_text(self.text)


Row = tuple[Any, ...]
"""The values of the fields of a chunk, in order."""

_Mutable: Any = make_dataclass(
    "_Mutable", [(each.name, each.type) for each in fields(Chunk)], slots=True
)


def new_chunk(*values: object) -> Chunk:
    """A chunk from the values of its fields in order, three times as fast as ``Chunk(...)``.

    A frozen dataclass sets each field with a function call, which takes longer than cutting the
    text. So a class with the same slots that is not frozen is instantiated, and then relabelled.
    """
    chunk: Chunk = _Mutable(*values)
    chunk.__class__ = Chunk
    return chunk
