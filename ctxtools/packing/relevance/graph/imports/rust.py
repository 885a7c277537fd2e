"""Rust: ``mod a;``, ``use crate::a::b``, ``super``, ``self``, and crates of the same workspace."""

import re
from collections.abc import Iterator, Mapping, Sequence

from ctxtools.packing.relevance.graph.imports.files import Files
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports
from ctxtools.packing.relevance.graph.imports.search import find_all
from ctxtools.packing.relevance.graph.sources import Source

_STATEMENT = re.compile(
    r"^[ \t]{0,40}(?:pub(?:\([^)\n]{0,80}\))?[ \t]+)?(mod|use)[ \t]+([^;]{1,3000});", re.MULTILINE
)
_INLINE = re.compile(r"\b((?:crate|super)::[a-z_][\w:]{0,200})")
_PACKAGE_NAME = re.compile(r"""^\s*\[package\][^\[]*?^\s*name\s*=\s*["']([\w-]{1,100})["']""", re.M)
_TOKEN = re.compile(r"[{},]|[^{},]+")
_MAX_PATHS = 400  # of one statement
_DECLARED = 0.3  # of an edge to a module that is only declared
_ROOTS = ("lib", "main")


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports, threads: int
) -> Iterator[Found]:
    """The imports between files of Rust: (user, used, weight)."""
    files = Files(sources, ("mod",))
    roots = {source.folder for source in sources if source.stem.rpartition("/")[2] in _ROOTS}
    crates = _crates(manifests)

    def imports_of(user: int, inline: Sequence[str]) -> Iterator[Found]:
        source = sources[user]
        module = _module(source, roots)
        root = _root(source.folder, roots)
        for kind, what in _STATEMENT.findall(source.text):
            if kind == "mod":
                found = files.at(_join(module, what.strip()))
                if found is not None:
                    yield user, found, _DECLARED
            else:
                for path in use_paths(what):
                    found = _resolve(files, module, root, crates, path)
                    if found is not None:
                        yield user, found, 1.0
        for path in set(inline):
            found = _resolve(files, module, root, crates, path)
            if found is not None:
                yield user, found, 1.0

    def find(users: Sequence[int]) -> Iterator[Iterator[Found]]:
        texts = [sources[user].text for user in users]
        return map(imports_of, users, find_all(_INLINE, ["crate::", "super::"], texts, threads))

    yield from known.edges(find)


def use_paths(tree: str) -> list[str]:
    """The paths of a ``use``: of ``a::{b, c::d}``, "a::b" and "a::c::d"."""
    found: list[str] = []
    prefixes = [""]
    last = ""
    for token in _TOKEN.findall(tree):
        if token == "{":
            prefixes.append(prefixes[-1] + last)
            last = ""
        elif token in "},":
            if last:
                found.append(prefixes[-1] + last)
            last = ""
            if token == "}" and len(prefixes) > 1:
                prefixes.pop()
        else:
            last = "".join(token.partition(" as ")[0].split())
        if len(found) >= _MAX_PATHS or len(prefixes) > 20:
            return found
    return [*found, prefixes[-1] + last] if last else found


def _module(source: Source, roots: set[str]) -> str:
    """The folder in which the modules of a file are."""
    name = source.stem.rpartition("/")[2]
    if name == "mod" or (name in _ROOTS and source.folder in roots):
        return source.folder
    return source.stem


def _root(folder: str, roots: set[str]) -> str:
    while folder and folder not in roots:
        folder = folder.rpartition("/")[0]
    return folder


def _resolve(
    files: Files, module: str, root: str, crates: Mapping[str, str], path: str
) -> int | None:
    """The file of the longest start of a path that has one."""
    names = [each for each in path.split("::") if each]
    if not names:
        return None
    if names[0] == "crate":
        base, names = root, names[1:]
    elif names[0] in ("self", "super"):
        base = module
        while names and names[0] in ("self", "super"):
            base = base.rpartition("/")[0] if names[0] == "super" else base
            names = names[1:]
    elif names[0] in crates:
        base, names = _join(crates[names[0]], "src"), names[1:]
    else:
        base = module
        if files.at(_join(base, names[0])) is None:
            return None
    for length in range(len(names), 0, -1):
        found = files.at(_join(base, "/".join(names[:length])))
        if found is not None:
            return found
    for own in ("", *_ROOTS):
        found = files.at(_join(base, own)) if base or own else None
        if found is not None:
            return found
    return None


def _crates(manifests: Mapping[str, str]) -> dict[str, str]:
    """The folder of each crate by its name as code writes it."""
    found: dict[str, str] = {}
    for path, text in manifests.items():
        folder, _, name = path.rpartition("/")
        if name == "Cargo.toml" and (named := _PACKAGE_NAME.search(text[:20_000])):
            found.setdefault(named[1].replace("-", "_"), folder)
    return found


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name
