"""Finding the file that an import means, by the end of its path."""

import posixpath
from collections.abc import Collection, Sequence

from ctxtools.packing.relevance.graph.sources import Source

_MAX_TAIL = 8  # names of a path by whose end it is found
_MAX_SAME = 24  # files whose paths end alike; of more, none is meant
_MAX_FOLDER = 400  # files of a folder that are imported as one


class Files:
    """The files of a family of languages, by their paths.

    Args:
        sources: the files.
        package_names: names of files that stand for their folder: ``__init__``, ``index``.

    Attributes:
        packages: the folders that have such a file.
        modules: of each file its path without a suffix; of one that stands for a folder, that.
        tops: the files that stand for their folder.
    """

    def __init__(self, sources: Sequence[Source], package_names: Collection[str] = ()) -> None:
        self._sources = sources
        self._by_path: dict[str, int] = {}
        self._by_module: dict[str, int] = {}
        self._by_tail: dict[str, list[int]] = {}
        self._folders: dict[str, list[int]] = {}
        self._folder_tails: dict[str, list[str]] = {}
        self.packages: set[str] = set()
        self.modules: list[str] = []
        self.tops: set[int] = set()
        self._outside: dict[tuple[str, str], int | None] = {}
        for position, source in enumerate(sources):
            folder, _, name = source.stem.rpartition("/")
            module = source.stem
            if name in package_names:
                module = folder
                self.packages.add(folder)
                self.tops.add(position)
            self.modules.append(module)
            self._by_path.setdefault(source.path, position)
            self._by_module.setdefault(module, position)
            for tail in _tails(module):
                found = self._by_tail.setdefault(tail, [])
                if len(found) <= _MAX_SAME:
                    found.append(position)
            if source.folder not in self._folders:
                for tail in _tails(source.folder):
                    self._folder_tails.setdefault(tail, []).append(source.folder)
            members = self._folders.setdefault(source.folder, [])
            if len(members) < _MAX_FOLDER:
                members.append(position)

    def at(self, path: str) -> int | None:
        """The file of a path, with its suffix or without; or of the folder."""
        path = posixpath.normpath(path)
        if path == ".":
            path = ""
        found = self._by_path.get(path)
        return self._by_module.get(path) if found is None else found

    def ending(self, tail: str, user: int, name: str = "") -> int | None:
        """The file whose module ends with a path, the nearest to the one that names it.

        Args:
            tail: the end of the path, without a suffix.
            user: the file that names it.
            name: of the file with its suffix; those of this name come first.
        """
        found = self._by_tail.get(tail, []) if tail else []
        if name and len(found) > 1:
            named = [each for each in found if self._sources[each].path.endswith(name)]
            found = named or found
        if len(found) == 1:
            return found[0]
        if not found or len(found) > _MAX_SAME:
            return None
        folder = self._sources[user].folder.split("/")
        return max(found, key=lambda each: (self._nearness(each, folder), -each))

    def outside_packages(self, tail: str, user: int) -> int | None:
        """The same, of a path that starts below a folder that is no package itself."""
        same = self._by_tail.get(tail)
        if not same or len(same) > _MAX_SAME:
            return None
        # Files of a folder import the same.
        key = (self._sources[user].folder, tail)
        if key not in self._outside:
            self._outside[key] = self._nearest_outside(tail, same, key[0].split("/"))
        return self._outside[key]

    def _nearest_outside(self, tail: str, same: list[int], folder: list[str]) -> int | None:
        above = len(tail) + 1
        found = [each for each in same if self.modules[each][:-above] not in self.packages]
        return max(found, key=lambda each: (self._nearness(each, folder), -each), default=None)

    def members(self, folder: str) -> Sequence[int]:
        """The files of a folder, not of those below."""
        return self._folders.get(folder, ())

    def folder_ending(self, tail: str, user: int) -> str | None:
        """The folder whose path ends with another, the nearest to the file that names it."""
        found = self._folder_tails.get(tail, ())
        if not found or len(found) > _MAX_SAME:
            return None
        folder = self._sources[user].folder.split("/")
        return max(found, key=lambda each: (_shared(each.split("/"), folder), -len(each)))

    def _nearness(self, position: int, folder: Sequence[str]) -> tuple[int, int]:
        names = self.modules[position].split("/")
        return _shared(names, folder), -len(names)


def _shared(names: Sequence[str], others: Sequence[str]) -> int:
    """How many names two paths share from the start."""
    shared = 0
    for name, other in zip(names, others, strict=False):
        if name != other:
            break
        shared += 1
    return shared


def _tails(path: str) -> list[str]:
    """The ends of a path, the shortest first: "c", "b/c", "a/b/c"."""
    names = path.rsplit("/", _MAX_TAIL)[-_MAX_TAIL:]
    return ["/".join(names[-length:]) for length in range(1, len(names) + 1)]
