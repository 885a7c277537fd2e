"""Entry: one document as it goes into a text, and what a layout makes of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Form(StrEnum):
    """How much of a document goes in, the most first."""

    WHOLE = "whole"
    TRIMMED = "trimmed"  # its start, its end, or both, with a marker for the rest
    OUTLINE = "outline"  # signatures, headings or a schema
    PATH = "path"  # its name alone
    PIECE = "piece"  # one of several that, in parts, hold all of it


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it goes into a text.

    Attributes:
        source: its path or name; a record's with its number behind a colon.
        form: how much of it goes in.
        body: what goes in; "" where that is the path alone.
        piece: which piece of how many: "2 of 3".
    """

    source: str
    form: Form
    body: str = ""
    piece: str = ""

    @property
    def label(self) -> str:
        """The form in words, "" for a whole document."""
        if self.form is Form.WHOLE:
            return ""
        return f"{self.form} {self.piece}".rstrip()


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of how many a text is."""

    number: int
    of: int


class Layout(Protocol):
    """How entries become a text: ``prefix + separator.join(entries) + suffix``.

    An entry is the same string whatever is before and behind it, so that costs add up, and so that
    a document more at the end leaves all before it as it was.
    """

    @property
    def separator(self) -> str:
        """What is between two entries."""
        ...

    def entry(self, index: int, entry: Entry) -> str:
        """The text of one entry; ``index`` is its number in the text, from 1."""
        ...

    def frame(self, tree: str, part: Part | None) -> tuple[str, str]:
        """What is before and behind all entries.

        Args:
            tree: the tree of all documents' paths; "" is none.
            part: which part of how many this is; None where it is the only one.
        """
        ...

    def is_safe(self, body: str) -> bool:
        """Whether a document with this content cannot be taken for two, or for another one."""
        ...

    @property
    def is_empty_allowed(self) -> bool:
        """Whether a text without any entry may be "" rather than an empty frame."""
        ...
