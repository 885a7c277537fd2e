"""Paths of documents: which a pattern means, what is shown of them, and the tree they form."""

import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.documents.document import display_name
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


# Characters that could end a displayed line, or hide text in it.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class PathMatcher:
    """Finds documents by path or by a pattern as in .gitignore.

    A pattern is matched against a path as it is listed, and relative to the folder that was named.
    One that equals a document's path matches that document alone.

    Args:
        paths: of all documents.
        roots: the folders that were named; by default the deepest that all paths share.

    Attributes:
        relative: each path, relative to the folder that was named.
    """

    def __init__(self, paths: Sequence[str], roots: Iterable[str] = ()) -> None:
        self._names = [_relative(path, ()) for path in paths]
        folders = tuple(_relative(root, ()).rstrip("/") + "/" for root in roots)
        self.relative = [_relative(path, folders or (_common(self._names),)) for path in paths]

    def find(self, pattern: str) -> list[int]:
        """The numbers of the documents that a pattern matches, in order.

        Raises:
            UsageError: it is not a valid pattern.
        """
        name = _relative(pattern, ())
        for names in (self._names, self.relative):
            if same := [i for i, each in enumerate(names) if each == name]:
                return same
        spec = _compile(pattern)
        return [
            i
            for i, (name, relative) in enumerate(zip(self._names, self.relative, strict=True))
            if spec.match_file(name) or (relative != name and spec.match_file(relative))
        ]

    def find_some(self, option: str, pattern: str) -> list[int]:
        """The same, where the pattern must match something.

        Raises:
            UsageError: it matches nothing; the message names the option.
        """
        found = self.find(pattern)
        if not found:
            raise UsageError(
                f"{option}: no document matches {pattern!r}",
                hint="write a path as it is listed, or a pattern as in .gitignore",
            )
        return found


def _relative(path: str, folders: Iterable[str]) -> str:
    name = path.replace(os.sep, "/")
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    for folder in sorted(folders, key=len, reverse=True):
        if name.startswith(folder) and folder != "/":
            return name[len(folder) :]
    return name


def _common(paths: Sequence[str]) -> str:
    """The deepest folder of all paths, with a slash after it."""
    if not paths:
        return ""
    shared = ""
    for a, b in zip(min(paths).split("/")[:-1], max(paths).split("/")[:-1], strict=False):
        if a != b:
            break
        shared += f"{a}/"
    return shared


def _compile(pattern: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # importing takes 40 ms

    try:
        return GitIgnoreSpec.from_lines([pattern])
    except ValueError as error:
        raise UsageError(
            f"{pattern!r}: {error}", hint="write patterns as in a .gitignore: *.py, src/**"
        ) from error


def one_line(name: str) -> str:
    r"""A name on one line: what could break or hide it as an escape, such as ``\x0a``."""
    name = display_name(name)
    escaped = _CONTROL.sub(lambda m: m.group().encode("unicode_escape").decode(), name)
    return _SURROGATE.sub(_byte, escaped)


def _byte(match: re.Match[str]) -> str:
    code = ord(match.group())
    # A byte of a file's name that is not UTF-8 is 0xDC00 more in Python.
    return rf"\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"


def draw_tree(paths: Iterable[str]) -> str:
    """Paths as a tree, a line for each folder and file, indented by two spaces a level.

    Lines that show branches would cost tokens and say no more.
    """
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        *folders, name = one_line(path).strip("/").split("/")
        for folder in folders:
            node = node.setdefault(f"{folder}/", {})
        node.setdefault(name, {})
    lines = []
    pending = [(name, 0, below) for name, below in sorted(root.items(), reverse=True)]
    while pending:
        name, depth, below = pending.pop()
        while len(below) == 1 and name.endswith("/"):  # a folder with a single entry
            ((only, below),) = below.items()
            name += only
        lines.append(f"{'  ' * depth}{name}\n")
        pending += [(each, depth + 1, node) for each, node in sorted(below.items(), reverse=True)]
    return "".join(lines)
