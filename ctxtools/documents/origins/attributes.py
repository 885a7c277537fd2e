"""What is known of files beside their names and texts: marks.

Those are: "named", the user did; what `.gitattributes` says, "linguist-generated" for example, with
a "-" before it where that says no; and files such as `pyvenv.cfg` in a folder that a file is in.

Of the attributes those of github-linguist are read: ``linguist-generated``, ``linguist-vendored``,
set, unset (``-linguist-generated``, ``linguist-generated=false``) or unspecified (``!``), and
macros (``[attr]name``). Of the files in a folder and above it the closest one decides, by its last
line that matches, as in git (gitattributes(5)), in bytes. They are read up to the root of the
repository; outside of one, up to the folder that was named.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxtools.documents.file import STDIN, File
from ctxtools.documents.listing import unquoted
from ctxtools.documents.origins.folder_types import MARKED_FOLDERS
from ctxtools.documents.search.glob import Glob, as_bytes
from ctxtools.documents.search.globs import Globs
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import ReadError, Skipped
from ctxtools.escape import one_line
from ctxtools.possessive import compile_pattern
from ctxtools.regular_file import NO_FILE, read_regular

_NAMES = ("linguist-generated", "linguist-vendored")
MAX_SIZE = 1 << 20
"""Bytes of an attribute file."""

_QUOTED = compile_pattern(rb'"(?:[^"\\]|\\.)*+"')

_Values = dict[str, bool | None]
_Line = tuple[str, _Values]


def mark_files(
    files: Iterable[File | Skipped], named: Iterable[str | os.PathLike[str]]
) -> Iterator[File | Skipped]:
    """Files with what is known of them, as they are found.

    Args:
        files: from `find_files`; one whose bytes come from elsewhere has its marks.
        named: the paths that were named.
    """
    paths = {os.path.abspath(os.fsdecode(path)) for path in named}
    folders = _Folders({os.path.abspath("."), *paths})
    for file in files:
        if not isinstance(file, File) or file.path == STDIN or file.content is not None:
            yield file
            continue
        marks = folders.marks(file.path)
        while folders.skipped:
            yield folders.skipped.pop()
        if file.explicit and os.path.abspath(file.path) in paths:
            marks |= {"named"}
        yield file._replace(marks=marks) if marks else file


class _Rules(NamedTuple):
    """What one attribute file says of one attribute.

    Attributes:
        start: of a path, where what is relative to the file's folder starts.
        patterns: those of its lines.
        values: for each of them.
    """

    start: int
    patterns: Globs
    values: Sequence[bool | None]


_RulesByName = tuple[tuple[_Rules, ...], ...]


class _Folder(NamedTuple):
    """What is known of a folder.

    Attributes:
        marks: of all files in it.
        rules: for each attribute, those of the attribute files in it and above it, of which the
            first that has a match decides.
        in_repository: it is in one, whose attribute files count.
        in_named: it was named, or is in a folder that was.
    """

    marks: frozenset[str] = frozenset()
    rules: _RulesByName = ((),) * len(_NAMES)
    in_repository: bool = False
    in_named: bool = False


class _Folders:
    """The folders that were met so far, by their absolute path and by how files name them.

    Attributes:
        skipped: attribute files that could not be read.
    """

    def __init__(self, named: set[str]) -> None:
        self.skipped: list[Skipped] = []
        self._named = named
        self._found: dict[str, _Folder] = {}
        self._parents: dict[str, tuple[str, _Folder]] = {}
        self._steps = Steps(
            "the patterns of .gitattributes files", "leave out the folders that have them: exclude"
        )

    def marks(self, path: str) -> frozenset[str]:
        """What is known of a file."""
        name = os.path.basename(path)
        if name in ("", os.curdir, os.pardir):
            path = os.path.abspath(path)
            name = os.path.basename(path)
        absolute, folder = self._parent(path[: len(path) - len(name)])
        if not any(folder.rules):
            return folder.marks
        return folder.marks | self.marks_by(os.path.join(absolute, name), folder.rules)

    def marks_by(self, path: str, rules: _RulesByName) -> frozenset[str]:
        """What rules say of a file."""
        marks = frozenset[str]()
        self._steps.next_path()
        for attribute, files in zip(_NAMES, rules, strict=True):
            for start, patterns, values in files:
                found = patterns.last(as_bytes(path[start:]), False)
                if found >= 0:
                    if (value := values[found]) is not None:
                        marks |= {attribute if value else f"-{attribute}"}
                    break
        return marks

    def _parent(self, path: str) -> tuple[str, _Folder]:
        """The absolute path of a folder, for which the system is asked once, and what is known."""
        found = self._parents.get(path)
        if found is None:
            absolute = os.path.abspath(path)
            found = self._parents[path] = absolute, self._folder(absolute)
        return found

    def added(self, rules: _RulesByName, start: int, lines: list[_Line]) -> _RulesByName:
        """Rules with those of the lines of one more file, which come first."""
        own = (self._rules(start, lines, name) for name in _NAMES)
        return tuple(
            (added, *others) if added is not None else others
            for added, others in zip(own, rules, strict=True)
        )

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
        inside = os.path.join(path, "")
        is_repository = os.path.lexists(f"{inside}.git")
        is_named = path in self._named
        if is_repository:
            above = _Folder(above.marks, in_repository=True, in_named=above.in_named)
        marks = above.marks
        if above.in_named and not is_named:
            marks |= {name for name in MARKED_FOLDERS if os.path.exists(inside + name)}
        rules = above.rules
        if above.in_repository or above.in_named or is_named:
            for lines in _read(path, self.skipped, is_repository=is_repository):
                rules = self.added(rules, len(inside), lines)
        return _Folder(marks, rules, above.in_repository, above.in_named or is_named)

    def _rules(self, start: int, lines: list[_Line], name: str) -> _Rules | None:
        """What lines say of an attribute; None if nothing."""
        own = [(pattern, values[name]) for pattern, values in lines if name in values]
        if not own:
            return None
        patterns = Globs([Glob(pattern) for pattern, _ in own], self._steps)
        return _Rules(start, patterns, [value for _, value in own])


class Attributes:
    """What the attribute files of a revision, or of an index, say of its files."""

    def __init__(self) -> None:
        self._folders = _Folders(set())
        self._rules: dict[str, _RulesByName] = {}

    def marks(self, path: str, read: Callable[[str], bytes | None]) -> frozenset[str]:
        """What is known of a file.

        Args:
            path: in the repository.
            read: the content of a file by such a path; None if there is none.
        """
        return self._folders.marks_by(path, self._of(path[: path.rfind("/") + 1], read))

    def _of(self, folder: str, read: Callable[[str], bytes | None]) -> _RulesByName:
        """The rules in a folder, whose path has a slash at its end; "" is the root."""
        pending = []
        while folder not in self._rules:
            pending.append(folder)
            if not folder:
                break
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        found = self._rules.get(folder, ((),) * len(_NAMES))
        for each in reversed(pending):
            data = read(f"{each}.gitattributes")
            if data is not None and b"linguist-" in data:
                found = self._folders.added(found, len(each), _lines(_without_bom(data)))
            self._rules[each] = found
        return found


def _without_bom(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf")


def _read(folder: str, skipped: list[Skipped], *, is_repository: bool) -> Iterator[list[_Line]]:
    """The patterns of the attribute files in a folder with what they say, the strongest file last.

    Those of a repository's `.git/info/attributes` outrank the others. A file that cannot be read is
    added to ``skipped``.
    """
    names = (".gitattributes", ".git/info/attributes") if is_repository else (".gitattributes",)
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            continue  # as in nearly all folders, without an error that is made first
        try:
            data = read_regular(path, MAX_SIZE, within=folder)
        except ReadError as error:
            if not isinstance(error.__cause__, NO_FILE):
                reason = error.message.removeprefix(f"{one_line(path)}: ")
                skipped.append(Skipped(path, f"its attributes do not count: {reason}"))
            continue
        if b"linguist-" in data:
            yield _lines(_without_bom(data))


def _lines(data: bytes) -> list[_Line]:
    macros: dict[str, _Values] = {}
    lines: list[_Line] = []
    for line in data.split(b"\n"):
        pattern, *attributes = _words(line.partition(b"\0")[0])
        values: _Values = {}
        for attribute in attributes:
            values.update(_values(attribute, macros))
        if pattern.startswith("[attr]"):
            macros[pattern.removeprefix("[attr]")] = values
        elif values and not pattern.startswith(("#", "!")):
            lines.append((pattern, values))
    return lines


def _words(line: bytes) -> list[str]:
    """The pattern, which may be quoted, and the attributes after it; a character for each byte."""
    line = line.strip(b" \t\r")
    quoted = _QUOTED.match(line)
    if quoted:
        pattern, rest = unquoted(quoted[0]), line[quoted.end() :]
    else:
        pattern, *others = line.split(None, 1) or [b""]
        rest = b"".join(others)
    return [each.decode("latin-1") for each in (pattern, *rest.split())]


def _values(attribute: str, macros: dict[str, _Values]) -> _Values:
    """What an attribute says; None is unspecified."""
    name, _, value = attribute.lstrip("-!").partition("=")
    state = None if attribute.startswith("!") else not attribute.startswith("-")
    if value:
        state = value.lower() not in ("false", "0", "no")
    if name in macros:
        return macros[name] if state else dict.fromkeys(macros[name], state)
    return {name: state} if name in _NAMES else {}
