"""Paths of documents: which a pattern means, what is shown of them, and the tree they form."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from ctxtools.documents import STDIN
from ctxtools.documents.file import display_name
from ctxtools.documents.search.nearest import nearest
from ctxtools.documents.search.patterns import matcher
from ctxtools.errors import UsageError
from ctxtools.packing.arguments import PathStyle


class PathMatcher:
    """Finds documents by path or by a pattern: see `ctxtools.documents.search.patterns`.

    A pattern is matched against a path as it is listed, relative to the folder that was named, and
    as the pack calls it. One that equals a document's path matches that document alone.

    Args:
        paths: of all documents.
        roots: the folders that were named; by default the deepest that all paths share.
        shown: what the pack calls each of them; by default its path.

    Attributes:
        relative: each path, relative to the folder that was named; one of no such folder as it is
            shown.
        below: the same, with the name of the folder that was named before it where that is not the
            same for all; and how many names of it that is.
    """

    def __init__(
        self, paths: Sequence[str], roots: Iterable[str] = (), shown: Sequence[str] | None = None
    ) -> None:
        self._names = [_relative(path, ()) for path in paths]
        self._shown = self._names if shown is None else shown
        self._roots = ["", *roots]
        folders = tuple(_relative(root, ()).rstrip("/") + "/" for root in self._roots[1:])
        folders = folders or (_common(self._names),)
        self.relative = [
            name if (name := _relative(path, folders)) != given else shown
            for path, given, shown in zip(paths, self._names, self._shown, strict=True)
        ]
        tops = [
            name.removesuffix(relative) if name != relative and name.endswith(relative) else ""
            for name, relative in zip(self._names, self.relative, strict=True)
        ]
        several = len(set(tops)) > 1
        self.below = [
            (f"{top.rstrip('/').rpartition('/')[2]}/{relative}", 1)
            if top and several
            # The folders above what is elsewhere say nothing of it.
            else (relative.rpartition("/")[2] if relative.startswith(("/", "../")) else relative, 0)
            for top, relative in zip(tops, self.relative, strict=True)
        ]

    def find(self, pattern: str, option: str = "") -> list[int]:
        """The numbers of the documents that a pattern matches, in order.

        Raises:
            UsageError: it is not a valid pattern; the message names the option.
        """
        name = _relative(pattern, ())
        for names in (self._names, self.relative, self._shown):
            if same := [i for i, each in enumerate(names) if each == name]:
                return same
        if os.path.isabs(pattern):
            path = os.path.normpath(pattern)
            if same := [i for i, each in enumerate(self._names) if os.path.abspath(each) == path]:
                return same
        matches = matcher(pattern, self._exists, f"{option}:" if option else "")
        return [i for i, names in enumerate(self._spellings) if any(map(matches, names))]

    def find_some(self, option: str, pattern: str) -> list[int]:
        """The same, where the pattern must match something.

        Raises:
            UsageError: it matches nothing; the message names the option.
        """
        found = self.find(pattern, option)
        if not found:
            raise UsageError(
                f"{option}: no document matches {pattern!r}",
                hint=self.similar(pattern)
                or "write a path as it is listed, or a pattern as in .gitignore",
            )
        return found

    def similar(self, pattern: str) -> str:
        """A hint at what a pattern that matches nothing may have meant; "" without documents."""
        if any(_is_file(root, pattern) for root in self._roots):
            return (
                "there is such a file, but it was ignored, hidden, excluded or skipped; name it too"
            )
        return nearest(pattern, self._spellings)

    @cached_property
    def _spellings(self) -> list[tuple[str, ...]]:
        """What each document is called, in up to three ways."""
        spellings = zip(self._names, self.relative, self._shown, strict=True)
        return [tuple(dict.fromkeys(names)) for names in spellings]

    def _exists(self, name: str) -> bool:
        return name.rstrip("/") in self._known

    @cached_property
    def _known(self) -> set[str]:
        """All documents and the folders that they are in."""
        known = {name for names in self._spellings for name in names}
        waiting = list(known)
        while waiting:
            folder = waiting.pop().rpartition("/")[0]
            if folder and folder not in known:
                known.add(folder)
                waiting.append(folder)
        return known


def _is_file(root: str, name: str) -> bool:
    try:
        return os.path.isfile(os.path.join(root, name))
    except ValueError:  # a NUL in it
        return False


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


def shown_paths(paths: Sequence[str], roots: Sequence[str], style: PathStyle) -> list[str]:
    """What a pack calls its documents, given their paths; no two of them alike.

    Relative means: to the folder that was named, if it is one. Of several, each path starts with
    the folder's name, and with as many folders above it as tell it from the others; but if all are
    in the current folder, paths are relative to that. A file that is in no such folder is called by
    its name, and several are relative to the folder that they share. So nothing tells where on a
    disk, in whose home folder, the documents are.

    Args:
        paths: of the documents.
        roots: the folders that were named.
        style: "relative", "absolute", or "as-given".
    """
    if style == "as-given":
        return list(paths)
    here = os.path.abspath("")  # which the system is asked for once, not for each path
    absolute = {path: _absolute(path, here) for path in paths if path != STDIN}
    if style == "absolute":
        return [absolute.get(path, path) for path in paths]
    names = _Names(absolute.values(), [_absolute(root, here) for root in roots])
    shown = {path: names.shown[found] for path, found in absolute.items()}
    return [shown.get(path, path) for path in paths]


def _absolute(path: str, folder: str = "") -> str:
    """A path that may be relative to a folder, by default to the current one."""
    return os.path.abspath(os.path.join(folder, path)).replace(os.sep, "/")


class _Names:
    """Short names of files that tell them apart.

    Args:
        files: absolute paths.
        roots: of the folders that were named.

    Attributes:
        shown: file -> its name.
    """

    def __init__(self, files: Iterable[str], roots: Sequence[str]) -> None:
        here = _absolute("")
        outer = [root for root in set(roots) if not any(_is_in(root, r) for r in roots)]
        bases: dict[str, str] = {}  # file -> the folder that its name is relative to
        loose = []
        for file in dict.fromkeys(files):
            root = next((root for root in outer if _is_in(file, root)), None)
            if root is not None:
                bases[file] = root
            else:
                loose.append(file)
        # Of the base's own path, how many names from its end are shown.
        self._depths = dict.fromkeys(outer, 0)
        if len(outer) != 1 or loose:
            if all(_is_in(file, here) for file in (*bases, *loose)):
                bases = dict.fromkeys((*bases, *loose), here)
                loose = []
            elif len(outer) > 1:
                self._depths = dict.fromkeys(outer, 1)
                for root in outer:
                    if _is_in(root, here):
                        self._depths[root] = len(_names(root)) - len(_names(here))
                self._tell_apart(outer, lambda root: root, self._prefix)
        outside = [file for file in loose if not _is_in(file, here)]
        shared = _common(outside).rstrip("/")
        for file in loose:
            folder = here if _is_in(file, here) else shared
            if not folder or _is_in(_absolute(os.path.expanduser("~")), folder):
                folder = file.rpartition("/")[0]  # what is above the home folder is not shown
            bases[file] = folder
        self._bases = bases
        self.shown = self._tell_apart(bases, bases.__getitem__, self._name)

    def _tell_apart(
        self, paths: Collection[str], base: Callable[[str], str], name: Callable[[str], str]
    ) -> dict[str, str]:
        """The names of some paths, which show more of their bases where two are alike."""
        while True:
            shown = {path: name(path) for path in paths}
            counts = Counter(shown.values())
            alike = {base(path) for path, each in shown.items() if counts[each] > 1}
            if not alike:
                return shown
            for each in alike:
                self._depths[each] = self._depths.get(each, 0) + 1

    def _name(self, file: str) -> str:
        base = self._bases[file]
        return self._prefix(base) + file[len(base) :].lstrip("/")

    def _prefix(self, base: str) -> str:
        depth = self._depths.get(base, 0)
        return "".join(f"{name}/" for name in _names(base)[-depth:]) if depth else ""


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _is_in(path: str, folder: str) -> bool:
    return path.startswith(f"{folder.rstrip('/')}/") and path != folder


def draw_tree(paths: Iterable[str]) -> str:
    """Paths as a tree, a line for each folder and file, indented by two spaces a level.

    Lines that show branches would cost tokens and say no more.
    """
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        *folders, name = display_name(path).strip("/").split("/")
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
