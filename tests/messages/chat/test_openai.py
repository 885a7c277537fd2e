"""OpenAI's framing against the arithmetic of OpenAI's cookbook, written down a second time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx

ENCODINGS = {
    model: ctx.get_encoding(name)
    for model, name in (("gpt-4o", "o200k_base"), ("gpt-4", "cl100k_base"))
}
PER_FUNCTION = {"gpt-4o": 7, "gpt-4": 10}


def tool_name(tool: Any) -> str:
    return str(tool["function"]["name"])


words = st.text(alphabet="abc .,é漢", max_size=12)
names = st.text(alphabet="abcdef_", min_size=1, max_size=8)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": words},
        optional={"name": names},
    ),
    max_size=4,
)
properties = st.dictionaries(
    names,
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "number"]), "description": words},
        optional={"enum": st.lists(words, max_size=3)},
    ),
    max_size=3,
)
tools = st.lists(
    st.builds(
        lambda name, description, found: {
            "type": "function",
            "function": {
                "name": name,
                "description": description,
                "parameters": {
                    "type": "object",
                    "properties": found,
                    "required": [*found][:1],
                    "additionalProperties": False,
                },
            },
        },
        *(names, words, properties),
    ),
    max_size=3,
    unique_by=tool_name,
)


def by_the_cookbook(model: str, messages: Any, tools: Any) -> int:
    count = ENCODINGS[model].count
    total = 3
    for message in messages:
        total += 3 + sum(count(value) for value in message.values()) + ("name" in message)
    for tool in tools:
        function = tool["function"]
        description = function["description"]
        if description.endswith("."):
            description = description[:-1]
        total += PER_FUNCTION[model] + count(f"{function['name']}:{description}")
        found = function["parameters"]["properties"]
        if len(found) > 0:
            total += 3
            for key, value in found.items():
                total += 3
                if "enum" in value:
                    total -= 3
                    for item in value["enum"]:
                        total += 3 + count(item)
                description = value["description"]
                if description.endswith("."):
                    description = description[:-1]
                total += count(f"{key}:{value['type']}:{description}")
    return total + 12 * bool(tools)


@pytest.mark.parametrize("model", PER_FUNCTION)
@given(messages=messages, tools=tools)
def test_messages_and_flat_tools(model: str, messages: Any, tools: Any) -> None:
    counted = ctx.count_messages(messages, model=model, tools=tools)
    assert counted.exact
    assert counted.total == by_the_cookbook(model, messages, tools)


@pytest.mark.parametrize(
    "more",
    [
        {"title": "A title"},
        {"default": "x"},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": "object", "properties": {"inner": {"type": "string"}}},
        {"type": "array", "items": {"type": "string", "description": "One of them."}},
        {"type": ["string", "null"]},
    ],
    ids=str,
)
def test_what_the_cookbook_does_not_cover_is_an_interval(more: dict[str, Any]) -> None:
    def counted(value: dict[str, Any]) -> ctx.CountedMessages:
        tool = {"name": "f", "parameters": {"type": "object", "properties": {"a": value}}}
        return ctx.count_messages([{"role": "user", "content": "x"}], model="gpt-4o", tools=[tool])

    flat, other = counted({"type": "string"}), counted({"type": "string", **more})
    assert flat.exact and not other.exact
    assert other.interval.high > flat.total
    assert any("flat schemas" in note for note in other.notes)
