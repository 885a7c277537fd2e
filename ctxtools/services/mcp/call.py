"""One call of a tool: what it may take, how far it is, and whether it is still wanted."""

import time
from dataclasses import dataclass
from math import inf
from threading import Event, Lock

from ctxtools.errors import CtxtoolsError
from ctxtools.units import format_bytes

SECONDS = 60
"""That a call may run."""

MAX_BYTES = 250_000_000
"""That a call may read."""


MAX_ENTRIES = 200_000
"""Of an answer, all its pages together."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a call may take.

    Attributes:
        seconds: that it may run.
        bytes: that it may read, and of a text that it is given.
        calls: that run at once; others wait.
    """

    seconds: float = SECONDS
    bytes: int = MAX_BYTES
    calls: int = 4


class CallEndedError(CtxtoolsError):
    """A call that took too long, read too much or is not wanted any more."""


class Call:
    """A call, as the thread that works on it sees it. May be used from any thread.

    Attributes:
        limits: what it may take.
        bytes: that were read so far.
        files: that were done.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes = 0
        self.files = 0
        self._stopped = Event()
        self._lock = Lock()
        self._end = inf

    def start(self) -> None:
        """Its time starts: it waited for others until now."""
        self._end = time.monotonic() + self.limits.seconds
        self.check()

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._stopped.set()

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() > self._end

    def check(self) -> None:
        """Raise CallEndedError if it is to end."""
        if self._stopped.is_set():
            raise CallEndedError("the call was cancelled")
        if self.is_late:
            raise self.late()

    def late(self) -> CallEndedError:
        """The error of a call that took too long."""
        return CallEndedError(
            f"the call took longer than {self.limits.seconds:g} seconds",
            hint="name fewer files, or a smaller text",
        )

    def read(self, size: int) -> None:
        """Note that so many more bytes were read.

        Raises:
            CallEndedError: these are too many, or it is to end.
        """
        with self._lock:
            self.bytes += size
        self.check_size(self.bytes)
        self.check()

    def check_size(self, size: int) -> None:
        """Raise CallEndedError if a call may not read that many bytes."""
        if size > self.limits.bytes:
            raise CallEndedError(
                f"more than {format_bytes(self.limits.bytes)} to read",
                hint="name fewer files, or exclude some",
            )

    def file_done(self) -> None:
        """Note that one more file is done, whatever became of it."""
        with self._lock:
            self.files += 1
        self.check()
