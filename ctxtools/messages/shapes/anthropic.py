"""Anthropic's messages: https://docs.anthropic.com/en/api/messages."""

from collections.abc import Iterator, Sequence
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import MediaKind
from ctxtools.messages.request import Content, Message, Text, ToolCall, ToolResult
from ctxtools.messages.shapes.content import (
    PartReader,
    Readers,
    as_json,
    measures,
    named,
    named_call,
    only_results,
    read_parts,
    read_role,
    text,
)
from ctxtools.messages.shapes.sources import Sources, decode_text, is_text
from ctxtools.messages.shapes.unsent import ANTHROPIC_MESSAGE, FORM
from ctxtools.messages.shapes.values import Fields, refuse_type

ROLES = ("user", "assistant", "system")


def read_messages(messages: Sequence[Any], path: str, sources: Sources) -> list[Message]:
    """Anthropic's messages.

    Raises:
        UsageError: one is malformed, or holds what is not counted.
    """
    found = []
    for number, value in enumerate(messages):
        message = Fields(value, f"{path}[{number}]", "a message")
        role = read_role(message, ROLES)
        content = message.take("content")
        if content is None:
            raise UsageError(
                f"{message.path} has no content", hint="give a text, or a list of blocks"
            )
        blocks = read_parts(content, f"{message.path}.content", BLOCKS, sources, "a block")
        found.append(Message(role, tuple(blocks), None, number))
        message.close(ANTHROPIC_MESSAGE)
    return found


def from_source(kind: MediaKind) -> PartReader:
    """The reader of a medium by its "source"."""

    def read(part: Fields, sources: Sources) -> Iterator[Content]:
        beside = measures(part, kind)
        source = part.inner("source")
        beside = measures(source, kind) or beside
        form = source.take("type")
        if form == "base64":
            data, mime = source.take("data"), source.optional("media_type") or ""
            source.close(FORM)
            if kind == "document" and is_text(mime):
                yield Text(decode_text(data, part.path))
            elif beside is not None:
                yield sources.read(kind, None, part.path, measures=beside)
            else:
                yield sources.base64(kind, data, part.path)
        elif form in ("url", "file"):
            address = source.text("url" if form == "url" else "file_id")
            source.close(FORM)
            yield sources.read(kind, address, part.path, measures=beside)
        else:
            raise refuse_type(source.path, form, "a source", ("base64", "url", "file"))

    return read


def _document(part: Fields, sources: Sources) -> Iterator[Content]:
    yield from named(part, "title", "context")
    source = part.peek("source")
    form = source.get("type") if isinstance(source, dict) else None
    if form == "text":
        inner = part.inner("source")
        yield Text(inner.text("data"))
        inner.close(FORM)
    elif form == "content":
        inner = part.inner("source")
        blocks = {"text": text, "image": BLOCKS["image"]}
        yield from read_parts(inner.take("content"), f"{inner.path}.content", blocks, sources)
        inner.close(FORM)
    else:
        yield from from_source("document")(part, sources)


def _tool_use(part: Fields, sources: Sources) -> Iterator[Content]:
    id = part.text("id", default="")
    server = part.text("server_name", default="")
    call = named_call(part, id)
    yield ToolCall(f"{server}.{call.name}", call.arguments, id) if server else call


def _tool_result(part: Fields, sources: Sources) -> Iterator[Content]:
    blocks = {
        kind: BLOCKS[kind]
        for kind in ("text", "image", "document", "search_result", "tool_reference")
    }
    found = read_parts(part.take("content"), f"{part.path}.content", blocks, sources, "a block")
    result = only_results(found, part.path)
    yield ToolResult(
        result, part.text("tool_use_id", default=""), is_error=part.take("is_error") is True
    )


def _server_result(part: Fields, sources: Sources) -> Iterator[Content]:
    """What a tool of the provider returned: as JSON, for what the model reads of it is not said."""
    id = part.text("tool_use_id", default="")
    yield ToolResult((Text(as_json(part, "content")),), id)


def _thinking(part: Fields, sources: Sources) -> Iterator[Content]:
    yield Text(part.text("thinking"), "thinking", part.text("signature", default=""))


def _redacted(part: Fields, sources: Sources) -> Iterator[Content]:
    yield Text("", "thinking", part.text("data"))


def _search_result(part: Fields, sources: Sources) -> Iterator[Content]:
    yield from named(part, "source", "title")
    yield from read_parts(part.take("content"), f"{part.path}.content", {"text": text}, sources)


def _compaction(part: Fields, sources: Sources) -> Iterator[Content]:
    if summary := part.text("content", default=""):
        yield Text(summary)


def _reference(part: Fields, sources: Sources) -> Iterator[Content]:
    yield Text(part.text("tool_name"))


BLOCKS: Readers = {
    "text": text,
    "image": from_source("image"),
    "document": _document,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "search_result": _search_result,
    "compaction": _compaction,
    "tool_reference": _reference,
    **dict.fromkeys(("server_tool_use", "mcp_tool_use"), _tool_use),
    "mcp_tool_result": _tool_result,
    **dict.fromkeys(
        (
            "web_search_tool_result",
            "web_fetch_tool_result",
            "code_execution_tool_result",
            "bash_code_execution_tool_result",
            "text_editor_code_execution_tool_result",
            "tool_search_tool_result",
        ),
        _server_result,
    ),
}
