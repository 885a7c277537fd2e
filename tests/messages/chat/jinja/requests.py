"""Requests in OpenAI's form, for tests of templates."""

from collections.abc import Sequence
from typing import Any

from ctxtools.messages.request import (
    Message,
    Request,
    Text,
    Tool,
    ToolResult,
)

Raw = dict[str, Any]

WEATHER: Raw = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def request(*messages: Raw, tools: Sequence[Raw] = ()) -> Request:
    """The request of messages whose contents are texts."""
    return Request(
        tuple(_message(raw, number) for number, raw in enumerate(messages)),
        tuple(_tool(raw) for raw in tools),
    )


def said(role: str, content: Any = None, **more: Any) -> Raw:
    """A message."""
    return {"role": role, "content": content, **more}


def called(name: str, arguments: Any) -> Raw:
    """A call of a tool."""
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


def _message(raw: Raw, number: int) -> Message:
    content = raw.get("content")
    blocks = content if isinstance(content, list) else [{"text": content}] if content else []
    texts = tuple(Text(block["text"]) for block in blocks)
    if raw["role"] == "tool":
        return Message("tool", (ToolResult(texts),), number=number, raw=raw)
    return Message(raw["role"], texts, number=number, raw=raw)


def _tool(raw: Raw) -> Tool:
    function = raw["function"]
    return Tool(function["name"], function.get("description"), function.get("parameters"), raw)
