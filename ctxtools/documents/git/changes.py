"""Which files changed since a revision, and which lines of them."""

import os
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ctxtools.documents.git.versions.named import Objects, TooMuchError, open_named
from ctxtools.documents.git.versions.revisions import sides_of
from ctxtools.documents.git.versions.version import Version
from ctxtools.documents.listing import unquoted
from ctxtools.errors import UsageError

Status = Literal["added", "changed", "deleted", "renamed", "copied", "unmerged"]

_STATUS: dict[str, Status] = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "R": "renamed",
    "U": "unmerged",
}
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_TO, _START = b"+++ ", b"diff --git "
_OPTIONS = (
    *("--raw", "-z", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--no-relative", "--src-prefix=a/", "--dst-prefix=b/"),
)
# Of the work tree of a submodule git would ask a git that reads its configuration; which of its
# commits a commit or the index names is in the repository itself.
_ON_DISK, _IN_OBJECTS = "--ignore-submodules=all", "--ignore-submodules=none"
_LINES = ("--patch", "--unified=0", "--inter-hunk-context=0")


class Changes(NamedTuple):
    """What changed in a file.

    Attributes:
        spans: the lines that are new or changed, in the new text: the number of the first, from 1,
            and of the last. Where lines were only removed, the line before. None if that is not
            known: of a binary file, or where the whole diff is too long; then it is all of it.
        status: "added", "changed", "deleted", "renamed", "copied", or "unmerged" in a merge that is
            not done.
        old_path: what it was called, if that changed; in the repository.
    """

    spans: tuple[tuple[int, int], ...] | None
    status: Status
    old_path: str = ""


def compare(
    objects: Objects, old: str, new: str | None, *, staged: bool = False
) -> dict[str, Changes]:
    """What differs from a commit: path in the repository -> what changed.

    Args:
        objects: the repository.
        old: the name of a commit or a tree.
        new: that of another; None for the work tree or, staged, the index.
        staged: compare with the index.

    Raises:
        UsageError: git cannot compare them.
    """
    if new is not None:
        command = ["diff-tree", "-r", *_OPTIONS]
        names = [old, new]
    else:
        command = ["diff-index", *(["--cached"] if staged else []), *_OPTIONS]
        names = [old]
    on_disk = new is None and not staged
    command.append(_ON_DISK if on_disk else _IN_OBJECTS)
    for options in ((*_LINES, "--find-renames"), ("--no-renames",)):
        try:
            printed = objects.ask(*command, *options, *names, "--", index=staged, work_tree=on_disk)
        except TooMuchError:
            if options == ("--no-renames",):
                raise
            continue
        if printed is not None:
            return _parsed(printed, has_lines=_LINES[0] in options)
    hint = "git fsck tells what is missing"
    if objects.is_partial:
        hint = "it is a partial clone: git fetch --refetch --no-filter gets all of it"
    raise UsageError(f"{objects.label}: git cannot compare the files of it", hint=hint)


def changed_lines(
    folder: str | os.PathLike[str], revision: str | None = None, *, staged: bool = False
) -> dict[str, Changes]:
    """Which files below a folder changed since a revision, and which lines of them.

    Args:
        folder: in a repository; paths are listed below it, as `ctxtools.documents.find_files` does.
        revision: one that the work tree is compared with; or ``A..B``, ``A...B``. The last commit
            is the default.
        staged: compare the index in place of the work tree.

    Returns:
        Path as it is listed -> what changed, for deleted files too.

    Raises:
        UsageError: the folder is in no repository, there is no such revision, or git fails.
    """
    path = os.fsdecode(folder)
    named = open_named(path)
    version = Version(diff=revision if revision or staged else "HEAD", staged=staged)
    version.check()
    sides, _ = sides_of(named.objects, version)
    changes = compare(named.objects, sides.old, sides.new, staged=staged)
    return {
        named.listed + each[len(named.name) :].lstrip("/"): change
        for each, change in changes.items()
        if is_below(each, named.name)
    }


def is_below(name: str, folder: str) -> bool:
    """Whether a path in a repository is that of a folder, or below it; "" is all of it."""
    return not folder or name == folder or name.startswith(f"{folder}/")


def _parsed(printed: bytes, *, has_lines: bool) -> dict[str, Changes]:
    """What git printed: records of files, then, after an empty one, the patches."""
    records, end = _records(printed)
    patches = _Patches()
    if has_lines:
        patches.read(printed[end:])
    changes = {}
    for modes, letter, old_path, path in records:
        spans = patches.spans.get(path, ()) if has_lines else None
        if path in patches.binary:
            spans = None
        in_work_tree = letter == "M" and modes[0] == modes[1]
        if has_lines and in_work_tree and path not in patches.paths:
            continue  # only its time changed
        status = _STATUS.get(letter, "changed")
        changes[path] = Changes(spans, status, old_path)
    return changes


def _records(printed: bytes) -> tuple[list[tuple[tuple[str, str], str, str, str]], int]:
    """The records as modes, letter, old path and path; and where they end."""
    records = []
    position = 0

    def field() -> str:
        nonlocal position
        start, position = position, printed.index(b"\0", position) + 1
        return os.fsdecode(printed[start : position - 1])

    while printed.startswith(b":", position):
        facts = field()[1:].split(" ")
        letter = facts[4][0]
        path = field()
        old_path = ""
        if letter in "RC":
            old_path, path = path, field()
        records.append(((facts[0], facts[1]), letter, old_path, path))
    return records, position


class _Patches:
    """What the patches say.

    Attributes:
        spans: path -> the new lines.
        paths: files that have a patch, even one without lines.
        binary: those whose lines are not shown.
    """

    def __init__(self) -> None:
        self.spans: dict[str, tuple[tuple[int, int], ...]] = {}
        self.paths: set[str] = set()
        self.binary: set[str] = set()

    def read(self, patches: bytes) -> None:
        """Take the lines of the patches of all files."""
        path, spans = "", list[tuple[int, int]]()
        skipped = 0
        for line in _lines(patches):
            if skipped:  # of a hunk, which may look like anything
                skipped -= not line.startswith(b"\\")
            elif line.startswith(_START):
                path, spans = _path_of(line), []
                self.paths.add(path)
            elif line.startswith(_TO):
                path = _new_path(line) or path
                self.paths.add(path)
            elif line.startswith(b"Binary files "):
                self.binary.add(path)
            elif found := _HUNK.match(line):
                removed, first, added = (
                    int(1 if each is None else each) for each in found.groups()
                )
                skipped = removed + added
                first = max(first, 1)
                spans.append((first, first + max(added - 1, 0)))
                self.spans[path] = tuple(spans)


def _lines(patches: bytes) -> Iterator[bytes]:
    start = 1 if patches.startswith(b"\0") else 0
    while start < len(patches):
        end = patches.find(b"\n", start)
        end = len(patches) if end < 0 else end
        yield patches[start:end]
        start = end + 1


def patched_path(patch: bytes) -> str:
    """The path of the file that a patch is of: the new one, or that of a file that is gone."""
    for line in _lines(patch.partition(b"\n@@")[0]):
        if line.startswith(_TO) and (path := _new_path(line)):
            return path
    start = patch.partition(b"\n")[0]
    return _path_of(start) if start.startswith(_START) else ""


def _path_of(line: bytes) -> str:
    """The path in the first line of a patch, where the old and the new one are the same."""
    names = line.removeprefix(_START)
    if names.endswith(b'"'):
        names = names[: (len(names) - 1) // 2]
        return os.fsdecode(unquoted(names)[2:])
    return os.fsdecode(names[: (len(names) - 1) // 2][2:])


def _new_path(line: bytes) -> str:
    """The path after ``+++``; "" if there is none any more."""
    name = line.removeprefix(_TO).removesuffix(b"\t")
    name = unquoted(name) if name.startswith(b'"') else name
    return os.fsdecode(name[2:]) if name.startswith(b"b/") else ""
