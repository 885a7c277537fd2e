"""From what a user names (files, directories, patterns, "-") to the files to read, in order.

The order is that of the arguments and, inside a directory, that of the names, so the same input
gives the same list. A file that is reached twice is listed once, where it is reached first.

These are listed as skipped: what was named and does not exist, directories that cannot be listed,
and, if found in a directory, symbolic links (never followed, so there are no loops and no file is
counted twice; a named link is followed), pipes, sockets and devices. Binary files are recognised
when they are read. What ignore files, hidden names and exclude patterns exclude is not listed, for
it was not asked for; of a file that was named, it is. `.git` is never entered.
"""

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ctxtools import _core
from ctxtools.checks import check_list, check_type, checked_paths
from ctxtools.documents.file import STDIN, File
from ctxtools.documents.filetypes import is_archive, may_be_archive
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.git.submodules import is_submodule
from ctxtools.documents.search.found import (
    Census,
    FoundFiles,
    Reason,
    Selection,
    below_current,
)
from ctxtools.documents.search.listed import Found, list_below
from ctxtools.documents.search.missing import (
    bare_repository,
    may_be_url,
    missing,
    similar,
    why_missing,
)
from ctxtools.documents.search.once import find_once
from ctxtools.errors import Skipped, os_reason
from ctxtools.regular_file import kind_of_file

if TYPE_CHECKING:
    from ctxtools.documents.ignore import IgnoreRules
    from ctxtools.documents.search.patterns import Patterns

_MAX_ROOTS = 100  # arguments below which the names in patterns are looked for

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class _Directory(NamedTuple):
    """A directory that is being walked.

    Attributes:
        prefix: its path with a "/" at the end; "" for the current directory.
        entries: the remaining entries, sorted by name; those of folders in it are among them where
            the kernel lists them.
        rules: its ignore rules; None if they are not respected.
    """

    prefix: str
    entries: "Iterator[os.DirEntry[str] | Found | File]"
    rules: "IgnoreRules | None"

    def skipped(self) -> Iterable[Skipped]:
        """Its ignore files that could not be read."""
        return () if self.rules is None else self.rules.skipped(self.prefix)


def find_files(
    paths: Paths,
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    ignore: bool = True,
    archives: bool = False,
    label: Callable[[str, str], str] | None = None,
    base: str | None = None,
    based: Collection[str] = (),
    ref: str | None = None,
    diff: str | None = None,
    staged: bool = False,
    log: int = 0,
    cache: bool = True,
    unchanged: bool = False,
) -> FoundFiles:
    """The files that paths stand for, as they are found.

    Args:
        paths: one path or several: files, directories, patterns such as ``src/**/*.py`` or
            ``{src,docs}/*.md`` (matched here if the shell did not), ``"-"`` for standard input. An
            existing file or directory whose name looks like a pattern is that one. A file that is
            named is listed even if ignore files or the rule on hidden names exclude it; one that a
            pattern matches is not named.
        include: patterns in the syntax of `.gitignore` with ``{a,b}`` for alternatives; only files
            that match one are listed. Brackets of real paths are literal: ``app/[id]/page.tsx``.
        exclude: the same; files and directories that match one are excluded, even named ones.
            Both are matched with a path as it is listed, and relative to the named directory. A
            file that was named and is left out by them is listed as skipped.
        hidden: list files and directories whose name starts with a dot.
        ignore: respect `.gitignore` and `.ignore` (see `ctxtools.documents.ignore`).
        archives: look into archives that are found, as into folders. One that is named is looked
            into in any case, and all of this applies to what is in it; nothing is unpacked to the
            disk (see `ctxtools.documents.archives`).
        label: what messages call a pattern, given ``"include"`` or ``"exclude"`` and the pattern.
        base: a folder, absolute.
        based: those of the patterns that are written for that folder, as in a configuration file
            there. They are also matched with a path from it, whatever the current folder is.
        ref, diff, staged, log, cache: of repositories, another version than that on the disk, or
            what changed; see `ctxtools.documents.git.versions.version.Version`. A path may be the
            URL of a repository.
        unchanged: with ``diff`` or ``staged``, list the files that did not change too.

    Returns:
        An iterator. Once it is exhausted its ``unmatched`` has the patterns that matched nothing,
        its ``changes`` what changed.

    Raises:
        UsageError: a pattern is invalid, or the options of repositories exclude each other. While
            it is iterated over: a path is in no repository, or there is no such revision.
    """
    check_list("include", include)
    check_list("exclude", exclude)
    listed = checked_paths([paths] if isinstance(paths, str | os.PathLike) else paths)
    roots = ["", *(path for path in listed[:_MAX_ROOTS] if path != STDIN)]
    if base is not None:
        roots.append(base)
    selection = Selection(
        Census(),
        Patience(),
        _patterns("include", include, roots, based),
        _patterns("exclude", exclude, roots, based),
        hidden,
        ignore,
        archives,
        base=base,
        below_base=below_current(base),
    )
    if label is not None:
        selection = selection._replace(label=label)
    if ref is diff is None and not (staged or log or any(map(may_be_url, listed))):
        return FoundFiles(find_once(listed, selection, _expand), selection)
    from ctxtools.documents.git.versions.search import VersionSearch
    from ctxtools.documents.git.versions.version import Version

    search = VersionSearch(Version(ref, diff, staged, log, cache, unchanged), _expand)
    found = search.files(find_once(listed, selection, search.expand))
    return FoundFiles(found, selection, search.told)


