"""Which documents a pattern of the user's means."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Matcher:
    """Finds documents by path or by a pattern as in .gitignore.

    A pattern is tried on a path as it is listed, and from the folder that was named. One that is
    a document's path means that document alone.

    Args:
        paths: of all documents.
        roots: the folders that were named; the deepest that all paths share if there are none.

    Attributes:
        below: each path from the folder that was named.
    """

    def __init__(self, paths: Sequence[str], roots: Iterable[str] = ()) -> None:
        self._names = [_below(path, ()) for path in paths]
        folders = tuple(_below(root, ()).rstrip("/") + "/" for root in roots)
        self.below = [_below(path, folders or (_common(self._names),)) for path in paths]

    def find(self, pattern: str) -> list[int]:
        """The numbers of the documents that a pattern means, in order.

        Raises:
            UsageError: it is not a pattern.
        """
        name = _below(pattern, ())
        for names in (self._names, self.below):
            if same := [i for i, each in enumerate(names) if each == name]:
                return same
        spec = _compile(pattern)
        return [
            i
            for i, (name, below) in enumerate(zip(self._names, self.below, strict=True))
            if spec.match_file(name) or (below != name and spec.match_file(below))
        ]

    def find_some(self, option: str, pattern: str) -> list[int]:
        """The same, where there must be one.

        Raises:
            UsageError: there is none; the message names the option.
        """
        found = self.find(pattern)
        if not found:
            raise UsageError(
                f"{option}: no document matches {pattern!r}",
                hint="write a path as it is listed, or a pattern as in .gitignore",
            )
        return found


def _below(path: str, folders: Iterable[str]) -> str:
    name = path.replace(os.sep, "/")
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    for folder in sorted(folders, key=len, reverse=True):
        if name.startswith(folder) and folder != "/":
            return name[len(folder) :]
    return name


def _common(paths: Sequence[str]) -> str:
    """The deepest folder of all paths, with a slash at its end."""
    if not paths:
        return ""
    shared = ""
    for a, b in zip(min(paths).split("/")[:-1], max(paths).split("/")[:-1], strict=False):
        if a != b:
            break
        shared += f"{a}/"
    return shared


def _compile(pattern: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # 40 ms

    try:
        return GitIgnoreSpec.from_lines([pattern])
    except ValueError as error:
        raise UsageError(
            f"{pattern!r}: {error}", hint="write patterns as in a .gitignore: *.py, src/**"
        ) from error
