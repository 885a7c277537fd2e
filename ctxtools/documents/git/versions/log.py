"""The newest commits of a repository as a text."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ctxtools.documents.file import display_name
from ctxtools.documents.git.versions.named import Objects, TooMuchError
from ctxtools.documents.git.versions.patches import shown_patches
from ctxtools.documents.source import Source

_NAMED = 5  # files of which a note says that their changes are not shown
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
        patches: with the changes themselves, but of what nobody reads: see `patches.py`.

    Raises:
        UsageError: they cannot be read.
    """
    command = ["log", f"--max-count={number}", f"--format=format:{_FORMAT}", *_OPTIONS]
    stat = ["--stat=100", "--find-renames"]
    paths = ["--", *names] if names and "" not in names else ["--"]
    missing = ""
    printed = None
    # A merge and a partial clone may lack what files are compared with.
    attempts = [(stat, ""), (["--no-patch"], "the files of each commit")]
    if patches:
        attempts = [([*stat, "--patch"], ""), (stat, "the changes of each commit"), attempts[1]]
    for options, missing in attempts:
        try:
            printed = objects.ask(*command, *options, commit, *paths)
        except TooMuchError:
            if (options, missing) == attempts[-1]:
                raise
            continue
        if printed is not None:
            break
    data = _as_utf8((printed or b"").strip(b"\n"))
    commits = sum(line.startswith(b"commit ") for line in data.split(b"\n"))
    lacks = [missing] if missing else []
    if objects.is_shallow and commits < number:
        lacks.append("older commits: it is a shallow clone")
    if patches:
        data, hidden = shown_patches(data, names)
        if hidden:
            lacks.append(f"the changes of {_described(hidden)}")
    return Log(
        data + b"\n" if data else b"", commits, f"without {', '.join(lacks)}" if lacks else ""
    )


def _described(hidden: Mapping[str, str]) -> str:
    """Files by what they are: "package-lock.json (lock file)"."""
    files = [f"{display_name(path)} ({reason})" for path, reason in hidden.items()]
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return ", ".join(files[:_NAMED]) + more


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
