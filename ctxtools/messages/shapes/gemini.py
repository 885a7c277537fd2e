"""Gemini's contents: https://ai.google.dev/api/caching#Content; keys in either case."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import inf, nan
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Media, Video
from ctxtools.messages.request import Content, Message, Text, ToolCall, ToolResult
from ctxtools.messages.shapes.content import as_json
from ctxtools.messages.shapes.sources import Sources, decode_text, is_text, kind_of_mime
from ctxtools.messages.shapes.unsent import FORM, GEMINI_CONTENT
from ctxtools.messages.shapes.values import Fields, items, json_text, kind_of

_ROLES = {
    "user": "user",
    "model": "assistant",
    "function": "tool",
    "tool": "tool",
    "system": "system",
}
_PARTS = (
    *("text", "inline_data", "file_data", "function_call", "function_response"),
    *("executable_code", "code_execution_result", "tool_call", "tool_response"),
)


def read_messages(contents: Any, path: str, sources: Sources, detail: str | None) -> list[Message]:
    """Gemini's contents: a text, a part, a content, or a list of these.

    Args:
        contents: as the interface takes them.
        path: for messages.
        sources: what measures media.
        detail: the media resolution of the request.

    Raises:
        UsageError: a part is malformed, or of a type that is not counted.
    """
    if isinstance(contents, str | Mapping):
        contents = [contents]
    if not isinstance(contents, list):
        raise UsageError(f"{path} must be a list, got {kind_of(contents)}", hint="of contents")
    return [
        read_content(each, f"{path}[{i}]", i, sources, detail) for i, each in enumerate(contents)
    ]


def read_content(
    value: Any,
    path: str,
    number: int | None,
    sources: Sources,
    detail: str | None,
    role: str = "user",
) -> Message:
    """One content, or the text or part that stands for it; errors are those of `read_messages`."""
    if isinstance(value, str):
        return Message(role, (Text(value),), None, number)
    content = Fields(value, path, "a content", snake=True)
    if "parts" not in content and any(each in content for each in _PARTS):
        return Message(role, tuple(_part(value, path, sources, detail)), None, number)
    given = content.text("role", default=role)
    if given not in _ROLES:
        raise UsageError(f"{path}: unknown role {given!r:.80}", hint="choose one of user, model")
    parts = content.take("parts")
    if isinstance(parts, str | Mapping):
        parts = [parts]
    found: list[Content] = []
    for at, each in items(parts if parts is not None else [], f"{path}.parts"):
        found += _part(each, at, sources, detail)
    content.close(GEMINI_CONTENT)
    role = _ROLES[given]
    if role == "user" and found and all(isinstance(each, ToolResult) for each in found):
        role = "tool"
    return Message(role, tuple(found), None, number)


def _part(value: Any, path: str, sources: Sources, detail: str | None) -> Iterator[Content]:
    if isinstance(value, str):
        yield Text(value)
        return
    part = Fields(value, path, "a part", snake=True)
    thought = part.take("thought") is True
    opaque = _opaque(part)
    detail = _level(part.take("media_resolution")) or detail
    clip = part.take("video_metadata")
    found = [key for key in _PARTS if part.peek(key) is not None]
    if len(found) != 1:
        raise UsageError(
            f"{path} holds {'nothing that is counted' if not found else ' and '.join(found)}",
            hint=f"a part has one of {', '.join(_PARTS)}",
        )
    if found[0] == "text":
        yield Text(part.text("text"), "thinking" if thought else "text", opaque)
    elif found[0] in ("inline_data", "file_data"):
        yield _clipped(_media(part, found[0], sources, detail), clip, path)
    else:
        if opaque:
            yield Text("", "thinking", opaque)
        yield from _tool(part, found[0], sources, detail)
    part.close(GEMINI_CONTENT)


def _opaque(part: Fields) -> str:
    signature = part.take("thought_signature")
    if isinstance(signature, bytes):
        import base64

        return base64.b64encode(signature).decode()
    return signature if isinstance(signature, str) else ""


def _media(part: Fields, key: str, sources: Sources, detail: str | None) -> Content:
    data = Fields(part.take(key), f"{part.path}.{key}", snake=True)
    mime = data.text("mime_type", default="")
    source = data.take("data" if key == "inline_data" else "file_uri")
    data.close(FORM)
    if is_text(mime):
        if key == "inline_data":
            return Text(decode_text(source, data.path))
        mime = ""
    kind = kind_of_mime(mime)
    if kind is None and isinstance(source, str) and re.search(r"youtu\.?be", source[:40]):
        kind = "video"
    if kind is None:
        raise UsageError(
            f"{data.path}: data of type {mime!r:.80} is not counted",
            hint="give its mime_type: image/…, video/…, audio/… or application/pdf",
        )
    level = detail if kind != "audio" else None
    if key == "file_data":
        return sources.read(kind, source, part.path, detail=level)
    return sources.base64(kind, source, part.path, detail=level)


def _clipped(content: Content, clip: Any, path: str) -> Content:
    """A video of which only a part is sent."""
    if clip is None:
        return content
    metadata = Fields(clip, f"{path}.video_metadata", snake=True)
    start = _seconds(metadata.take("start_offset"), metadata.path) or 0.0
    end = _seconds(metadata.take("end_offset"), metadata.path)
    if (fps := metadata.number("fps")) not in (None, 1, 1.0):
        raise UsageError(
            f"{metadata.path}: {shown(fps, 20)} frames a second are not counted",
            hint="the default is 1",
        )
    metadata.close()
    if not isinstance(content, Video):
        return content
    seconds = min(content.seconds, content.seconds if end is None else end) - start
    return replace(content, seconds=max(seconds, 0.0), frames=None)


def _seconds(value: Any, path: str) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value.removesuffix("s") if isinstance(value, str) else value)
    except (ValueError, TypeError, OverflowError):
        seconds = nan
    if not 0 <= seconds < inf:
        raise UsageError(f"{path}: no offset: {shown(value, 40)}", hint='such as "40s"')
    return seconds


def _tool(part: Fields, key: str, sources: Sources, detail: str | None) -> Iterator[Content]:
    path = f"{part.path}.{key}"
    inner = Fields(part.take(key), path, snake=True)
    if key in ("function_call", "tool_call"):
        name = inner.text("name", "tool_type", default="")
        if not name:
            raise UsageError(f"{path}: a call without the name of a tool", hint="give its name")
        arguments = inner.mapping("args", default={})
        json_text(arguments, f"{path}.args")
        yield ToolCall(name, arguments, inner.text("id", default=""))
    elif key in ("function_response", "tool_response"):
        name = inner.text("name", "tool_type", default="")
        response = inner.json("response")
        found: list[Text | Media] = [] if response is None else [Text(json_text(response, path))]
        for at, each in items(inner.take("parts") or [], f"{path}.parts"):
            more = [*_part(each, at, sources, detail)]
            found += (one for one in more if not isinstance(one, ToolCall | ToolResult))
            if any(isinstance(one, ToolCall | ToolResult) for one in more):
                raise UsageError(
                    f"{at}: a tool cannot return a call", hint="return media and texts"
                )
        yield ToolResult(tuple(found), inner.text("id", default=""), name)
    elif key == "executable_code":
        yield Text(inner.text("code"))
        if language := as_json(inner, "language"):
            yield Text(language)
    else:
        yield Text(inner.text("output", default=""))
        if outcome := as_json(inner, "outcome"):
            yield Text(outcome)
    inner.close({"id", "scheduling"})


def _level(value: Any) -> str | None:
    """A media resolution: "low" of "MEDIA_RESOLUTION_LOW"."""
    if isinstance(value, Mapping):
        resolution = Fields(value, "media_resolution", snake=True)
        value = resolution.optional("level")
        resolution.close()
    if not isinstance(value, str):
        return None
    level = value.lower().removeprefix("media_resolution_")
    return None if level == "unspecified" else level


def media_level(value: Any) -> str | None:
    """The media resolution of a whole request, see `_level`."""
    return _level(value)
