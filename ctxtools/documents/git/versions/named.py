"""The repository that a path which the user named is in, and where in it."""

import os
import shlex
from typing import NamedTuple

from ctxtools.documents.git.owner import is_trusted
from ctxtools.documents.git.repository import (
    Repository,
    is_bare,
    is_repository,
    leads_elsewhere,
    open_repository,
)
from ctxtools.documents.git.run import NOWHERE, Run
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.programs import find_program

TIMEOUT = 120.0  # seconds
PROCESSOR_TIME = 60  # seconds of one call


class Objects(NamedTuple):
    """A repository that git may be asked about, with the folder of its objects.

    Attributes:
        repository: its files.
        folder: of the objects.
        label: what messages call it.
        url: where it was fetched from; "" if it was named as a folder.
        keep: what has to live as long as it is read: its folder, if that is a temporary one.
    """

    repository: Repository
    folder: str
    label: str
    url: str = ""
    keep: object = None

    def ask(
        self,
        *arguments: str,
        index: bool = False,
        work_tree: bool = False,
        isolated: bool = True,
        timeout: float | None = None,
    ) -> bytes | None:
        """What git prints; None if it fails.

        Args:
            arguments: what it is to do.
            index: whether it may look at the index.
            work_tree: whether it may look at the work tree too.
            isolated: without the user's configuration; see `start_git`.
            timeout: how long to wait, in seconds; None for `TIMEOUT`.

        Raises:
            UsageError: it takes too long, or prints too much.
        """
        variables = self.variables(index=index, work_tree=work_tree)
        try:
            run = Run(
                arguments,
                self.repository,
                self.repository.root if work_tree else NOWHERE,
                self.folder,
                variables,
                isolated=isolated,
                processor_time=PROCESSOR_TIME,
            )
        except (OSError, ValueError):
            return None
        printed = run.output(TIMEOUT if timeout is None else timeout)
        if printed is None or run.killed:
            raise TooMuchError(
                f"{self.label}: git {arguments[0]} takes too long, or prints too much",
                hint="name a folder in it, or a revision that is closer",
            )
        return printed if run.succeeded else None

    def variables(self, *, index: bool = False, work_tree: bool = False) -> dict[str, str]:
        """What git has to know beside the objects, as variables of its environment.

        Raises:
            UsageError: as of `index_path`.
        """
        variables = {"GIT_LITERAL_PATHSPECS": "1"}
        if self.repository.regular(self.repository.shallow):
            variables["GIT_SHALLOW_FILE"] = self.repository.shallow
        if index or work_tree:
            variables["GIT_INDEX_FILE"] = self.index_path()
        if work_tree:
            variables["GIT_WORK_TREE"] = self.repository.root
        return variables

    def index_path(self) -> str:
        """The path of the index.

        Raises:
            UsageError: it is elsewhere, or there can be none.
        """
        if self.repository.bare:
            raise UsageError(
                f"{self.label}: a bare repository has no work tree and no index",
                hint="--ref HEAD reads its files, --diff A..B what differs between two revisions",
            )
        path = self.repository.index_file
        if path is None:
            raise UsageError(f"{self.label}: its index is no file in it")
        return path

    @property
    def is_shallow(self) -> bool:
        """Whether the history of its first commits is absent."""
        return self.repository.regular(self.repository.shallow)

    @property
    def is_partial(self) -> bool:
        """Whether it was cloned without some of its objects, which git would fetch when needed."""
        packs = os.path.join(self.folder, "pack")
        try:
            return any(name.endswith(".promisor") for name in os.listdir(packs))
        except OSError:
            return False


class TooMuchError(UsageError):
    """Git was stopped."""


class Named(NamedTuple):
    """A path that was named, in a repository.

    Attributes:
        objects: the repository.
        name: the path in it, with ``/`` between names; "" is all of it.
        listed: what paths below it start with when they are listed: as it was named, with a slash
            at the end; "" if it is the current folder.
    """

    objects: Objects
    name: str
    listed: str


def open_named(path: str) -> Named:
    """The repository that a path is in; the path itself may be missing from the work tree.

    Raises:
        UsageError: it is in none, or in one that cannot be read; or there is no git.
    """
    if find_program("git") is None:
        raise UsageError(f"{one_line(path)}: git is not installed", hint="install git")
    folder, rest = _existing(path)
    top = folder
    while not (is_repository(top) or is_bare(top)):
        parent = os.path.dirname(top)
        if parent == top:
            raise UsageError(
                f"{one_line(path)}: not in a repository of git",
                hint="--ref, --diff, --staged, --log and --against need one; name its folder",
            )
        top = parent
    label = one_line(path)
    names = os.path.join(folder, rest)[len(top) :] if rest else folder[len(top) :]
    name = names.strip("/" + os.sep).replace(os.sep, "/")
    named = path.rstrip("/") or "/"
    listed = "" if named == "." else f"{named.rstrip('/')}/"
    return Named(_opened(top, label), name, listed)


def _opened(top: str, label: str) -> Objects:
    if is_repository(top):
        repository = open_repository(top)
    else:
        repository = Repository(top, top, top, bare=True)
    if repository is None:
        reason = "it has no repository that git could open"
        hint = None
        if leads_elsewhere(top):
            reason = "its .git leads to a repository that does not name this folder"
            hint = f"git config core.worktree there names it: {one_line(top)}"
        raise UsageError(f"{label}: {reason}", hint=hint)
    if not is_trusted(repository):
        safe = shlex.quote(one_line(repository.root))
        raise UsageError(
            f"{label}: its repository belongs to another user and is no safe.directory",
            hint=f"if you trust it: git config --global --add safe.directory {safe}",
        )
    objects = repository.objects
    if objects is None:
        raise UsageError(
            f"{label}: objects of its repository are in another one (alternates, or a link)",
            hint="git repack -a -d copies them, and then remove .git/objects/info/alternates",
        )
    return Objects(repository, objects, label)


def _existing(path: str) -> tuple[str, str]:
    """The folder that a path is or is in, without links, and the rest of the path.

    What is missing from the work tree may be in a revision.
    """
    absolute = os.path.abspath(path)
    rest: list[str] = []
    while not os.path.isdir(absolute):
        parent, name = os.path.split(absolute)
        if parent == absolute:
            break
        rest.insert(0, name)
        absolute = parent
    return os.path.realpath(absolute), os.path.join(*rest) if rest else ""
