"""DeepSeek V4 and V4.1: known counts, the reference on random conversations, what is refused."""

from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatFormat, ChatOptions, find_format
from ctxtools.messages.media.items import Audio, Image
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.compare import comparison, differences

WEATHER = {
    "name": "get_weather",
    "description": "Get the weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
HELLO = Message("user", (Text("Hello"),), number=0)


def chat_format(model: str) -> ChatFormat:
    found = find_format(model)
    assert found is not None
    return found


def tool(function: dict[str, Any]) -> Tool:
    raw = {"type": "function", "function": function}
    return Tool(function["name"], function["description"], function["parameters"], raw=raw)


def count(
    model: str,
    *messages: Message,
    tools: tuple[Tool, ...] = (),
    choice: str | dict[str, Any] | None = None,
    form: dict[str, Any] | None = None,
    **options: Any,
) -> int:
    request = Request(messages or (HELLO,), tools, choice, form)
    meter = Meter(ctx.get_encoding("deepseek_v3"), model)
    counted = chat_format(model).count(request, meter, ChatOptions(**options))
    assert all(part.exact for part in counted.parts)
    return sum(part.tokens for part in counted.parts)


def rendered(model: str, *messages: Message, **options: Any) -> str:
    """The prompt, without media."""
    found = chat_format(model).render(Request(messages), ChatOptions(**options))
    assert found is not None
    return "".join(getattr(piece, "text", getattr(piece, "spelling", "")) for piece in found.pieces)


def said(role: str, text: str, number: int = 0, **raw: Any) -> Message:
    return Message(role, (Text(text),), number=number, raw={"role": role, "content": text, **raw})


MODELS = ("deepseek-v4-pro", "deepseek-v4.1-flash")


@pytest.mark.parametrize("model, tokens", [(MODELS[0], 5), (MODELS[1], 5)])
def test_a_message(model: str, tokens: int) -> None:
    assert count(model, thinking=False) == tokens


@pytest.mark.parametrize(
    "effort, v4, v41",
    [(None, 84, 31), ("high", 84, 31), ("xhigh", 84, 31), ("low", 5, 31), ("max", 97, 31)],
)
def test_effort(effort: str | None, v4: int, v41: int) -> None:
    assert count(MODELS[0], thinking=True, effort=effort) == v4
    assert count(MODELS[1], thinking=True, effort=effort) == v41


def test_conversations() -> None:
    system = said("system", "You are helpful.")
    assert [count(model, system, HELLO, thinking=False) for model in MODELS] == [9, 10]
    answered = (HELLO, said("assistant", "Hi", 1), said("user", "Hello", 2))
    assert [count(model, *answered, thinking=False) for model in MODELS] == [11, 11]
    assert [count(model, HELLO, HELLO, thinking=False) for model in MODELS] == [7, 7]


def test_a_system_message_of_empty_blocks_is_shown_with_the_lines_between_them() -> None:
    for blocks, tokens in ((1, [5, 5]), (2, [6, 7])):
        system = Message("system", (Text(""),) * blocks, number=0)
        assert [count(model, system, HELLO, thinking=False) for model in MODELS] == tokens


def test_tools() -> None:
    tools = (tool(WEATHER),)
    assert [count(model, tools=tools, thinking=False) for model in MODELS] == [272, 263]
    assert [count(model, tools=tools, thinking=True) for model in MODELS] == [350, 287]
    assert count(MODELS[0], tools=tools, choice="none", thinking=False) == 5
    assert count(MODELS[0], tools=tools, choice="required", thinking=False) == 279


def test_response_formats() -> None:
    form: dict[str, Any] = {"type": "json_object"}
    assert [count(model, form=form, thinking=False) for model in MODELS] == [26, 29]
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    assert count(MODELS[0], form=form, thinking=False) == 27


def test_a_call_and_its_result() -> None:
    messages = (
        said("user", "Weather?"),
        Message(
            "assistant", (ToolCall("get_weather", '{"city": "Paris", "n": 1}', "1"),), number=1
        ),
        Message("tool", (ToolResult((Text("sunny"),), id="1"),), number=2),
    )
    tools = (tool(WEATHER),)
    assert [count(model, *messages, tools=tools, thinking=False) for model in MODELS] == [347, 332]


@pytest.mark.parametrize("name", ["deepseek-v4", "deepseek-v4.1", "deepseek-v4-strict"])
def test_random_conversations_are_those_of_the_reference(name: str) -> None:
    found = [*differences(comparison(name), 300, seed=1)]
    assert not found, found[0]


@pytest.mark.parametrize("shape", ["anthropic", "responses"])
@pytest.mark.parametrize("model", ["v4", "v4.1"])
def test_other_interfaces_are_those_of_the_reference(model: str, shape: str) -> None:
    found = [*differences(comparison(f"deepseek-{model}-{shape}"), 150, seed=1)]
    assert not found, found[0]


def test_special_spellings_in_a_text_are_text() -> None:
    assert count(MODELS[0], said("user", "<｜User｜>"), thinking=False) == 4 + 5


def test_a_system_text_of_empty_blocks_is_the_blank_line_between_them() -> None:
    blank = Message("system", (Text(""), Text("")), number=1)
    shown = rendered(MODELS[0], HELLO, blank, thinking=False)
    assert shown.startswith("<｜begin▁of▁sentence｜>\n\n<｜User｜>Hello")
    assert rendered(MODELS[0], HELLO, said("system", "", 1)) == rendered(MODELS[0], HELLO)


def test_names() -> None:
    for name, known in {
        "deepseek-v4-flash": "DeepSeek V4",
        "deepseek/DeepSeek-V4-Pro:free": "DeepSeek V4",
        "deepseek-v4-flash-vision-exp": "DeepSeek V4",
        "deepseek-ai/DeepSeek-V4.1-Flash": "DeepSeek V4.1",
        "deepseek-chat": "DeepSeek V4",
        "deepseek-reasoner": "DeepSeek V4",
    }.items():
        assert chat_format(name).name == known
    for name in ("deepseek-v4-flash", "deepseek-chat", "deepseek-reasoner"):
        found = chat_format(name).render(Request((HELLO,)), ChatOptions())
        assert found is not None
        assert "DeepSeek's" in found.notes[0]
    assert rendered("deepseek-chat", HELLO).endswith("</think>")
    assert rendered("deepseek-reasoner", HELLO).endswith("<think>")


def test_parts_have_their_owners() -> None:
    messages = (
        said("system", "Be brief."),
        said("user", "Weather?", 1),
        Message(
            "assistant",
            (Text("I look.", "thinking"), ToolCall("get_weather", '{"city": "Paris"}', "1")),
            number=2,
        ),
        Message("tool", (ToolResult((Text("sunny"),), id="1"),), number=3),
    )
    request = Request(messages, (tool(WEATHER),))
    meter = Meter(ctx.get_encoding("deepseek_v3"))
    parts = chat_format(MODELS[1]).count(request, meter, ChatOptions(thinking=True)).parts
    kinds = {(part.message, part.role, part.kind, part.label) for part in parts}
    assert kinds >= {
        (0, "system", "text", ""),
        (None, None, "tools", "get_weather"),
        (1, "user", "text", ""),
        (2, "assistant", "thinking", ""),
        (2, "assistant", "tool call", "get_weather"),
        (3, "tool", "tool result", "get_weather"),
        (3, "tool", "framing", ""),
    }


def test_an_image_is_placed_where_it_stands() -> None:
    image = Image(name="cat.png", width=640, height=480)
    message = Message("user", (Text("What is"), image, Text("this?")), number=0)
    found = chat_format(MODELS[1]).render(Request((message,)), ChatOptions(thinking=False))
    assert found is not None
    shown = [getattr(piece, "text", getattr(piece, "item", "")) for piece in found.pieces]
    assert shown[2:7] == ["What is", "\n\n", image, "\n\n", "this?"]


def test_images_count_as_in_the_reference() -> None:
    recipe = pytest.importorskip("deepseek_recipe", reason="the reference is not installed")
    from tests.messages.chat.deepseek.recipe import encode

    sizes = [(640, 480), (1920, 1080), (1, 1)]
    images = [Image(name=f"{w} x {h}", width=w, height=h) for w, h in sizes]
    contents: tuple[Content, ...] = (Text("Compare"), *images[:2], Text("with <｜image｜>"))
    messages = (
        Message("user", contents, number=0),
        Message("assistant", (ToolCall("f", "{}", "1"),), number=1),
        Message("tool", (ToolResult((Text("seen"), images[2]), id="1"),), number=2),
    )
    source = recipe.BytesImageSource(b"")
    text = "Compare\n\n<｜image｜>\n\n<｜image｜>\n\nwith <｜image｜>"
    conversation = recipe.Conversation(
        [
            recipe.UserMessage(text, [source, source]),
            recipe.AssistantMessage("", None, [recipe.ToolCall("1", "f", "{}")]),
            recipe.ToolMessage("seen\n\n<｜image｜>", "1", [source]),
        ],
        thinking_mode=False,
    )
    data = recipe.MultiModalData([recipe.ImageInfo(b"", *size) for size in sizes])
    expected = encode(conversation, "v4.1").tokens
    assert expected is not None
    assert count(MODELS[1], *messages, thinking=False) == expected + data.image_token_adjustment()


@pytest.mark.parametrize(
    "content, reason",
    [
        (Image(name="cat.png", width=1, height=1), "messages[0] has an image (cat.png), but"),
        (Audio(seconds=1), "messages[0] has audio, but DeepSeek V4 does not take it"),
        (Text("no", "refusal"), "messages[0], of the role 'user', has a refusal"),
        (ToolCall("f", "{}", "1"), "messages[0], of the role 'user', has a tool call"),
    ],
)
def test_contents_that_are_not_taken(content: Any, reason: str) -> None:
    with pytest.raises(UsageError) as error:
        rendered(MODELS[0], Message("user", (content,), number=0))
    assert reason in error.value.message


def test_images_that_are_not_taken() -> None:
    for role in ("assistant", "latest_reminder"):
        with pytest.raises(UsageError, match=f"takes none in messages of {role}"):
            rendered(MODELS[1], Message(role, (Image(width=1, height=1),), number=0))


def test_a_reminder_that_is_not_shown_is_a_note() -> None:
    reminders = (said("latest_reminder", "first"), said("latest_reminder", "second", 1))
    found = chat_format(MODELS[1]).render(Request(reminders), ChatOptions(thinking=True))
    assert found is not None
    note = "of reminders that follow each other, the model is shown the first one"
    assert found.notes == (note,)


CALL = Message("assistant", (ToolCall("f", "{}", "1"), ToolCall("g", "{}", "2")), number=0)


def result(id_: str, number: int) -> Message:
    return Message("tool", (ToolResult((Text("yes"),), id=id_),), number=number)


@pytest.mark.parametrize(
    "messages, reason",
    [
        ((), "the conversation has no message"),
        ((said("developer", "a"),), "messages[0] has the role 'developer', which DeepSeek V4 has"),
        ((said("function", "a"),), "messages[0] has the role 'function'"),
        ((result("1", 0),), "messages[0] is the result of a tool, but answers no call"),
        ((CALL,), "messages[0] calls the tool 'f', but no result of it follows"),
        ((CALL, result("1", 1), said("user", "a", 2)), "messages[0] calls the tool 'g', but no"),
        ((CALL, result("1", 1), result("1", 2)), "messages[2] answers '1', which is no open call"),
        ((CALL, result("3", 1), result("1", 2)), "messages[1] answers '3'"),
        ((Message("assistant", (), number=0),), "messages[0] has neither a content nor a tool"),
        ((said("assistant", "a", prefix=True), HELLO), "messages[0] has a prefix"),
    ],
)
def test_conversations_that_are_refused(messages: tuple[Message, ...], reason: str) -> None:
    with pytest.raises(UsageError) as error:
        rendered(MODELS[0], *messages)
    assert reason in error.value.message


def test_tools_that_are_refused() -> None:
    for function, reason in (
        (WEATHER | {"name": ""}, "tools[0] has the name ''"),
        (WEATHER | {"name": "get weather"}, "tools[0] has the name 'get weather'"),
        (
            WEATHER | {"parameters": {"a": float("nan")}},
            "the tool 'get_weather' has the number nan, which is no JSON",
        ),
        (WEATHER | {"parameters": {"a": 10**5000}}, "the tool 'get_weather' has an integer of"),
        (WEATHER | {"parameters": {"a": {1, 2}}}, "the tool 'get_weather' has a set"),
    ):
        with pytest.raises(UsageError) as error:
            count(MODELS[0], tools=(tool(function),))
        assert reason in error.value.message
    with pytest.raises(UsageError, match="two tools have the name 'get_weather'"):
        count(MODELS[0], tools=(tool(WEATHER), tool(WEATHER)))
    named = {"type": "function", "function": {"name": "get_whether"}}
    with pytest.raises(UsageError, match="did you mean get_weather"):
        count(MODELS[0], tools=(tool(WEATHER),), choice=named)


def test_options_that_are_refused() -> None:
    for options, reason in (
        ({"effort": "most"}, "unknown effort 'most'"),
        ({"version": "1"}, "unknown version '1' of the encoder of DeepSeek V4"),
        ({"template": {"a": 1}}, "take no values for a template"),
    ):
        with pytest.raises(UsageError) as error:
            count(MODELS[0], **options)
        assert reason in error.value.message
    for form, reason in (
        ({"type": "xml"}, "unknown response format 'xml'"),
        ({"type": "json_schema"}, "the response format has no schema"),
    ):
        with pytest.raises(UsageError) as error:
            count(MODELS[0], form=form)
        assert reason in error.value.message


def test_what_is_nested_deeply() -> None:
    parameters: dict[str, Any] = {}
    for _ in range(100_000):
        parameters = {"a": parameters}
    with pytest.raises(UsageError, match="the tool 'get_weather' is nested too deeply"):
        count(MODELS[0], tools=(tool(WEATHER | {"parameters": parameters}),))
    text = '{"a":' * 100_000 + "1" + "}" * 100_000
    messages = (
        Message("assistant", (ToolCall("f", text, "1"),), number=0),
        result("1", 1),
    )
    assert f'name="arguments" string="true">{text}<' in rendered(MODELS[0], *messages)


def test_notes_say_what_was_assumed() -> None:
    found = chat_format(MODELS[0]).render(Request((HELLO,)), ChatOptions())
    assert found is not None
    assert found.notes == ("thinking is on, which is the model's default",)
    thought = Message("assistant", (Text("Hm.", "thinking"), Text("Hi")), number=0)
    found = chat_format(MODELS[0]).render(
        Request((thought, HELLO), response_format={"type": "json_object"}),
        ChatOptions(thinking=True),
    )
    assert found is not None
    assert [note.split(" ")[0] for note in found.notes] == ["DeepSeek's", "what"]
