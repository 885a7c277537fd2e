"""``ctx serve``: token counts over HTTP."""

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import panel
from ctxtools.errors import UsageError, import_extra

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_listen_option = panel("Where to listen")
_bound_option = panel("Bounds of a request")
_LAST_PORT = 65_535


def serve(
    model: Annotated[
        str | None,
        opt.target_option(
            "--model", "-m", help="The model of requests that name none, such as deepseek-v4-pro."
        ),
    ] = None,
    media_tokens: Annotated[
        int | None,
        opt.target_option(
            "--media-tokens",
            min=0,
            help="Tokens of each image, recording or document that cannot be measured, such as one "
            "at an address, which is never fetched. Without it, these are errors.",
        ),
    ] = None,
    host: Annotated[
        str,
        _listen_option(
            "--host", help="The address to listen on. One that others reach needs a token."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, _listen_option("--port", "-p", min=0, help="The port; 0 takes a free one.")
    ] = 8080,
    uds: Annotated[
        str | None,
        _listen_option(
            "--uds",
            metavar="PATH",
            help="Listen on a Unix socket instead, which only you may connect to.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        _listen_option(
            "--token",
            help="What requests have to bring, as `Authorization: Bearer` or `x-api-key`. Better "
            "in CTXTOOLS_SERVE_TOKEN: others on this machine see command lines.",
        ),
    ] = None,
    max_body: Annotated[
        str, _bound_option("--max-body", metavar="BYTES", help="The size of a body: 32M, 64Mi.")
    ] = "32M",
    timeout: Annotated[
        int,
        _bound_option(
            "--timeout", min=1, help="Seconds in which a request arrives, and again is counted."
        ),
    ] = 30,
    max_concurrency: Annotated[
        int,
        _bound_option(
            "--max-concurrency",
            min=1,
            help="Requests that are counted, or wait for that, at once; more get a 503.",
        ),
    ] = 64,
    verbose: Annotated[
        bool,
        opt.show_option(
            "--verbose", "-v", help="Print a line for each request to stderr, without contents."
        ),
    ] = False,
) -> None:
    """Count tokens over HTTP, in the interfaces of Anthropic, OpenAI, vLLM and LiteLLM.

    Prints the URL, and serves until Ctrl-C or SIGTERM; then it answers what has begun, and exits
    with 0. /openapi.json describes what is served.
    """
    from ctxtools.config import load_config
    from ctxtools.services.access import server_token
    from ctxtools.units import parse_size

    largest = parse_size(max_body, "--max-body")
    if port > _LAST_PORT:
        raise UsageError(f"--port must be <= {_LAST_PORT}, got {port}")
    needed = server_token("" if uds is not None else host, token)
    for package in ("starlette", "httptools", "uvicorn"):
        import_extra(package, "`ctx serve`", "serve")
    from ctxtools.services.http.app import Settings
    from ctxtools.services.http.models import Models
    from ctxtools.services.http.run import serve as run

    settings = Settings(
        Models(load_config().registry(), model),
        token=needed,
        max_body=largest,
        timeout=timeout,
        max_concurrency=max_concurrency,
        media_tokens=media_tokens,
        log=_log if verbose else None,
    )
    with _listening(host, port, uds) as (bound, address):
        print(address, flush=True)
        run(bound, settings)


@contextmanager
def _listening(host: str, port: int, uds: str | None) -> "Iterator[tuple[socket.socket, str]]":
    """A socket that listens, and the address to print."""
    from ctxtools.services.http.run import listen_in_file
    from ctxtools.services.listening import listen, url_of

    if uds is not None:
        with listen_in_file(uds) as bound:
            yield bound, f"unix:{uds}"
        return
    with listen(host, port) as bound:
        yield bound, url_of(host, bound.getsockname()[1])


def _log(line: str) -> None:
    print(line, file=sys.stderr)
