"""The members of an archive, listed like the files of a folder."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ctxtools.documents.archives.cache import Cache
from ctxtools.documents.archives.kinds import archive_kind
from ctxtools.documents.archives.limits import (
    FREE_IN_ALL,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HELD,
    MAX_NESTED,
    MAX_RATIO,
)
from ctxtools.documents.archives.member import Archive, Member
from ctxtools.documents.archives.opener import Opener
from ctxtools.documents.archives.tars import TarArchive
from ctxtools.documents.archives.zips import ZipArchive
from ctxtools.documents.file import File, skipped_by
from ctxtools.documents.filetypes import is_archive
from ctxtools.documents.ignore import MAX_SIZE, IgnoreFile, IgnoreRules, ignore_file, ignore_steps
from ctxtools.documents.search.found import FOUND_ARCHIVE, Reason, Selection
from ctxtools.documents.source import Source
from ctxtools.errors import CtxtoolsError, Skipped, UnreadableError
from ctxtools.escape import one_line
from ctxtools.units import format_bytes

_SHOWN = 80  # characters of a name that is not safe


class MemberContent:
    """The content of a member; see `Content`.

    Args:
        archive: what it is in.
        member: which one it is.
        path: what it is called.
        cache: keeps its bytes, as it will be opened many times; None if it will not.
    """

    __slots__ = ("_archive", "_cache", "_member", "_path")

    def __init__(
        self, archive: Archive, member: Member, path: str, cache: Cache | None = None
    ) -> None:
        self._archive = archive
        self._member = member
        self._path = path
        self._cache = cache

    @property
    def size(self) -> int:
        """Bytes, as the archive says."""
        return self._member.size

    def open(self) -> Source:
        """The bytes; see `Content`."""
        data = None if self._cache is None else self._cache.get(self)
        if data is None:
            try:
                data = self._archive.read(self._member)
            except CtxtoolsError as error:
                skipped = skipped_by(self._path, error)._replace(path=self._path)
                raise UnreadableError(skipped, hint=skipped.hint) from error
            if self._cache is not None:
                self._cache.put(self, data)
        return Source.held(data)


def walk_archive(file: File, start: int, selection: Selection) -> Iterator[File | Skipped] | None:
    """What is in an archive that was named, in its order; None if the file is none.

    Args:
        file: what may be one.
        start: the offset in a path of what is relative to the root of the walk.
        selection: which members to list.
    """
    census = selection.census
    census.cache = census.cache or Cache(MAX_HELD)
    found = _open(file, census.cache)
    if found is None:
        return None
    if isinstance(found, Skipped):
        return iter((found,))
    reason = selection.reject_named(file.path, "/")
    if reason is not None:
        return iter((Skipped(file.path, reason),))
    census.walked = True
    return _Walk(selection, census.cache, file).members(found, file.path, start)


def look_into(file: File, start: int, selection: Selection) -> Iterable[File | Skipped]:
    """What is in an archive that was found, or why nothing is; itself if it is none.

    Args:
        file, start, selection: as of `walk_archive`.
    """
    census = selection.census
    census.cache = census.cache or Cache(MAX_HELD)
    return _Walk(selection, census.cache, file).look_into(file, start)


def _open(file: File, cache: Cache) -> Archive | Skipped | None:
    opened = Opener(file)
    try:
        kind = archive_kind(opened)
    except (CtxtoolsError, OSError) as error:
        return skipped_by(file.path, error)
    if kind is None:
        return None
    if kind.format == "zip":
        return ZipArchive(opened)
    return TarArchive(opened, kind.compression, cache)


class _Folder(NamedTuple):
    """A folder in an archive.

    Attributes:
        listed: what is in it is.
        rules: its ignore rules; None if they are not respected.
    """

    listed: bool
    rules: IgnoreRules | None


class _Walk:
    """The walk through an archive and those in it, which have their bounds together.

    Args:
        selection: which members to list.
        cache: keeps members that will be opened many times.
        file: the outermost archive.
    """

    def __init__(self, selection: Selection, cache: Cache, file: File) -> None:
        self._selection = selection
        self._cache = cache
        self._file = file
        self._bytes = 0
        self._limit = FREE_IN_ALL

    def members(
        self, archive: Archive, path: str, start: int, depth: int = 1
    ) -> Iterator[File | Skipped]:
        """The members of an archive, and what is wrong with others and with itself.

        Args:
            archive: the open archive.
            path: what it is called.
            start: the offset in a path of what is relative to the root of the walk.
            depth: 1, or more if it is in another one.
        """
        members: list[Member] = []
        failed: Skipped | None = None
        try:
            members.extend(archive.members())
        except (CtxtoolsError, OSError) as error:
            failed = skipped_by(path, error)
        folders = _Folders(f"{path}/", start, self._selection, archive, members)
        last = {member.name: number for number, member in enumerate(members) if member.safe}
        for number, member in enumerate(members):
            if not member.safe:
                name = one_line(f"{member.name[:_SHOWN]!r}")
                yield Skipped(path, f"member {name}: {member.problem}")
                continue
            shown = f"{path}/{member.name}"
            listed = folders.lists(shown)
            while folders.skipped:
                yield folders.skipped.pop()
            if not listed:
                continue
            content = MemberContent(archive, member, shown)
            found = File(shown, False, content=content)
            is_nested = not member.problem and is_archive(member.name)
            is_walked = is_nested and self._selection.archives
            if not is_walked and not self._selection.includes(shown, shown[start:]):
                continue
            if last[member.name] != number:
                yield Skipped(shown, "replaced by a later member of the same name")
            elif member.problem:
                yield Skipped(shown, member.problem, member.error)
            elif is_nested:
                held = MemberContent(archive, member, shown, self._cache)
                yield from self.look_into(found._replace(content=held), start, depth)
            elif self._is_too_much(member):
                yield self._too_much(path)
                return
            else:
                yield found
        if failed is not None:
            yield failed

    def look_into(self, file: File, start: int, depth: int = 0) -> Iterator[File | Skipped]:
        """What is in an archive that was found, or why nothing is; itself if it is none.

        Args:
            file: what may be one.
            start: as of `members`.
            depth: of the archives that it is in.
        """
        if file.content is not None and file.content.size > MAX_NESTED:
            size = format_bytes(MAX_NESTED)
            yield Skipped(file.path, f"archive in an archive, larger than {size}")
            return
        found = _open(file, self._cache)
        if found is None:
            selection = self._selection
            if not selection.archives or selection.includes(file.path, file.path[start:]):
                yield file
        elif isinstance(found, Skipped):
            yield found
        elif not self._selection.archives:
            yield Skipped(file.path, FOUND_ARCHIVE)
        elif depth >= MAX_DEPTH:
            yield Skipped(file.path, f"archive in {depth} archives, the maximum")
        else:
            yield from self.members(found, file.path, start, depth + 1)

    def _is_too_much(self, member: Member) -> bool:
        self._bytes += member.size
        if self._limit < self._bytes <= MAX_BYTES:
            self._limit = max(self._limit, min(MAX_BYTES, MAX_RATIO * _size(self._file)))
        return self._bytes > min(self._limit, MAX_BYTES)

    def _too_much(self, path: str) -> Skipped:
        what = f"more than {format_bytes(MAX_BYTES)} in it"
        if self._bytes <= MAX_BYTES:
            what = f"more than {MAX_RATIO} bytes in it for each that it has, as no text has"
        reason = f"{what}; the other members are not read"
        return Skipped(path, reason, error=True, hint="unpack it, and name the folder")


def _size(file: File) -> int:
    """The bytes of an archive; 0 if they are not known."""
    if file.content is not None:
        return file.content.size
    try:
        return os.path.getsize(file.path)
    except OSError:
        return 0


class _Folders:
    """Which folders of an archive are listed, and which ignore files apply in them.

    Attributes:
        skipped: ignore files that could not be read.
    """

    def __init__(
        self,
        root: str,
        start: int,
        selection: Selection,
        archive: Archive,
        members: Iterable[Member],
    ) -> None:
        self.skipped: list[Skipped] = []
        self._start = start
        self._selection = selection
        self._archive = archive
        self._ignore_files = {
            root + member.name: member
            for member in members
            if selection.ignore
            and member.safe
            and not member.problem
            and member.name.rpartition("/")[2] in (".gitignore", ".ignore")
        }
        rules = IgnoreRules(root, selection.patience, ignore_steps()) if selection.ignore else None
        self._known = {root: _Folder(True, self._entered(root, rules))}

    def lists(self, path: str) -> bool:
        """Whether a file is to be listed, as far as that is not for patterns to include."""
        folder = self._folder(path[: path.rindex("/") + 1])
        return folder.listed and self._is_listed(path, folder, "")

    def _folder(self, prefix: str) -> _Folder:
        pending = []
        while prefix not in self._known:
            pending.append(prefix)
            prefix = prefix[: prefix.rindex("/", 0, -1) + 1]
        above = self._known[prefix]
        for each in reversed(pending):
            if above.listed:
                listed = self._is_listed(each[:-1], above, "/")
                above = _Folder(listed, self._entered(each, above.rules) if listed else None)
            self._known[each] = above
        return above

    def _is_listed(self, path: str, folder: _Folder, slash: str) -> bool:
        name = path[path.rindex("/") + 1 :]
        if name == ".git":
            return False
        below, selection = path[self._start :], self._selection
        reason: Reason | None = None
        if name.startswith(".") and not selection.hidden:
            reason = "hidden"
        elif folder.rules is not None and folder.rules.ignored(path, slash != ""):
            reason = "ignored"
        elif selection.excludes(path, below, slash):
            reason = "excluded"
        if reason is None:
            return True
        selection.leave_out(reason, path, below, slash)
        return False

    def _entered(self, prefix: str, rules: IgnoreRules | None) -> IgnoreRules | None:
        """The rules in a folder, including its ignore files."""
        if rules is None:
            return None
        if (found := self._read(f"{prefix}.gitignore", len(prefix), rules)) is not None:
            rules = rules._replace(gitignores=(found, *rules.gitignores))
        if (found := self._read(f"{prefix}.ignore", len(prefix), rules)) is not None:
            rules = rules._replace(ignores=(found, *rules.ignores))
        return rules

    def _read(self, path: str, start: int, rules: IgnoreRules) -> IgnoreFile | None:
        member = self._ignore_files.get(path)
        if member is None:
            return None
        reason = f"larger than {format_bytes(MAX_SIZE)}"
        if member.size <= MAX_SIZE:
            try:
                return ignore_file(self._archive.read(member), "", start, rules.steps)
            except (CtxtoolsError, OSError) as error:
                reason = skipped_by(path, error).reason
        self.skipped.append(Skipped(path, f"its patterns are not applied: {reason}"))
        return None
