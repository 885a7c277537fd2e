"""Jobs in child processes, as the process that starts them sees it."""

import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from ctxtools.errors import CtxtoolsError, FormatError, MissingExtraError, os_reason
from ctxtools.isolated import child as program
from ctxtools.isolated.child import PASSES_FILES, SIGNALS, Frame, Frames, read_frame, write_frame

_MAX_IDLE = 16
_ERRORS = {kind.__name__: kind for kind in (FormatError, MissingExtraError)}
_ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false", "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"}


class Ended(Exception):
    """The child ended before the job did, or the job failed; the text is the reason."""


class Run(Iterator[Frame]):
    """A job in a child, which works on it from now on. One thread at a time uses it.

    In a program that is no Python interpreter, and so cannot start one, the job runs in this
    process.

    Args:
        job: a generator function, as "module:name"; it is given the request, the file and the data.
        request: anything that JSON can represent.
        file: that is open for reading; it is the child's, too, and shares its position.
        path: of the file, for systems on which open files cannot be passed on.
        data: bytes for the job.
        memory: bytes of address space that the job may take, beside those that the child has, where
            the system has such limits.
        seconds: CPU time until the next frame after which the job is ended, where there are timers.
        slack: CPU time that the job may take above that, once for all its frames.
        dialogue: it waits for a request after each of its results: see `send`. What memory it has
            at the first of them is not counted from then on.
        alone: its module, which is imported here, imports nothing of ctxtools, and is loaded
            without the packages that it is in: these take longer than all else.

    Raises:
        Ended: while iterating.
        OSError: the file has no descriptor, and so cannot be passed on.
        FormatError: no process can be started.
        FormatError, MissingExtraError: while iterating: what the job raised.
    """

    def __init__(
        self,
        job: str,
        request: dict[str, Any],
        *,
        file: BinaryIO | None = None,
        path: str = "",
        data: bytes = b"",
        memory: int,
        seconds: float,
        slack: float = 0.0,
        dialogue: bool = False,
        alone: bool = False,
    ) -> None:
        self._child: _Child | None = None
        self._local: Frames | None = None
        self._is_dialogue = dialogue
        if not _has_interpreter():
            self._local = program.work(job, request, file, data)
            return
        envelope = _envelope(job, request, memory, seconds) | {
            "module": sys.modules[job.partition(":")[0]].__file__ if alone else None,
            "file": None if file is None or PASSES_FILES else os.path.abspath(path),
            "slack": slack,
            "dialogue": dialogue,
        }
        files = [file.fileno()] if file is not None and PASSES_FILES else []
        self._child = _take()
        with suppress(OSError):  # it is found dead when it is to answer
            self._child.begin(envelope, data, files)

    def __next__(self) -> Frame:
        if self._local is not None:
            return self._step(self._local, None)
        if self._child is None:
            raise StopIteration
        try:
            header, data, is_last = self._child.receive()
        except (OSError, EOFError, ValueError, RecursionError) as error:
            child, self._child = self._child, None
            raise Ended(child.reason()) from error
        except BaseException:  # interrupted: the result is still to come
            self.close()
            raise
        if not is_last:
            return header, data
        child, self._child = self._child, None
        if self._is_dialogue:
            child.end()  # with what it has loaded
        else:
            _give_back(child)
        if (kind := _ERRORS.get(header.get("error", ""))) is not None:
            raise kind(header["message"], hint=header.get("hint"))
        if "error" in header:
            raise Ended(header["message"])
        raise StopIteration

    def send(
        self, request: dict[str, Any], data: bytes = b"", *, memory: int, seconds: float
    ) -> Frame:
        """The result of a request to a dialogue, with limits of its own.

        Raises:
            Ended: the child ended.
        """
        try:
            if self._local is not None:
                return self._step(self._local, (request, data))
            if self._child is not None:
                with suppress(OSError):  # it is found dead when it is to answer
                    self._child.send({"request": request, "limits": [memory, seconds]}, data)
            return next(self)
        except StopIteration:
            raise Ended("it has ended") from None
        except BaseException:  # perhaps interrupted: the result is still to come
            self.close()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether there is somebody to send a request to: not in a fork of the process."""
        return self._local is not None or (self._child is not None and self._child.is_alive)

    def _step(self, local: Frames, request: Any) -> Frame:
        try:
            return local.send(request)
        except BaseException as error:  # a panic of Rust is no Exception
            self._local = None
            if isinstance(error, StopIteration | CtxtoolsError | KeyboardInterrupt | SystemExit):
                raise
            raise Ended(program.described(error)) from error

    def close(self) -> None:
        """End the job if it is not done."""
        child, self._child = self._child, None
        if child is not None:
            child.end()


def prepare(job: str, request: dict[str, Any], *, memory: int, seconds: float) -> None:
    """Have a child do a job whose results nobody needs, for what it imports.

    It is started and does so in the background, and the next `Run` waits until that is done. Where
    a child is idle, or none can be started, nothing is done.

    Args:
        job, request, memory, seconds: as those of `Run`.
    """
    if _idle or not _has_interpreter():
        return
    with suppress(FormatError, OSError):  # whoever needs a child finds out
        child = _Child()
        child.begin(_envelope(job, request, memory, seconds), b"", [])
        child.is_preparing = True
        _idle.append(child)


def _has_interpreter() -> bool:
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def _envelope(job: str, request: dict[str, Any], memory: int, seconds: float) -> dict[str, Any]:
    """What a child is sent of a job."""
    return {
        "job": job,
        "module": None,
        "request": request,
        "file": None,
        "limits": [memory, seconds],
        "slack": 0.0,
        "dialogue": False,
    }


class _Child:
    """A child process, which waits for a job or works on one.

    Attributes:
        is_preparing: results of that job are still to come that nobody needs.
    """

    def __init__(self) -> None:
        # What the parent imports can be imported, but nothing from the folder that it happens to
        # be in: that may be a stranger's.
        package = os.path.abspath(f"{__file__}/../../..")
        path = [*filter(os.path.isabs, sys.path), package]
        code = f"import sys; sys.path[:] = {path!a}; from {program.__name__} import serve"
        options = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
        self.is_preparing = False
        self._owner = os.getpid()
        self._socket = None
        requests: Any = subprocess.PIPE
        if PASSES_FILES:
            self._socket, requests = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, *options, "-c", f"{code}; serve()"],
                stdin=requests,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where C++ says why it ends the process
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:
            if self._socket is not None:
                self._socket.close()
            raise FormatError(f"no process can be started: {os_reason(error)}") from error
        finally:
            if self._socket is not None:
                requests.close()
        # Ends the process, if this one started it, and closes what leads to it: when asked to, when
        # nothing refers to this any more, or at exit. A `__del__` may come after that of a Popen.
        self.end = weakref.finalize(self, _end, self.process, self._socket, os.getpid())

    def begin(self, envelope: dict[str, Any], data: bytes, files: list[int]) -> None:
        """Send a job, and the descriptors of its files where those can be passed on."""
        if self._socket is not None:
            socket.send_fds(self._socket, [b"\0"], files)
        self.send(envelope, data)

    def send(self, header: dict[str, Any], data: bytes) -> None:
        if self._socket is None:
            assert self.process.stdin is not None
            write_frame(self.process.stdin.write, header, data)
            self.process.stdin.flush()
            return
        write_frame(self._socket.sendall, header, data)

    def receive(self) -> tuple[dict[str, Any], bytes, bool]:
        assert self.process.stdout is not None
        return read_frame(self.process.stdout)

    @property
    def is_alive(self) -> bool:
        return self._owner == os.getpid() and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether it can take a job, after what it prepares."""
        try:
            while self.is_preparing:
                _, _, is_last = self.receive()
                self.is_preparing = not is_last
        except (OSError, EOFError, ValueError, RecursionError):
            return False
        return self.is_alive

    def reason(self) -> str:
        """Why it does not answer; it is ended if it has not."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.poll()
        self.end()
        stopped = code is not None and -code in SIGNALS
        return "it takes too long" if stopped else "the library crashed, or took too much memory"


def _end(process: "subprocess.Popen[bytes]", requests: socket.socket | None, owner: int) -> None:
    if owner == os.getpid():
        with suppress(OSError):
            process.kill()
        process.wait()
    for end in (requests, process.stdin, process.stdout):
        if end is not None:
            with suppress(OSError):
                end.close()


_idle: list[_Child] = []


def _take() -> _Child:
    while True:
        try:
            child = _idle.pop()
        except IndexError:
            return _Child()
        if child.is_alive and child.is_ready():
            return child
        child.end()


def _give_back(child: _Child) -> None:
    if len(_idle) < _MAX_IDLE:
        _idle.append(child)
    else:
        child.end()


if hasattr(os, "register_at_fork"):
    # They are the parent's: answers would go to either process.
    os.register_at_fork(after_in_child=_idle.clear)
