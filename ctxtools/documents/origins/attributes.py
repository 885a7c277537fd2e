"""What is known of files beside their names and texts: marks.

Those are: "named", the user did; what `.gitattributes` says, "linguist-generated" for example, with
a "-" before it where that says no; and files such as `pyvenv.cfg` in a folder that a file is in.

Of the attributes those of github-linguist are read: ``linguist-generated``, ``linguist-vendored``,
set, unset (``-linguist-generated``, ``linguist-generated=false``) or unspecified (``!``), and
macros (``[attr]name``). Of the files in a folder and above it the closest one decides, by its last
line that matches, as in git (gitattributes(5)). They are read up to the root of the repository;
outside of one, up to the folder that was named.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ctxtools.documents.document import STDIN, File
from ctxtools.documents.filetypes import MARKED_FOLDERS
from ctxtools.documents.ignore import compile_patterns
from ctxtools.errors import ReadError, Skipped
from ctxtools.escape import one_line
from ctxtools.regular_file import NO_FILE, read_regular

_NAMES = ("linguist-generated", "linguist-vendored")
_MAX_SIZE = 1 << 20  # bytes of an attribute file

_Values = dict[str, bool | None]


def mark_files(
    files: Iterable[File | Skipped], named: Iterable[str | os.PathLike[str]]
) -> Iterator[File | Skipped]:
    """Files with what is known of them, as they are found.

    Args:
        files: from `find_files`.
        named: the paths that were named.
    """
    paths = {os.path.abspath(os.fsdecode(path)) for path in named}
    folders = _Folders({os.path.abspath("."), *paths})
    for file in files:
        if not isinstance(file, File) or file.path == STDIN:
            yield file
            continue
        marks = folders.marks(file.path)
        while folders.skipped:
            yield folders.skipped.pop()
        if file.explicit and os.path.abspath(file.path) in paths:
            marks |= {"named"}
        yield replace(file, marks=marks) if marks else file


@dataclass(frozen=True, slots=True)
class _Folder:
    """What is known of a folder.

    Attributes:
        marks: of all files in it.
        rules: those of the attribute files in it and above it, of which the first that matches
            decides: the start of the path that a rule matches, a full match of it, the values.
        in_repository: it is in one, whose attribute files count.
        in_named: it was named, or is in a folder that was.
    """

    marks: frozenset[str] = frozenset()
    rules: tuple[tuple[int, Callable[[str], object], _Values], ...] = ()
    in_repository: bool = False
    in_named: bool = False


class _Folders:
    """The folders that were met so far, by their absolute path.

    Attributes:
        skipped: attribute files that could not be read.
    """

    def __init__(self, named: set[str]) -> None:
        self.skipped: list[Skipped] = []
        self._named = named
        self._found: dict[str, _Folder] = {}

    def marks(self, path: str) -> frozenset[str]:
        """What is known of a file."""
        absolute = os.path.abspath(path)
        folder = self._folder(os.path.dirname(absolute))
        values: _Values = {}
        for start, matches, given in folder.rules:
            if given.keys() - values.keys() and matches(absolute[start:]):
                values = {**given, **values}
        known = ((name, value) for name, value in values.items() if value is not None)
        return folder.marks | {name if value else f"-{name}" for name, value in known}

    def _folder(self, path: str) -> _Folder:
        pending = []
        while path not in self._found:
            pending.append(path)
            path = os.path.dirname(path)
            if path == pending[-1]:
                self._found[path] = _Folder()
        above = self._found[path]
        for each in reversed(pending):
            above = self._found[each] = self._look(each, above)
        return above

    def _look(self, path: str, above: _Folder) -> _Folder:
        is_repository = os.path.lexists(os.path.join(path, ".git"))
        is_named = path in self._named
        if is_repository:
            above = _Folder(above.marks, (), in_repository=True, in_named=above.in_named)
        marks = above.marks
        if above.in_named and not is_named:
            marks |= {name for name in MARKED_FOLDERS if os.path.exists(os.path.join(path, name))}
        rules = above.rules
        if above.in_repository or above.in_named or is_named:
            start = len(os.path.join(path, ""))
            found = _read(path, self.skipped, is_repository=is_repository)
            rules = (*((start, matches, values) for matches, values in found), *rules)
        return _Folder(marks, rules, above.in_repository, above.in_named or is_named)


def _read(
    folder: str, skipped: list[Skipped], *, is_repository: bool
) -> Iterator[tuple[Callable[[str], object], _Values]]:
    """The rules of the attribute file in a folder, the last line first; one that cannot be read is
    added to ``skipped``.

    Those of a repository's `.git/info/attributes` outrank them.
    """
    names = (".git/info/attributes", ".gitattributes") if is_repository else (".gitattributes",)
    for name in names:
        path = os.path.join(folder, name)
        try:
            data = read_regular(path, _MAX_SIZE, within=folder)
        except ReadError as error:
            if not isinstance(error.__cause__, NO_FILE):
                reason = error.message.removeprefix(f"{one_line(path)}: ")
                skipped.append(Skipped(path, f"its attributes do not count: {reason}"))
            continue
        text = os.fsdecode(data.removeprefix(b"\xef\xbb\xbf"))
        if "linguist-" in text:
            yield from _rules(text)


def _rules(text: str) -> Iterator[tuple[Callable[[str], object], _Values]]:
    macros: dict[str, _Values] = {}
    lines: list[tuple[str, _Values]] = []
    for line in text.splitlines():
        pattern, *attributes = _words(line)
        values: _Values = {}
        for attribute in attributes:
            values.update(_values(attribute, macros))
        if pattern.startswith("[attr]"):
            macros[pattern.removeprefix("[attr]")] = values
        elif values and not pattern.startswith(("#", "!")):
            lines.append((pattern, values))
    for pattern, values in reversed(lines):
        for matches, _ in compile_patterns([pattern]):
            yield matches, values


def _words(line: str) -> list[str]:
    """The pattern, which may be quoted, and the attributes after it."""
    line = line.strip()
    if line.startswith('"') and '"' in line[1:]:
        pattern, _, rest = line[1:].partition('"')
        return [pattern, *rest.split()]
    return line.split() or [""]


def _values(attribute: str, macros: dict[str, _Values]) -> _Values:
    """What an attribute says; None is unspecified."""
    name, _, value = attribute.lstrip("-!").partition("=")
    state = None if attribute.startswith("!") else not attribute.startswith("-")
    if value:
        state = value.lower() not in ("false", "0", "no")
    if name in macros:
        return macros[name] if state else dict.fromkeys(macros[name], state)
    return {name: state} if name in _NAMES else {}
