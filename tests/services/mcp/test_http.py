"""``ctx mcp --http``: a process that clients speak to over HTTP."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import ctxtools as ctx

TOKEN = "0123456789abcdef"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@contextmanager
def serving(
    root: Path, *options: str, address: str = "127.0.0.1:0"
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server, and its process."""
    command = [sys.executable, "-m", "ctxtools", "mcp", "--root", str(root), "--http", address]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def ask(url: str, **headers: str) -> tuple[int, str]:
    """The status and the body of a first message."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    sent = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    with closing(connection):
        connection.request("POST", parts.path, json.dumps(INITIALIZE), sent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_clients_over_http(root: Path) -> None:
    async def use(url: str, mode: str) -> None:
        told = []

        async def progress(progress: float, total: float | None, message: str | None) -> None:
            told.append(progress)

        async with Client(url, mode=mode) as client:
            assert len((await client.list_tools()).tools) == 7
            found = await client.call_tool(
                "count", {"paths": ["README.md"]}, progress_callback=progress
            )
            tokens = ctx.get_encoding("o200k_base").count((root / "README.md").read_text())
            assert found.structured_content is not None
            assert found.structured_content["totals"][0]["tokens"] == tokens
            assert (await client.call_tool("count", {"paths": ["../secret"]})).is_error

    with serving(root) as (url, _):
        assert url.startswith("http://127.0.0.1:") and url.endswith("/mcp")
        for mode in ("auto", "legacy"):
            asyncio.run(use(url, mode))
        assert ask(url)[0] == 200
        # Another page in a browser on this machine, by a name that leads here.
        assert ask(url, Host="evil.example:80")[0] == 421
        assert ask(url, Origin="https://evil.example")[0] == 403
        assert ask(url, Content_Type="text/plain")[0] == 400
        assert ask(url.replace("/mcp", "/other"))[0] == 404


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(root: Path, number: int) -> None:
    """Also where a client is connected, and listens."""

    async def use(url: str, process: subprocess.Popen[str]) -> None:
        async with Client(url, mode="legacy") as client:
            await client.list_tools()
            process.send_signal(number)
            await asyncio.to_thread(process.wait, 30)

    with serving(root) as (url, process):
        try:
            asyncio.run(use(url, process))
        except* Exception:
            pass  # of the client, whose server is gone
        assert process.wait(30) == 0
        assert process.stderr is not None and process.stderr.read() == ""


def test_others_need_the_token(root: Path) -> None:
    with serving(root, "--token", TOKEN, address="0.0.0.0:0") as (url, _):
        url = url.replace("0.0.0.0", "127.0.0.1")
        assert ask(url)[0] == 401
        for bad in ("", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}"):
            assert ask(url, Authorization=bad)[0] == 401
        assert ask(url, Authorization=f"Bearer {TOKEN}")[0] == 200

        async def use() -> None:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with (
                httpx2.AsyncClient(headers=headers) as http_client,
                Client(streamable_http_client(url, http_client=http_client)) as client,
            ):
                assert len((await client.list_tools()).tools) == 7

        asyncio.run(use())
