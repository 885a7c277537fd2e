"""OpenAI's chat messages, with what servers of open models and clients add to them.

https://platform.openai.com/docs/api-reference/chat/create; vLLM, SGLang, Ollama, OpenRouter and
Transformers take more kinds of parts. Anthropic's blocks are read here too: clients mix them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import MediaKind
from ctxtools.messages.request import Content, Message, Text, ToolCall, ToolResult
from ctxtools.messages.shapes import anthropic
from ctxtools.messages.shapes.content import (
    PartReader,
    Readers,
    measures,
    named,
    named_call,
    only_results,
    read_parts,
    read_role,
    refusal,
    text,
)
from ctxtools.messages.shapes.sources import Sources, decode_text, is_text, mime_of
from ctxtools.messages.shapes.unsent import CONTENT, FORM, OPENAI_MESSAGE
from ctxtools.messages.shapes.values import Fields, items, kind_of

ROLES = (
    *("system", "developer", "user", "assistant", "tool", "function"),
    # Of open models' templates: Llama's and GLM's results, DeepSeek's reminder, Gemma's answers.
    *("ipython", "observation", "latest_reminder", "model"),
)
_RESULTS = ("tool", "function", "ipython", "observation")
_SAID = ("user", "system", "developer")  # an answer may be empty


def read_messages(messages: Sequence[Any], path: str, sources: Sources) -> list[Message]:
    """OpenAI's messages, each as it is shown to a model.

    Raises:
        UsageError: one is malformed, or holds what is not counted.
    """
    return [read_message(each, f"{path}[{i}]", i, sources) for i, each in enumerate(messages)]


def read_message(value: Any, path: str, number: int, sources: Sources) -> Message:
    """One message; errors are those of `read_messages`."""
    message = Fields(value, path, "a message")
    role = read_role(message, ROLES)
    name = message.optional("name", "tool_name")
    found = [
        *_thinking(message),
        *read_parts(message.take("content"), f"{path}.content", PARTS, sources),
        *_beside(message, sources),
        *read_calls(message),
    ]
    call = message.text("tool_call_id", "call_id", default="")
    message.close(OPENAI_MESSAGE)
    if not found and "content" not in value and role in _SAID:
        raise UsageError(f"{path}: a message without content", hint='give it a "content"')
    if role in _RESULTS:
        inner = only_results(found, path)
        content: tuple[Content, ...] = (ToolResult(inner, call, name or ""),)
        return Message(role, content, name if role == "function" else None, number, value)
    return Message(role, tuple(found), name, number, value)


def _thinking(message: Fields) -> Iterator[Text]:
    """What a model thought, under each of the names that servers give it; said twice, once."""
    given = [message.optional(key) for key in ("reasoning_content", "reasoning", "thinking")]
    found = [*dict.fromkeys(each for each in given if each is not None)]
    yield from (Text(each, "thinking") for each in found)
    details = message.take("reasoning_details", "thinking_blocks")
    if details is None:
        return
    for at, each in items(details, f"{message.path}.reasoning_details"):
        part = Fields(each, at)
        shown = part.text("text", "summary", "thinking", default="")
        opaque = part.text("data", "signature", default="")
        part.close(CONTENT | {"format"})
        if opaque or (shown and shown not in found):
            yield Text("" if shown in found else shown, "thinking", opaque)


def _beside(message: Fields, sources: Sources) -> Iterator[Content]:
    """Contents that stand beside "content"."""
    if refused := message.text("refusal", default=""):
        yield Text(refused, "refusal")
    if message.peek("images") is not None:  # Ollama
        for at, each in items(message.take("images"), f"{message.path}.images"):
            yield sources.base64("image", each, at)
    if message.peek("audio") is None:
        return
    audio = message.inner("audio")  # an answer of before, by its id
    words = audio.text("transcript", default="")
    source = audio.take("data")
    name = audio.text("id", default="")
    audio.close(FORM)
    if words:
        yield Text(words)
    if source is not None:
        yield sources.base64("audio", source, audio.path)
    elif not words:
        yield sources.read("audio", name, audio.path)


def read_calls(message: Fields) -> Iterator[ToolCall]:
    """The calls of a message, by tool_calls or by the legacy function_call.

    Raises:
        UsageError: one has no name.
    """
    calls = message.take("tool_calls")
    if calls is not None and not isinstance(calls, list):
        raise UsageError(
            f"{message.path}.tool_calls must be a list of mappings, got {kind_of(calls)}",
            hint="pass them as the API returned them",
        )
    for at, each in items(calls or [], f"{message.path}.tool_calls"):
        yield read_call(Fields(each, at, "a call of a tool"))
    if message.peek("function_call") is not None:
        yield read_call(message.inner("function_call"))


def read_call(call: Fields) -> ToolCall:
    """One call, in the form of OpenAI or of LangChain."""
    id = call.text("id", "call_id", "tool_call_id", default="")
    for key in ("function", "custom"):
        if isinstance(call.peek(key), Mapping):
            inner = call.inner(key)
            call.close(CONTENT | {"extra_content"})
            return named_call(inner, id)
    return named_call(call, id)


# ------------------------------------------------------------------------------- Parts of a content


def _from_address(kind: MediaKind) -> PartReader:
    def read(part: Fields, sources: Sources) -> Iterator[Content]:
        key = f"{kind}_url"
        beside = measures(part, kind)
        detail = part.optional("detail")
        source = part.take(key)
        if isinstance(source, Mapping):
            inner = Fields(source, f"{part.path}.{key}")
            source = inner.take("url")
            detail = inner.optional("detail") or detail
            beside = measures(inner, kind) or beside
            inner.close(FORM)
        detail = detail if kind == "image" else None
        yield sources.read(kind, _given(source, part), part.path, detail=detail, measures=beside)

    return read


def _in_place(kind: MediaKind) -> PartReader:
    """The parts of Transformers: the medium itself, its address, its path or its base64."""

    def read(part: Fields, sources: Sources) -> Iterator[Content]:
        if part.peek("source") is not None:
            yield from anthropic.from_source(kind)(part, sources)
            return
        beside = measures(part, kind)
        detail = part.optional("detail")
        data = part.take("base64", "data")
        source = part.take(kind, "url", "path", f"{kind}_url", "file_id", "image_id")
        part.drop(FORM)
        if isinstance(source, Mapping):
            inner = Fields(source, f"{part.path}.{kind}")
            data, source = inner.take("data", "base64", "bytes"), inner.take("url", "path")
            inner.close(FORM)
        if data is not None and not beside:
            yield sources.base64(kind, data, part.path, detail=detail)
        else:
            source = _given(data if source is None else source, part)
            yield sources.read(kind, source, part.path, detail=detail, measures=beside)

    return read


def _given(source: Any, part: Fields) -> Any:
    if source is None:
        raise UsageError(f"{part.path} has no source", hint="give its bytes, base64 or an address")
    return source


def _input_audio(part: Fields, sources: Sources) -> Iterator[Content]:
    audio = part.inner("input_audio")
    yield sources.base64("audio", _given(audio.take("data"), audio), audio.path)
    audio.close(FORM)


def read_file(part: Fields, sources: Sources) -> Iterator[Content]:
    """A file, by its data, its id or its address: in its own mapping, or beside the type."""
    file = part.inner("file") if isinstance(part.peek("file"), Mapping) else part
    yield from named(file, "filename", "file_name")
    data, source = file.take("file_data", "base64", "data"), file.take("file_id", "file_url", "url")
    mime = file.optional("mime_type", "media_type") or ""
    file.drop(FORM | {"detail"})
    if data is not None and is_text(mime_of(data, mime)):
        yield Text(decode_text(data, part.path))
    elif data is not None:
        yield sources.base64("document", data, part.path)
    else:
        yield sources.read("document", _given(source, part), part.path)
    if file is not part:
        file.close()


def _thought(part: Fields, sources: Sources) -> Iterator[Content]:
    """Mistral's, LangChain's and Anthropic's: a text, or parts of text."""
    value = part.take("thinking", "reasoning", "text", "summary")
    opaque = part.text("signature", "encrypted_content", default="")
    part.drop(FORM)
    inner = read_parts(
        value, f"{part.path}.thinking", {"text": text, "summary_text": text}, sources
    )
    texts = [each.text for each in inner if isinstance(each, Text)]
    yield Text("".join(texts), "thinking", opaque)


PARTS: Readers = {
    **anthropic.BLOCKS,
    "text": text,
    "input_text": text,
    "output_text": text,
    "refusal": refusal,
    "thinking": _thought,
    "reasoning": _thought,
    "image_url": _from_address("image"),
    "video_url": _from_address("video"),
    "audio_url": _from_address("audio"),
    "document_url": _from_address("document"),
    "image": _in_place("image"),
    "video": _in_place("video"),
    "audio": _in_place("audio"),
    "input_audio": _input_audio,
    "file": read_file,
}
