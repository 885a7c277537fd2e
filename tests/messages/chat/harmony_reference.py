"""The reference for harmony: OpenAI's ``openai-harmony``, with the packaged vocabulary."""

import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxtools.encodings.files.specs import SPECS
from ctxtools.messages.request import Message, Request, Text, ToolCall, ToolResult

harmony = pytest.importorskip("openai_harmony", reason="OpenAI's encoder is the reference")


def load_reference(folder: Path) -> Any:
    """The reference encoder, which reads its ranks from a folder instead of downloading them."""
    ranks = SPECS["o200k_base"].ranks()
    lines = (b"%s %d\n" % (b64encode(token), rank) for token, rank in ranks.items())
    (folder / "o200k_base.tiktoken").write_bytes(b"".join(lines))
    os.environ["TIKTOKEN_ENCODINGS_BASE"] = str(folder)
    try:
        return harmony.load_harmony_encoding(harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
    finally:
        del os.environ["TIKTOKEN_ENCODINGS_BASE"]


def reference_ids(encoder: Any, request: Request, *, date: str | None, effort: str) -> list[int]:
    """The ids of a request, by OpenAI's encoder."""
    conversation = harmony.Conversation.from_messages([*_messages(request, date, effort)])
    return list(encoder.render_conversation_for_completion(conversation, harmony.Role.ASSISTANT))


def _messages(request: Request, date: str | None, effort: str) -> Iterator[Any]:
    system = harmony.SystemContent(
        conversation_start_date=date, reasoning_effort=effort.capitalize()
    )
    yield harmony.Message.from_role_and_content(harmony.Role.SYSTEM, system)
    messages = list(request.messages)
    text = ""
    if messages and messages[0].role in ("system", "developer"):
        text = "\n".join(each.text for each in messages.pop(0).content if isinstance(each, Text))
    if text or request.tools:
        yield _developer(text, request)
    names: dict[str, str] = {}
    for message in messages:
        yield from _of_message(message, names)


def _developer(text: str, request: Request | None) -> Any:
    content = harmony.DeveloperContent(instructions=text or None)
    if request and request.tools:
        content.with_function_tools(
            harmony.ToolDescription.new(tool.name, tool.description or "", tool.parameters)
            for tool in request.tools
        )
    return harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, content)


def _of_message(message: Message, names: dict[str, str]) -> Iterator[Any]:
    if message.role in ("system", "developer"):
        texts = [each.text for each in message.content if isinstance(each, Text)]
        if any(texts):
            yield _developer("\n".join(texts), None)
        return
    if message.role == "user":
        author = harmony.Author(role=harmony.Role.USER, name=message.name)
        yield _with_texts(author, message.content)
    elif message.role == "tool":
        for each in message.content:
            assert isinstance(each, ToolResult)
            author = harmony.Author.new(harmony.Role.TOOL, f"functions.{names[each.id]}")
            result = _with_texts(author, each.content)
            yield result.with_recipient("assistant").with_channel("commentary")
    else:
        yield from _of_assistant(message, names)


def _of_assistant(message: Message, names: dict[str, str]) -> Iterator[Any]:
    author = harmony.Author(role=harmony.Role.ASSISTANT, name=message.name)
    filled = [each for each in message.content if isinstance(each, Text) and each.text]
    texts = [each for each in filled if each.kind != "thinking"]
    calls = [each for each in message.content if isinstance(each, ToolCall)]
    if thoughts := [each for each in filled if each.kind == "thinking"]:
        yield _with_texts(author, thoughts).with_channel("analysis")
    if texts or not (calls or thoughts):
        yield _with_texts(author, texts).with_channel("commentary" if calls else "final")
    for call in calls:
        names[call.id] = call.name
        written = harmony.Message.from_author_and_content(author, call.arguments_text())
        written = written.with_recipient(f"functions.{call.name}").with_channel("commentary")
        yield written.with_content_type("<|constrain|>json")


def _with_texts(author: Any, contents: Any) -> Any:
    message = harmony.Message(author=author, content=[])
    for each in contents:
        message.adding_content(each.text)
    return message
