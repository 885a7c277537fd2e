"""Python: ``import a.b``, ``from a import b``, ``from . import c``; packages and source folders."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ctxtools.packing.relevance.graph.imports.files import Files
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports, Statement
from ctxtools.packing.relevance.graph.sources import Source

_MAX_LINE = 400  # characters before an "import" on its line
_MAX_NAMES = 4_000  # characters of the names after it
_PACKAGE = 0.3  # of an edge to a package from whom imports a module of it
_NAME = re.compile(r"\w+")
_OPENED = re.compile(r"[ \t]*\(")
_MODULES = re.compile(r"[\w.]+")


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports
) -> Iterator[Found]:
    """The imports between files of Python: (user, used, weight)."""
    files = Files(sources, ("__init__",))
    found = [known.statements(user, partial(_all_imported, files)) for user in range(len(sources))]
    passed: dict[int, dict[str, int]] = {}  # of a package: the names that it imports from others
    for top in files.tops:
        named = passed.setdefault(top, {})
        for module, others in found[top]:
            for name, inner in others:
                origin = module if inner is None else inner
                if origin is not None and origin != top:
                    named[name] = origin
    for user, each in enumerate(found):
        for module, names in each:
            direct = 0
            for name, inner in names:
                if inner is None and module is not None:
                    inner = passed.get(module, {}).get(name)
                if inner is not None:
                    direct += 1
                    yield user, inner, 1.0
            if module is not None:
                yield user, module, _PACKAGE if direct and direct == len(names) else 1.0


def statements(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each module that is imported, with its leading dots, and the names from it."""
    position = text.find("import")
    while position >= 0:
        after = position + len("import")
        start = text.rfind("\n", max(position - _MAX_LINE, 0), position) + 1
        before = text[start:position].split()
        if not before and text[after : after + 1] in (" ", "\t"):
            end = text.find("\n", after, after + _MAX_NAMES)
            line = text[after : end if end >= 0 else after + _MAX_NAMES].partition("#")[0]
            for each in line.split(","):
                if found := _MODULES.match(each.strip()):
                    yield found[0], []
        elif len(before) == 2 and before[0] == "from":
            yield before[1], _names(text, after, after + _MAX_NAMES)
        position = text.find("import", after)


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
    entries = listed.replace("\\", " ").replace("\n", "").split(",")
    return [found[0] for each in entries if (found := _NAME.match(each.strip()))]


def _all_imported(files: Files, user: int, text: str) -> list[Statement]:
    """What the statements of a file import of the others."""
    found = (_imported(files, user, *each) for each in statements(text))
    return [
        (module, names)
        for module, names in found
        if module is not None or any(inner is not None for _, inner in names)
    ]


def _imported(files: Files, user: int, module: str, names: Sequence[str]) -> Statement:
    """The file of a module, and each name from it with the file that it is, if it is a module."""
    bare = module.lstrip(".")
    path = bare.replace(".", "/")
    if dots := len(module) - len(bare):
        own = files.modules[user]
        package = own if user in files.tops else _parent(own)
        for _ in range(dots - 1):
            package = _parent(package)
        base = _join(package, path)
        found = files.at(base)
        return found, [(name, files.at(_join(base, name))) for name in names]
    found = _absolute(files, user, path)
    if found is None:  # of a library, or a package without __init__
        return None, [(name, _absolute(files, user, f"{path}/{name}")) for name in names]
    base = files.modules[found]
    return found, [(name, files.at(_join(base, name))) for name in names]


def _absolute(files: Files, user: int, path: str) -> int | None:
    found = files.outside_packages(path, user)
    if found is not None:
        return found
    top, _, rest = path.partition("/")
    # The folder of the package itself was packed.
    if rest and "" in files.packages and top not in sys.stdlib_module_names:
        return files.at(rest)
    return None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name
