"""The newest commits of a repository as a text."""

from collections.abc import Sequence
from typing import NamedTuple

from ctxtools.documents.git.versions.named import Objects, TooMuchError
from ctxtools.documents.source import Source

_FORMAT = "commit %H%nDate: %ad%n%n%w(0,4,4)%B%w(0,0,0)"
_OPTIONS = (
    *("--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-mailmap"),
    *("--no-decorate", "--no-notes", "--date=iso-strict", "--no-abbrev-commit"),
    *("--no-relative", "--src-prefix=a/", "--dst-prefix=b/"),
)


class Log(NamedTuple):
    """Commits as a text, in UTF-8; a `ctxtools.documents.file.Content`.

    Attributes:
        data: the text.
        commits: how many there are.
        note: what is missing from it; "" if nothing.
    """

    data: bytes
    commits: int
    note: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data)

    def open(self) -> Source:
        """The text."""
        return Source.held(self.data)


def read_log(
    objects: Objects, commit: str, number: int, names: Sequence[str] = (), *, patches: bool = False
) -> Log:
    """The newest commits: name, date of the author, message, and the files with their lines.

    Args:
        objects: the repository.
        commit: the newest one.
        number: the maximum of commits.
        names: only those that change something below these paths in the repository.
        patches: with the changes themselves.

    Raises:
        UsageError: they cannot be read.
    """
    command = ["log", f"--max-count={number}", f"--format=format:{_FORMAT}", *_OPTIONS]
    shown = ["--stat=100", "--find-renames", *(["--patch"] if patches else [])]
    paths = ["--", *names] if names and "" not in names else ["--"]
    note = ""
    printed = None
    # A merge and a partial clone may lack what files are compared with.
    for options, missing in ((shown, ""), (["--no-patch"], "the files of each commit")):
        try:
            printed = objects.ask(*command, *options, commit, *paths)
        except TooMuchError:
            if not missing:
                continue
            raise
        if printed is not None:
            note = missing
            break
    data = _as_utf8((printed or b"").strip(b"\n"))
    commits = sum(line.startswith(b"commit ") for line in data.split(b"\n"))
    if objects.is_shallow and commits < number:
        note = ", ".join(filter(None, [note, "older commits: it is a shallow clone"]))
    return Log(data + b"\n" if data else b"", commits, f"without {note}" if note else "")


def _as_utf8(data: bytes) -> bytes:
    """A text of git's, whose patches have lines in the charsets of their files."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\n".join(map(_line_as_utf8, data.split(b"\n")))
    return data


def _line_as_utf8(line: bytes) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1").encode("utf-8")
    return line
