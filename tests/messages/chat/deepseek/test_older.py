"""DeepSeek V3, R1 and V3.1: known counts, the templates where they are at hand, what is refused."""

import os
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered, find_format
from ctxtools.messages.media.items import Image
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.compare import COMPARISONS, comparison, differences
from tests.messages.chat.deepseek import goldens

TEMPLATES = [name for name, at in COMPARISONS.items() if at.endswith("deepseek.templates")]


def said(role: str, text: str, number: int = 0) -> Message:
    return Message(role, (Text(text),), number=number)


HELLO = said("user", "Hello")
CALL = Message("assistant", (ToolCall("f", '{"a": 1}', "1"),), number=0)
RESULT = Message("tool", (ToolResult((Text("yes"),), id="1"),), number=1)


def rendered(model: str, *messages: Message, **options: Any) -> Rendered:
    found = find_format(model)
    assert found is not None
    shown = found.render(Request(messages), ChatOptions(**options))
    assert shown is not None
    return shown


def shown(model: str, *messages: Message, **options: Any) -> str:
    pieces = rendered(model, *messages, **options).pieces
    return "".join(getattr(piece, "text", getattr(piece, "spelling", "")) for piece in pieces)


def count(model: str, *messages: Message) -> int:
    found = find_format(model)
    assert found is not None
    counted = found.count(Request(messages), Meter(ctx.get_encoding("deepseek_v3")), ChatOptions())
    return sum(part.tokens for part in counted.parts)


def test_known_counts() -> None:
    system = said("system", "You are helpful.")
    answered = (HELLO, said("assistant", "Hi", 1), said("user", "Hello", 2))
    assert count("deepseek-v3", HELLO) == 4
    assert count("deepseek-v3-0324", system, HELLO) == 8
    assert count("deepseek-v3", *answered) == 9
    assert count("deepseek-r1", HELLO) == 6
    assert count("deepseek-v3.1", HELLO) == 5


def test_calls() -> None:
    call = '<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{"a": 1}\n```<｜tool▁call▁end｜>'
    output = "<｜tool▁output▁begin｜>yes<｜tool▁output▁end｜>"
    assert shown("deepseek-r1", CALL, RESULT) == (
        f"<｜begin▁of▁sentence｜><｜Assistant｜><｜tool▁calls▁begin｜>{call}<｜tool▁calls▁end｜>"
        f"<｜end▁of▁sentence｜><｜tool▁outputs▁begin｜>{output}<｜tool▁outputs▁end｜>"
    )
    assert shown("deepseek-v3.1", HELLO, CALL, RESULT) == (
        "<｜begin▁of▁sentence｜><｜User｜>Hello<｜Assistant｜></think><｜tool▁calls▁begin｜>"
        '<｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
        f"<｜end▁of▁sentence｜>{output}"
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_conversations_are_those_that_the_reference_wrote(name: str) -> None:
    each = comparison(name)
    for golden in goldens.read(name):
        ours = each.ours(golden.sample)
        assert not isinstance(ours, str), ours
        assert ours.text == golden.text


@pytest.mark.skipif("DEEPSEEK_TEMPLATES" not in os.environ, reason="the templates are not at hand")
@pytest.mark.parametrize("name", TEMPLATES)
def test_random_conversations_are_those_of_the_template(name: str) -> None:
    found = [*differences(comparison(name), 300, seed=1)]
    assert not found, found[0]


@pytest.mark.parametrize(
    "name, known",
    [
        ("deepseek-v3", "DeepSeek V3"),
        ("deepseek-v3:671b", "DeepSeek V3"),
        ("deepseek-v3-0324", "DeepSeek V3"),
        ("deepseek-v3.1", "DeepSeek V3.1"),
        ("deepseek-v3.1-terminus", "DeepSeek V3.1"),
        ("deepseek-ai/DeepSeek-V3.2-Exp", "DeepSeek V3.1"),
        ("deepseek-ai/DeepSeek-V3.2", "DeepSeek V3.2"),
        ("deepseek-v3.2-speciale", "DeepSeek V3.2"),
        ("deepseek-r1", "DeepSeek R1"),
        ("deepseek-r1:671b", "DeepSeek R1"),
        ("deepseek-ai/DeepSeek-R1-0528", "DeepSeek R1-0528"),
        ("deepseek-r1:70b", None),
        ("deepseek-r1:latest", None),
        ("deepseek-r1:8b-0528-qwen3-q4_K_M", None),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", None),
        ("deepseek-r1-distill-llama-70b", None),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", None),
    ],
)
def test_names(name: str, known: str | None) -> None:
    found = find_format(name)
    assert (found.name if found and found.module.startswith("deepseek.") else None) == known


def test_an_edition_has_its_own_format() -> None:
    hello = [{"role": "user", "content": "Hello"}]
    for name in ("deepseek-r1-0528", "deepseek/deepseek-r1-0528:free"):
        assert ctx.count_messages(hello, model=name).format == "DeepSeek R1-0528"
    assert ctx.count_messages(hello, model="deepseek-r1").format == "DeepSeek R1"
    assert ctx.count_messages(hello, model="deepseek-v3.2-exp").format == "DeepSeek V3.1"


def test_what_a_template_does_not_show_is_a_note() -> None:
    tool = Tool("f", None, None, raw={"type": "function", "function": {"name": "f"}})
    found = find_format("deepseek-v3")
    assert found is not None
    both = Message("assistant", (Text("Hm.", "thinking"), Text("Hi"), *CALL.content), number=0)
    request = Request((both,), (tool,), response_format={"type": "json_object"})
    answer = found.render(request, ChatOptions(thinking=True, effort="high"))
    assert answer is not None
    assert [note for note in answer.notes if "not show" in note or "no t" in note] == [
        "the model's chat template shows it no tools; an engine may have one that does",
        "the model's chat template does not show the response format",
        "what the model thought before is not shown to it again",
        "the model's chat template shows no tool calls beside a text",
    ]
    assert "the model never thinks, whatever is asked for" in answer.notes
    assert rendered("deepseek-r1", HELLO, thinking=False).notes == (
        "the model always thinks, whatever is asked for",
    )


@pytest.mark.parametrize(
    "message, reason",
    [
        (said("developer", "a"), "messages[0] has the role 'developer', which the template does"),
        (said("latest_reminder", "a"), "messages[0] has the role 'latest_reminder'"),
        (
            Message("user", (Image(width=1, height=1),), number=0),
            "has an image, which the template",
        ),
        (Message("user", (Text("a", "thinking"),), number=0), "has thoughts, which the template"),
        (Message("assistant", (), number=0), "messages[0] has neither a content nor a tool call"),
    ],
)
def test_messages_that_are_refused(message: Message, reason: str) -> None:
    for model in ("deepseek-v3", "deepseek-r1", "deepseek-v3.1"):
        with pytest.raises(UsageError) as error:
            rendered(model, message)
        assert reason in error.value.message


def test_options_that_are_refused() -> None:
    with pytest.raises(UsageError, match=r"the chat template of DeepSeek V3\.1 takes no version"):
        rendered("deepseek-v3.1", HELLO, version="1")
