"""Random conversations in OpenAI's form, to compare a chat format with its reference.

`conversation` makes one from a seeded `random.Random`; `Features` says what it may hold, since no
format takes everything; `to_request` reads it as `ctxtools.messages.request.Request`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolCall, ToolResult

SPECIAL_SPELLINGS = (
    *(
        "<｜User｜>",
        "<｜Assistant｜>",
        "<｜end▁of▁sentence｜>",
        "<｜begin▁of▁sentence｜>",
        "</think>",
    ),
    *(
        "<think>",
        "｜DSML｜",
        "<｜System｜>",
        "<｜image｜>",
        "<｜ref｜>",
        "<｜/ref｜>",
        "<｜tool▁sep｜>",
    ),
    *("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|start|>", "<|end|>", "<|channel|>"),
    *("[INST]", "[/INST]", "<s>", "</s>", "<tool_call>", "</tool_result>", "<|user|>", "[gMASK]"),
)
"""Special tokens of several formats, as they may stand in a user's text."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a conversation may hold.

    Attributes:
        tools: tools, calls of them and their results.
        parallel: several calls in a turn.
        shuffled: results in another order than the calls.
        broken_arguments: arguments that are not a JSON object.
        choices: a ``tool_choice``.
        reasoning: ``reasoning_content`` of assistant turns.
        thinking: the values of ``Sample.thinking``.
        efforts: the values of ``Sample.effort``.
        response_formats: JSON objects and schemas.
        system_anywhere: system messages after the first message.
        adjacent: turns of one role in a row.
        blocks: contents as lists of blocks.
        empty: empty contents.
        empty_blocks: blocks without a text.
        strict: tools whose calls are decoded strictly.
        prefix: a last assistant turn that the model continues.
        begins_with_user: the first message that is no system message is the user's.
        ends_with_user: the last message is a user's, or results.
        roles: further roles of plain messages, such as "developer".
    """

    tools: bool = True
    parallel: bool = True
    shuffled: bool = True
    broken_arguments: bool = True
    choices: bool = True
    reasoning: bool = True
    thinking: tuple[bool | None, ...] = (None, True, False)
    efforts: tuple[str | None, ...] = (None, None, "low", "medium", "high", "xhigh", "max")
    response_formats: bool = True
    system_anywhere: bool = True
    adjacent: bool = True
    blocks: bool = True
    empty: bool = True
    empty_blocks: bool = False
    strict: bool = False
    prefix: bool = False
    begins_with_user: bool = False
    ends_with_user: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation, with what is asked for beside it; everything is as OpenAI's interface has it.

    Attributes:
        thinking: whether the model should think; None leaves it to the format.
        effort: how much; None likewise.
    """

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    tool_choice: str | dict[str, Any] | None
    response_format: dict[str, Any] | None
    thinking: bool | None
    effort: str | None


def conversation(random: Random, features: Features) -> Sample:
    """A random conversation."""
    tools = [*_tools(random)] if features.tools and random.random() < 0.55 else []
    if features.strict and random.random() < 0.5:
        for tool in tools:
            tool["function"]["strict"] = True
    messages = [*_messages(random, features, [tool["function"]["name"] for tool in tools])]
    return Sample(
        messages=messages,
        tools=tools,
        tool_choice=_choice(random, tools) if features.choices else None,
        response_format=_response_format(random) if features.response_formats else None,
        thinking=random.choice(features.thinking),
        effort=random.choice(features.efforts),
    )


def conversations(count: int, features: Features, *, seed: int = 0) -> Iterator[Sample]:
    """So many random conversations, the same ones for the same seed."""
    random = Random(seed)
    for _ in range(count):
        yield conversation(random, features)


# ---------------------------------------------------------------------------------------- messages


def _messages(random: Random, features: Features, names: list[str]) -> Iterator[dict[str, Any]]:
    roles = [*_roles(random, features)]
    for number, role in enumerate(roles):
        last = number == len(roles) - 1
        if role != "assistant":
            yield {"role": role, "content": _content(random, features)}
        elif features.tools and random.random() < 0.4 and not (last and features.prefix):
            yield from _calls(random, features, names, number)
        else:
            turn = {"role": "assistant", "content": _content(random, features)}
            if last and features.prefix and random.random() < 0.7:
                turn["prefix"] = True
            yield turn | _reasoning(random, features)


def _roles(random: Random, features: Features) -> Iterator[str]:
    if random.random() < 0.5:
        yield "system"
        if features.system_anywhere and random.random() < 0.2:
            yield "system"
    role = "user" if features.begins_with_user else random.choice(("user", "user", "assistant"))
    turns = random.choice((1, 1, 2, 3, 4, 5, 8))
    for number in range(turns):
        yield role
        if features.system_anywhere and random.random() < 0.1:
            yield "system"
        if features.roles and random.random() < 0.2:
            yield random.choice(features.roles)
        if not (features.adjacent and random.random() < 0.2):
            role = "assistant" if role == "user" else "user"
        if number == turns - 1 and features.ends_with_user:
            yield "user"


