"""LangChain's own messages, tools and prompts; images of Pillow."""

from typing import Any

import pytest

import ctxtools as ctx
from tests.messages.shapes.samples import DATA_URI, PNG_BASE64

pytest.importorskip("langchain_core", reason="these are LangChain's own classes")

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    messages_to_dict,
)
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool

CALL = {"name": "search", "args": {"query": "tides"}, "id": "c1"}
MESSAGES = [
    SystemMessage("Be brief."),
    HumanMessage("Hello", name="Ann"),
    AIMessage(
        "One moment.",
        tool_calls=[CALL],
        additional_kwargs={
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "search", "arguments": '{"query": "tides"}'},
                }
            ]
        },
        response_metadata={"model": "gpt-4o"},
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    ),
    ToolMessage("high at noon", tool_call_id="c1", artifact={"rows": ["x" * 1000]}),
    AIMessage(
        content=[
            {"type": "thinking", "thinking": "That is all.", "signature": "AAAA"},
            {"type": "text", "text": "At noon."},
            {"type": "tool_use", "id": "c2", "name": "search", "input": {"query": "low"}},
        ],
        tool_calls=[{"name": "search", "args": {"query": "low"}, "id": "c2"}],
    ),
    ToolMessage("low at six", tool_call_id="c2"),
    ChatMessage(role="user", content="Thanks."),
    HumanMessage(
        content=[
            {"type": "text", "text": "And this?"},
            {"type": "image_url", "image_url": {"url": DATA_URI}},
            {"type": "image", "base64": PNG_BASE64, "mime_type": "image/png"},
        ]
    ),
    AIMessageChunk(content="A cat."),
]


def count(messages: Any, **asked: Any) -> ctx.CountedMessages:
    return ctx.count_messages(messages, model="gpt-4o", **asked)


def test_messages_are_counted_in_every_form() -> None:
    counted = count(MESSAGES)
    calls = [part for part in counted.parts if part.kind == "tool call" and part.label == "search"]
    assert {part.message for part in calls} == {2, 4}
    assert sum(part.kind == "image" for part in counted.parts) == 2
    for other in (messages_to_dict(MESSAGES), [each.model_dump() for each in MESSAGES]):
        assert count(other).interval == counted.interval


def test_serialised_messages_are_counted() -> None:
    assert count([MESSAGES[0].to_json(), MESSAGES[1].to_json()]) == count(MESSAGES[:2])


def test_a_prompt_is_counted() -> None:
    prompt = ChatPromptTemplate.from_messages([("system", "Be {how}."), ("human", "Hello")])
    filled = prompt.invoke({"how": "brief"})
    plain = [("system", "Be brief."), ("human", "Hello")]
    assert count(filled) == count(filled.to_messages()) == count(plain)


def test_a_tool_is_counted() -> None:
    def search(query: str) -> str:
        """Finds documents."""
        return query

    counted = count(MESSAGES[:2], tools=[tool(search)])
    assert "search" in {part.label for part in counted.parts if part.kind == "tools"}
    schema = {
        "name": "search",
        "description": "Finds documents.",
        "parameters": {
            "title": "search",
            "type": "object",
            "properties": {"query": {"title": "Query", "type": "string"}},
            "required": ["query"],
        },
    }
    assert count(MESSAGES[:2], tools=[schema]).total == counted.total


def test_an_image_of_pillow_is_counted() -> None:
    image = pytest.importorskip("PIL.Image", reason="makes an image").new("RGB", (640, 480))
    counted = count([{"role": "user", "content": [{"type": "image", "image": image}]}])
    assert [part.tokens for part in counted.parts if part.kind == "image"] == [425]
