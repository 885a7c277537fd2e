"""JavaScript, TypeScript and components: ``import``, ``export … from``, ``require``.

Relative paths, with or without a suffix, folders by their ``index``; the ``paths`` and ``baseUrl``
of a ``tsconfig.json``; packages of the same repository by the name in their ``package.json``.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctxtools.packing.relevance.graph.imports.files import Files
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports
from ctxtools.packing.relevance.graph.imports.search import find_all
from ctxtools.packing.relevance.graph.sources import Source

_SPECIFIER = re.compile(
    r"""\b(?:from|import|require)[ \t]{0,8}\(?[ \t\n]{0,8}["'`]([^"'`\s]{1,300})["'`]"""
)
_STARTS = ("from", "import", "require")
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*\*/')
_TRAILING = re.compile(r",(\s*[}\]])")
_MAX_MANIFEST = 100_000  # characters
_SOURCES = ("src", "lib", "")  # folders of a package in which a path without its own is looked for


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports, threads: int
) -> Iterator[Found]:
    """The imports between files of JavaScript and its relatives: (user, used, weight)."""
    files = Files(sources, ("index",))
    aliases, packages = _aliases(manifests), _packages(manifests)

    def imports_of(user: int, specifiers: Sequence[str]) -> Iterator[Found]:
        source = sources[user]
        for specifier in specifiers:
            found = _resolve(files, source, user, specifier.partition("?")[0], aliases, packages)
            if found is not None:
                yield user, found, 1.0

    def find(users: Sequence[int]) -> Iterator[Iterator[Found]]:
        texts = [sources[user].text for user in users]
        return map(imports_of, users, find_all(_SPECIFIER, _STARTS, texts, threads))

    yield from known.edges(find)


def _resolve(
    files: Files,
    source: Source,
    user: int,
    specifier: str,
    aliases: Sequence[tuple[str, str, str]],
    packages: Mapping[str, str],
) -> int | None:
    if specifier.startswith("."):
        return _at(files, posixpath.join(source.folder, specifier))
    for scope, prefix, target in aliases:
        if specifier.startswith(prefix) and (not scope or source.path.startswith(f"{scope}/")):
            found = _at(files, posixpath.join(target, specifier[len(prefix) :]))
            if found is not None:
                return found
    if specifier[:2] in ("@/", "~/"):
        path = _bare(specifier[2:])
        found = files.ending(f"src/{path}", user)
        return files.ending(path, user) if found is None else found
    names = specifier.split("/")
    name = "/".join(names[: 2 if specifier.startswith("@") else 1])
    if (folder := packages.get(name)) is None:
        return None
    rest = "/".join(names[2 if specifier.startswith("@") else 1 :])
    tried = (_at(files, posixpath.join(folder, each, rest)) for each in _SOURCES)
    return next((found for found in tried if found is not None), None)


def _at(files: Files, path: str) -> int | None:
    """The file of a path; one that is named by the suffix of what is made of it, too."""
    found = files.at(path)
    return files.at(_bare(path).removesuffix("/index")) if found is None else found


def _bare(path: str) -> str:
    folder, slash, name = posixpath.normpath(path).rpartition("/")
    return folder + slash + (name.partition(".")[0] or name)


def _aliases(manifests: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(folder below which it counts, start of the specifier, folder that it stands for)."""
    found = []
    for path, text in manifests.items():
        folder, _, name = path.rpartition("/")
        if not name.startswith(("tsconfig", "jsconfig")):
            continue
        options = _read(text).get("compilerOptions")
        if not isinstance(options, dict):
            continue
        given = options.get("baseUrl")
        base = posixpath.normpath(posixpath.join(folder, given if isinstance(given, str) else ""))
        mapped = options.get("paths")
        for pattern, targets in mapped.items() if isinstance(mapped, dict) else ():
            for target in targets if isinstance(targets, list) else ():
                if isinstance(target, str):
                    to = posixpath.join(base, target.removesuffix("*"))
                    found.append((folder, pattern.removesuffix("*"), to))
        if isinstance(given, str):
            found.append((folder, "", base))
    return sorted(found, key=lambda each: (-len(each[0]), -len(each[1]), each))


def _packages(manifests: Mapping[str, str]) -> dict[str, str]:
    """The folder of each package by its name."""
    found: dict[str, str] = {}
    for path, text in manifests.items():
        folder, _, name = path.rpartition("/")
        if name == "package.json":
            named = _read(text).get("name")
            if isinstance(named, str):
                found.setdefault(named, folder)
    return found


def _read(text: str) -> dict[str, Any]:
    """An object of JSON with comments and trailing commas; empty if it is none."""
    if len(text) > _MAX_MANIFEST:
        return {}
    try:
        found = json.loads(_TRAILING.sub(r"\1", _COMMENT.sub(lambda each: each[1] or " ", text)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
