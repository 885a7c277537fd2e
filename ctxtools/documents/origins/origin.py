"""How a file came about, if nobody of the project wrote it."""

from typing import NamedTuple

from ctxtools.documents.filetypes import Kind


class Origin(NamedTuple):
    """How a file came about.

    Attributes:
        kind: what it is.
        reason: how that is known.
        certain: nobody misses its content. Code that a generator wrote is used like any other, and
            a folder's name alone may mean something else: there it is False.
        depth: how far below the folder that says so the file is; 0 if none does.
    """

    kind: Kind
    reason: str
    certain: bool = True
    depth: int = 0

    def __str__(self) -> str:
        return f"{self.kind} ({self.reason})"
