"""Calls of tools by the SDK's own client, in this process."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from mcp import Client
from mcp_types import CallToolResult, TextContent

from ctxtools.services.mcp.server import Server

_Result = TypeVar("_Result")


def run(server: Server, use: Callable[[Client], Awaitable[_Result]], **how: Any) -> _Result:
    """What a function returns of a client of the server."""

    async def main() -> _Result:
        async with Client(server, **how) as client:
            return await use(client)

    return asyncio.run(main())


def call(server: Server, tool: str, **arguments: Any) -> CallToolResult:
    """The result of one call."""
    return run(server, lambda client: client.call_tool(tool, arguments))


def ask(server: Server, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a call returns, which its text says too."""
    result = call(server, tool, **arguments)
    assert not result.is_error, text_of(result)
    found: dict[str, Any] = result.structured_content
    assert json.loads(text_of(result)) == found
    return found


def error_of(server: Server, tool: str, **arguments: Any) -> str:
    """The message of a call that fails."""
    result = call(server, tool, **arguments)
    assert result.is_error, text_of(result)
    return text_of(result)


def pages(server: Server, tool: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """All pages of an answer."""
    cursor = ""
    while True:
        page = ask(server, tool, **arguments, cursor=cursor)
        yield page
        if not (cursor := page.get("next_cursor", "")):
            return


def text_of(result: CallToolResult) -> str:
    """The text that a model reads."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text
