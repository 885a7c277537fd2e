"""Go: a package is a folder, which is named from the module's path in ``go.mod``."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ctxtools.packing.relevance.graph.imports.files import Files
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports
from ctxtools.packing.relevance.graph.imports.search import find_all
from ctxtools.packing.relevance.graph.sources import Source

_BLOCK = re.compile(r"^import[ \t]{0,8}\(([^)]{0,20000})\)", re.MULTILINE)
_SINGLE = re.compile(r'^import[ \t]{1,8}(?:[\w.]{1,80}[ \t]{1,8})?"([^"\n]{1,300})"', re.MULTILINE)
_QUOTED = re.compile(r'"([^"\n]{1,300})"')
_MODULE = re.compile(r"^module[ \t]{1,8}(\S{1,300})", re.MULTILINE)
_MAX_MEMBERS = 40  # files of a package that each get a share


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports, threads: int
) -> Iterator[Found]:
    """The imports between files of Go: (user, used, weight); a package's weight is shared."""
    files = Files(sources)
    modules = sorted(_modules(manifests), key=lambda each: -len(each[0]))

    def imports_of(user: int, named: Sequence[str], blocks: Sequence[str]) -> Iterator[Found]:
        inside = [path for block in blocks for path in _QUOTED.findall(block)]
        for path in dict.fromkeys([*named, *inside]):
            folder = _folder(files, user, path, modules)
            members = [
                each
                for each in files.members(folder or "")
                if folder is not None and not sources[each].stem.endswith("_test")
            ]
            for each in members[:_MAX_MEMBERS]:
                yield user, each, 1.0 / len(members)

    def find(users: Sequence[int]) -> Iterator[Iterator[Found]]:
        texts = [sources[user].text for user in users]
        found = (find_all(pattern, ["import"], texts, threads) for pattern in (_SINGLE, _BLOCK))
        return map(imports_of, users, *found)

    yield from known.edges(find)


def _folder(files: Files, user: int, path: str, modules: Sequence[tuple[str, str]]) -> str | None:
    for module, folder in modules:
        if path == module or path.startswith(f"{module}/"):
            rest = path[len(module) + 1 :]
            return f"{folder}/{rest}" if folder and rest else folder or rest
    if "." not in path.partition("/")[0]:
        return None  # of the standard library
    names = path.split("/")
    for start in range(1, len(names)):
        found = files.folder_ending("/".join(names[start:]), user)
        if found is not None:
            return found
    return None


def _modules(manifests: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path of the module, its folder)."""
    for path, text in manifests.items():
        folder, _, name = path.rpartition("/")
        if name == "go.mod" and (found := _MODULE.search(text[:20_000])):
            yield found[1], folder
