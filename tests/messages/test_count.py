"""Counting requests: framings that are documented, intervals of those that are not, and totals."""

from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.messages.chat.formats import find_format
from ctxtools.messages.parts import sum_intervals
from ctxtools.models import Interval

USER = {"role": "user", "content": "Hello"}
# The example of OpenAI's cookbook, "How to count tokens with tiktoken".
QUESTION = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can answer to questions about the weather.",
    },
    {"role": "user", "content": "What's the weather like in San Francisco?"},
]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}


@pytest.mark.parametrize(("model", "tools", "tokens"), [("gpt-4o", 68, 101), ("gpt-4", 71, 105)])
def test_the_cookbooks_tools(model: str, tools: int, tokens: int) -> None:
    """101 and 105 are what the cookbook prints next to the API's own numbers."""
    counted = ctx.count_messages(QUESTION, model=model, tools=[WEATHER])
    assert counted.total == tokens and counted.exact
    assert sum(part.tokens for part in counted.parts if part.kind == "tools") == tools


def test_the_cookbooks_messages() -> None:
    """The cookbook's example messages: 124 tokens by gpt-4o, 129 by gpt-4."""
    texts = [
        ("system", None, "You are a helpful, pattern-following assistant that translates corporate "
         "jargon into plain English."),
        ("system", "example_user", "New synergies will help drive top-line growth."),
        ("system", "example_assistant", "Things working well together will increase revenue."),
        ("system", "example_user", "Let's circle back when we have more bandwidth to touch base on "
         "opportunities for increased leverage."),
        ("system", "example_assistant", "Let's talk later when we're less busy about how to do "
         "better."),
        ("user", None, "This late pivot means we don't have time to boil the ocean for the client "
         "deliverable."),
    ]  # fmt: skip
    messages = [
        {"role": role, "content": text} | ({"name": name} if name else {})
        for role, name, text in texts
    ]
    assert ctx.count_messages(messages, model="gpt-4o").total == 124
    assert ctx.count_messages(messages, model="gpt-4-0613").total == 129


@pytest.mark.parametrize(
    "model", ["gpt-5", "gpt-4.1-mini", "gpt-4.5-preview", "o3", "gpt-4o-audio"]
)
def test_newer_models_of_openai_are_not_said_to_be_exact(model: str) -> None:
    counted = ctx.count_messages([USER], model=model)
    assert counted.interval == Interval(7, 8, 10)
    assert any("up to gpt-4o" in note for note in counted.notes)


MODELS = ["gpt-4o", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro", "grok-4", "kimi-k2"]


@pytest.mark.parametrize("model", MODELS)
def test_parts_add_up_and_leave_nothing_out(model: str) -> None:
    messages = [
        *QUESTION,
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "sunny"},
        {"role": "user", "content": "thanks", "name": "Ann"},
    ]  # fmt: skip
    counted = ctx.count_messages(
        messages, model=model, tools=[WEATHER], response_format={"type": "json_object"}
    )
    assert counted.total == sum(part.tokens for part in counted.parts)
    assert counted.interval == sum_intervals(part.interval for part in counted.parts)
    assert {part.message for part in counted.parts} == {None, 0, 1, 2, 3, 4}
    assert {"tools", "response format"} <= {part.kind for part in counted.parts}
    assert "get_current_weather" in {part.label for part in counted.parts}
    for part in counted.parts:
        assert part.interval.low <= part.interval.typical == part.tokens <= part.interval.high
        assert part.interval.high > 0


def test_a_model_whose_format_is_unknown_is_an_interval_with_a_note() -> None:
    assert find_format("grok-4") is None
    counted = ctx.count_messages([USER], model="grok-4")
    assert not counted.exact and counted.format == "generic"
    assert "not known here" in counted.notes[0]


@pytest.mark.parametrize(
    ("encoding", "tokens"), [("o200k_base", 8), ("cl100k_base", 8), ("qwen2", 9)]
)
def test_an_encoding_has_the_format_of_most_of_its_models(encoding: str, tokens: int) -> None:
    counted = ctx.count_messages([USER], encoding=encoding)
    assert (counted.total, counted.model) == (tokens, None)


