"""Finding the file that an import means, by the end of its path."""

import posixpath
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

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
        folders: of each file, the one that it is in.
        packages: the folders that have a file that stands for them.
        modules: of each file its path without a suffix; of one that stands for a folder, that.
        tops: the files that stand for their folder.
    """

    def __init__(self, sources: Sequence[Source], package_names: Collection[str] = ()) -> None:
        self._sources = sources
        self._by_path: dict[str, int] = {}
        self._by_module: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}  # by the last name of the module
        self.folders: list[str] = []
        self.packages: set[str] = set()
        self.modules: list[str] = []
        self.tops: set[int] = set()
        # By its last name and the number of names: the end of a path -> the files.
        self._tails: dict[tuple[str, int], dict[str, list[int]]] = {}
        self._outside: dict[str, list[int]] = {}  # the same of those outside packages
        self._meant: dict[tuple[str, str], int] = {}  # by folder and the end of a path
        for position, source in enumerate(sources):
            folder, slash, file = source.path.rpartition("/")
            name = file.partition(".")[0]
            module = folder + slash + name
            if name in package_names:
                module = folder
                name = folder.rpartition("/")[2]
                self.packages.add(folder)
                self.tops.add(position)
            self.folders.append(folder)
            self.modules.append(module)
            self._by_path.setdefault(source.path, position)
            self._by_module.setdefault(module, position)
            self._by_name.setdefault(name, []).append(position)

    def at(self, path: str) -> int | None:
        """The file of a path, with its suffix or without; or of the folder."""
        return self.exactly(normal(path))

    def exactly(self, path: str) -> int | None:
        """The same of a path that is `normal`."""
        found = self._by_path.get(path)
        return self._by_module.get(path) if found is None else found

    def ending(self, tail: str, user: int, name: str = "") -> int | None:
        """The file whose module ends with a path, the nearest to the one that names it.

        Args:
            tail: the end of the path, without a suffix.
            user: the file that names it.
            name: of the file with its suffix; those of this name come first.
        """
        found = self._ending_alike(tail) if tail else ()
        if name and len(found) > 1:
            named = [each for each in found if self._sources[each].path.endswith(name)]
            found = named or found
        if not found or len(found) > _MAX_SAME:
            return None
        return self._nearest(found, self.folders[user])

    def outside_packages(self, tail: str, folder: str) -> int | None:
        """The same, of a path that starts below a folder that is no package itself.

        Args:
            tail: the end of the path, without a suffix.
            folder: of the file that names it.
        """
        found = self._outside.get(tail)
        if found is None:
            same = self._ending_alike(tail)
            above = len(tail) + 1
            found = self._outside[tail] = [
                each
                for each in (same if len(same) <= _MAX_SAME else ())
                if self.modules[each][:-above] not in self.packages
            ]
        if len(found) < 2:
            return found[0] if found else None
        key = folder, tail
        if key not in self._meant:
            self._meant[key] = self._nearest(found, folder)
        return self._meant[key]

    def members(self, folder: str) -> Sequence[int]:
        """The files of a folder, not of those below."""
        return self._members.get(folder, ())

    def folder_ending(self, tail: str, user: int) -> str | None:
        """The folder whose path ends with another, the nearest to the file that names it."""
        found = self._folder_tails.get(tail, ())
        if not found or len(found) > _MAX_SAME:
            return None
        folder = self.folders[user].split("/")
        return max(found, key=lambda each: (_shared(each.split("/"), folder), -len(each)))

    def _ending_alike(self, tail: str) -> Sequence[int]:
        """The files whose modules end with a path; one more than `_MAX_SAME` of those that are."""
        name, length = tail.rpartition("/")[2], tail.count("/") + 1
        positions = self._by_name.get(name)
        if positions is None or length > _MAX_TAIL:
            return ()
        tails = self._tails.get((name, length))
        if tails is None:
            tails = self._tails[name, length] = {}
            for position in positions:
                module = self.modules[position]
                names = module.rsplit("/", length)
                if len(names) > length:
                    module = module[len(names[0]) + 1 :]
                elif len(names) < length:
                    continue
                found = tails.setdefault(module, [])
                if len(found) <= _MAX_SAME:
                    found.append(position)
        return tails.get(tail, ())

    def _nearest(self, positions: Sequence[int], folder: str) -> int:
        """The file whose path shares most with a folder, and is the shortest."""
        if len(positions) == 1:
            return positions[0]
        names = folder.split("/")
        return max(positions, key=lambda each: (self._nearness(each, names), -each))

    def _nearness(self, position: int, folder: Sequence[str]) -> tuple[int, int]:
        names = self.modules[position].split("/")
        return _shared(names, folder), -len(names)

    @cached_property
    def above(self) -> set[str]:
        """The paths that have a file right below them, of a folder or not."""
        return {module.rpartition("/")[0] for module in self.modules}.union(self.folders)

    @cached_property
    def outermost(self) -> set[str]:
        """The names of the files and folders that are in no package."""
        found, seen = set[str](), set[str]()
        for path in self.modules:
            while path not in seen:
                seen.add(path)
                path, _, name = path.rpartition("/")
                if path not in self.packages:
                    found.add(name)
        return found

    @cached_property
    def _members(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, folder in enumerate(self.folders):
            members = found.setdefault(folder, [])
            if len(members) < _MAX_FOLDER:
                members.append(position)
        return found

    @cached_property
    def _folder_tails(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for folder in dict.fromkeys(self.folders):
            for tail in _tails(folder):
                found.setdefault(tail, []).append(folder)
        return found


def normal(path: str) -> str:
    """A path without "." and "..", as far as they can be left out; "" is the top folder."""
    path = posixpath.normpath(path)
    return "" if path == "." else path


def _shared(names: Sequence[str], others: Sequence[str]) -> int:
    """How many names two paths share from the start."""
    shared = 0
    for name, other in zip(names, others, strict=False):
        if name != other:
            break
        shared += 1
    return shared


def _tails(path: str) -> Iterable[str]:
    """The ends of a path, the shortest first: "c", "b/c", "a/b/c"."""
    names = path.rsplit("/", _MAX_TAIL)[-_MAX_TAIL:]
    return ["/".join(names[-length:]) for length in range(1, len(names) + 1)]
