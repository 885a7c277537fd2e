"""All other languages: a path or a dotted name in a line that includes, imports or requires.

``#include "a/b.h"``, ``import a.b.C;``, ``require_relative "a"``, ``use A\\B\\C;``,
``source a.sh``, ``import "a.proto"``, ``@import("a.zig")``. A header also stands for the file that
implements it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from ctxtools.packing.relevance.graph.imports.files import Files
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports
from ctxtools.packing.relevance.graph.imports.search import find_all
from ctxtools.packing.relevance.graph.sources import Source

_LINE = re.compile(
    r"^[ \t]{0,40}(?:\#[ \t]{0,8}(?:include|import)|import|export|require_relative|require_once"
    r"|require|include_once|include|source|load|use|using|part|alias|@import|@use|@forward|\.)"
    r"(?:[ \t(]{1,8}|(?=[\"'<]))([^\n]{1,300})",
    re.MULTILINE,
)
_CALL = re.compile(r"""(?:@import|\brequire)[ \t]{0,4}\(?[ \t]{0,4}["']([^"'\n]{1,300})["']""")
_QUOTED = re.compile(r"""^[^"'<;]{0,40}["'<]([^"'<>\n]{1,200})["'>]""")
_DOTTED = re.compile(
    r"(?:static[ \t]+|function[ \t]+)?((?:\.{1,2}/)*[A-Za-z_][\w.\\/:-]{0,200}\*?)"
)
_SEPARATORS = re.compile(r"::|[.\\]")
_IMPLEMENTED = 0.7  # of an edge from a header to the file that implements it
_MAX_MEMBERS = 40  # files of a folder that each get a share


def imports(
    sources: Sequence[Source], manifests: Mapping[str, str], known: KnownImports, threads: int
) -> Iterator[Found]:
    """The imports between files of one family: (user, used, weight)."""
    files = Files(sources)

    def imports_of(user: int, called: Sequence[str]) -> Iterator[Found]:
        named = [*_LINE.findall(sources[user].text), *(f'"{each}"' for each in called)]
        for rest in dict.fromkeys(named):
            yield from _edges(files, sources, user, rest)

    def find(users: Sequence[int]) -> Iterator[Iterator[Found]]:
        texts = [sources[user].text for user in users]
        return map(imports_of, users, find_all(_CALL, ["@import", "require"], texts, threads))

    yield from known.edges(find)
    if sources and sources[0].family == "c":
        yield from _implementations(sources)


def _edges(files: Files, sources: Sequence[Source], user: int, rest: str) -> Iterator[Found]:
    if quoted := _QUOTED.match(rest):
        path = quoted[1].partition(":")[2] if quoted[1].startswith("package:") else quoted[1]
        found = _quoted(files, sources[user].folder, user, path)
        if found is not None:
            yield user, found, 1.0
        return
    dotted = _DOTTED.match(rest)
    if not dotted:
        return
    named = dotted[1].rstrip(".:\\")
    names = [each for each in _SEPARATORS.split(named) if each]
    if not names:
        return
    if names[-1] in ("*", "_"):
        folder = files.folder_ending("/".join(names[:-1]), user) if len(names) > 2 else None
        members = [each for each in files.members(folder or "") if folder is not None]
        for each in members[:_MAX_MEMBERS]:
            yield user, each, 1.0 / len(members)
        return
    if "/" in named or ("." in named.rpartition("/")[2] and len(names) == 2):
        found = _quoted(files, sources[user].folder, user, named)
        if found is not None:
            yield user, found, 1.0
            return
    # "a.b.C.member" and "a.b.C" both name C; the first names may be those of the package's folder.
    for end in (len(names), len(names) - 1):
        for start in range(max(end - 6, 0), max(end - 1, 1)):
            found = files.ending("/".join(names[start:end]), user)
            if found is not None:
                yield user, found, 1.0
                return


def _quoted(files: Files, folder: str, user: int, path: str) -> int | None:
    """The file of a path from the folder of the file that names it, or the end of whose is that."""
    found = files.at(f"{folder}/{path}" if folder else path)
    if found is not None:
        return found
    names = [each for each in path.split("/") if each not in ("", ".", "..")]
    if not names:
        return None
    if len(names) == 1 and "." in path:  # "shop.menu" may be that of a folder and a file
        found = files.ending(path.replace(".", "/"), user)
        if found is not None:
            return found
    stem, dot, suffix = names[-1].rpartition(".")
    bare = "/".join([*names[:-1], stem if dot and len(suffix) <= 5 else names[-1]])
    found = files.ending(bare, user, names[-1])
    if found is None and len(names) > 1:  # the start may be the name of a library
        found = files.ending(bare.partition("/")[2], user, names[-1])
    return found


def _implementations(sources: Sequence[Source]) -> Iterator[Found]:
    """An edge from each header to the file of its name: in the same folder, or the only one."""
    bodies: dict[str, list[int]] = {}
    for position, source in enumerate(sources):
        if not _is_header(source):
            bodies.setdefault(source.stem.rpartition("/")[2], []).append(position)
    for position, source in enumerate(sources):
        if _is_header(source):
            found = bodies.get(source.stem.rpartition("/")[2], [])
            near = [each for each in found if sources[each].folder == source.folder] or found
            if len(near) == 1:
                yield position, near[0], _IMPLEMENTED


def _is_header(source: Source) -> bool:
    return source.path.rpartition(".")[2][:1].lower() == "h"
