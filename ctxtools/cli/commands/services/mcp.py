"""``ctx mcp``: tools for agents, by the Model Context Protocol."""

import os
import sys
from typing import Annotated

from ctxtools.cli.declarations import option
from ctxtools.services.mcp.call import MAX_BYTES, SECONDS


def mcp(
    roots: Annotated[
        list[str] | None,
        option(
            "--root",
            metavar="DIR",
            help="A folder that clients may read; can be given several times. Defaults to the "
            "current one.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        option(
            "--model",
            "-m",
            help="What counts where a call names neither a model nor an encoding. Defaults to "
            "o200k_base.",
        ),
    ] = None,
    timeout: Annotated[
        int, option("--timeout", min=1, metavar="SECONDS", help="That a call may take.")
    ] = SECONDS,
    max_read: Annotated[
        str, option("--max-read", metavar="BYTES", help="That a call may read.")
    ] = f"{MAX_BYTES // 1_000_000}M",
    http: Annotated[
        str | None,
        option(
            "--http",
            metavar="HOST:PORT",
            help="Serve over HTTP instead, at /mcp. An address that others reach needs a token; "
            "port 0 takes a free one.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        option(
            "--token",
            help="What HTTP requests have to bring, as `Authorization: Bearer`. Better in "
            "CTXTOOLS_SERVE_TOKEN: others on this machine see command lines.",
        ),
    ] = None,
) -> None:
    """Serve tools to agents: count, fits, chunk, pack, messages, models and memory.

    A client starts it and talks to it over its standard input and output. It reads only what is in
    --root, writes nothing, and uses no network.
    """
    from ctxtools.cli.output.console import warn
    from ctxtools.config import load_config
    from ctxtools.errors import UsageError, import_extra
    from ctxtools.services.access import server_token
    from ctxtools.services.listening import listen, read_address, url_of
    from ctxtools.units import parse_size

    address = None if http is None else read_address(http, "--http")
    if address is None and token is not None:
        raise UsageError("--token is for --http", hint="leave it out")
    wanted = server_token(address[0], token) if address else None

    import_extra("mcp.server.mcpserver", "`ctx mcp`", "mcp")
    from ctxtools.services.mcp.call import Limits
    from ctxtools.services.mcp.make import make_server
    from ctxtools.services.mcp.targets import DEFAULT

    server = make_server(
        roots or ["."],
        limits=Limits(float(timeout), parse_size(max_read, "--max-read")),
        # What a project's configuration says of models is a stranger's word here.
        registry=load_config().registry(project=False),
        model=model or DEFAULT,
    )
    if address is None:
        if sys.stdin.isatty():
            warn("note: a client starts this and speaks to it; Ctrl-C ends it")
        server.run("stdio")
    else:
        from ctxtools.services.mcp.http import PATH, serve_http

        with listen(*address) as bound:
            print(f"{url_of(address[0], bound.getsockname()[1])}{PATH}", flush=True)
            serve_http(server, bound, address[0], wanted)
    if server.is_working:
        os._exit(0)  # else the process would wait for work that nobody waits for
