"""The progress of a long run: a line on stderr, if that is a terminal, after a while."""

import sys
import time
from threading import Lock
from typing import TYPE_CHECKING

from ctxtools.units import format_bytes, format_count

if TYPE_CHECKING:
    from rich.status import Status

_PATIENCE = 0.7  # seconds before the first line, so that short runs show none
_INTERVAL = 0.1  # seconds between updates


class Progress:
    """Shows bytes, files and rate while it is entered. May be updated from several threads.

    Args:
        wanted: False never shows anything.
    """

    def __init__(self, wanted: bool = True) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._bytes = 0
        self._files = 0
        self._start = self._shown = time.monotonic()
        self._status: Status | None = None
        self._lock = Lock()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        if self._status:
            self._status.stop()

    def read(self, n: int) -> None:
        """Another ``n`` bytes were read."""
        with self._lock:
            self._bytes += n
            self._draw()

    def file_done(self) -> None:
        """Another file was counted."""
        with self._lock:
            self._files += 1

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._wanted or now - self._start < _PATIENCE or now - self._shown < _INTERVAL:
            return
        self._shown = now
        rate = format_bytes(self._bytes / (now - self._start))
        files = f"{format_count(self._files)} files, " if self._files else ""
        text = f"{files}{format_bytes(self._bytes)}, {rate}/s"
        if self._status is None:
            from ctxtools.cli.output.console import console

            self._status = console(file=sys.stderr).status(text)
            self._status.start()
        self._status.update(text)
