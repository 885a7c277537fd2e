"""Harmony against OpenAI's own encoder: the same ids for every conversation."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, find_format
from ctxtools.messages.chat.harmony import render
from ctxtools.messages.media.items import Image
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.conversations import Features, conversations, to_request
from tests.messages.chat.harmony_reference import load_reference, reference_ids
from tests.messages.chat.pieces import piece_ids

NOW = datetime(2026, 11, 29)
PINNED = ChatOptions(now=NOW)
ENCODING = get_encoding("o200k_harmony")
FEATURES = Features(
    choices=False, response_formats=False, efforts=("low", "medium", "high"), thinking=(None,)
)
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
WEATHER = Tool("get_weather", "Get the weather.", PARAMETERS, raw={})


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_reference(Path(tmp_path_factory.mktemp("ranks")))


def message(role: str, *contents: Content | str, name: str | None = None) -> Message:
    made = (Text(each) if isinstance(each, str) else each for each in contents)
    return Message(role, tuple(made), name=name, number=0)


def ids(request: Request, options: ChatOptions = PINNED) -> list[int]:
    return piece_ids(render(request, options).pieces, ENCODING, ENCODING.special_tokens)


def count(request: Request, options: ChatOptions = PINNED) -> int:
    found = find_format("openai/gpt-oss-20b")
    assert found is not None
    parts = found.count(request, Meter(ENCODING), options).parts
    assert sum(part.tokens for part in parts) == len(ids(request, options))
    return sum(part.tokens for part in parts)


def test_conversations_have_the_ids_of_the_reference(reference: Any) -> None:
    for sample in conversations(500, FEATURES):
        request = to_request(sample)
        options = ChatOptions(effort=sample.effort, now=NOW)
        expected = reference_ids(
            reference, request, date="2026-11-29", effort=sample.effort or "medium"
        )
        assert ids(request, options) == expected, sample


TEXTS = st.sampled_from(
    ["a", "two words", "line\nbreak", "", "null", 'q"', "CR\r\nLF\r", "é\u2028"]
)
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.none(),
    st.integers(-(2**63), 2**64 - 1),
    # serde_json reads many digits, and large exponents, with an error in the last digit
    st.floats(-1e20, 1e20).map(lambda value: float(f"{value:.9g}") if abs(value) > 1e-9 else 0.0),
    st.sampled_from([1e-5, -1.5e-5, 1e16, 1e15, 123456789012345680.0, 1e-6, 2**64, -(2**63) - 1]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
)


def schemas() -> st.SearchStrategy[Any]:
    return st.recursive(_schema(st.just({"type": "string"})), _schema, max_leaves=6)


def _schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = ["string", "number", "integer", "boolean", "array", "object", "object", "null", "odd"]
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(names) | st.lists(st.sampled_from(names), max_size=3),
            "properties": st.dictionaries(TEXTS, inner | st.just(True), max_size=3),
            "required": st.lists(TEXTS, max_size=2),
            "items": inner,
            "oneOf": st.lists(inner, max_size=3) | st.just("none"),
            "enum": st.lists(TEXTS | st.just(1), max_size=3),
            "nullable": st.booleans(),
            "title": TEXTS,
            "description": TEXTS | st.just(3),
            "default": VALUES.filter(lambda value: value is not None),
            "examples": st.lists(TEXTS | st.just(1), max_size=2),
        },
    )


@settings(max_examples=300)
@given(st.lists(schemas(), min_size=1, max_size=2), TEXTS)
def test_tools_are_written_as_the_reference_writes_them(
    reference: Any, parameters: Sequence[Any], description: str
) -> None:
    tools = tuple(Tool(f"f{i}", description, each, raw={}) for i, each in enumerate(parameters))
    request = Request((message("user", "Hi"),), tools)
    expected = reference_ids(reference, request, date="2026-11-29", effort="medium")
    assert ids(request) == expected


def test_counts_of_plain_requests() -> None:
    """FACTS: 7 tokens for the user alone, 68 with the default system message, 57 without date."""
    user = Request((message("user", "Hello"),))
    assert count(user) == 68
    assert count(user, ChatOptions(template={"conversation_start_date": None})) == 57
    system = message("system", "You are helpful.")
    assert count(Request((system, *user.messages))) == 79
    assert count(Request((system, *user.messages), (WEATHER,))) == 125
    assert count(user, ChatOptions(generation_prompt=False, now=NOW)) == 66


def test_names_are_written_after_the_role(reference: Any) -> None:
    call = ToolCall("f", {"a": "é"}, "1")
    request = Request(
        (
            message("user", "Hi", name="Ann"),
            message("assistant", call, name="Bot"),
            message("tool", ToolResult((Text("1"), Text("2")), id="1")),
        )
    )
    expected = reference_ids(reference, request, date="2026-11-29", effort="medium")
    assert ids(request) == expected


def test_results_are_found_in_any_shape() -> None:
    """Anthropic's results are in a user's message; a legacy function has its name only."""
    call = message("assistant", ToolCall("f", "{}", "1"))
    as_tool = (call, message("tool", ToolResult((Text("x"),), id="1")), message("user", "go on"))
    as_user = (call, message("user", ToolResult((Text("x"),), id="1"), "go on"))
    legacy = (call, message("function", "x", name="f"), message("user", "go on"))
    assert ids(Request(as_tool)) == ids(Request(as_user)) == ids(Request(legacy))


def test_thoughts_that_are_not_sent_are_noted() -> None:
    thought = message("assistant", Text("Hm.", "thinking"), "Yes.")
    rendered = render(Request((message("user", "?"), thought, message("user", "?"))), PINNED)
    assert "before the first answer is not sent" in rendered.notes[0]
    twice = render(Request((thought, thought)), PINNED)
    assert "between the first answer and the last" in twice.notes[1]


def test_a_response_format_is_sent_and_noted() -> None:
    schema = {"name": "answer", "schema": {"type": "object"}}
    request = Request(
        (message("user", "Hi"),), response_format={"type": "json_schema", "json_schema": schema}
    )
    assert count(request) > count(Request(request.messages))
    assert any("response format" in note for note in render(request, PINNED).notes)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (message("user", Image(width=1, height=1)), r"not the image of messages\[0\]"),
        (message("user", Image("a.png", width=1, height=1)), "text only, not the image a.png"),
        (message("critic", "Hi"), "role 'critic'"),
        (message("user", ToolCall("f", "{}")), "a tool call"),
        (message("user", Text("Hm", "thinking")), "thinking"),
        (message("assistant", ToolResult((Text("1"),))), "a tool result"),
        (message("assistant", Text("", "thinking", "xyz")), "encrypted thinking"),
        (message("tool", ToolResult((Text("1"),))), "whose name is not known"),
        (message("system", Image(width=1, height=1)), "not the image"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(given: Message, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        render(Request((given,)), PINNED)


def test_a_date_that_nobody_gave_is_a_note() -> None:
    request = Request((message("user", "Hi"),))
    undated = ChatOptions(template={"conversation_start_date": None})
    assert [len(render(request, each).notes) for each in (ChatOptions(), PINNED, undated)] == [
        1,
        0,
        0,
    ]


def test_bad_options() -> None:
    request = Request((message("user", "Hi"),))
    with pytest.raises(UsageError, match="no reasoning effort 'max'"):
        render(request, ChatOptions(effort="max"))
    options = ChatOptions(thinking=False, now=NOW, template={"enable_thinking": True})
    assert len(render(request, options).notes) == 2
    deep: Any = {}
    for _ in range(2000):
        deep = {"type": "array", "items": deep}
    with pytest.raises(UsageError, match="nested more than 100 levels"):
        render(Request(request.messages, (Tool("f", None, deep, raw={}),)), PINNED)
