"""What is known of the imports of texts from an earlier run, while the files are the same.

Which file an import means depends on the paths of all files. These rarely change, and texts do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from ctxtools.packing.cache import Json, Known
from ctxtools.packing.relevance.graph.sources import Source

Found = tuple[int, int, float]
"""(user, used, weight), by positions."""
Statement = tuple[int | None, Sequence[str], Mapping[str, int]]
"""The file of a module, None if it is none; the names from it; the files that such names are."""

_T = TypeVar("_T")


class KnownImports:
    """The imports of files of one family, by their texts.

    Args:
        known: what is known of the texts.
        sources: the files.
        manifests: path -> text of the files that name modules.
    """

    def __init__(
        self, known: Known, sources: Sequence[Source], manifests: Mapping[str, str]
    ) -> None:
        self._known, self._sources, self._manifests = known, sources, manifests

    def edges(self, find: Callable[[Sequence[int]], Iterable[Iterable[Found]]]) -> list[Found]:
        """The edges from all files: those that are known, or what is found in their texts.

        Args:
            find: finds those of each of some files.
        """
        found = self._all("edges", find, self._read_edges, lambda each: list(each[1:]))
        return [edge for edges in found for edge in edges]

    def statements(
        self, find: Callable[[Sequence[int]], Iterable[Iterable[Statement]]]
    ) -> list[list[Statement]]:
        """The imports of each file, where the edges depend on those of other files as well.

        Args:
            find: finds those of each of some files, in their texts.
        """
        return self._all("imports", find, self._read_statements, lambda each: each, "import")

    def _all(
        self,
        what: str,
        find: Callable[[Sequence[int]], Iterable[Iterable[_T]]],
        read: Callable[[int, list[Json]], list[_T] | None],
        write: Callable[[_T], Json],
        word: str = "",
    ) -> list[list[_T]]:
        """Something of each file: as it is known, or as it is found.

        Args:
            what: it is.
            find: finds it for some files.
            read: makes it of what was kept of a file; None where that is wrong.
            write: makes what is kept.
            word: nothing is kept of a text that does not have it, since nothing is found there.
        """
        found: list[list[_T]] = [[] for _ in self._sources]
        texts = [source.text for source in self._sources]
        users = [user for user, text in enumerate(texts) if text]
        if not self._known.is_kept:
            for user, each in zip(users, find(users), strict=True):
                found[user] = list(each)
            return found
        missing = []
        for user in users:
            if word not in texts[user]:
                continue
            kept = self._known.get(self._kind(what, user), texts[user])
            values = None
            if isinstance(kept, list) and kept[:1] == [self._state]:
                values = read(user, kept[1:])
            if values is None:
                missing.append(user)
            else:
                found[user] = values
        for user, each in zip(missing, find(missing), strict=True):
            found[user] = list(each)
            value = [self._state, *map(write, found[user])]
            self._known.put(self._kind(what, user), texts[user], value)
        return found

    def _kind(self, what: str, user: int) -> str:
        return f"{what} of {self._sources[user].path}"

    @cached_property
    def _state(self) -> str:
        """A hash of what the files that imports mean depend on, beside the texts."""
        from hashlib import sha256

        facts = [[each.path for each in self._sources], *sorted(self._manifests.items())]
        return sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _read_edges(self, user: int, values: list[Json]) -> list[Found] | None:
        found: list[Found] = []
        for each in values:
            match each:
                case [int(used), float(weight)] if self._is_file(used) and 0 < weight <= 1:
                    found.append((user, used, weight))
                case _:
                    return None
        return found

    def _read_statements(self, user: int, values: list[Json]) -> list[Statement] | None:
        found: list[Statement] = []
        for each in values:
            match each:
                case [module, list(names), dict(files)] if (
                    self._is_file(module)
                    and all(isinstance(name, str) for name in names)
                    and all(type(file) is int and self._is_file(file) for file in files.values())
                ):
                    found.append((module, names, files))
                case _:
                    return None
        return found

    def _is_file(self, value: Json) -> bool:
        return value is None or (type(value) is int and 0 <= value < len(self._sources))
