"""Finding the files of another version of a repository, or those that changed."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ctxtools.documents.file import STDIN, File, display_name
from ctxtools.documents.filetypes import GIT_LOG
from ctxtools.documents.git.changes import Changes, compare, is_below
from ctxtools.documents.git.versions.log import read_log
from ctxtools.documents.git.versions.named import Named, Objects, open_named
from ctxtools.documents.git.versions.remote import is_url, open_remote
from ctxtools.documents.git.versions.revisions import resolve, sides_of
from ctxtools.documents.git.versions.select import Selected
from ctxtools.documents.git.versions.snapshot import (
    SUBMODULE,
    Snapshot,
    read_commit,
    read_index,
    unmerged_paths,
    untracked_paths,
)
from ctxtools.documents.git.versions.version import Told, Version
from ctxtools.documents.search.found import Selection
from ctxtools.errors import Skipped, UsageError
from ctxtools.escape import one_line

_NAMED = 5  # paths that a note names

_Expand = Callable[[str, Selection], Iterator[File | Skipped]]


@dataclass(slots=True)
class _Opened:
    """A repository in which something was named.

    Attributes:
        objects: the repository.
        commit: whose files are read; None for those of the work tree or the index.
        since: what messages call a comparison: "since main"; "" if there is none.
        snapshot: the files; None for those of the work tree.
        changes: path in the repository -> what changed; None if nothing is compared.
        unmerged, untracked: paths of the work tree that is compared, as far as they were not yet
            told of.
        named: what was named in it.
    """

    objects: Objects
    commit: str | None
    since: str
    snapshot: Snapshot | None
    changes: dict[str, Changes] | None
    unmerged: list[str] = field(default_factory=list)
    untracked: list[str] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)

    def folder(self) -> str:
        """What paths in the first folder that was named start with; "" if it was a file."""
        first = self.named[0]
        if self.snapshot is None:
            is_folder = not first.listed or os.path.isdir(first.listed)
        else:
            is_folder = self.snapshot.is_folder(first.name)
        return first.listed if is_folder else ""


class VersionSearch:
    """A search for the files of a version.

    Args:
        version: which.
        expand: what a path stands for on the disk.

    Attributes:
        told: its remarks.

    Raises:
        UsageError: the options of the version exclude each other.
    """

    def __init__(self, version: Version, expand: _Expand) -> None:
        version.check()
        self.told = Told()
        self._version, self._expand_on_disk = version, expand
        self._opened: dict[str, _Opened] = {}

    def expand(self, path: str, selection: Selection) -> Iterator[File | Skipped]:
        """What a path stands for.

        Raises:
            UsageError: it is in no repository, or there is no such revision.
        """
        named = self._locate(path)
        if named is None:
            yield from self._expand_on_disk(path, selection)
            return
        opened = self._open(named.objects)
        opened.named.append(named)
        wanted = None if self._version.everything else opened.changes
        if opened.snapshot is not None:
            selected = Selected(opened.snapshot, open_named, wanted, opened.since)
            found = selected.expand(path, named, selection)
        elif wanted is None:
            found = self._expand_on_disk(path, selection)
        else:
            found = self._changed_on_disk(path, named, selection, opened)
        listed = set[str]()
        for each in found:
            listed.add(each.path)
            yield each
        if opened.changes is not None:
            self._tell(named, path, opened, listed)
        self._tell_of_work_tree(named, path, opened)

    def _locate(self, path: str) -> Named | None:
        """Where a path is; None if nothing but the files on the disk was asked for."""
        version = self._version
        if is_url(path):
            commits = version.log + 1 if version.log else 1
            names = list(dict.fromkeys(version.revisions()))
            notes = self.told.notes
            return open_remote(path, names, commits, cache=version.cache, notes=notes)
        if not version.is_asked:
            return None
        if path == STDIN:
            raise UsageError(
                "ref, diff, staged and log are for files in a repository, and stdin is in none",
                hint="name a folder: .",
            )
        return open_named(path)

    def files(self, found: Iterator[File | Skipped]) -> Iterator[File | Skipped]:
        """What was found with `expand`, and after that the logs.

        A submodule is passed over where it was itself named, before or after the repository.
        """
        submodules = []
        for each in found:
            if isinstance(each, Skipped) and each.reason == SUBMODULE:
                submodules.append(each)
            else:
                yield each
        repositories = self._opened.values()
        read = {
            each.objects.repository.root
            for each in repositories
            if any(not named.name for named in each.named)
        }
        yield from (each for each in submodules if os.path.realpath(each.path) not in read)
        yield from self.logs()

    def logs(self) -> Iterator[File]:
        """The newest commits of each repository, as a document."""
        version = self._version
        for opened in self._opened.values() if version.log else ():
            commit = opened.commit or resolve(opened.objects, "HEAD")
            names = [each.name for each in opened.named]
            patches = version.is_compared
            log = read_log(opened.objects, commit, version.log, names, patches=patches)
            if log.note:
                self.told.notes.append(f"{GIT_LOG}: {log.note}")
            if log.commits:
                yield File(f"{opened.folder()}{GIT_LOG}", False, content=log)
            else:
                self.told.notes.append(f"{GIT_LOG}: there is no commit")

    def _open(self, objects: Objects) -> _Opened:
        directory = objects.repository.directory
        if directory not in self._opened:
            self._opened[directory] = self._read(objects)
        return self._opened[directory]

    def _read(self, objects: Objects) -> _Opened:
        version = self._version
        sides, since = sides_of(objects, version)
        changes = None
        if sides.old:
            changes = compare(objects, sides.old, sides.new, staged=version.staged)
        snapshot: Snapshot | None = None
        if sides.new is not None:
            snapshot = read_commit(
                objects, sides.new, f"revision {one_line(version.revisions()[-1])}"
            )
        elif version.staged:
            snapshot = read_index(objects)
        opened = _Opened(objects, sides.new, since, snapshot, changes)
        if snapshot is None and version.diff is not None:
            opened.unmerged, opened.untracked = unmerged_paths(objects), untracked_paths(objects)
        return opened

    def _changed_on_disk(
        self, path: str, named: Named, selection: Selection, opened: _Opened
    ) -> Iterator[File | Skipped]:
        """What a search on the disk lists, as far as it changed."""
        changes = opened.changes or {}
        for found in self._expand_on_disk(path, selection):
            name = _name_in(found.path, path, named)
            change = changes.get(name)
            if change is not None and change.status == "deleted":
                continue  # which is told of
            is_missing = isinstance(found, Skipped) and found.error and found.path == path
            if change is not None:
                yield found
            elif is_missing and any(is_below(each, name) for each in changes):
                continue
            elif found.path == path:  # it was named
                yield found if is_missing else Skipped(path, f"not changed {opened.since}")

    def _tell(self, named: Named, path: str, opened: _Opened, listed: set[str]) -> None:
        """Say what changed below a path that was named, and what of that is not listed."""
        deleted, left_out = [], []
        for name, change in (opened.changes or {}).items():
            if not is_below(name, named.name):
                continue
            shown = _listed(name, named, path)
            if change.status == "deleted":
                deleted.append(shown)
                continue
            self.told.changes[shown] = change
            if shown not in listed:
                left_out.append(shown)
        if deleted:
            self.told.notes.append(f"deleted {opened.since}: {_names(deleted)}")
        if left_out:
            them = f"{_names(left_out)}: hidden, ignored or excluded"
            self.told.notes.append(f"changed {opened.since}, and left out: {them}")
        what = "files were only deleted" if deleted else "nothing changed"
        self.told.unchanged = f"{what} in {display_name(path)} {opened.since}"

    def _tell_of_work_tree(self, named: Named, path: str, opened: _Opened) -> None:
        """Say what of a path that was named is in a merge, or not tracked; once of each file."""
        unmerged, opened.unmerged = _below(opened.unmerged, named, path)
        untracked, opened.untracked = _below(opened.untracked, named, path)
        if unmerged:
            what = f"a merge is not done, and these files hold both sides of it: {_names(unmerged)}"
            self.told.notes.append(f"{display_name(path)}: {what}")
        if untracked:
            what = f"not in the diff, since git does not track them: {_names(untracked)}"
            self.told.notes.append(f"{display_name(path)}: {what}; git add -N adds their names")


def _below(names: list[str], named: Named, path: str) -> tuple[list[str], list[str]]:
    """Those at or below a path that was named, as they are listed; and the other ones."""
    found, others = list[str](), list[str]()
    for each in names:
        if is_below(each, named.name):
            found.append(_listed(each, named, path))
        else:
            others.append(each)
    return found, others


def _listed(name: str, named: Named, path: str) -> str:
    """A name in the repository, at or below a path that was named, as it is listed."""
    below = name[len(named.name) :].lstrip("/")
    return f"{named.listed}{below}" if below else path


def _name_in(found: str, path: str, named: Named) -> str:
    """The path in the repository of what was found below a path that was named."""
    if found == path or not found.startswith(named.listed):
        return named.name if found == path else open_named(found).name
    below = found[len(named.listed) :]
    return f"{named.name}/{below}" if named.name else below


def _names(paths: Iterable[str]) -> str:
    names = [display_name(path) for path in paths]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
