"""Running git so that a repository cannot make it run anything else. Nothing else here runs git.

The repository that git sees is an empty one of this package; of the real one it is given the
index and the objects. So there is no configuration and no hook in which a stranger could name a
program, whatever git may add to them, and no remote to fetch from. The user's own configuration
counts as ever.
"""

import os
import signal
import subprocess
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread
from types import MappingProxyType

from ctxtools.documents.git.repository import Repository
from ctxtools.programs import find_program, program_environment

EMPTY = {  # format of the objects -> an empty repository of it
    name: os.path.join(os.path.dirname(os.path.abspath(__file__)), "empty", name)
    for name in ("sha1", "sha256")
}

NOWHERE = os.path.dirname(EMPTY["sha1"])
"""A folder without anything that git would look at."""

# Of the user's variables for git, those that say where the user's configuration is. The others can
# point to another repository, as in a hook, or change what is printed.
_KEPT = "GIT_CONFIG_"

_SAFE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "core.quotePath=false",
    "protocol.allow=never",
)
# What a repository's configuration knows of its file system.
_COPIED = ("core.ignorecase", "core.precomposeunicode", "core.longpaths")

_MAX_OUTPUT = 1 << 26  # bytes
_MAX_MEMORY = 1 << 30  # bytes that git may allocate, where the system can limit that
_MAX_PROCESSOR_TIME = 5  # seconds: enough for a million files, not for patterns that explode
_STALLED = 1.0  # seconds
_BLOCK = 1 << 16  # bytes
_GRACE = 1.0  # seconds


