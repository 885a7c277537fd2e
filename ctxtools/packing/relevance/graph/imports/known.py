"""What is known of the imports of texts from an earlier run, while the files are the same.

Which file an import means depends on the paths of all files. These rarely change, and texts do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from ctxtools.packing.cache import Json, Known
from ctxtools.packing.relevance.graph.sources import Source

Found = tuple[int, int, float]
"""(user, used, weight), by positions."""
Statement = tuple[int | None, list[tuple[str, int | None]]]
"""The file of a module, and each name from it with the file that it is; None is no file."""


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
        self._known, self._sources = known, sources
        facts = [[each.path for each in sources], *sorted(manifests.items())]
        self._state = sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def edges(self, user: int, find: Callable[[int], Iterable[Found]]) -> list[Found]:
        """The edges from a file: those that are known, or what is found in its text.

        Args:
            user: the position of the file.
            find: finds them.
        """
        source = self._sources[user]
        if not source.text:
            return []
        kind = f"edges of {source.path}"
        found = self._read_edges(user, self._remembered(kind, source.text))
        if found is None:
            found = list(find(user))
            edges = [[used, weight] for _, used, weight in found]
            self._known.put(kind, source.text, [self._state, *edges])
        return found

    def statements(self, user: int, find: Callable[[int, str], list[Statement]]) -> list[Statement]:
        """The imports of a file, where the edges depend on those of other files as well.

        Args:
            user: the position of the file.
            find: finds them, in its text.
        """
        source = self._sources[user]
        if "import" not in source.text:
            return []
        kind = f"imports of {source.path}"
        found = self._read_statements(self._remembered(kind, source.text))
        if found is None:
            found = find(user, source.text)
            self._known.put(kind, source.text, [self._state, *found])
        return found

    def _remembered(self, kind: str, text: str) -> list[Json] | None:
        """What was found in a text where the files were the same; None if that is not known."""
        value = self._known.get(kind, text)
        if not isinstance(value, list) or value[:1] != [self._state]:
            return None
        return value[1:]

    def _read_edges(self, user: int, values: list[Json] | None) -> list[Found] | None:
        if values is None:
            return None
        found: list[Found] = []
        for each in values:
            match each:
                case [int(used), float(weight)] if self._is_file(used) and 0 < weight <= 1:
                    found.append((user, used, weight))
                case _:
                    return None
        return found

    def _read_statements(self, values: list[Json] | None) -> list[Statement] | None:
        if values is None:
            return None
        found: list[Statement] = []
        for each in values:
            match each:
                case [module, [*named]] if self._is_file(module):
                    names: list[tuple[str, int | None]] = []
                    for entry in named:
                        match entry:
                            case [str(name), inner] if self._is_file(inner):
                                names.append((name, inner))
                            case _:
                                return None
                    found.append((module, names))
                case _:
                    return None
        return found

    def _is_file(self, value: Json) -> bool:
        return value is None or (type(value) is int and 0 <= value < len(self._sources))
