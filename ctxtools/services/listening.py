"""Listening on an address of this machine, until a signal ends it."""

import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ctxtools.errors import UsageError, os_reason

if TYPE_CHECKING:
    import uvicorn

BACKLOG = 2_048
"""Connections that may wait to be accepted."""

_LAST_PORT = 65_535


def read_address(text: str, option: str) -> tuple[str, int]:
    """The host and the port of an address: ``127.0.0.1:8000``, ``[::1]:0``, ``:8000``.

    Args:
        text: the address.
        option: where it was given, for the error.

    Raises:
        UsageError: it is none.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (colon and port.isascii() and port.isdigit()) or int(port[:9]) > _LAST_PORT:
        raise UsageError(
            f"invalid {option} {text!r:.100}", hint="write host:port, such as 127.0.0.1:8000"
        )
    return host, int(port)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on an address of this machine.

    Args:
        host: a name or an address, of IPv4 or IPv6.
        port: 0 takes a free one.

    Raises:
        UsageError: there is no such address, or the port is in use or not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, UnicodeError, OverflowError) as error:
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: Exception) -> UsageError:
    where = url_of(host, port).removeprefix("http://")
    if isinstance(error, socket.gaierror) or not isinstance(error, OSError) or not error.errno:
        return UsageError(f"{host!r:.100} is no address of this machine", hint="such as 127.0.0.1")
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"{where} is in use", hint="give another port; 0 takes one that is free")
    if error.errno == errno.EACCES:
        hint = "ports below 1024 are the system's: give another port"
        return UsageError(f"{where}: {os_reason(error)}", hint=hint)
    return UsageError(f"{where}: {os_reason(error)}", hint="give an address of this machine")


def url_of(host: str, port: int) -> str:
    """The URL of a server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_uvicorn(config: "uvicorn.Config", bound: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, and end what has begun.

    Args:
        config: of the server.
        bound: a socket that listens; it is closed.
    """
    import uvicorn

    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal again at the end: the exit code is 0 here.
            signals = (signal.SIGINT, signal.SIGTERM)
            before = {each: signal.signal(each, self.handle_exit) for each in signals}
            try:
                yield
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)

    try:
        Server(config).run(sockets=[bound])
    finally:
        bound.close()
