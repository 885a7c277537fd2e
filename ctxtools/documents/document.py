"""A document: a text that was read from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ctxtools.documents.file import record_name

if TYPE_CHECKING:
    from ctxtools.documents.filetypes import ChunkFormat
    from ctxtools.documents.readers.extraction.extracted import Heading


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it comes from.

    Attributes:
        path: as in `File`.
        text: the characters, without a byte order mark; newlines as they are in the file.
        size: bytes read from the file; of a record, the bytes of its text in UTF-8. 0 where the
            text is from no file.
        charset: the name of the charset that it was decoded from: "utf-8", "utf-8-sig",
            "utf-16-le", "cp932".
        record: the line (JSONL) or row (Parquet) that the text comes from, from 1; None if the
            document is an entire file.
        notes: remarks on how it was read: "decoded as cp932 (detected)".
        marks: as in `File`.
        source: what it is called instead of its path: a URL from its record; "" if nothing.
        metadata: the fields of its record that were kept, by name.
        pages: offsets in characters at which its pages start, of the first one too; () if it has
            none, None if only the form feeds of the text tell.
        headings: where the format of the file tells them and the text does not.
        format: the structure of the text, where that is another than the name of the file says;
            None if the name says it.
    """

    path: str
    text: str
    size: int = 0
    charset: str = "utf-8"
    record: int | None = None
    notes: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)
    pages: Sequence[int] | None = field(default=None, hash=False)
    headings: "Sequence[Heading]" = field(default=(), hash=False)
    format: "ChunkFormat | None" = None

    def __repr__(self) -> str:
        return f"<Document {self.name!r} ({len(self.text):,} characters)>"

    @property
    def name(self) -> str:
        """Its source, else its path; of a record, with its number: ``data.jsonl#3``."""
        return self.source or record_name(self.path, self.record)
