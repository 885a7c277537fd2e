"""Who may use a server: everybody on this machine, and from elsewhere who knows a token."""

import hmac
import ipaddress
import os
from collections.abc import Iterable, Mapping

from ctxtools.errors import UsageError

TOKEN_VARIABLE = "CTXTOOLS_SERVE_TOKEN"
MIN_TOKEN = 16
"""Characters; a shorter token can be guessed."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server on that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server_token(
    host: str, token: str | None, environ: Mapping[str, str] | None = None
) -> str | None:
    """The token that requests have to bring; None if none is needed.

    Args:
        host: the address that the server listens on; "" is a socket in the file system.
        token: as given; None looks into the environment (`TOKEN_VARIABLE`).
        environ: the environment; None is that of the process.

    Raises:
        UsageError: others reach that address and there is no token, or it is no good one.
    """
    environ = os.environ if environ is None else environ
    token = environ.get(TOKEN_VARIABLE) if token is None else token
    if token:
        if len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable():
            raise UsageError(
                f"the token must be {MIN_TOKEN} or more printable ASCII characters",
                hint="such as the output of `openssl rand -hex 32`",
            )
        if " " in token:
            raise UsageError("the token must have no spaces")
        return token
    if host and not is_loopback(host):
        raise UsageError(
            f"{host} is reachable from other machines, so that a token is needed",
            hint=f"set {TOKEN_VARIABLE}, which requests then bring as `Authorization: Bearer`, or "
            "listen on 127.0.0.1",
        )
    return None


def has_token(headers: Iterable[tuple[bytes, bytes]], token: str) -> bool:
    """Whether a request brings the token, as ``Authorization: Bearer`` or ``x-api-key``.

    Args:
        headers: (lowercase name, value).
        token: ASCII.
    """
    wanted, found = token.encode(), False
    for name, value in headers:
        given = b""
        if name == b"x-api-key":
            given = value.strip()
        elif name == b"authorization" and value[:7].lower() == b"bearer ":
            given = value[7:].strip()
        # In a time that says nothing of the token, and always for each header.
        found |= hmac.compare_digest(given, wanted)
    return found