class Run:
    """A run of git, which starts at once; its output is read in the background.

    Args:
        arguments: what git is to do.
        repository: the repository; None for the user's configuration alone.
        directory: where to do it, in the work tree.
        objects: the folder of the objects that git may read.
        variables: more variables of the environment.
        isolated: without the user's configuration too; see `start_git`.
        processor_time: the maximum in seconds, where the system can limit that.

    Attributes:
        succeeded: whether git ended by itself, without an error, and all of its output was kept.
        killed: whether it took too much time or memory, or printed too much.

    Raises:
        OSError: there is no git, it cannot be started, or cannot read such a repository.
        ValueError: something cannot be an argument.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        repository: Repository | None = None,
        directory: str = os.curdir,
        objects: str | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        *,
        isolated: bool = False,
        processor_time: int = _MAX_PROCESSOR_TIME,
    ) -> None:
        self.succeeded = self.killed = False
        self._blocks: list[bytes] = []
        self._process = start_git(
            arguments, repository, directory, objects, variables, isolated=isolated
        )
        limit_git(self._process, processor_time)
        self._end = weakref.finalize(self, end_git, self._process)
        self._reader = Thread(target=_read, args=(self._process, self._blocks), daemon=True)
        try:
            self._reader.start()
        except RuntimeError as error:  # there may be no more threads
            self._end()
            raise OSError(error) from error

    def output(self, seconds: float) -> bytes | None:
        """What git printed, up to a limit of its size; None if it did not end in time.

        Args:
            seconds: how long to wait. On Linux it is shorter where git itself waits: for a named
                pipe in the folder, to which nobody will write.
        """
        deadline = time.monotonic() + seconds
        progress: bytes | None = None
        since = time.monotonic()
        try:
            while self._reader.is_alive() and (now := time.monotonic()) < deadline:
                self._reader.join(min(deadline - now, _STALLED / 4))
                waiting = _waiting(self._process.pid)
                if waiting is None or waiting != progress:
                    progress, since = waiting, now
                elif now - since > _STALLED:
                    break
            ended = not self._reader.is_alive()
            if ended:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_GRACE)
        finally:
            code = self._process.returncode
            self._end()
            self._reader.join(_GRACE)
        output = b"".join(self._blocks)
        self.killed = code is None or code < 0 or len(output) > _MAX_OUTPUT
        self.succeeded = code == 0 and not self.killed
        return output[:_MAX_OUTPUT] if ended else None


def start_git(
    arguments: Sequence[str],
    repository: Repository | None,
    directory: str = os.curdir,
    objects: str | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
    *,
    isolated: bool = False,
    stdin: int = subprocess.DEVNULL,
) -> "subprocess.Popen[bytes]":
    """Start git on the index and the objects of a repository; see `Run`.

    Args:
        arguments, repository, directory, objects, variables: as in `Run`.
        isolated: without the user's configuration. It may name programs too: for a diff, for a
            filter that the attributes of a stranger's folder select, to check signatures.
        stdin: as of `subprocess.Popen`.

    Raises:
        OSError, ValueError: as of `Run`.
    """
    program = find_program("git")
    if program is None:
        raise FileNotFoundError("git")
    settings = repository.settings() if repository else {}
    empty = EMPTY.get(settings.get("extensions.objectformat", "sha1").lower())
    if empty is None:
        raise FileNotFoundError("extensions.objectformat")
    changed = [f"{key}=true" for key in _COPIED if _is_true(settings.get(key))]
    options = [each for setting in (*_SETTINGS, *changed) for each in ("-c", setting)]
    folders = {
        "GIT_DIR": empty,
        # No folder at all, so that git can write no object; it reads those of "alternates".
        "GIT_OBJECT_DIRECTORY": program,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(objects) if objects else "",
    }
    return subprocess.Popen(
        [program, "-C", directory, "--no-pager", *options, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**git_environment(isolated=isolated), **_SAFE, **folders, **variables},
        start_new_session=True,
    )


def git_environment(*, isolated: bool = False) -> dict[str, str]:
    """The environment for git, without what leads to a repository or changes what is printed.

    Args:
        isolated: also without what leads to the user's configuration.
    """
    kept = {
        name: value
        for name, value in program_environment().items()
        if not name.startswith("GIT_") or (name.startswith(_KEPT) and not isolated)
    }
    if isolated:
        kept |= {"HOME": NOWHERE, "XDG_CONFIG_HOME": NOWHERE, "GIT_CONFIG_NOSYSTEM": "1"}
    return kept


def _quoted(path: str) -> str:
    """A path for a list of them, in which it may not be split."""
    return '"' + path.replace("\\", r"\\").replace('"', r"\"") + '"'


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() in ("true", "yes", "on", "1", "")


def _read(process: "subprocess.Popen[bytes]", blocks: list[bytes]) -> None:
    assert process.stdout is not None  # it is a pipe
    size = 0
    with process.stdout as pipe, suppress(OSError):
        while size <= _MAX_OUTPUT and (block := os.read(pipe.fileno(), _BLOCK)):
            blocks.append(block)
            size += len(block)


def end_git(process: "subprocess.Popen[bytes]") -> None:
    """Kill git, and what it may have started, if it has not ended."""
    if process.poll() is None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)


def limit_git(
    process: "subprocess.Popen[bytes]", processor_time: int | None, memory: int = _MAX_MEMORY
) -> None:
    """Bound what git may use, for an index or a tree that says that it is endless.

    Args:
        process: git.
        processor_time: the maximum in seconds; None for no maximum.
        memory: the maximum in bytes.
    """
    try:
        from resource import RLIM_INFINITY, RLIMIT_CPU, RLIMIT_DATA, prlimit  # Linux
    except ImportError:
        return
    for kind, maximum in ((RLIMIT_DATA, memory), (RLIMIT_CPU, processor_time)):
        if maximum is None:
            continue
        with suppress(OSError, ValueError):  # it has ended
            hard = prlimit(process.pid, kind)[1]
            limit = maximum if hard == RLIM_INFINITY else min(maximum, hard)
            prlimit(process.pid, kind, (limit, limit))


def _waiting(process: int) -> bytes | None:
    """The processor time of a process that waits for something other than a disk, else None."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return None
    return b" ".join(fields[11:13]) if fields[0] == b"S" else None
