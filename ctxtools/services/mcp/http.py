"""Serving over HTTP: by the protocol's "streamable HTTP", at one path."""

import socket

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ctxtools.services.access import has_token, is_loopback
from ctxtools.services.listening import run_uvicorn
from ctxtools.services.mcp.server import Server

PATH = "/mcp"
_MAX_BODY = 1 << 25  # bytes of a message
_MAX_SESSIONS = 64  # clients at once; one that says nothing for half an hour is none any more
_MAX_REQUESTS = 256  # at once
_CLOSING = 5  # seconds in which calls may end that run when the server is stopped


def serve_http(server: Server, bound: socket.socket, host: str, token: str | None) -> None:
    """Answer clients until SIGTERM or SIGINT.

    Args:
        server: what is served.
        bound: a socket that listens; it is closed.
        host: its address, as the user wrote it.
        token: that each request has to bring; None if none is needed.
    """
    app: ASGIApp = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=_MAX_BODY,
        max_sessions=_MAX_SESSIONS,
        transport_security=_security(host),
    )
    if token is not None:
        app = _Guarded(app, token)
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MAX_REQUESTS,
        timeout_graceful_shutdown=_CLOSING,
    )
    run_uvicorn(config, bound)


def _security(host: str) -> TransportSecuritySettings:
    """Against web pages that make a browser on this machine ask in their name.

    A server that others reach is asked by names that it does not know; it has a token.
    """
    if not is_loopback(host):
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    names = dict.fromkeys(["127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host])
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names],
        allowed_origins=[f"http://{name}:*" for name in names],
    )


class _Guarded:
    """An application that answers only those who bring the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not has_token(scope["headers"], self._token):
            headers = {"WWW-Authenticate": "Bearer"}
            await Response("a token is needed", 401, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)
