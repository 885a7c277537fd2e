"""The program of the child processes of `ctxtools.isolated`: it works on one job after the other.

It imports nothing else of ctxtools, so that it starts soon.
"""

import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Generator
from contextlib import nullcontext, suppress
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from typing import IO, Any, BinaryIO

_WAIT = 600  # seconds without progress after which a job is ended, whatever it waits for
_START = struct.Struct("<?IQ")  # of a frame: is it the last, the lengths of its header and data
_JOINED = 1 << 16  # bytes that are copied for the sake of one write
_MAX_HEADER = 1 << 26  # bytes
_MAX_BYTES = 1 << 32
_MAX_MEMORY = 1 << 62
_MAX_REASON = 120  # characters of what a library says, which may quote the file

Frame = tuple[dict[str, Any], bytes]
Frames = Generator[Frame, Frame, None]
Job = Callable[[dict[str, Any], Any, bytes], Frames]

PASSES_FILES = hasattr(socket, "send_fds")
SIGNALS = tuple(getattr(signal, n) for n in ("SIGALRM", "SIGPROF") if hasattr(signal, n))
"""What ends a process that takes too long."""


def serve() -> None:
    """Work on jobs from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not an answer
    requests = socket.socket(fileno=0) if PASSES_FILES else None
    limits = _Limits()
    with suppress(EOFError, BrokenPipeError):
        while True:
            files = list[int]()
            if requests is not None:  # a byte, with which the file comes
                _, files, _, _ = socket.recv_fds(requests, 1, 1)
            envelope, data, _ = read_frame(sys.stdin.buffer)
            file: BinaryIO | None = None
            if files:
                file = os.fdopen(files[0], "rb")
                file.seek(0)
            elif path := envelope["file"]:
                file = open(path, "rb")  # noqa: SIM115
            with file or nullcontext():
                _serve_job(envelope, file, data, answers, limits)
    os._exit(0)


def _serve_job(
    envelope: dict[str, Any],
    file: BinaryIO | None,
    data: bytes,
    answers: BinaryIO,
    limits: "_Limits",
) -> None:
    steps = work(envelope["job"], envelope["request"], file, data, envelope["module"])
    del data
    limits.begin(envelope["slack"])
    next_limits: tuple[int, float] = envelope["limits"]
    request: Any = None
    is_first = True
    while True:
        limits.start(*next_limits)
        try:
            answer, out = steps.send(request)
            is_last = False
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of Rust is no Exception
            answer, out, is_last = {}, b"", True
            if not isinstance(error, StopIteration):
                answer = {"error": type(error).__name__, "message": described(error)}
                answer["hint"] = getattr(error, "hint", None)
        limits.end()  # writing waits for the parent
        request = None
        write_frame(answers.write, answer, out, is_last)
        answers.flush()
        if is_last:
            return
        del out
        if envelope["dialogue"]:
            if is_first:
                limits.measure()
            header, more, _ = read_frame(sys.stdin.buffer)
            request, next_limits = (header["request"], more), header["limits"]
            del more
        is_first = False


def work(
    job: str, request: dict[str, Any], file: BinaryIO | None, data: bytes, module: str | None = None
) -> Frames:
    """The results of a job, which may be sent requests.

    Args:
        job: a generator function, as "module:name".
        module: the path of the module, which then is loaded without the packages that it is in.
    """
    name, _, function = job.partition(":")
    if name not in sys.modules and module and os.path.exists(module):
        spec = spec_from_file_location(name, module)
        assert spec and spec.loader
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    yield from getattr(import_module(name), function)(request, file, data)


def described(error: BaseException) -> str:
    """What went wrong, in a line."""
    if isinstance(error, MemoryError):
        return "it takes too much memory"
    if message := getattr(error, "message", ""):  # a CtxtoolsError, which is for the user
        return str(message)
    first, *_ = str(error).strip().splitlines() or [type(error).__name__]
    return first[:_MAX_REASON]


class _Limits:
    """Ends this process when it takes more time or memory than it may.

    Where a system has no such limits, it does nothing.
    """

    def __init__(self) -> None:
        self._resource: Any = None
        with suppress(ImportError, ValueError, OSError):  # Windows has none, macOS not all of them
            import resource

            self._first = resource.getrlimit(resource.RLIMIT_AS)
            soft, self._hard = self._first
            self._most = _MAX_MEMORY if soft == resource.RLIM_INFINITY else soft
            self._resource = resource
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def begin(self, slack: float) -> None:
        """A job begins, which may take some CPU time beside what each of its steps may."""
        self._slack = slack
        self.measure()

    def measure(self) -> None:
        """What memory there is from now on is not counted."""
        self._memory = _address_space()

    def start(self, memory: int, seconds: float) -> None:
        """Allow a step this much memory and CPU time."""
        self._allowed, self._began = seconds, time.process_time()
        if self._resource:
            self._limit((min(self._memory + memory, self._most), self._hard))
            self._alarm(seconds + self._slack, max(_WAIT, int(10 * seconds)))

    def end(self) -> None:
        """Lift the limits. What the step took above its time is taken from the slack."""
        if self._resource:
            self._alarm(0, 0)
            self._limit(self._first)
        above = time.process_time() - self._began - self._allowed
        if above > 0:
            self._slack = max(0.0, self._slack - above)

    def _limit(self, memory: tuple[int, int]) -> None:
        with suppress(ValueError, OSError):  # macOS
            self._resource.setrlimit(self._resource.RLIMIT_AS, memory)

    def _alarm(self, seconds: float, wait: int) -> None:
        assert sys.platform != "win32"
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.alarm(wait)


def _address_space() -> int:
    """The bytes that this process has; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 0


def write_frame(
    write: Callable[[bytes], Any], header: dict[str, Any], data: bytes, is_last: bool = False
) -> None:
    """Write a frame, which `read_frame` reads."""
    text = json.dumps(header).encode() if header else b""
    start = _START.pack(is_last, len(text), len(data)) + text
    if len(data) <= _JOINED:
        write(start + data)
        return
    write(start)
    write(data)


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes, bool]:
    """A frame, and whether it is the last of a job.

    Raises:
        EOFError: the stream ended.
        ValueError: it is no frame.
    """
    is_last, header_length, length = _START.unpack(_read(stream, _START.size))
    if header_length > _MAX_HEADER or length > _MAX_BYTES:
        raise ValueError("not a frame")
    header = json.loads(_read(stream, header_length)) if header_length else {}
    if not isinstance(header, dict):
        raise ValueError("not a frame")
    return header, _read(stream, length) if length else b"", is_last


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