def _patterns(
    option: str, patterns: Iterable[str], roots: list[str], based: Collection[str]
) -> "Patterns | None":
    """The patterns of an option; None if there are none. Names in them are looked for in roots."""
    lines = list(patterns)
    if not lines:
        return None
    for line in lines:
        check_type(f"each pattern of {option}", line, str)
    from ctxtools.documents.search.patterns import Patterns  # few command lines have any

    exists = lambda name: any(_exists(root, name) for root in roots)  # noqa: E731
    return Patterns(option, lines, exists, based)


def _exists(root: str, name: str) -> bool:
    try:
        return os.path.lexists(os.path.join(root, name))
    except ValueError:  # a NUL in it
        return False


def _expand(path: str, selection: Selection) -> Iterator[File | Skipped]:
    """What one argument stands for."""
    if path == STDIN:
        yield File(path)
    elif os.path.isdir(path):
        yield from _walk_named(path, selection)
    elif os.path.exists(path):
        yield from _named_file(path, selection)
    elif os.path.islink(path):
        yield Skipped(path, "broken symbolic link", error=True)
    else:
        yield from _expand_pattern(path, selection)


def _named_file(path: str, selection: Selection) -> Iterator[File | Skipped]:
    """A file that was named; of an archive, what is in it."""
    if may_be_archive(path) and os.path.isfile(path):
        from ctxtools.documents.archives.walk import walk_archive

        members = walk_archive(File(path), len(path) + 1, selection)
        if members is not None:
            yield from members
            return
    reason = selection.reject_named(path)
    yield File(path) if reason is None else Skipped(path, reason)


def _expand_pattern(path: str, selection: Selection) -> Iterator[File | Skipped]:
    """What an argument stands for that is no path of anything on the disk."""
    if "/" in path:
        from ctxtools.documents.archives.inside import expand_inside

        if (members := expand_inside(path, selection)) is not None:
            yield from members
            return
    from ctxtools.documents.search.patterns import expand_braces, is_pattern

    if (alternatives := expand_braces(path, os.path.lexists)) != [path]:
        for each in alternatives:
            yield from _expand(each, selection)
    elif is_pattern(path):
        yield from _match(path, selection)
    else:
        yield missing(path, why_missing(path), selection.suggest(lambda: similar(path)))


def _walk_named(path: str, selection: Selection) -> Iterator[File | Skipped]:
    """The files below a directory that was named; if it is excluded as a whole, that."""
    if (bare := bare_repository(path)) is not None:
        yield bare
        return
    empty = True
    for found in _walk(path, selection):
        empty = False
        yield found
    if empty and os.path.basename(path.rstrip("/")) not in ("", ".", ".."):
        reason = selection.reject_named(path.rstrip("/"), "/")
        if reason is not None:
            yield Skipped(path, reason)


def _match(pattern: str, selection: Selection) -> Iterator[File | Skipped]:
    """What a pattern matches: a walk of its fixed prefix that lists only matches of the rest."""
    from ctxtools.documents.search.patterns import Patterns, is_pattern

    names = pattern.split("/")
    # A directory whose name looks like a pattern is that one.
    fixed = next(
        i
        for i, name in enumerate(names)
        if is_pattern(name) and not os.path.isdir("/".join(names[: i + 1]))
    )
    root = "/".join(names[:fixed]) or ("/" if pattern.startswith("/") else ".")
    rest = names[fixed:]
    if not os.path.isdir(root):
        hint = selection.suggest(lambda: similar(root))
        yield missing(pattern, "no file matches this pattern", hint)
        return
    only = Patterns("paths", ["/" + "/".join(rest)], lambda name: _exists(root, name))
    selection = selection._replace(
        only=only,
        depth=None if "**" in rest else len(rest),
        # ".*" asks for hidden files, as it does in a shell.
        hidden=selection.hidden or any(name.startswith(".") for name in rest),
    )
    start = len(selection.census.names)
    matched = False
    for found in _walk(root, selection):
        matched = True
        yield found
    if matched:
        return
    if only.waiting:
        hint = selection.suggest(lambda: selection.hint(only, 0, pattern, start))
        yield missing(pattern, "no file matches this pattern", hint)
    else:
        yield Skipped(pattern, "all that it matches is excluded, or not included")


