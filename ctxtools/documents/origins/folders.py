"""What the folders on a file's path say of it: dependencies, environments, build outputs."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from ctxtools.documents.origins.folder_types import (
    FOLDER_PATTERNS,
    FOLDERS,
    MARKED_FOLDERS,
    FolderType,
)
from ctxtools.documents.origins.origin import Origin

# Of a package of a program, which may be called "build" or "venv": no build and no tool writes
# these into the folder that it makes.
_PACKAGE_FILES = ("__init__.py", "mod.rs", "package-info.java", "*.go")


class Folders:
    """What is in each folder, to tell by what a folder's name means.

    Args:
        paths: of all files, as `origins` takes them.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._entries: dict[str, set[str]] = {}
        self._origins: dict[tuple[str, int], tuple[Origin, ...]] = {}  # by folder
        # By folder, since to look at all that is in one takes long, and each below it asks.
        self._meanings: dict[str, tuple[FolderType, str] | None] = {}
        for path in paths:
            while path:
                parent, _, name = path.rpartition("/")
                names = self._entries.setdefault(parent, set())
                if name in names:
                    break
                names.add(name)
                path = parent

    def origins(self, path: str, named: int = 0) -> tuple[Origin, ...]:
        """What the folders that a file is in say of it, the outermost first.

        Args:
            path: relative to the folder that was named, or with some names of that.
            named: how many; of a folder that the user named nothing is certain.
        """
        folder, slash, _ = path.rpartition("/")
        if not slash:
            return ()
        found = self._origins.get((folder, named))
        if found is None:
            found = self._origins[folder, named] = tuple(self._find(folder, named))
        return found

    def _find(self, path: str, named: int) -> Iterator[Origin]:
        """The same for the files of one folder."""
        names, parent = path.split("/"), ""
        for depth, name in enumerate(names, 1):
            folder = f"{parent}/{name}" if parent else name
            for mark, kind in MARKED_FOLDERS.items():
                if mark in self._entries.get(folder, ()):
                    yield Origin(kind, mark, depth > named, len(names) - depth + 1)
            if folder not in self._meanings:
                self._meanings[folder] = self._meaning(name, parent, folder)
            if (meaning := self._meanings[folder]) is not None:
                type, found = meaning
                certain = (type.certain or found != "") and depth > named
                yield Origin(type.kind, f"{name}/{found}", certain, len(names) - depth + 1)
            parent = folder

    def _meaning(self, name: str, parent: str, folder: str) -> tuple[FolderType, str] | None:
        """What a folder's name says, and the evidence for that; None if it says nothing."""
        type = FOLDERS.get(name) or _by_pattern(name)
        if type is None or self._is_package(type, folder):
            return None
        found = self._evidence(type, parent, folder)
        return (type, found) if found or not type.evidence else None

    def _is_package(self, type: FolderType, folder: str) -> bool:
        """Whether a folder that may have been made, by its name, is a package of a program."""
        if type.certain or type.kind not in ("build output", "virtual environment"):
            return False
        names = self._entries.get(folder, ())
        return any(_any_match(names, pattern) for pattern in _PACKAGE_FILES)

    def _evidence(self, type: FolderType, parent: str, folder: str) -> str:
        """What leaves no doubt, in words; "" if nothing does."""
        for pattern in type.inside:
            below, _, name = f"{folder}/{pattern}".rpartition("/")
            if _any_match(self._entries.get(below, ()), name):
                return f" with {pattern}"
        for pattern in type.beside:
            if _any_match(self._entries.get(parent, ()), pattern):
                return f" beside {pattern}"
        return ""


@lru_cache(maxsize=4096)  # a path may have thousands of folders, and the next has them again
def _by_pattern(name: str) -> FolderType | None:
    for pattern in FOLDER_PATTERNS:
        if fnmatchcase(name, pattern):
            return FOLDERS[pattern]
    return None


def _any_match(names: Iterable[str], pattern: str) -> bool:
    if "*" not in pattern:
        return pattern in names
    return any(fnmatchcase(name, pattern) for name in names)