def _calls(
    random: Random, features: Features, names: list[str], number: int
) -> Iterator[dict[str, Any]]:
    """An assistant turn with calls, and their results."""
    calls = [
        {
            "id": f"call_{random.choice('zyxabc')}{number}_{index}",
            "type": "function",
            "function": {
                "name": random.choice(names or ["get_weather", "search"]),
                "arguments": _arguments(random, features),
            },
        }
        for index in range(random.choice((1, 1, 2, 3, 5)) if features.parallel else 1)
    ]
    content = random.choice((None, "", _text(random))) if features.empty else _text(random)
    turn = {"role": "assistant", "content": content, "tool_calls": calls}
    yield turn | _reasoning(random, features)
    answered = random.sample(calls, len(calls)) if features.shuffled else calls
    for call in answered:
        yield {"role": "tool", "tool_call_id": call["id"], "content": _content(random, features)}


def _reasoning(random: Random, features: Features) -> dict[str, Any]:
    if not features.reasoning or random.random() < 0.5:
        return {}
    return {"reasoning_content": _text(random) if random.random() < 0.9 else ""}


def _content(random: Random, features: Features) -> Any:
    if features.empty and random.random() < 0.05:
        return ""
    if features.blocks and random.random() < 0.15:
        texts = [_text(random) for _ in range(random.choice((1, 2, 3)))]
        if features.empty_blocks:
            texts = [text if random.random() < 0.8 else "" for text in texts]
        return [{"type": "text", "text": text} for text in texts]
    return _text(random)


# ------------------------------------------------------------------------------------------- texts

_WORDS = (
    *("The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "in", "Paris", "json"),
    *(
        "今天",
        "天气",
        "怎么样",
        "深度求索",
        "こんにちは",
        "안녕하세요",
        "Привет",
        "مرحبا",
        "naïve",
        "é",
    ),
    *("e\u0301", "👩‍👩‍👧", "🏳️‍🌈", "🙂", "\u200b", "\u00a0", "ǅ", "½", "²", "٣", "ﬁ"),
    *("def", "f(x):", "return", "x**2", "{}", "[1,", '"a"', "\\n", "`code`", "**bold**", "# Title"),
    *("0", "1", "12", "1234567", "3.14", "-1e-5", "2026-11-29", "https://example.com/?q=1&r=%20"),
)
_GAPS = (" ", " ", " ", " ", "", "\n", "\n\n", "  ", "\t", "\r\n", " \n", ", ", ". ")


def _text(random: Random) -> str:
    pieces: list[str] = []
    for _ in range(random.choice((0, 1, 1, 2, 3, 5, 8, 13, 30))):
        spelling = random.random() < 0.06
        pieces += (random.choice(SPECIAL_SPELLINGS if spelling else _WORDS), random.choice(_GAPS))
    if random.random() < 0.05:
        pieces.insert(0, random.choice(_GAPS))
    if random.random() < 0.5 and pieces:
        pieces.pop()
    return "".join(pieces) or "Hello"


# -------------------------------------------------------------------------------------------- JSON

_NUMBERS = (
    *("0", "-0", "1", "-1", "42", "1.0", "-0.0", "0.1", "1e5", "1E+2", "1e16", "1e-5", "1.5e-7"),
    *("0.0001", "0.00012345", "123456789.123", "9007199254740993", "18446744073709551615"),
    *("18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1e308", "5e-324"),
    *("123456789012345678901234567890", "1e-400", "3.141592653589793", "1e22", "1e23", "2.50"),
)
_STRINGS = (
    *('""', '"a"', '"Paris"', '"\\n\\t\\r\\b\\f"', '"\\u0041"', '"\\ud83d\\ude00"', '"a\\/b"'),
    *('"\\\\ \\""', '"\\u0000\\u001f\\u007f"', '"北京"', '"é\\u00e9"', '"\u2028"', '"<｜User｜>"'),
    *('"1"', '"true"', '"｜DSML｜"', '" spaces  "', '"\\ud800"'),
)
_BROKEN = ("", "null", "[1, 2]", '"text"', "{", '{"a": 1,}', "{'a': 1}", '{"a": NaN}', "not JSON")
_KEYS = ("city", "n", "unit", "a b", "", "键", "options", 'q"uote', "x_1", "city")


def _json(random: Random, depth: int = 0) -> str:
    kind = random.choice("nnsssblo" if depth < 3 else "nsb")
    if kind == "n":
        return random.choice(
            (*_NUMBERS, repr(random.uniform(-1e6, 1e6)), str(random.getrandbits(60)))
        )
    if kind == "s":
        return random.choice((*_STRINGS, json.dumps(_text(random))))
    if kind == "b":
        return random.choice(("true", "false", "null"))
    comma, gap = random.choice((", ", ",", " ,\n")), random.choice(("", " "))
    inner = [_json(random, depth + 1) for _ in range(random.choice((0, 1, 2, 3)))]
    if kind == "l":
        return f"[{gap}{comma.join(inner)}{gap}]"
    colon = random.choice((": ", ":"))
    keyed = (f"{json.dumps(random.choice(_KEYS))}{colon}{each}" for each in inner)
    return f"{{{gap}{comma.join(keyed)}{gap}}}"


def _arguments(random: Random, features: Features) -> str:
    if features.broken_arguments and random.random() < 0.08:
        return random.choice(_BROKEN)
    while True:
        found = _json(random)
        if not found.startswith("{"):
            continue
        if features.broken_arguments or "ud800" not in found:
            return found


# ------------------------------------------------------------------------------------------- tools


def _tools(random: Random) -> Iterator[dict[str, Any]]:
    names = ("get_weather", "search", "run-code", "f", "Lookup_2")
    for name in random.sample(names, random.choice((1, 1, 2, 3))):
        function: dict[str, Any] = {"name": name}
        if random.random() < 0.8:
            function["description"] = _text(random)
        if random.random() < 0.9:
            function["parameters"] = _object_schema(random, 0)
        if random.random() < 0.1:
            function["strict"] = False
        if random.random() < 0.2:
            function = dict(random.sample([*function.items()], len(function)))
        yield {"type": "function", "function": function}


def _object_schema(random: Random, depth: int) -> dict[str, Any]:
    names = random.sample(
        ("city", "unit", "days", "键", "where", "a b"), random.choice((0, 1, 2, 3))
    )
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _schema(random, depth + 1) for name in names},
    }
    if names and random.random() < 0.6:
        schema["required"] = random.sample(names, random.choice((1, len(names))))
    if random.random() < 0.2:
        schema["additionalProperties"] = False
    return schema


