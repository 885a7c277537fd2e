"""Work on a stranger's bytes by libraries in C and C++, in a child process that may die of it.

Some damaged files make such a library end its process, take all memory, or never return. Then the
child ends, the caller gets `Ended`, and goes on with the next file.

A child serves one job after the other; it is started when there is none that is idle, and ends
with its parent. Requests and results are frames: a JSON header and bytes, never pickles, since a
child that a file has taken over could put anything into those.
"""

import atexit
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO

from ctxtools.errors import CtxtoolsError, FormatError, MissingExtraError, os_reason

_WAIT = 600  # seconds without progress after which a job is ended, whatever it waits for
_LENGTHS = struct.Struct("<IQ")  # of a frame's header and of its bytes
_MAX_HEADER = 1 << 26  # bytes
_MAX_BYTES = 1 << 32
_MAX_IDLE = 16
_ERRORS = {kind.__name__: kind for kind in (FormatError, MissingExtraError)}
_PASSES_FILES = hasattr(socket, "send_fds")

Frame = tuple[dict[str, Any], bytes]
Frames = Iterator[Frame]
Job = Callable[[dict[str, Any], Any, bytes], Frames]


class Ended(Exception):
    """The child ended before the job did, or the job failed; the text is the reason."""


class Run(Iterator[Frame]):
    """A job in a child, which works on it from now on.

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

    Raises:
        Ended: while iterating.
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
        seconds: int,
    ) -> None:
        self._child: _Child | None = None
        self._local: Iterator[Frame] | None = None
        if not sys.executable or getattr(sys, "frozen", False):
            self._local = _find(job)(request, file, data)
            return
        envelope: dict[str, Any] = {"job": job, "request": request, "limits": [memory, seconds]}
        if file is not None:
            envelope["file"] = None if _PASSES_FILES else os.path.abspath(path)
        self._child = _take()
        with suppress(OSError):  # it is found dead when it is to answer
            self._child.send(envelope, data, file)

    def __next__(self) -> Frame:
        if self._local is not None:
            try:
                return next(self._local)
            except (StopIteration, CtxtoolsError):
                raise
            except Exception as error:
                raise Ended(_described(error)) from error
        if self._child is None:
            raise StopIteration
        try:
            header, data = self._child.receive()
        except (OSError, EOFError, ValueError) as error:
            child, self._child = self._child, None
            raise Ended(child.reason()) from error
        if "result" in header:
            return header["result"], data
        child, self._child = self._child, None
        _give_back(child)
        if (kind := _ERRORS.get(header.get("error", ""))) is not None:
            raise kind(header["message"], hint=header.get("hint"))
        if "failed" in header:
            raise Ended(header["failed"])
        raise StopIteration

    def close(self) -> None:
        """End the job if it is not done."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    __del__ = close


