"""What a connection may take of the server before there is a request, and after its answer.

uvicorn bounds neither the time nor the size of headers, nor how long an answer waits to be read.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEADERS = 65_536
"""Bytes of the first line and the headers of a request."""
MAX_CONNECTIONS = 1_000

# Seconds that a body has beyond its time: a reader of bodies that has a piece of it says more.
_BODY_LATER = 1.0
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n"
)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with these bounds.

    Attributes:
        timeout: seconds in which headers have to arrive, and then the body, and in which answers
            have to be read.
    """

    timeout = 30.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_headers = True
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None  # of what has to arrive
        self._reading: asyncio.TimerHandle | None = None  # of an answer that has to be read

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.timeout, self._too_slow)
        if len(self.connections) > MAX_CONNECTIONS:
            self._end(_BUSY)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_timer()
        if self._reading is not None:
            self._reading.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived, if it is not too much for headers."""
        if self.transport.is_closing():
            return
        if self._reading is not None and not self.transport.get_write_buffer_size():
            self._reading.cancel()
            self._reading = None
        if self._in_headers:
            self._size += len(data)
        super().data_received(data)
        if not self._size or self.transport.is_closing():
            return
        if self._in_headers and self._size > MAX_HEADERS:
            self._end(_TOO_LARGE)
        elif self._timer is None:
            seconds = self.timeout if self._in_headers else self.timeout + _BODY_LATER
            self._timer = self.loop.call_later(seconds, self._too_slow)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Give the request to the application, unless its headers are too large."""
        self._in_headers = False
        self._stop_timer()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEADERS:
            self._end(_TOO_LARGE)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; there is none of a request that was refused here."""
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._size = 0
        self._in_headers = True
        self._stop_timer()
        if self.cycle is not None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer was written; whoever does not read it is cut off."""
        if self._reading is None and self.transport.get_write_buffer_size():
            self._reading = self.loop.call_later(self.timeout, self._abort)
        super().on_response_complete()

    def _too_slow(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._end(_TOO_SLOW)

    def _abort(self) -> None:
        self._reading = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _end(self, answer: bytes) -> None:
        """Answer, and close the connection."""
        self._stop_timer()
        self.transport.write(answer)
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
