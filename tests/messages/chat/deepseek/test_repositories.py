"""DeepSeek V3.2, V4 and V4.1 as the encoders in their repositories render them."""

import os
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered, find_format
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.compare import COMPARISONS, comparison, differences
from tests.messages.chat.deepseek import goldens
from tests.messages.chat.deepseek.test_v4 import HELLO, WEATHER, said, tool

NAMES = [name for name, at in COMPARISONS.items() if at.endswith("deepseek.repositories")]


def rendered(
    model: str, *messages: Message, tools: tuple[Tool, ...] = (), **options: Any
) -> Rendered:
    found = find_format(model)
    assert found is not None
    shown = found.render(Request(messages, tools), ChatOptions(**options))
    assert shown is not None
    return shown


def shown(model: str, *messages: Message, **options: Any) -> str:
    pieces = rendered(model, *messages, **options).pieces
    return "".join(getattr(piece, "text", getattr(piece, "spelling", "")) for piece in pieces)


def count(model: str, *messages: Message, tools: tuple[Tool, ...] = (), **options: Any) -> int:
    found = find_format(model)
    assert found is not None
    meter = Meter(ctx.get_encoding("deepseek_v3"))
    counted = found.count(Request(messages, tools), meter, ChatOptions(**options))
    return sum(part.tokens for part in counted.parts)


@pytest.mark.parametrize("thinking", [True, False])
def test_v32(thinking: bool) -> None:
    model = "deepseek-v3.2"
    options: dict[str, Any] = {"thinking": thinking}
    assert count(model, HELLO, **options) == 5
    assert count(model, said("system", "You are helpful."), HELLO, **options) == 9
    assert count(model, HELLO, tools=(tool(WEATHER),), **options) == 297


@pytest.mark.parametrize(
    "version, efforts",
    [
        ("checkpoint", {None: 0, "high": 0, "max": 79}),
        ("vllm-0.33", {None: 79, "low": 0, "medium": 0, "high": 79, "max": 92}),
        ("deepseek-recipe-0.2", {None: 79, "low": 0, "medium": 79, "high": 79, "max": 92}),
    ],
)
def test_the_versions_disagree_on_efforts(version: str, efforts: dict[str | None, int]) -> None:
    for effort, tokens in efforts.items():
        options: dict[str, Any] = {"thinking": True, "version": version, "effort": effort}
        assert count("deepseek-v4-pro", HELLO, **options) == 5 + tokens, effort


def test_efforts_of_v41_are_scores() -> None:
    for effort in ("1", "42", "100"):
        text = shown("deepseek-v4.1", HELLO, version="vllm-0.33", effort=effort)
        assert f"Reasoning Effort: {effort} (range" in text
    for effort in ("0", "101", "٣", "9" * 5000, "medium"):
        with pytest.raises(UsageError, match="unknown effort"):
            shown("deepseek-v4.1", HELLO, version="vllm-0.33", effort=effort)


@pytest.mark.parametrize("name", NAMES)
def test_conversations_are_those_that_the_reference_wrote(name: str) -> None:
    each = comparison(name)
    for golden in goldens.read(name):
        ours = each.ours(golden.sample)
        assert not isinstance(ours, str), ours
        assert ours.text == golden.text


@pytest.mark.skipif(
    not {"VLLM_TOKENIZERS", "DEEPSEEK_TEMPLATES"} <= {*os.environ},
    reason="the encoders are not at hand",
)
@pytest.mark.parametrize("name", NAMES)
def test_random_conversations_are_those_of_the_encoder(name: str) -> None:
    found = [*differences(comparison(name), 300, seed=1)]
    assert not found, found[0]


CALL = Message("assistant", (ToolCall("f", '{"a": 1}', "1"), ToolCall("g", "{}", "2")), number=1)


def result(id_: str, number: int) -> Message:
    return Message("tool", (ToolResult((Text(f"result {id_}"),), id=id_),), number=number)


def test_results() -> None:
    messages = (HELLO, CALL, result("2", 2), result("1", 3))
    in_order = "<tool_result>result 1</tool_result>\n\n<tool_result>result 2</tool_result>"
    assert in_order in shown("deepseek-v4", *messages, version="vllm-0.33")
    assert shown("deepseek-v3.2", *messages).endswith(
        "\n\n<function_results>\n<result>result 2</result>\n<result>result 1</result>\n"
        "</function_results>\n\n</think>"
    )


def test_what_follows_the_last_user_is_thought_on() -> None:
    thought = Message("assistant", (Text("Hm.", "thinking"), Text("Hi")), number=1)
    opened = "<｜User｜>Hello<｜Assistant｜>"
    again = said("user", "Hello", 2)
    for model in ("deepseek-v4", "deepseek-v4.1"):
        options = {"version": "vllm-0.33", "thinking": True}
        assert f"{opened}<think>Hm.</think>Hi<｜end▁of▁sentence｜>" in shown(
            model, HELLO, thought, **options
        )
        found = shown(model, HELLO, thought, again, **options)
        assert f"{opened}</think>Hi<｜end▁of▁sentence｜>{opened}<think>" in found
    assert shown("deepseek-v3.2", HELLO, thought, again, thinking=True).endswith(
        f"{opened}</think>Hi<｜end▁of▁sentence｜>{opened}<think>"
    )


@pytest.mark.parametrize(
    "model, messages, reason",
    [
        ("deepseek-v3.2", (result("1", 0),), "messages[0] is the result of a tool, but answers"),
        ("deepseek-v3.2", (said("latest_reminder", "a"),), "messages[0] is a reminder, which"),
        ("deepseek-v3.2", (HELLO, said("assistant", "a", 1)), "messages[1], of an assistant after"),
        ("deepseek-v3.2", (said("developer", "a"), said("user", "b", 1)), "messages[0] is a dev"),
        ("deepseek-v3.2", (), "the conversation has no message"),
        ("deepseek-v4.1", (said("latest_reminder", "a"),), "messages[0] is a reminder, which"),
        ("deepseek-v4.1", (said("function", "a"),), "messages[0] has the role 'function'"),
        ("deepseek-v4", (said("developer", ""),), "messages[0], of a developer, is empty"),
        ("deepseek-v4", (said("assistant", "a", prefix=True),), "messages[0] has a prefix"),
        ("deepseek-v4", (), "the conversation has no message"),
    ],
)
def test_what_is_refused(model: str, messages: tuple[Message, ...], reason: str) -> None:
    with pytest.raises(UsageError) as error:
        shown(model, *messages, version="vllm-0.33", thinking=True)
    assert reason in error.value.message


def test_arguments_that_are_refused() -> None:
    for model, arguments in (("deepseek-v3.2", "not JSON"), ("deepseek-v4", "[1]")):
        call = Message("assistant", (ToolCall("f", arguments, "1"),), number=1)
        with pytest.raises(UsageError) as error:
            shown(model, HELLO, call, version="vllm-0.33")
        what = "the call of 'f' in messages[1] has arguments that are no JSON object"
        assert error.value.message == what