def _schema(random: Random, depth: int) -> dict[str, Any]:
    kind = random.choice(("string", "number", "integer", "boolean", "array", "object", "any"))
    if kind == "object" and depth < 3:
        return _object_schema(random, depth)
    if kind == "array" and depth < 3:
        return {"type": "array", "items": _schema(random, depth + 1)}
    if kind == "number":
        limits = (0, 0.1, -1.5, 1e-05, 2.5e-07, 1e16, 1e22, 100)
        return {
            "type": "number",
            "minimum": random.choice(limits),
            "default": random.choice(limits),
        }
    if kind == "integer":
        return {"type": "integer", "maximum": random.choice((1, 10**6, 2**53 + 1, 2**63))}
    if kind == "any":
        return {"anyOf": [{"type": "string"}, {"type": "null"}], "title": _text(random)}
    schema: dict[str, Any] = {"type": "string", "description": _text(random)}
    if random.random() < 0.3:
        schema["enum"] = ["celsius", "华氏", "<｜User｜>"][: random.choice((1, 2, 3))]
    return schema


def _choice(random: Random, tools: list[dict[str, Any]]) -> str | dict[str, Any] | None:
    if not tools or random.random() < 0.6:
        return None
    name = random.choice(tools)["function"]["name"]
    named = {"type": "function", "function": {"name": name}}
    return random.choice(("auto", "none", "required", named))


def _response_format(random: Random) -> dict[str, Any] | None:
    if random.random() < 0.7:
        return None
    schema = {"name": "answer", "schema": _object_schema(random, 0)}
    return random.choice(
        (
            {"type": "text"},
            {"type": "json_object"},
            {"type": "json_schema", "json_schema": schema},
        )
    )


# --------------------------------------------------------------------------------------- as request


def to_request(sample: Sample) -> Request:
    """The request that a sample stands for."""
    return Request(
        messages=tuple(_message(raw, number) for number, raw in enumerate(sample.messages)),
        tools=tuple(_tool(raw) for raw in sample.tools),
        tool_choice=sample.tool_choice,
        response_format=sample.response_format,
    )


def _message(raw: Mapping[str, Any], number: int) -> Message:
    content: tuple[Content, ...] = tuple(_texts(raw["content"]))
    if raw["role"] == "tool":
        content = (ToolResult(tuple(_texts(raw["content"])), id=raw["tool_call_id"]),)
    if "reasoning_content" in raw:
        content = (Text(raw["reasoning_content"], "thinking"), *content)
    calls = tuple(
        ToolCall(call["function"]["name"], call["function"]["arguments"], call["id"])
        for call in raw.get("tool_calls", ())
    )
    return Message(raw["role"], (*content, *calls), number=number, raw=raw)


def _texts(content: Any) -> Iterator[Text]:
    if isinstance(content, str):
        yield Text(content)
    elif content is not None:
        yield from (Text(block["text"]) for block in content)


def _tool(raw: Mapping[str, Any]) -> Tool:
    function = raw["function"]
    return Tool(function["name"], function.get("description"), function.get("parameters"), raw=raw)
