"""The process that serves: how uvicorn runs it, and a socket in the file system."""

import errno
import gc
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from ctxtools.errors import UsageError, os_reason
from ctxtools.services.http.app import App, Settings
from ctxtools.services.listening import BACKLOG, run_uvicorn

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp


def serve(bound: socket.socket, settings: Settings) -> None:
    """Answer requests until SIGTERM or SIGINT, and then those that have begun.

    Args:
        bound: a socket that listens; it is closed.
        settings: how they are answered.
    """
    app = App(settings)
    config = config_of(app, settings.timeout)
    gc.collect()
    gc.freeze()  # what is loaded stays: looking through it would hold up requests
    try:
        run_uvicorn(config, bound)
    finally:
        app.close()


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


@contextmanager
def listen_in_file(path: str) -> Iterator[socket.socket]:
    """A socket in the file system, which only this user may connect to; it is removed afterwards.

    Raises:
        UsageError: something is there already, or the path cannot be used.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise UsageError("there are no Unix sockets here", hint="leave --uds out")
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_abandoned(path)
        mask = os.umask(0o177)
        try:
            bound.bind(path)
        finally:
            os.umask(mask)
        bound.listen(BACKLOG)
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
