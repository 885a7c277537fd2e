"""What a reader returns of a document: its text, and what the format says of its structure.

This imports nothing else of ctxtools, so that a child process starts soon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol

ExtractedFormat = Literal["text", "markdown"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a text.

    Attributes:
        start, end: offsets in characters of its line or lines, the line break not included.
        level: 1 is the highest, 6 the lowest.
        title: its text, on one line.
    """

    start: int
    end: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document of a file: the file itself, or one of those in it.

    Attributes:
        text: with "\\n" as line breaks.
        pages: offsets in characters at which its pages, slides, sheets or chapters start, of the
            first one too, in order; () if the format has none.
        headings: in order, not overlapping; () of Markdown, whose lines with "#" are its headings.
        format: "markdown", or "text" where the words are exactly the document's.
        notes: remarks for the user, each a phrase: "2 comments are left out".
        name: what the document is called in the file: "" of the file itself, the name of an
            attachment, "#" and the number of a mail. The document is then called
            ``mail.eml/report.pdf``, ``mail.mbox#3`` or ``mail.mbox#3/report.pdf``.
    """

    text: str
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    format: ExtractedFormat = "text"
    notes: tuple[str, ...] = ()
    name: str = ""


class Read(Protocol):
    """The function ``read`` of a format's module."""

    def __call__(self, stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
        """The documents of a file, one after the other.

        None between them says that a bounded amount of work is done: time is limited from one item
        to the next (`run.SECONDS`), and a large file takes many of them.

        Args:
            stream: the bytes, at their start; it can be sought.
            name: the file's name, for what depends on its suffix; nothing is opened by it.

        Raises:
            FormatError: it is damaged, encrypted, or of another format. The message is a phrase
                without the file's name, which the caller puts before it.
            MissingExtraError: an optional library is not installed.
        """
