"""The contents of files in a revision or in the index, from one process of git."""

import os
import subprocess
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import NamedTuple

from ctxtools.documents.git.run import NOWHERE, end_git, limit_git, start_git
from ctxtools.documents.git.versions.named import Objects
from ctxtools.documents.source import Source
from ctxtools.errors import Skipped, UnreadableError

_HELD = 1 << 26  # bytes of a file that is held in memory; larger ones get a process of their own
_TIMEOUT = 60.0  # seconds that git may take for one answer
_ASKED = 256  # objects that are asked for together: their names fit into a pipe
_MISSING = "its content is not here"


class _Git:
    """A process of git that answers questions on objects, one after the other.

    Args:
        objects: the repository.
        mode: of ``git cat-file``.

    Raises:
        OSError, ValueError: it cannot be started.
    """

    def __init__(self, objects: Objects, mode: str) -> None:
        process = start_git(
            ["cat-file", mode],
            objects.repository,
            NOWHERE,
            objects.folder,
            objects.variables(),
            isolated=True,
            stdin=subprocess.PIPE,
        )
        limit_git(process, None)
        assert process.stdin is not None and process.stdout is not None  # they are pipes
        self._ask, self._answers = process.stdin, process.stdout
        self._deadline: list[float | None] = [None]
        self._ended = Event()
        watch = Thread(target=_watch, args=(process, self._deadline, self._ended), daemon=True)
        watch.start()
        self.end = weakref.finalize(self, _end, process, self._ended)

    def answers(self, names: Sequence[bytes]) -> Iterator[bytes]:
        """The line that answers each question.

        Raises:
            OSError: git ended, or took too long.
        """
        self._ask.write(b"".join(name + b"\n" for name in names))
        self._ask.flush()
        for _ in names:
            self._deadline[0] = time.monotonic() + _TIMEOUT
            line = self._answers.readline()
            self._deadline[0] = None
            if not line.endswith(b"\n"):
                raise OSError("git ended, or took too long")
            yield line

    def content(self, size: int) -> bytes:
        """The bytes that follow an answer.

        Raises:
            OSError: git ended, or took too long.
        """
        self._deadline[0] = time.monotonic() + _TIMEOUT
        data = self._answers.read(size + 1)
        self._deadline[0] = None
        if len(data) != size + 1:
            raise OSError("git ended, or took too long")
        return data[:-1]


def _watch(process: "subprocess.Popen[bytes]", deadline: list[float | None], ended: Event) -> None:
    """End git when it takes too long: for a pipe among its files, say, to which nobody writes."""
    while not ended.wait(1.0):
        if (due := deadline[0]) is not None and time.monotonic() > due:
            end_git(process)
            return


def _end(process: "subprocess.Popen[bytes]", ended: Event) -> None:
    ended.set()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    end_git(process)


class Blobs:
    """The contents of objects by their names, on any thread."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lock = Lock()
        self._git: _Git | None = None

    def sizes(self, names: Iterable[str]) -> dict[str, int]:
        """The sizes of objects in bytes. Those that are missing are left out.

        Raises:
            OSError: git cannot be started, ended, or took too long.
        """
        git = _Git(self._objects, "--batch-check=%(objectname) %(objectsize)")
        sizes: dict[str, int] = {}
        try:
            asked = [name.encode() for name in dict.fromkeys(names)]
            for start in range(0, len(asked), _ASKED):
                for answer in git.answers(asked[start : start + _ASKED]):
                    name, _, size = answer.strip().partition(b" ")
                    if size.isdigit():
                        sizes[name.decode()] = int(size)
        finally:
            git.end()
        return sizes

    def source(self, path: str, name: str, size: int) -> Source:
        """The bytes of an object.

        Args:
            path: what messages call it.
            name: the object's.
            size: of it, in bytes.

        Raises:
            UnreadableError: it cannot be read.
        """
        try:
            if size > _HELD:
                return self._stream(path, name, size)
            return Source.held(self.read(name))
        except (OSError, ValueError) as error:
            raise UnreadableError(
                Skipped(path, f"git cannot read it: {error}", error=True)
            ) from error

    def read(self, name: str) -> bytes:
        """All bytes of an object.

        Raises:
            OSError, ValueError: git cannot read it.
        """
        with self._lock:
            if self._git is None:
                self._git = _Git(self._objects, "--batch")
            try:
                (answer,) = self._git.answers([name.encode()])
                size = answer.split()[-1]
                if not size.isdigit():
                    raise OSError(_MISSING)
                return self._git.content(int(size))
            except OSError:
                self._git.end()
                self._git = None
                raise

    def _stream(self, path: str, name: str, size: int) -> Source:
        process = start_git(
            ["cat-file", "blob", name],
            self._objects.repository,
            NOWHERE,
            self._objects.folder,
            self._objects.variables(),
            isolated=True,
        )
        limit_git(process, None)
        assert process.stdout is not None  # it is a pipe
        pipe, remaining = process.stdout, size

        def read(wanted: int) -> bytes:
            nonlocal remaining
            data = os.read(pipe.fileno(), wanted)
            remaining -= len(data)
            if not data and remaining:
                reason = "git ended before the end of it"
                raise UnreadableError(Skipped(path, reason, error=True))
            return data

        return Source(read, lambda: _end(process, Event()))


class Blob(NamedTuple):
    """The content of a file in a revision or in the index; see `ctxtools.documents.file.Content`.

    Attributes:
        blobs: where it comes from.
        path: the file's, as it is listed.
        name: the object's.
        size: bytes.
    """

    blobs: Blobs
    path: str
    name: str
    size: int

    def open(self) -> Source:
        """The bytes.

        Raises:
            UnreadableError: they cannot be read.
        """
        return self.blobs.source(self.path, self.name, self.size)
