"""A file that was found, what was counted of it, and how both are called."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ctxtools.errors import CtxtoolsError, Skipped, UnreadableError, os_reason
from ctxtools.escape import one_line

if TYPE_CHECKING:
    from ctxtools.documents.source import Source

STDIN = "-"


class Content(Protocol):
    """The bytes of a file that is not to be opened by its path: a member of an archive, a file of
    a revision in git."""

    @property
    def size(self) -> int:
        """Bytes, as far as what lists it says so."""

    def open(self) -> "Source":
        """The bytes, from the first one. May be called again, and on any thread.

        Raises:
            CtxtoolsError: they cannot be read: an `UnreadableError` or a `FormatError`.
            OSError: the system failed to.
        """


class File(NamedTuple):
    """A file to read, not yet opened.

    Attributes:
        path: the path as the user gave it, or below the directory that the user gave, with ``/``
            between names; ``"-"`` is standard input. Bytes of a name that are not UTF-8 are
            surrogate escapes, as everywhere in Python.
        explicit: the user named the file itself, so it is read as what the options say.
        marks: what `ctxtools.documents.origins.attributes` knows of it.
        listed: it was named in a list, which a program such as git wrote, and may be binary.
        content: where its bytes come from instead of from a file of that path, which then is only
            what it is called; None if it is such a file.
    """

    path: str
    explicit: bool = True
    marks: frozenset[str] = frozenset()
    listed: bool = False
    content: Content | None = None

    @property
    def has_to_be_text(self) -> bool:
        """Whether it is an error if it is none, rather than one more file that is skipped."""
        return self.explicit and not self.listed


class DocumentCount(NamedTuple):
    """The counts of one document.

    Attributes:
        path: as in `File`.
        size: bytes.
        counts: tokens, one number for each encoding; of type `TextCount` if characters were
            asked for.
        records: texts that were counted; 1 unless JSONL or Parquet is read record by record.
        notes: remarks on how it was read; see `Document`.
    """

    path: str
    size: int
    counts: tuple[int, ...]
    records: int = 1
    notes: tuple[str, ...] = ()


def record_name(path: str, record: int | None) -> str:
    """How a document is called: by its path, and a record also by its number, ``data.jsonl#3``."""
    return path if record is None else f"{path}#{record}"


def display_name(path: str) -> str:
    """A path, or a record's name, for people to read, on one line; stdin is called "stdin"."""
    is_stdin = path == STDIN or path.startswith(f"{STDIN}#")
    return one_line(f"stdin{path.removeprefix(STDIN)}" if is_stdin else path)


def skipped_by(path: str, error: CtxtoolsError | OSError) -> Skipped:
    """The report line of an error that ended the reading of one document."""
    if isinstance(error, UnreadableError):
        return error.skipped
    if isinstance(error, CtxtoolsError):
        reason = error.message.removeprefix(f"{path}: ")
        return Skipped(path, reason, error=True, hint=error.hint)
    return Skipped(path, os_reason(error), error=True)
