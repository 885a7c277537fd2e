"""From what a user names (files, directories, patterns, "-") to the files to read, in order.

The order is that of the arguments and, inside a directory, that of the names, so the same input
gives the same list. A file that is reached twice is listed once, where it is reached first.

These are listed as skipped: what was named and does not exist, directories that cannot be listed,
and, if found in a directory, symbolic links (never followed, so there are no loops and no file is
counted twice; a named link is followed), pipes, sockets and devices. Binary files are recognised
when they are read. What ignore files, hidden names and exclude patterns exclude is not listed, for
it was not asked for. `.git` is never entered.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ctxtools.checks import check_list
from ctxtools.documents.document import STDIN, File, kind_of_file
from ctxtools.documents.ignore import IgnoreRules
from ctxtools.errors import Skipped, UsageError, os_reason

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class _Selection:
    """Which of the found files to list.

    Attributes:
        include, exclude: None if there are no such patterns.
        only: what a pattern among the paths matches, relative to the root of its walk.
        depth: files deeper than this cannot match `only`, unless a directory does.
    """

    include: "GitIgnoreSpec | None" = None
    exclude: "GitIgnoreSpec | None" = None
    hidden: bool = False
    ignore: bool = True
    only: "GitIgnoreSpec | None" = None
    depth: int | None = None

    def excludes(self, path: str, below: str, slash: str = "") -> bool:
        """Whether to exclude a path, given as listed and relative to the root of its walk."""
        spec = self.exclude
        return spec is not None and (
            spec.match_file(path + slash) or spec.match_file(below + slash)
        )

    def includes(self, path: str, below: str) -> bool:
        """Whether to list a file."""
        if self.only is not None and not self.only.match_file(below):
            return False
        spec = self.include
        return spec is None or spec.match_file(path) or spec.match_file(below)

    def prunes(self, below: str) -> bool:
        """Whether files in a directory cannot match."""
        if self.only is None or self.depth is None or below.count("/") + 1 < self.depth:
            return False
        return not self.only.match_file(f"{below}/")


@dataclass(frozen=True, slots=True)
class _Directory:
    """A directory that is being walked.

    Attributes:
        prefix: its path with a "/" at the end; "" for the current directory.
        entries: the remaining entries, sorted by name.
        rules: its ignore rules; None if they are not respected.
    """

    prefix: str
    entries: "Iterator[os.DirEntry[str]]"
    rules: IgnoreRules | None


def find_files(
    paths: Paths,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    ignore: bool = True,
) -> Iterator[File | Skipped]:
    """The files that paths stand for, as they are found.

    Args:
        paths: one path or several: files, directories, patterns such as ``src/**/*.py`` (matched
            here if the shell did not), ``"-"`` for standard input. An existing file whose name
            looks like a pattern is that file. A file that is named is listed even if ignore files
            or the rule on hidden names exclude it; one that a pattern matches is not named.
        include: patterns in the syntax of `.gitignore`; only files that match one are listed.
        exclude: the same; files and directories that match one are excluded, even named ones.
            Both are matched with a path as it is listed, and relative to the named directory.
        hidden: list files and directories whose name starts with a dot.
        ignore: respect `.gitignore` and `.ignore` (see `ctxtools.documents.ignore`).

    Raises:
        UsageError: a pattern is invalid.
    """
    check_list("include", include)
    check_list("exclude", exclude)
    named = [paths] if isinstance(paths, str | os.PathLike) else paths
    selection = _Selection(_compile(include), _compile(exclude), hidden, ignore)
    return _find([os.fsdecode(path) for path in named], selection)


def _find(paths: list[str], selection: _Selection) -> Iterator[File | Skipped]:
    if len(paths) == 1:  # nothing can be reached twice
        yield from _expand(paths[0], selection)
        return
    named = {_identity(path) for path in paths}
    seen = set[str]()
    for path in paths:
        for found in _expand(path, selection):
            identity = _identity(found.path)
            if identity not in seen:
                seen.add(identity)
                if isinstance(found, File) and not found.explicit and identity in named:
                    found = File(found.path)
                yield found


def _identity(path: str) -> str:
    # The path, not the inode: two links to a file are two documents to the reader.
    return path if path == STDIN else os.path.abspath(path)


def _expand(path: str, selection: _Selection) -> Iterator[File | Skipped]:
    """What one argument stands for."""
    if path == STDIN:
        yield File(path)
    elif os.path.isdir(path):
        yield from _walk(path, selection)
    elif os.path.exists(path):
        if not selection.excludes(path, path) and selection.includes(path, path):
            yield File(path)
    elif os.path.islink(path):
        yield Skipped(path, "broken symbolic link", error=True)
    elif _is_pattern(path):
        yield from _match(path, selection)
    else:
        yield _missing(path, _why_missing(path))


def _missing(path: str, reason: str) -> Skipped:
    # A line break in a name is rare, but a list of one path per line is not.
    hint = "paths in a list are separated by NUL, as find -print0 does, not by line breaks"
    return Skipped(path, reason, error=True, hint=hint if "\n" in path else None)


def _why_missing(path: str) -> str:
    try:
        os.stat(path)
    except OSError as error:
        return os_reason(error)
    except ValueError:  # a NUL in the name
        return "not a path"
    return "vanished while it was looked up"


def _match(pattern: str, selection: _Selection) -> Iterator[File | Skipped]:
    """What a pattern matches: a walk of its fixed prefix that lists only matches of the rest."""
    names = pattern.split("/")
    fixed = next(i for i, name in enumerate(names) if _is_pattern(name))
    root = "/".join(names[:fixed]) or ("/" if pattern.startswith("/") else ".")
    rest = names[fixed:]
    selection = replace(
        selection,
        only=_compile(["/" + "/".join(rest)]),
        depth=None if "**" in rest else len(rest),
        # ".*" asks for hidden files, as it does in a shell.
        hidden=selection.hidden or any(name.startswith(".") for name in rest),
    )
    matched = False
    for found in _walk(root, selection) if os.path.isdir(root) else ():
        matched = True
        yield found
    if not matched:
        yield _missing(pattern, "no file matches this pattern")


def _is_pattern(path: str) -> bool:
    return any(character in path for character in "*?[")


def _walk(root: str, selection: _Selection) -> Iterator[File | Skipped]:
    """The files below a directory, without recursion: a tree may be deeper than Python's stack."""
    top = root.rstrip("/")
    top = "" if top == "." else f"{top}/"
    rules = IgnoreRules.at(top) if selection.ignore else None
    opened = _open(top, rules)
    if isinstance(opened, Skipped):
        yield opened
        return
    stack = [opened]
    while stack:
        for entry in stack[-1].entries:
            found = _look(entry, stack[-1], selection, len(top))
            if isinstance(found, _Directory):
                stack.append(found)
                break
            if found is not None:
                yield found
        else:
            stack.pop()