def test_a_body_names_its_model_and_brings_its_tools() -> None:
    body = {"model": "gpt-4o", "messages": QUESTION, "tools": [WEATHER], "temperature": 0}
    assert ctx.count_messages(body).total == 101
    assert ctx.count_messages(body, model="gpt-4").total == 105


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "neither a model nor an encoding"),
        ({"model": "gpt-4o", "chat_format": "nothing"}, "unknown chat format 'nothing'"),
        ({"model": "gpt-4o", "shape": "xml"}, "unknown shape 'xml'"),
        (
            {"model": "gpt-4o", "tools": [{"description": "x"}]},
            "0.: a tool without a name",
        ),
        ({"model": "gpt-4o", "tools": [WEATHER, WEATHER]}, "two tools are called"),
        ({"model": "gpt-4o", "tool_choice": "maybe"}, "tool_choice: unknown mode 'maybe'"),
        ({"model": "gpt-4o", "response_format": {"type": "xml"}}, "unknown type 'xml'"),
        ({"model": "gpt-4o", "files": "/nonexistent"}, "files must be a folder"),
    ],
)
def test_arguments_that_cannot_be_used(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ctx.UsageError, match=message) as caught:
        ctx.count_messages([USER], **given)
    assert caught.value.hint


def test_arguments_of_other_kinds() -> None:
    with pytest.raises(ctx.UsageError, match="thinking must be a bool, got str"):
        ctx.count_messages([USER], model="gpt-4o", thinking="yes")  # type: ignore[arg-type]
    with pytest.raises(ctx.UsageError, match="media_tokens must be >= 0"):
        ctx.count_messages([USER], model="gpt-4o", media_tokens=-1)


def test_what_anthropic_counted_is_in_the_interval() -> None:
    """The examples in the documentation of its count_tokens: 14 and 403 tokens."""
    model = "claude-opus-4"
    hello = [{"role": "user", "content": "Hello, Claude"}]
    counted = ctx.count_messages(hello, system="You are a scientist", model=model)
    assert counted.interval.low <= 14 <= counted.interval.high
    properties = WEATHER["function"]["parameters"]["properties"]  # type: ignore[index]
    tool = {
        "name": "get_weather",
        "description": "Get the current weather in a given location",
        "input_schema": {
            "type": "object",
            "properties": {"location": properties["location"]},
            "required": ["location"],
        },
    }
    counted = ctx.count_messages(QUESTION[1:], model=model, tools=[tool])
    assert counted.interval.low <= 403 <= counted.interval.high
    assert abs(counted.total - 403) < 403 * 0.1


@pytest.mark.parametrize(
    ("model", "choice", "tokens"),
    [
        ("claude-opus-4-8", "auto", (290, 290, 290)),
        ("claude-opus-4-8", {"type": "any"}, (410, 410, 410)),
        ("claude-sonnet-4-5-20250929", "auto", (346, 496, 496)),
        ("claude-3-haiku-20240307", "none", (264, 264, 264)),
        ("claude-sonnet-5-5", "auto", (159, 400, 810)),
    ],
)
def test_the_system_prompt_of_claudes_tools(
    model: str, choice: Any, tokens: tuple[int, int, int]
) -> None:
    counted = ctx.count_messages([USER], model=model, tools=[WEATHER], tool_choice=choice)
    prompt = next(part for part in counted.parts if part.kind == "tools" and not part.label)
    assert prompt.interval == Interval(*tokens)


def test_a_model_that_takes_text_alone_refuses_an_image_by_name() -> None:
    image = {
        "type": "image_url",
        "image_url": {"url": "https://e.org/a.png", "width": 9, "height": 9},
    }
    with pytest.raises(ctx.UsageError, match="takes text only, and this is an image"):
        ctx.count_messages([{"role": "user", "content": [image]}], model="gpt-3.5-turbo")


def test_the_basis_is_that_of_the_least_sure_part() -> None:
    assert ctx.count_messages([USER], model="qwen3-8b").basis == "counted"
    assert ctx.count_messages([USER], model="gpt-4o").basis == "documented"
    assert ctx.count_messages([USER], model="claude-sonnet-4-5").basis == "estimated"
    assert ctx.CountedMessages((), (), "none").basis == "counted"
