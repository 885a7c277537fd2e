"""Imports: which files of a pack each file of code names, language by language.

A module has ``imports(sources, manifests, known, threads)`` for a family of languages, which yields
edges. What is named and not in the pack (a library, a generated file) has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from ctxtools.packing.cache import UNKNOWN, Known
from ctxtools.packing.relevance.graph.imports.known import Found, KnownImports
from ctxtools.packing.relevance.graph.sources import Source

_MODULES = {"python": "python", "javascript": "javascript", "rust": "rust", "go": "go"}


def import_edges(
    sources: Sequence[Source],
    manifests: Mapping[str, str],
    known: Known = UNKNOWN,
    threads: int = 1,
) -> Iterator[Found]:
    """The imports between files, each edge once or several times, none to itself.

    Args:
        sources: files of code.
        manifests: path -> text of the files that name modules: ``go.mod``, ``package.json``.
        known: what is known of the texts.
        threads: how many may work; 0 is one per core.

    Returns:
        (the position of a file among the sources, that of a file that it uses, how much: 1 is an
        ordinary import).
    """
    families: dict[str, list[int]] = {}
    for position, source in enumerate(sources):
        families.setdefault(source.family, []).append(position)
    for family, positions in families.items():
        name = _MODULES.get(family, "general")
        module = import_module(f"ctxtools.packing.relevance.graph.imports.{name}")
        members = [sources[each] for each in positions]
        remembered = KnownImports(known, members, manifests)
        yield from [
            (positions[user], positions[used], weight)
            for user, used, weight in module.imports(members, manifests, remembered, threads)
            if user != used
        ]