def _open(prefix: str, rules: IgnoreRules | None) -> _Directory | Skipped:
    try:
        with os.scandir(prefix or ".") as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        return Skipped(prefix.rstrip("/") or prefix or ".", os_reason(error), error=True)
    if rules is not None:
        rules = rules.enter(prefix, {entry.name for entry in entries})
    return _Directory(prefix, iter(entries), rules)


def _look(
    entry: "os.DirEntry[str]", parent: _Directory, selection: _Selection, start: int
) -> File | Skipped | _Directory | None:
    """What one entry of a directory adds to the walk; None if it was not asked for.

    Args:
        start: the offset in a path of what is relative to the root of the walk.
    """
    name = entry.name
    if (name[0] == "." and not selection.hidden) or name == ".git":
        return None
    path = parent.prefix + name
    below = path[start:]
    is_directory = entry.is_dir(follow_symlinks=False)
    if parent.rules is not None and parent.rules.ignored(path, is_directory):
        return None
    if selection.excludes(path, below, "/" if is_directory else ""):
        return None
    if is_directory:
        return None if selection.prunes(below) else _open(f"{path}/", parent.rules)
    if not selection.includes(path, below):
        return None
    if entry.is_file(follow_symlinks=False):
        return File(path, explicit=False)
    return Skipped(path, _what(entry))


def _what(entry: "os.DirEntry[str]") -> str:
    """What an entry is, if neither a file nor a directory."""
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return os_reason(error)
    if stat.S_ISLNK(mode):
        exists = os.path.exists(entry.path)
        return "symbolic link, not followed" if exists else "broken symbolic link"
    return kind_of_file(mode)


def _compile(patterns: Iterable[str]) -> "GitIgnoreSpec | None":
    """A matcher of gitignore patterns; None if there are none."""
    lines = list(patterns)
    if not lines:
        return None
    from pathspec import GitIgnoreSpec  # importing takes 40 ms

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise UsageError(
            f"{', '.join(map(repr, lines))}: {error}",
            hint="write patterns as in a .gitignore: *.py, docs/, /build, src/**/*.md",
        ) from error
