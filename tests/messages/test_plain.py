"""Requests of plain texts: the numbers of `count_messages`, or none."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.messages.plain import PlainCounter
from ctxtools.messages.request import Shape

FILLED = ("deepseek-v4-pro", "deepseek-v4.1-flash")
MODELS = ("gpt-4o", "gpt-4", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro", "kimi-k2", *FILLED)
# What formats look for in texts, or write themselves.
MARKS = (
    *(
        "<think>",
        "</think>a",
        "<｜User｜>",
        "<|im_start|>",
        "<｜ref｜>a<｜/ref｜>",
        "\n\n",
        " a ",
        "\n",
    ),
    *("x-anthropic-billing-header: a\nYou are", "X-Anthropic-Billing-Header: b", "<tool_result>"),
    *("/no_think", "text number 0 of a probe", "{}", "｜DSML｜", "[INST]", "İ<｜"),
)
SHAPES: tuple[Shape | None, ...] = (None, "openai", "anthropic", "responses")
COUNTERS: dict[tuple[str, Shape | None], PlainCounter] = {}
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "user", "assistant", "system", "developer"]),
        "content": st.text(min_size=1, max_size=30)
        | st.sampled_from([" ", "\ud800", "a" * 400, *MARKS])
        | st.lists(st.sampled_from(MARKS), min_size=1, max_size=3).map("".join),
    }
)


def counter(model: str, shape: Shape | None) -> PlainCounter:
    """One for all examples: what it learns of one request, it uses for the next."""
    return COUNTERS.setdefault((model, shape), PlainCounter(shape, model=model))


@settings(max_examples=300, deadline=None)
@given(
    model=st.sampled_from(MODELS),
    shape=st.sampled_from(SHAPES),
    messages=st.lists(MESSAGE, min_size=1, max_size=5),
    system=st.none() | st.text(min_size=1, max_size=20) | st.sampled_from(MARKS),
    limit=st.none() | st.integers(1, 100),
)
def test_it_counts_as_count_messages_does(
    model: str,
    shape: Shape | None,
    messages: list[dict[str, str]],
    system: str | None,
    limit: int | None,
) -> None:
    names = ("input", "instructions") if shape == "responses" else ("messages", "system")
    body: dict[str, Any] = {names[0]: messages, "max_tokens": limit}
    if system is not None:
        body[names[1]] = system
    try:
        expected = ctx.count_messages(body, model=model, shape=shape)
    except ctx.UsageError as error:
        with pytest.raises(ctx.UsageError) as raised:
            counter(model, shape).count(body)
        assert raised.value.message == error.message
        return
    found = counter(model, shape).count(body)
    if found is None:  # a text that the format does not write as it is
        assert model in FILLED and any(mark in repr(body).lower() for mark in ("<｜", "x-anth"))
        return
    assert found.interval == expected.interval
    assert found.basis == expected.basis


@pytest.mark.parametrize("model", ["deepseek-r1", "qwen3-8b", "gpt-oss-120b", "deepseek-v3"])
def test_what_templates_show_is_always_rendered(model: str) -> None:
    assert counter(model, None).count({"messages": [{"role": "user", "content": "a"}]}) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": "a"},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "tool", "content": "a"}]},
        {"messages": [{"role": "user", "content": ["a"]}]},
        {"messages": [{"role": "user", "content": "a", "name": "b"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": "a"}] * 65},
        {"messages": [{"role": "user", "content": "a"}], "tools": []},
        {"messages": [{"role": "user", "content": "a"}], "system": ["b"]},
        {"messages": [{"role": "user", "content": "a"}], "max_tokens": "b"},
        {"messages": [{"role": "user", "content": "a"}], "unknown": 1},
    ],
)
def test_all_else_is_left_to_it(body: dict[str, Any]) -> None:
    assert counter("gpt-4o", None).count(body) is None
