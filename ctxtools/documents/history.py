"""When files were last changed, by the history of git: one call per folder, in the background."""

import os
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from ctxtools.documents.git.owner import is_trusted
from ctxtools.documents.git.repository import find_root, open_repository

if TYPE_CHECKING:
    from ctxtools.documents.git.run import Run

_COMMITS = 500  # the newest ones; what they did not change is old
_TIMEOUT = 5.0  # seconds
_MAX_FILES = 500_000  # a commit can have any number of them in a few bytes
_DAY = 86_400.0  # seconds


class History:
    """The ages of files in a folder. The call starts at once, and `ages` waits for it.

    Without git, a repository of the user's or a commit there are no ages.

    Args:
        folder: any folder; "" is the current one.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._run: Run | None = None
        with suppress(OSError, ValueError):  # no git, or a name that cannot be an argument
            self._run = _start(os.path.realpath(folder or "."))

    def ages(self) -> tuple[Mapping[str, float], bool]:
        """Path -> days between its last change and the newest of all; and whether git was done.

        Paths are as they are listed below the folder.
        """
        if self._run is None:
            return MappingProxyType({}), True
        listing = self._run.output(_TIMEOUT)
        if listing is None:
            return MappingProxyType({}), False
        return MappingProxyType(read_log(listing, self._folder)), True


def _start(folder: str) -> "Run | None":
    root = find_root(folder)
    repository = open_repository(root) if root is not None else None
    if repository is None or not is_trusted(repository):
        return None
    commit, objects = repository.head(), repository.objects
    if commit is None or objects is None:
        return None
    command = ["log", "--format=format:%x01%ct", "--name-only", "--no-renames", "--relative"]
    command += ["--no-show-signature", "--no-mailmap", "--no-decorate", "--no-notes", "--no-follow"]
    command += ["--no-ext-diff", "--no-textconv", f"--max-count={_COMMITS}", commit, "--", "."]
    variables = {"GIT_WORK_TREE": repository.root}
    if repository.regular(repository.shallow):
        variables["GIT_SHALLOW_FILE"] = repository.shallow
    from ctxtools.documents.git.run import Run  # and with it what starts processes

    return Run(command, repository, folder, objects, variables)


def read_log(listing: bytes, folder: str) -> dict[str, float]:
    """The ages in what git printed: a line with a time, then a line for each file."""
    prefix = f"{folder.rstrip('/')}/" if folder not in ("", ".") else ""
    newest = time = 0
    ages: dict[str, float] = {}
    for each in BytesIO(listing):
        line = os.fsdecode(each).removesuffix("\n")
        if line.startswith("\x01"):
            # A commit that was made by hand can have a time that git does not understand.
            time = int(line[1:]) if line[1:].isascii() and line[1:].isdecimal() else 0
            newest = newest or time
        elif line:
            ages.setdefault(prefix + line, max(newest - time, 0) / _DAY)
            if len(ages) == _MAX_FILES:
                break
    return ages
