"""LangChain's messages have a call in several forms: what is the same is counted once."""

from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError

CALL = {"id": "c1", "name": "search", "args": {"query": "tides"}, "type": "tool_call"}
WORDS = "word " * 500


def total(content: Any, calls: Any = (CALL,), **more: Any) -> int:
    message = {"type": "ai", "content": content, "tool_calls": [*calls], **more}
    return ctx.count_messages([message], model="gpt-4o").total


ONCE = total("")
LEGACY = {"name": "search", "arguments": '{"query": "tides"}'}


def test_the_same_call_again() -> None:
    block: dict[str, Any] = {
        "type": "tool_use",
        "id": "c1",
        "name": "search",
        "input": {"query": "tides"},
    }
    streamed = block | {"input": {}, "partial_json": '{"query":"tides"}', "index": 1}
    opened = block | {"input": {}}
    for again in (CALL, block, streamed, opened):
        assert total([again]) == ONCE
    assert total("", additional_kwargs={"function_call": LEGACY}) == ONCE
    in_full = {"id": "c1", "type": "function", "function": LEGACY}
    assert total("", additional_kwargs={"tool_calls": [in_full]}) == ONCE


def test_another_call_of_the_same_id() -> None:
    for content in (
        [CALL | {"args": {"query": WORDS}}],
        [CALL | {"name": WORDS}],
        [{"type": "tool_use", "id": "c1", "name": "search", "input": {}, "partial_json": WORDS}],
    ):
        assert total(content) > ONCE + 500
    legacy = {"function_call": LEGACY | {"arguments": WORDS}}
    assert total("", additional_kwargs=legacy) > ONCE + 500


@pytest.mark.parametrize("key", ["data", "kwargs"])
def test_what_stands_beside_a_serialised_message(key: str) -> None:
    message: dict[str, Any] = {
        "type": "ai" if key == "data" else "constructor",
        key: {"content": "Hi"},
    }
    message |= {"id": ["langchain", "schema", "messages", "AIMessage"], "lc": 1}
    assert ctx.count_messages([message], model="gpt-4o").total
    with pytest.raises(CtxtoolsError, match="unheard_of"):
        ctx.count_messages([message | {"unheard_of": WORDS}], model="gpt-4o")