class _Child:
    """A child process, which waits for a job or works on one."""

    def __init__(self) -> None:
        # What the parent imports can be imported, but nothing from the folder that it happens to
        # be in: that may be a stranger's.
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        path = [*filter(os.path.isabs, sys.path), package]
        code = f"import sys; sys.path[:] = {path!a}; from {__name__} import serve; serve()"
        options = ["-I", *(["-B"] if sys.dont_write_bytecode else [])]
        self._socket = None
        requests: Any = subprocess.PIPE
        if _PASSES_FILES:
            self._socket, requests = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, *options, "-c", code],
                stdin=requests,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where C++ says why it ends the process
            )
        except OSError as error:
            if self._socket is not None:
                self._socket.close()
            raise FormatError(f"no process can be started: {os_reason(error)}") from error
        finally:
            if self._socket is not None:
                requests.close()

    def send(self, header: dict[str, Any], data: bytes, file: BinaryIO | None) -> None:
        text = json.dumps(header).encode()
        lengths = _LENGTHS.pack(len(text), len(data))
        if self._socket is None:
            assert self.process.stdin is not None
            self.process.stdin.write(lengths + text + data)
            self.process.stdin.flush()
            return
        if file is not None:
            socket.send_fds(self._socket, [lengths], [file.fileno()])
            lengths = b""
        self._socket.sendall(lengths + text)
        self._socket.sendall(data)

    def receive(self) -> Frame:
        assert self.process.stdout is not None
        return _read_frame(self.process.stdout)

    def reason(self) -> str:
        """Why it does not answer; it is ended if it has not."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.poll()
        self.kill()
        stopped = sys.platform != "win32" and code is not None and -code in _alarms()
        return "it takes too long" if stopped else "the parser crashed, or took too much memory"

    def kill(self) -> None:
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        for end in (self._socket, self.process.stdin, self.process.stdout):
            if end is not None:
                with suppress(OSError):
                    end.close()


_idle: list[_Child] = []
_lock = threading.Lock()


def _take() -> _Child:
    while True:
        with _lock:
            child = _idle.pop() if _idle else None
        if child is None:
            return _Child()
        if child.process.poll() is None:
            return child
        child.kill()


def _give_back(child: _Child) -> None:
    with _lock:
        if len(_idle) < _MAX_IDLE:
            _idle.append(child)
            return
    child.kill()


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().kill()


if hasattr(os, "register_at_fork"):
    # They are the parent's: answers would go to either process.
    os.register_at_fork(after_in_child=_idle.clear)


def serve() -> None:
    """Work on jobs from standard input until it ends: what a child does."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not an answer
    requests = socket.socket(fileno=0) if _PASSES_FILES else None
    while True:
        files: list[int] = []
        try:
            if requests is None:
                envelope, data = _read_frame(sys.stdin.buffer)
            else:
                # The file comes with the first bytes.
                start, files, _, _ = socket.recv_fds(requests, _LENGTHS.size, 1)
                stream = requests.makefile("rb")
                start += stream.read(_LENGTHS.size - len(start))
                envelope, data = _read_frame(stream, start)
        except EOFError:
            return
        file: BinaryIO | None = None
        last: dict[str, Any] = {}
        if files:
            file = os.fdopen(files[0], "rb")
            file.seek(0)
        elif envelope.get("file"):
            file = open(envelope["file"], "rb")  # noqa: SIM115
        try:
            memory, seconds = envelope["limits"]
            _limit(memory)
            _alarm(seconds)
            for result, out in _find(envelope["job"])(envelope["request"], file, data):
                _alarm(0)  # writing waits for the parent
                _write_frame(answers, {"result": result}, out)
                _alarm(seconds)
        except (FormatError, MissingExtraError) as error:
            last = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
        except Exception as error:
            last = {"failed": _described(error)}
        finally:
            if file is not None:
                file.close()
        _alarm(0)
        _write_frame(answers, last, b"")


def _described(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "it takes too much memory"
    return str(error).partition("\n")[0] or type(error).__name__


def _find(job: str) -> Job:
    module, _, name = job.partition(":")
    found: Job = getattr(import_module(module), name)
    return found


def _limit(memory: int) -> None:
    try:
        import resource

        memory += _address_space()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # Windows has none, macOS not all
        pass


def _address_space() -> int:
    """The bytes that this process has; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 0


def _alarm(seconds: int) -> None:
    """End the process if it works for so long; 0 is no limit."""
    import signal

    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.alarm(_WAIT if seconds else 0)


def _alarms() -> tuple[int, ...]:
    import signal

    return (signal.SIGALRM, signal.SIGPROF) if sys.platform != "win32" else ()


def _write_frame(stream: BinaryIO, header: dict[str, Any], data: bytes) -> None:
    text = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(text), len(data)))
    stream.write(text)
    stream.write(data)
    stream.flush()


def _read_frame(stream: Any, lengths: bytes | None = None) -> Frame:
    """A frame, whose lengths may have been read before.

    Raises:
        EOFError: the stream ended.
        ValueError: it is no frame.
    """
    start = _read(stream, _LENGTHS.size) if lengths is None else lengths
    if len(start) < _LENGTHS.size:
        raise EOFError
    header_length, length = _LENGTHS.unpack(start)
    if header_length > _MAX_HEADER or length > _MAX_BYTES:
        raise ValueError("not a frame")
    header = json.loads(_read(stream, header_length))
    if not isinstance(header, dict):
        raise ValueError("not a frame")
    return header, _read(stream, length)


def _read(stream: Any, size: int) -> bytes:
    data: bytes = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
