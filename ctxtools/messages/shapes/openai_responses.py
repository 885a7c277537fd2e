"""The items of OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Media
from ctxtools.messages.request import Content, Message, Text, ToolCall, ToolResult
from ctxtools.messages.shapes.content import (
    Readers,
    as_json,
    named_call,
    only_results,
    read_parts,
    read_role,
    refusal,
    text,
)
from ctxtools.messages.shapes.openai_chat import PARTS as CHAT_PARTS
from ctxtools.messages.shapes.openai_chat import read_file
from ctxtools.messages.shapes.sources import Sources
from ctxtools.messages.shapes.unsent import OPENAI_MESSAGE
from ctxtools.messages.shapes.values import Fields, json_text, refuse_type

# Calls of tools of OpenAI's own.
_CALLS = (
    *("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"),
    *("computer_call", "local_shell_call", "shell_call", "apply_patch_call", "mcp_call"),
)
ROLES = ("system", "developer", "user", "assistant")


def read_messages(items: Sequence[Any], path: str, sources: Sources) -> list[Message]:
    """Each item as a message: calls and reasoning are the assistant's, results the tool's.

    Raises:
        UsageError: an item is malformed, or of a type that is not counted.
    """
    found = []
    for number, value in enumerate(items):
        item = Fields(value, f"{path}[{number}]", "an item")
        kind = item.take("type") or "message"
        reader = ITEMS.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise refuse_type(item.path, kind, "an item", ITEMS)
        role, content = reader(item, sources)
        item.close(OPENAI_MESSAGE)
        found.append(Message(role, content, None, number))
    return found


_Read = tuple[str, tuple[Content, ...]]


def _message(item: Fields, sources: Sources) -> _Read:
    role = read_role(item, ROLES)
    content = item.take("content")
    return role, tuple(read_parts(content, f"{item.path}.content", PARTS, sources))


def _call(item: Fields, sources: Sources) -> _Read:
    return "assistant", (named_call(item, item.text("call_id", default="")),)


def _result(item: Fields, sources: Sources) -> _Read:
    output = read_parts(item.take("output"), f"{item.path}.output", PARTS, sources)
    call = item.text("call_id", default="")
    return "tool", (ToolResult(only_results(output, item.path), call),)


def _reasoning(item: Fields, sources: Sources) -> _Read:
    """The summary is for people; the model gets back what is encrypted, or the content."""
    parts = {"summary_text": text, "reasoning_text": text, "text": text}
    opaque = item.text("encrypted_content", default="")
    found: list[Content] = []
    for key in ("content", "summary"):
        texts = read_parts(item.take(key), f"{item.path}.{key}", parts, sources)
        if whole := "\n".join(each.text for each in texts if isinstance(each, Text)):
            found.append(Text(whole, "thinking", opaque, summary=key == "summary"))
            opaque = ""
    return "assistant", tuple(found) or (Text("", "thinking", opaque),)


def _compaction(item: Fields, sources: Sources) -> _Read:
    return "assistant", (Text("", "thinking", item.text("encrypted_content")),)


def _provider_call(kind: str) -> Callable[[Fields, Sources], _Read]:
    """A call of a tool of OpenAI's: as JSON, for what the model reads of it is not said."""

    def read(item: Fields, sources: Sources) -> _Read:
        pictures: list[Content] = []
        if kind == "image_generation_call" and (data := item.take("result")) is not None:
            pictures.append(sources.base64("image", data, f"{item.path}.result"))
        call = item.text("call_id", default="")
        rest = item.rest(OPENAI_MESSAGE)
        json_text(rest, item.path)
        return "assistant", (ToolCall(kind, rest, call), *pictures)

    return read


def _provider_result(item: Fields, sources: Sources) -> _Read:
    """What a tool of OpenAI's returned: as it is if it is a text or a screenshot, or else as JSON.

    That the user acknowledged its warnings, or allowed a call, is a result, too.
    """
    found: list[Text | Media] = []
    output = item.peek("output")
    if isinstance(output, Mapping) and output.get("type") == "computer_screenshot":
        image = item.inner("output")
        found += only_results(_image(image, sources), item.path)
        image.close(OPENAI_MESSAGE)
    elif output is not None:
        item.take("output")
        found.append(Text(output if isinstance(output, str) else json_text(output, item.path)))
    call = item.text("call_id", "approval_request_id", default="")
    if rest := as_json(item, "acknowledged_safety_checks", "approve", "reason"):
        found.append(Text(rest))
    return "tool", (ToolResult(tuple(found), call),)


def _reference(item: Fields, sources: Sources) -> _Read:
    raise UsageError(
        f"{item.path}: an item that only OpenAI has, by its id, is not counted",
        hint="pass the item itself",
    )


def _file(part: Fields, sources: Sources) -> Iterator[Content]:
    yield from read_file(part, sources)


def _image(part: Fields, sources: Sources) -> Iterator[Content]:
    if part.peek("image_url") is None and isinstance(part.peek("file_id"), str):
        detail = part.optional("detail")
        yield sources.read("image", part.take("file_id"), part.path, detail=detail)
    else:
        yield from CHAT_PARTS["image_url"](part, sources)


PARTS: Readers = {
    **CHAT_PARTS,
    "input_text": text,
    "output_text": text,
    "summary_text": text,
    "reasoning_text": text,
    "refusal": refusal,
    "input_image": _image,
    "input_file": _file,
}

ITEMS: Mapping[str, Callable[[Fields, Sources], _Read]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _result,
    "custom_tool_call": _call,
    "custom_tool_call_output": _result,
    "reasoning": _reasoning,
    "compaction": _compaction,
    "item_reference": _reference,
    **{kind: _provider_call(kind) for kind in (*_CALLS, "mcp_list_tools", "mcp_approval_request")},
    **dict.fromkeys((f"{kind}_output" for kind in _CALLS), _provider_result),
    "mcp_approval_response": _provider_result,
}
