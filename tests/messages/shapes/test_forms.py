"""One thing in the many forms in which it is passed: all are read alike."""

from dataclasses import dataclass
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.messages.request import Request, Text, ToolCall, ToolResult
from ctxtools.messages.shapes.detect import read_request
from ctxtools.messages.shapes.sources import Sources
from tests.messages.shapes.samples import FUNCTION, PNG_BASE64, SCHEMA


def kind(value: Any) -> str:
    """A name for a test that is the same in every process."""
    return type(value).__name__


def read(messages: Any, **given: Any) -> Request:
    return read_request(messages, sources=Sources(), **given)[0]


def roles(messages: Any) -> list[tuple[str, list[Any]]]:
    return [(message.role, [*message.content]) for message in read(messages).messages]


class Dumped:
    """An object of an SDK, as pydantic makes them."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]:
        return {key: each for key, each in self.fields.items() if each is not None}


class Plain:
    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


@dataclass
class Record:
    role: str
    content: str


class Prompt:
    """LangChain's ChatPromptValue."""

    def to_messages(self) -> list[Any]:
        return [Plain(type="system", content="Be brief."), Plain(type="human", content="Hi")]


BRIEF = [("system", [Text("Be brief.")]), ("user", [Text("Hi")])]


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        [("system", "Be brief."), ("human", "Hi")],
        [["system", "Be brief."], ["user", "Hi"]],
        [Plain(type="system", content="Be brief."), Plain(type="human", content="Hi")],
        [Dumped(type="system", content="Be brief.", id=None), Dumped(role="user", content="Hi")],
        [Record("system", "Be brief."), Record("user", "Hi")],
        [{"type": "system", "data": {"content": "Be brief."}}, ("user", "Hi")],
        [{"lc": 1, "type": "constructor", "id": ["langchain", "schema", "SystemMessage"],
          "kwargs": {"content": "Be brief.", "type": "system"}}, ("user", "Hi")],
        [{"from": "system", "value": "Be brief."}, {"from": "human", "value": "Hi"}],
        {"conversations": [{"from": "system", "value": "Be brief."},
                           {"from": "human", "value": "Hi"}]},
        Prompt(),
        iter([("system", "Be brief."), ("human", "Hi")]),
        {"system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]},
        {"instructions": "Be brief.", "input": "Hi"},
        {"system_instruction": {"parts": [{"text": "Be brief."}]}, "contents": "Hi"},
        {"config": {"system_instruction": "Be brief."}, "contents": [{"parts": [{"text": "Hi"}]}]},
        {"custom_id": "1", "body": {"instructions": "Be brief.", "input": "Hi"}},
        {"params": {"system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]}},
    ],
)  # fmt: skip
def test_messages(messages: Any) -> None:
    assert roles(messages) == BRIEF


@pytest.mark.parametrize(
    ("messages", "shape"),
    [
        ([{"role": "user", "content": "x"}], "openai"),
        ([{"role": "user", "content": [{"type": "input_text", "text": "x"}]}], "responses"),
        ([{"type": "function_call_output", "call_id": "c", "output": "x"}], "responses"),
        ([{"role": "user", "content": [{"type": "tool_result", "content": "x"}]}], "anthropic"),
        ([{"role": "user", "parts": [{"text": "x"}]}], "gemini"),
        ([("user", "x")], "openai"),
        ([{"role": "tool", "content": [{"type": "tool_result", "content": "x"}]}], None),
    ],
    ids=kind,
)
def test_the_interface_is_found(messages: Any, shape: str | None) -> None:
    if shape is None:
        with pytest.raises(ctx.UsageError, match="cannot return a result"):
            read(messages)
    else:
        assert read(messages).shape == shape


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function", "function": FUNCTION},
        {"type": "function", "function": {**FUNCTION, "strict": True}},
        {"type": "function", **FUNCTION},
        FUNCTION,
        {"name": "search", "description": "Finds documents.", "input_schema": SCHEMA},
        {"type": "custom", "name": "search", "description": "Finds documents.",
         "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}},
        {"functionDeclarations": [FUNCTION]},
        {"function_declarations": [
            {"name": "search", "description": "Finds documents.",
             "parametersJsonSchema": SCHEMA}]},
        Plain(name="search", description="Finds documents.", args_schema=SCHEMA),
        Dumped(type="function", function=FUNCTION),
    ],
)  # fmt: skip
def test_tools(tool: Any) -> None:
    (found,) = read([("user", "x")], tools=[tool]).tools
    assert (found.name, found.description, found.parameters) == tuple(FUNCTION.values())
    assert found.raw["type"] == "function" and found.raw["function"]["name"] == "search"


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("auto", "auto"),
        ("any", "required"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        ({"functionCallingConfig": {"mode": "ANY"}}, "required"),
        ({"functionCallingConfig": {"mode": "NONE"}}, "none"),
        *(
            (choice, {"type": "function", "function": {"name": "search"}})
            for choice in (
                {"type": "function", "function": {"name": "search"}},
                {"type": "function", "name": "search"},
                {"type": "tool", "name": "search"},
                {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["search"]}},
            )
        ),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"name": "search"}]}, "auto"),
    ],
    ids=kind,
)
def test_choices_of_a_tool(choice: Any, found: Any) -> None:
    assert read([("user", "x")], tools=[FUNCTION], tool_choice=choice).tool_choice == found


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(ctx.UsageError, match="which is none of the tools"):
        read([("user", "x")], tools=[FUNCTION], tool_choice={"type": "tool", "name": "other"})


