"""Python: ``import a.b``, ``from a import b``, ``from . import c``; packages and source folders."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from ctxtools import _core
from ctxtools.packing.relevance.graph.imports.files import Files, normal
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports, Statement
from ctxtools.packing.relevance.graph.sources import Source

_WORD = "import"
_MAX_LINE = 400  # characters before an "import" on its line
_MAX_NAMES = 4_000  # characters of the names after it
_PACKAGE = 0.3  # of an edge to a package from whom imports a module of it
_NAME = re.compile(r"(?:^|,)\s*(\w+)")
_OPENED = re.compile(r"[ \t]*\(")
_MODULES = re.compile(r"[\w.]+")

_Statements = list[tuple[str, list[str]]]


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports, threads: int
) -> Iterator[Found]:
    """The imports between files of Python: (user, used, weight)."""
    files = Files(sources, ("__init__",))

    def imported(users: Sequence[int]) -> Iterator[list[Statement]]:
        texts = [sources[user].text for user in users]
        folders = [files.folders[user] for user in users]
        offsets = _core.find_literals(texts, [_WORD], threads)
        return map(_Imported(files).of, texts, folders, offsets)

    found = known.statements(imported)
    passed: dict[int, dict[str, int]] = {}  # of a package: the names that it imports from others
    for top in files.tops:
        named = passed.setdefault(top, {})
        for module, names, inner in found[top]:
            for name in names:
                origin = inner.get(name, module)
                if origin is not None and origin != top:
                    named[name] = origin
    for user, each in enumerate(found):
        for module, names, inner in each:
            direct = 0
            others = passed.get(module) if module is not None else None
            if inner or others:
                for name in names:
                    used = inner.get(name)
                    if used is None and others:
                        used = others.get(name)
                    if used is not None:
                        direct += 1
                        yield user, used, 1.0
            if module is not None:
                yield user, module, _PACKAGE if direct and direct == len(names) else 1.0


def statements(
    text: str, offset: int, may_be: Callable[[str], bool] = lambda _: True
) -> _Statements:
    """What is imported with a word at an offset: each module with its leading dots, and the names
    from it; nothing where the word is not that of a statement.

    Args:
        text: what has the statement.
        offset: of the word "import", in characters.
        may_be: says of a module whether it is asked for; names from others are not read.
    """
    after = offset + len(_WORD)
    start = text.rfind("\n", max(offset - _MAX_LINE, 0), offset) + 1
    if offset - start > _MAX_LINE:
        return []
    before = text[start:offset].split()
    if not before and text[after : after + 1] in (" ", "\t"):
        end = text.find("\n", after, after + _MAX_NAMES)
        line = text[after : end if end >= 0 else after + _MAX_NAMES].partition("#")[0]
        modules = (_MODULES.match(each.strip()) for each in line.split(","))
        return [(each[0], []) for each in modules if each and may_be(each[0])]
    if len(before) == 2 and before[0] == "from" and may_be(before[1]):
        return [(before[1], _names(text, after, after + _MAX_NAMES))]
    return []


def _names(text: str, start: int, limit: int) -> list[str]:
    """The names that are imported, from what follows the word, up to a limit."""
    opened = _OPENED.match(text, start, limit)
    if opened:
        start = opened.end()
        end = text.find(")", start, limit)
    else:
        end = text.find("\n", start, limit)
        while end > start and text[end - 1] == "\\":
            end = text.find("\n", end + 1, limit)
    listed = text[start : end if end >= 0 else limit]
    if "#" in listed:
        listed = "".join(line.partition("#")[0] for line in listed.split("\n"))
    return _NAME.findall(listed.replace("\\", " ").replace("\n", ""))


class _Imported:
    """What statements import of some files. Most are on the same line of several files."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._lines: dict[str, _Statements | None] = {}  # None where they go on after the line
        # By folder, since files of a folder import the same: a line -> what it imports.
        self._found: dict[str, dict[str, list[Statement]]] = {}

    def of(self, text: str, folder: str, offsets: Sequence[int]) -> list[Statement]:
        """What a text imports that is in a file of a folder, by the offsets of the word."""
        lines, known = self._lines, self._found.setdefault(folder, {})
        found: list[Statement] = []
        read = 0  # up to this offset
        for offset in offsets:
            if offset < read:
                continue
            start = text.rfind("\n", offset - _MAX_LINE if offset > _MAX_LINE else 0, offset) + 1
            if offset - start > _MAX_LINE:
                continue
            end = text.find("\n", offset, start + _MAX_NAMES)
            line = text[start : end if end >= 0 else start + _MAX_NAMES]
            if line not in lines:
                lines[line] = self._on(line)
            named = lines[line]
            if named is None:
                found += self._imported(folder, statements(text, offset, self._may_be))
                continue
            read = start + len(line)
            if named:
                if line not in known:
                    known[line] = self._imported(folder, named)
                found += known[line]
        return found

    def _on(self, line: str) -> _Statements | None:
        """The statements on a line; None if they may go on after it."""
        if line.endswith("\\") or line.rfind("(") > line.rfind(")") or len(line) >= _MAX_NAMES:
            return None
        found: _Statements = []
        offset = line.find(_WORD)
        while offset >= 0:
            found += statements(line, offset, self._may_be)
            offset = line.find(_WORD, offset + 1)
        return found

    def _may_be(self, module: str) -> bool:
        """Whether a module may be one of the files, by its first name."""
        top = module.partition(".")[0]
        return not top or top in self._files.outermost or "" in self._files.packages

    def _imported(self, folder: str, named: _Statements) -> list[Statement]:
        files = self._files
        found: list[Statement] = []
        for module, names in named:
            base, used = self._module(folder, module)
            inner: dict[str, int] = {}
            if base is None:  # of a library, or a package without __init__
                path = module.replace(".", "/")
                for name in names:
                    each = self._absolute(folder, f"{path}/{name}")
                    if each is not None:
                        inner[name] = each
            elif base in files.above:
                for name in names:
                    each = files.exactly(f"{base}/{name}" if base else name)
                    if each is not None:
                        inner[name] = each
            if used is not None or inner:
                found.append((used, names, inner))
        return found

    def _module(self, folder: str, module: str) -> tuple[str | None, int | None]:
        """The path of a module that is named in a folder, and its file; None is neither."""
        bare = module.lstrip(".")
        path = bare.replace(".", "/")
        if dots := len(module) - len(bare):
            for _ in range(dots - 1):
                folder = folder.rpartition("/")[0]
            base = normal(_join(folder, path))
            return base, self._files.exactly(base)
        found = self._absolute(folder, path)
        return (None, None) if found is None else (self._files.modules[found], found)

    def _absolute(self, folder: str, path: str) -> int | None:
        files = self._files
        found = files.outside_packages(path, folder)
        if found is not None:
            return found
        top, _, rest = path.partition("/")
        # The folder of the package itself was packed.
        if rest and "" in files.packages and top not in sys.stdlib_module_names:
            return files.at(rest)
        return None


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name
