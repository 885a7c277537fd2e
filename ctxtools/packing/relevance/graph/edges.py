"""The graph of a pack: an edge from each file to those whose code it uses."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ctxtools.packing.cache import UNKNOWN, Known
from ctxtools.packing.relevance.graph.imports import import_edges
from ctxtools.packing.relevance.graph.names import name_edges
from ctxtools.packing.relevance.graph.sources import Source

# Languages whose imports name files: in much code these alone count, which are found faster.
_EXACT = frozenset(("python", "javascript", "rust", "c"))
_MUCH = 6_000_000  # characters of a family: about a quarter of a second
_MAX_NAMES = 3.0  # of the weight of all names of a file in another
_UNSEEN = 0.2  # of a name in a file that the user does not import
_PACKAGE_NAMES = frozenset(("__init__", "index", "mod"))


class Graph(NamedTuple):
    """Which files of code use which.

    Attributes:
        sources: the files.
        uses: of each, by position: position of the used file -> weight.
    """

    sources: Sequence[Source]
    uses: Sequence[Mapping[int, float]]

    def users(self) -> list[dict[int, float]]:
        """The same edges, by the file that is used."""
        found: list[dict[int, float]] = [{} for _ in self.sources]
        for user, used in enumerate(self.uses):
            for each, weight in used.items():
                found[each][user] = weight
        return found


def make_graph(
    sources: Sequence[Source],
    manifests: Mapping[str, str],
    known: Known = UNKNOWN,
    threads: int = 1,
) -> Graph:
    """The graph of some files, in time linear in their texts.

    Args:
        sources: files of code.
        manifests: path -> text of the files that name modules: see `import_edges`.
        known: what is known of the texts.
        threads: how many may work; 0 is one per core.
    """
    uses: list[dict[int, float]] = [{} for _ in sources]
    for user, used, weight in import_edges(sources, manifests, known, threads):
        if weight > uses[user].get(used, 0.0):
            uses[user][used] = weight
    named = list(_named(sources))
    if not named:
        return Graph(sources, uses)
    tops = {i for i, source in enumerate(sources) if source.name in _PACKAGE_NAMES}
    for user, used, weight in named:  # names that a package passes on, also as strings
        if user in tops and _is_below(sources[used], sources[user]):
            uses[user][used] = max(uses[user].get(used, 0.0), min(weight, 1.0))
    seen = [_seen(uses, tops, user) for user in range(len(sources))]
    for user, used, weight in named:
        if user not in tops:
            exact = sources[user].family in _EXACT and used not in seen[user]
            factor = _UNSEEN if exact else 1.0
            uses[user][used] = uses[user].get(used, 0.0) + factor * min(weight, _MAX_NAMES)
    return Graph(sources, uses)


def _named(sources: Sequence[Source]) -> Iterator[tuple[int, int, float]]:
    """The edges by names alone, of the families that are read for them."""
    families: dict[str, list[int]] = {}
    for position, source in enumerate(sources):
        families.setdefault(source.family, []).append(position)
    for family, positions in families.items():
        members = [sources[each] for each in positions]
        if family in _EXACT and sum(len(each.text) for each in members) > _MUCH:
            continue
        for user, used, weight in name_edges(members):
            yield positions[user], positions[used], weight


def _is_below(source: Source, top: Source) -> bool:
    return source.path.startswith(f"{top.folder}/" if top.folder else "")


def _seen(uses: Sequence[Mapping[int, float]], tops: Collection[int], user: int) -> set[int]:
    """The files that a file imports, also by way of a package."""
    found = set(uses[user])
    for each in uses[user]:
        if each in tops:
            found.update(uses[each])
    return found