@pytest.mark.parametrize(
    "body",
    [
        {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
        {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
        {"format": SCHEMA},
        {"generationConfig": {"responseSchema": SCHEMA, "responseMimeType": "application/json"}},
    ],
    ids=kind,
)
def test_response_formats(body: Any) -> None:
    found = read({"messages": [{"role": "user", "content": "x"}], **body}).response_format
    assert found and found["type"] == "json_schema"
    assert found["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(
    "call",
    [
        {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
        {"tool_calls": [{"id": "c", "name": "f", "args": {}, "type": "tool_call"}]},
        {"tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "f", "input": "{}"}}]},
        {"function_call": {"id": "c", "name": "f", "arguments": "{}"}},
        {"content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
    ],
    ids=kind,
)
def test_calls(call: Any) -> None:
    ((found,),) = (m.content for m in read([{"role": "assistant", **call}]).messages)
    assert isinstance(found, ToolCall)
    assert (found.name, found.arguments_text(), found.id) == ("f", "{}", "c")


def test_a_call_that_is_there_twice_is_one_call() -> None:
    """LangChain's messages have a call in its own form and in the provider's."""
    call = {"name": "f", "args": {"a": 1}, "id": "c"}
    message = {
        "type": "ai",
        "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}],
        "tool_calls": [call],
        "additional_kwargs": {
            "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": '{"a": 1}'}}]
        },
    }
    assert [*read([message]).messages[0].content] == [ToolCall("f", {"a": 1}, "c")]


def test_thinking_that_is_there_twice_is_thought_once() -> None:
    message = {"role": "assistant", "content": "x", "reasoning": "t", "reasoning_content": "t"}
    message["reasoning_details"] = [{"type": "reasoning.text", "text": "t"}]  # type: ignore[assignment]
    assert [*read([message]).messages[0].content] == [Text("t", "thinking"), Text("x")]


def test_results() -> None:
    (message,) = read([{"role": "tool", "tool_call_id": "c", "content": "r"}]).messages
    assert message.content == (ToolResult((Text("r"),), "c"),)
    block = {"type": "tool_result", "tool_use_id": "c", "content": "r", "is_error": True}
    (message,) = read([{"role": "user", "content": [block]}]).messages
    assert message.content == (ToolResult((Text("r"),), "c", is_error=True),)


class Picture:
    """As Pillow's."""

    size = (640, 480)


class Pixels:
    """As arrays of NumPy and PyTorch."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape


@pytest.mark.parametrize(
    "image",
    [
        {"type": "image", "image": Picture()},
        {"type": "image", "image": Pixels(480, 640, 3)},
        {"type": "image", "image": Pixels(3, 480, 640)},
        {"type": "image", "image": Pixels(480, 640)},
        {"type": "image_url", "image_url": {"url": "https://e.org/x", "width": 640, "height": 480}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG_BASE64}"}},
        {"type": "image", "base64": PNG_BASE64, "mime_type": "image/png"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                     "data": PNG_BASE64}},
    ],
)  # fmt: skip
def test_images(image: Any) -> None:
    counted = ctx.count_messages(
        [{"role": "user", "content": [image]}], model="qwen3-vl-8b", chat_format="generic"
    )
    (tokens,) = (part.tokens for part in counted.parts if part.kind == "image")
    assert tokens == 300 + 2  # and the tokens around it


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"https://e.org/x": (0, 480)}, "cannot be the measures of an image"),
        ({"https://e.org/x": (640.5, 480)}, "cannot be the measures of an image"),
        ({"https://e.org/x": 640}, "cannot be the measures of an image"),
        ({"https://e.org/x": None}, "cannot be the measures of an image"),
        ({"https://e.org/y": (640, 480)}, "at an address is not fetched"),
        ([("https://e.org/x", (640, 480))], "media_sizes must be a mapping"),
    ],
    ids=kind,
)
def test_sizes_that_cannot_be_used(sizes: Any, message: str) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://e.org/x"}}
    with pytest.raises(ctx.UsageError, match=message) as caught:
        ctx.count_messages(
            [{"role": "user", "content": [image]}], model="gpt-4o", media_sizes=sizes
        )
    assert caught.value.hint


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"content": "x"}, r"messages\[0\] has no role"),
        ({"role": "narrator", "content": "x"}, r"messages\[0\]: unknown role 'narrator'"),
        ({"role": "user", "content": 5}, r"messages\[0\].content must be a str or a list, got int"),
        ({"role": "user", "content": [5]}, r"content\[0\] must be a str or a mapping, got int"),
        ({"role": "user", "content": [{"type": "txt"}]}, r"content\[0\]: a part of type 'txt'"),
        ({"role": "user", "content": [{"type": "text"}]}, r"content\[0\] has no 'text'"),
        ({"role": "user", "content": [{"x": "y"}]}, r"content\[0\] has no type"),
        ({"role": "user", "content": "x", "extra": "y"}, r"messages\[0\].extra is not counted"),
        ({"role": "assistant", "tool_calls": [{"id": "c"}]}, "a call without the name of a tool"),
        ({"role": "assistant", "tool_calls": "f"}, "tool_calls must be a list"),
        ({"role": "user", "parts": [{}]}, r"parts\[0\] holds nothing that is counted"),
        ({"role": "user", "parts": [{"text": "a", "function_call": {}}]}, "text and function_call"),
        ("hello", r"messages\[0\] must be a message, got str"),
    ],
    ids=kind,
)
def test_malformed_messages(message: Any, error: str) -> None:
    with pytest.raises(ctx.UsageError, match=error) as caught:
        read([message])
    assert caught.value.hint


@pytest.mark.parametrize(
    "part",
    [
        {"type": "file", "file": {"file_data": "data:text/plain;base64,T2YgdGlkZXMu"}},
        {"type": "file", "base64": "T2YgdGlkZXMu", "mime_type": "text/plain"},
        {"type": "text-plain", "text": "Of tides.", "mime_type": "text/plain"},
        {"type": "document", "source": {"type": "base64", "media_type": "text/plain",
                                        "data": "T2YgdGlkZXMu"}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain",
                                        "data": "Of tides."}},
    ],
)  # fmt: skip
def test_text_that_is_sent_as_a_file_is_text(part: Any) -> None:
    messages = [("human", [part])]
    if part["type"] == "document":
        messages = [{"role": "user", "content": [part]}]  # type: ignore[list-item]
    assert [*read(messages).messages[0].content] == [Text("Of tides.")]


def test_what_is_no_image_says_where_it_stands(tmp_path: Any) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    for source, error in (("a.png", ctx.FormatError), ("b.png", ctx.ReadError)):
        image = {"type": "image", "path": source}
        with pytest.raises(error, match=r"messages\[0\].content\[0\]"):
            ctx.count_messages(
                [{"role": "user", "content": [image]}], model="gpt-4o", files=tmp_path
            )


def test_an_item_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(ctx.UsageError, match=r"input\[0\]: an item of type 'hologram_call'"):
        read({"input": [{"type": "hologram_call", "action": {}}]})
    with pytest.raises(ctx.UsageError, match="only OpenAI has"):
        read([{"type": "item_reference", "id": "rs_1"}])
