"""The files of a revision, or of the index: their names, and where their contents are."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ctxtools.documents.git.versions.blobs import Blob, Blobs
from ctxtools.documents.git.versions.named import Objects, TooMuchError
from ctxtools.errors import Skipped, UsageError

SUBMODULE = "submodule"
"""Why one is skipped."""

_KINDS = {
    "120000": Skipped("", "symbolic link, not followed"),
    "160000": Skipped(
        "", SUBMODULE, hint="its files are in a repository of their own: name its folder"
    ),
}
_PARTIAL = "a partial clone has fetched no content of it"
_UNMERGED = "unmerged: a merge is not done"


class Entry(NamedTuple):
    """A name in a revision or in the index.

    Attributes:
        path: in the repository.
        mode: as git writes it: "100644".
        name: the object's.
        unmerged: it is in the index of a merge that is not done, in several versions.
    """

    path: str
    mode: str
    name: str
    unmerged: bool = False


class Snapshot:
    """The files of a repository at one time, in the order of a walk.

    Args:
        objects: the repository.
        entries: the files.
        label: what messages call it: "revision v1.0", "the index".

    Attributes:
        entries: path -> file, in the order in which a walk would find them.
    """

    def __init__(self, objects: Objects, entries: Iterable[Entry], label: str) -> None:
        self.label = label
        self.entries = {
            each.path: each for each in sorted(entries, key=lambda each: each.path.split("/"))
        }
        self._folders: frozenset[str] | None = None
        self._objects = objects
        self._blobs = Blobs(objects)
        self._sizes: dict[str, int] | None = None

    def is_folder(self, name: str) -> bool:
        """Whether there are files below a name; the empty one is the root."""
        if self._folders is None:
            self._folders = frozenset(_folders(self.entries)) | {""}
        return name in self._folders

    def content(self, path: str, listed: str) -> Blob | Skipped:
        """A file's content, or why it is none to read.

        Args:
            path: in the repository.
            listed: what it is called.
        """
        entry = self.entries[path]
        if entry.unmerged:
            hint = "resolve it, and git add it"
            return Skipped(listed, _UNMERGED, error=True, hint=hint)
        if entry.mode in _KINDS:
            return _KINDS[entry.mode]._replace(path=listed)
        size = self._size(entry)
        if size is None:
            partial = self._objects.is_partial
            reason = _PARTIAL if partial else "its content is missing from the repository"
            hint = "git fetch --refetch --no-filter gets all of it" if partial else "git fsck"
            return Skipped(listed, reason, error=True, hint=hint)
        return Blob(self._blobs, listed, entry.name, size)

    def read(self, path: str, limit: int) -> bytes | None:
        """The content of a small file; None if there is none of that size.

        Raises:
            OSError, ValueError: git cannot read it.
        """
        entry = self.entries.get(path)
        if entry is None or entry.mode in _KINDS or entry.unmerged:
            return None
        size = self._size(entry)
        if size is None or size > limit:
            return None
        return self._blobs.read(entry.name)

    def _size(self, entry: Entry) -> int | None:
        if self._sizes is None:
            names = (each.name for each in self.entries.values() if each.mode not in _KINDS)
            try:
                self._sizes = self._blobs.sizes(names)
            except (OSError, ValueError) as error:
                raise UsageError(f"{self._objects.label}: git cannot read it: {error}") from error
        return self._sizes.get(entry.name)


def read_commit(objects: Objects, commit: str, label: str) -> Snapshot:
    """The files of a commit.

    Args:
        objects: the repository.
        commit: the commit's name.
        label: what messages call it.

    Raises:
        UsageError: they cannot be read.
    """
    printed = objects.ask("ls-tree", "-r", "-z", "--full-tree", commit)
    if printed is None:
        hint = "git fsck tells what is missing"
        if objects.is_partial:
            hint = "it is a partial clone: git fetch --refetch --no-filter gets all of it"
        raise UsageError(f"{objects.label}: the folders of {label} cannot be read", hint=hint)
    return Snapshot(objects, map(_entry, _records(printed)), label)


def read_index(objects: Objects) -> Snapshot:
    """The files of the index: what was added, and would be committed.

    Raises:
        UsageError: it cannot be read.
    """
    printed = objects.ask("ls-files", "--stage", "-z", index=True)
    if printed is None:
        raise UsageError(
            f"{objects.label}: git cannot read its index, which may be damaged or split"
        )
    return Snapshot(objects, map(_entry, _records(printed)), "the index")


def unmerged_paths(objects: Objects) -> list[str]:
    """The files of a merge that is not done."""
    printed = objects.ask("ls-files", "--unmerged", "-z", index=True)
    return list(dict.fromkeys(_entry(each).path for each in _records(printed or b"")))


def untracked_paths(objects: Objects) -> list[str]:
    """The files of the work tree that git neither tracks nor ignores."""
    command = ["ls-files", "--others", "--exclude-standard", "-z"]
    exclude = objects.repository.exclude
    if objects.repository.regular(exclude):
        command.append(f"--exclude-from={exclude}")
    try:
        return _records(objects.ask(*command, work_tree=True, isolated=False) or b"")
    except TooMuchError:
        return []


def _records(printed: bytes) -> list[str]:
    return os.fsdecode(printed).split("\0")[:-1]


def _entry(record: str) -> Entry:
    """A line of ls-tree: mode, kind and name; or of ls-files: mode, name and stage."""
    facts, _, path = record.partition("\t")
    mode, second, third = facts.split(" ")
    if len(third) == 1:
        return Entry(path, mode, second, third != "0")
    return Entry(path, mode, third)


def _folders(paths: Iterable[str]) -> Iterator[str]:
    last = ""
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder == last:
            continue
        last = folder
        while folder:
            yield folder
            folder = folder.rpartition("/")[0]
