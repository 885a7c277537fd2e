"""What git ignores in a work tree."""

import os
import shlex
import stat
import time
from collections.abc import Iterator

from ctxtools.documents.git.owner import is_trusted
from ctxtools.documents.git.patience import Patience, Untold
from ctxtools.documents.git.repository import Repository, leads_elsewhere, open_repository
from ctxtools.errors import ReadError
from ctxtools.escape import one_line
from ctxtools.regular_file import read_regular

_MOMENT = 0.02  # seconds that each call may take anyway
_MAX_INDEX = 1 << 28  # bytes: a larger one is taken for a sparse one
_HINT = "--no-ignore, or ignore=False, includes everything"
_LATE = Untold("git did not say in time what it ignores", _HINT)
_ELSEWHERE = Untold(
    "it leads to a repository that does not name this folder, so git was not asked",
    f"git config core.worktree there names it; {_HINT}",
)
_UNREADABLE = Untold("git cannot read its index alone, as if that is damaged or split", _HINT)
_FOLDERS = b"sdir\0\0\0\0"  # the extension of a sparse index, which has no content


def ignored_by_git(root: str, directory: str, patience: Patience) -> frozenset[str] | None:
    """What git ignores below a directory of a work tree, as relative paths.

    An ignored directory stands for everything in it.

    Args:
        root: the work tree; see `find_root`.
        directory: an absolute path without links.
        patience: what this takes is taken off it.

    Returns:
        None if git cannot tell: it is not installed, the repository belongs to somebody else, is
        damaged or partly elsewhere, git takes too long, or the directory itself is ignored.
    """
    start = time.monotonic()
    paths = _ask(root, directory, patience)
    patience.seconds -= max(0.0, time.monotonic() - start - _MOMENT)
    return None if paths is None or "." in paths else paths


def _ask(root: str, directory: str, patience: Patience) -> frozenset[str] | None:
    repository = open_repository(root)
    if repository is None:
        if leads_elsewhere(root):
            patience.untold[root] = _ELSEWHERE
        return None
    if not _is_within(directory, repository):
        return None
    if not is_trusted(repository):
        safe = shlex.quote(one_line(root))
        hint = f"if you trust it: git config --global --add safe.directory {safe}"
        reason = "it belongs to another user and is no safe.directory, so git was not asked"
        patience.untold[root] = Untold(reason, hint)
        return None
    if patience.seconds <= _MOMENT:
        patience.untold[root] = _LATE
        return None
    index = repository.index_file
    if index is None or any(map(_is_special, _gitignores(root, directory))):
        return None
    command = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"]
    if os.path.lexists(repository.exclude):
        if not repository.regular(repository.exclude):
            return None
        command.append(f"--exclude-from={repository.exclude}")
    variables = {"GIT_WORK_TREE": root, "GIT_INDEX_FILE": index, "GIT_LITERAL_PATHSPECS": "1"}
    from ctxtools.documents.git.run import Run  # 6 ms, and a file that was named needs none of this

    try:
        objects = None if _is_sparse(index) else repository.objects
        run = Run(command, repository, directory, objects, variables)
        listing = run.output(patience.seconds)
        if listing is not None and not (run.succeeded or run.killed):
            # Below an ignored folder git fails, as what it would list is not below there. Of two
            # paths it lists what they have in common; in `.git` there is nothing.
            below = os.path.relpath(directory, root).replace(os.sep, "/")
            above = Run([*command, "--", below, ".git"], repository, root, objects, variables)
            found = _paths(above.output(patience.seconds) or b"")
            if any(f"{below}/".startswith(f"{each}/") for each in found):
                return None
    except (OSError, ValueError):
        return None
    if listing is None or run.killed:
        patience.untold[root] = _LATE
        return None
    if not run.succeeded:
        patience.untold[root] = _UNREADABLE
        return None
    return _paths(listing)


def _paths(listing: bytes) -> frozenset[str]:
    return frozenset(path.rstrip("/") for path in os.fsdecode(listing).split("\0") if path)


def _is_within(directory: str, repository: Repository) -> bool:
    """Whether a directory is in the work tree, rather than in the repository itself."""
    return not os.path.join(directory, "").startswith(os.path.join(repository.directory, ""))


def _is_sparse(index: str) -> bool:
    """Whether an index may have folders in place of their files.

    To look into such a folder git reads its objects, and writes them or their times. Without the
    objects the files in it, which should not be there, are not known as tracked. Those of another
    index are only read: for a `.gitignore` that is not checked out.
    """
    try:
        return _FOLDERS in read_regular(index, _MAX_INDEX)
    except ReadError:
        return True


def _gitignores(root: str, directory: str) -> Iterator[str]:
    """The files that git will read first."""
    while True:
        yield os.path.join(directory, ".gitignore")
        if directory == root:
            return
        directory = os.path.dirname(directory)


def _is_special(path: str) -> bool:
    """Whether a file is neither regular nor a link, which git does not follow: it might wait."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))
