"""Where files are looked for: what was named, seen from the folder of the rules."""

import os
from typing import NamedTuple

from ctxtools.checks import checked_paths
from ctxtools.documents import STDIN
from ctxtools.documents.walk import Paths
from ctxtools.errors import UsageError


class Roots(NamedTuple):
    """Where to look for files.

    Attributes:
        paths: what was named.
        selective: some of them are files, or patterns of files.
        everything: it is the folder of the rules, or one that this is in.
        names: of the folders, from there, each with a slash at the end.
    """

    paths: list[str]
    selective: bool
    everything: bool
    names: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a file, by its path from the folder of the rules, is in one of the folders."""
        return self.everything or name.startswith(self.names)


def find_roots(paths: Paths | None, folder: str) -> Roots:
    """Where to look for files.

    Args:
        paths: what was named; None for the folder of the rules.
        folder: that one, absolute.

    Raises:
        UsageError: stdin was named, or something that is no path.
    """
    if paths is None:
        return Roots([relative(folder)], False, True, ())
    listed = checked_paths([paths] if isinstance(paths, str | os.PathLike) else paths)
    if STDIN in listed:
        raise UsageError(
            "stdin has no name that a pattern could match", hint="name files or folders"
        )
    selective = not all(map(os.path.isdir, listed)) or not listed
    top = os.path.join(folder, "")
    folders = [os.path.join(os.path.abspath(each), "") for each in listed]
    names = [each[len(top) :].replace(os.sep, "/") for each in folders if each.startswith(top)]
    everything = not selective and any(top.startswith(each) for each in folders)
    return Roots(listed, selective, everything, tuple(names))


def relative(folder: str) -> str:
    """A folder as a path to list files by: as short as it can be written."""
    try:
        return os.path.relpath(folder)
    except (OSError, ValueError):  # the current one was removed, or is on another drive
        return folder