def _walk(root: str, selection: Selection) -> Iterator[File | Skipped]:
    """The files below a directory, without recursion: a tree may be deeper than Python's stack."""
    selection.census.walked = True
    top = root.rstrip("/")
    top = "" if top == "." else f"{top}/"
    from ctxtools.documents.ignore import IgnoreRules  # a file that was named needs none of this

    rules = IgnoreRules.at(top, selection.patience) if selection.ignore else None
    opened = _open(top, rules)
    if isinstance(opened, Skipped):
        yield opened
        return
    yield from opened.skipped()
    stack = [_listed(opened, selection)]
    while stack:
        for entry in stack[-1].entries:
            if isinstance(entry, File):
                yield from _or_members(entry, len(top), selection)
                continue
            found = _look(entry, stack[-1], selection, len(top))
            if isinstance(found, _Directory):
                yield from found.skipped()
                stack.append(_listed(found, selection))
                break
            if isinstance(found, File):
                yield from _or_members(found, len(top), selection)
            elif found is not None:
                yield found
        else:
            stack.pop()


def _or_members(found: File, start: int, selection: Selection) -> Iterable[File | Skipped]:
    """A file that was found or, if it is an archive, what is said of it or found in it."""
    if not is_archive(found.path):
        return (found,)
    from ctxtools.documents.archives.walk import look_into

    return look_into(found, start, selection)


def _open(prefix: str, rules: "IgnoreRules | None") -> _Directory | Skipped:
    try:
        with os.scandir(prefix or ".") as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        return Skipped(prefix.rstrip("/") or prefix or ".", os_reason(error), error=True)
    if not entries and is_submodule(prefix):
        return Skipped(prefix.rstrip("/") or ".", "submodule, not checked out")
    if rules is not None:
        rules = rules.enter(prefix, {entry.name for entry in entries})
    return _Directory(prefix, iter(entries), rules)


def _listed(directory: _Directory, selection: Selection) -> _Directory:
    """A directory with what is below it, where names alone tell what to list."""
    rules = directory.rules
    if _core.kernel is None or selection.has_patterns or (rules is not None and rules.has_patterns):
        return directory
    return directory._replace(entries=list_below(directory.prefix, selection, rules))


def _look(
    entry: "os.DirEntry[str] | Found", parent: _Directory, selection: Selection, start: int
) -> File | Skipped | _Directory | None:
    """What one entry of a directory adds to the walk; None if it was not asked for.

    Args:
        start: the offset in a path of what is relative to the root of the walk.
    """
    name = entry.name
    if name == ".git":
        return None
    path = entry.path if isinstance(entry, Found) else parent.prefix + name
    below = path[start:]
    try:
        is_directory = entry.is_dir(follow_symlinks=False)
    except OSError as error:  # not every file system says what its entries are
        return Skipped(path, os_reason(error), error=True)
    slash = "/" if is_directory else ""
    reason: Reason | None = None
    if name[0] == "." and not selection.hidden:
        reason = "hidden"
    elif parent.rules is not None and parent.rules.ignored(path, is_directory):
        reason = "ignored"
    elif selection.excludes(path, below, slash):
        reason = "excluded"
    if reason is not None:
        selection.leave_out(reason, path, below, slash)
        return None
    if name[0] == ".":
        from ctxtools.atomic import is_temporary

        if is_temporary(name):  # of an output: it is half of a file, or will vanish
            return Skipped(path, "temporary file of an output")
    if is_directory:
        return None if selection.prunes(below) else _open(f"{path}/", parent.rules)
    is_walked = selection.archives and is_archive(path) and entry.is_file(follow_symlinks=False)
    if not is_walked and not selection.includes(path, below):
        return None
    if entry.is_file(follow_symlinks=False):
        return File(path, explicit=False)
    return Skipped(path, _what(entry))


def _what(entry: "os.DirEntry[str] | Found") -> str:
    """What an entry is, if neither a file nor a directory."""
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return os_reason(error)
    if stat.S_ISLNK(mode):
        exists = os.path.exists(entry.path)
        return "symbolic link, not followed" if exists else "broken symbolic link"
    return kind_of_file(mode)
