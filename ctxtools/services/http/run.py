"""The process that serves: its socket, uvicorn, and the signals that end it."""

import errno
import gc
import logging
import os
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from ctxtools.errors import UsageError, import_extra, os_reason
from ctxtools.services.http.app import App, Settings

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_BACKLOG = 2_048


def check_extra() -> None:
    """Raise MissingExtraError if the extra ``serve`` is not installed."""
    for module in ("starlette", "httptools", "uvicorn"):
        import_extra(module, "`ctx serve`", "serve")


def serve(bound: socket.socket, settings: Settings) -> None:
    """Answer requests until SIGTERM or SIGINT, and then those that have begun.

    Args:
        bound: a socket that listens; it is closed.
        settings: how they are answered.
    """
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal again at the end: the exit code is 0 here.
            before = {each: signal.signal(each, self.handle_exit) for each in _signals()}
            try:
                yield
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)

    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    app = App(settings)
    config = config_of(app, settings.timeout)
    gc.collect()
    gc.freeze()  # what is loaded stays: looking through it would hold up requests
    try:
        Server(config).run(sockets=[bound])
    finally:
        app.close()
        bound.close()


def config_of(app: "ASGIApp", timeout: float) -> "uvicorn.Config":
    """How uvicorn runs an application here.

    Args:
        app: any.
        timeout: seconds, see `BoundedProtocol`; at the end, twice as many for what has begun.
    """
    import uvicorn

    from ctxtools.services.http.protocol import BoundedProtocol

    class Protocol(BoundedProtocol):
        pass

    Protocol.timeout = timeout
    return uvicorn.Config(
        app,
        http=Protocol,
        loop=_loop(),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(2 * timeout)),
    )


def _loop() -> Literal["uvloop", "asyncio"]:
    try:
        import uvloop  # noqa: F401
    except ImportError:
        return "asyncio"
    return "uvloop"


def _signals() -> Iterator[signal.Signals]:
    yield from (signal.SIGINT, signal.SIGTERM)


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
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError, OverflowError) as error:
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: Exception) -> UsageError:
    where = url_of(host, port).removeprefix("http://")
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return UsageError(
            f"{where} is in use", hint="give another --port; 0 takes one that is free"
        )
    if number == errno.EACCES:
        return UsageError(
            f"{where}: {os_reason(error)}",  # type: ignore[arg-type]
            hint="ports below 1024 are the system's: give another --port",
        )
    if isinstance(error, socket.gaierror) or number is None:
        return UsageError(f"{host!r:.100} is no address of this machine", hint="such as 127.0.0.1")
    return UsageError(f"{where}: {os_reason(error)}", hint="give an address of this machine")  # type: ignore[arg-type]


def url_of(host: str, port: int) -> str:
    """The URL of a server."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def listen_in_file(path: str) -> Iterator[socket.socket]:
    """A socket in the file system, which only this user may connect to; it is removed afterwards.

    Raises:
        UsageError: something is there already, or the path cannot be used.
    """
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_abandoned(path)
        mask = os.umask(0o177)
        try:
            bound.bind(path)
        finally:
            os.umask(mask)
        bound.listen(_BACKLOG)
    except (OSError, ValueError) as error:
        bound.close()
        reason = os_reason(error) if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path}: {reason}", hint="give --uds another path") from None
    try:
        yield bound
    finally:
        bound.close()
        with suppress(OSError):
            os.unlink(path)


def _remove_abandoned(path: str) -> None:
    """Remove a socket that a process left which was killed."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise OSError(errno.EEXIST, "")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                os.unlink(path)
            else:
                raise OSError(errno.EADDRINUSE, "")
