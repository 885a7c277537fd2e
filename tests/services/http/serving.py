"""Servers for tests: the application, the same on a socket, and the command as a process."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ctxtools.models import Registry
from ctxtools.services.http.app import App, Settings
from ctxtools.services.http.models import Models

COUNTS: dict[str, dict[str, Any]] = {
    "/v1/messages/count_tokens": {"messages": [{"role": "user", "content": "Hello"}]},
    "/v1/responses/input_tokens": {"input": "Hello"},
    "/utils/token_counter": {"prompt": "Hello"},
    "/tokenize": {"prompt": "Hello"},
    "/detokenize": {"tokens": [9707]},
}
"""Each endpoint that takes a body, with the least that it takes beside a model."""


def make_app(default: str | None = None, **settings: Any) -> App:
    """An application that knows the packaged models."""
    return App(Settings(Models(Registry.packaged(), default), **settings))


@contextmanager
def on_socket(app: App, timeout: float = 30.0) -> Iterator[int]:
    """An application on a port of this machine, as `ctx serve` runs it, in a thread."""
    import uvicorn

    from ctxtools.services.http.run import config_of

    config = config_of(app, timeout)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])))
        thread.start()
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            app.close()


@contextmanager
def process(*options: str, **environment: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """``ctx serve`` on a free port, and its URL."""
    started = subprocess.Popen(
        [sys.executable, "-m", "ctxtools", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert started.stdout is not None
        yield started, started.stdout.readline().strip()
    finally:
        started.kill()
        started.communicate()


def exchange(port: int, data: bytes, *, close: bool = False, seconds: float = 10) -> bytes:
    """What a server sends for some bytes until it closes, or until ``seconds`` have passed."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        if close:
            connection.shutdown(socket.SHUT_WR)
        return receive_all(connection)


def receive_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes, or nothing more comes."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return found


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A request as bytes, after which the connection closes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        "connection: close",
        *headers,
        *([] if any("transfer" in each for each in headers) else [f"content-length: {len(body)}"]),
    ]
    return "\r\n".join((*lines, "", "")).encode() + body
