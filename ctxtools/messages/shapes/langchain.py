"""LangChain's messages, as objects or as mappings, and tuples of a role and a text.

LangChain itself is not imported: its messages say what they are by "type". Contents may be in the
form of any provider, or in LangChain's own blocks.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.request import Content, Message, Text, ToolCall, ToolResult
from ctxtools.messages.shapes import openai_chat, openai_responses
from ctxtools.messages.shapes.content import (
    Readers,
    as_json,
    named,
    only_results,
    read_parts,
    read_role,
)
from ctxtools.messages.shapes.sources import Sources
from ctxtools.messages.shapes.unsent import CONTENT, FORM, LANGCHAIN_MESSAGE
from ctxtools.messages.shapes.values import Fields

ROLE_OF = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "developer": "developer",
    "tool": "tool",
    "function": "function",
    "chat": "",
    "user": "user",
    "assistant": "assistant",
}
# Chunks of a stream, and the class names of serialised messages.
_CLASS = {
    "HumanMessage": "human",
    "AIMessage": "ai",
    "SystemMessage": "system",
    "ToolMessage": "tool",
}
_CLASS |= {"FunctionMessage": "function", "ChatMessage": "chat"}


def is_message(value: Any) -> bool:
    """Whether a value is one of LangChain's messages, a tuple, or one of ShareGPT's turns."""
    if isinstance(value, list):
        return len(value) == 2 and isinstance(value[0], str)
    return isinstance(value, Mapping) and (_kind(value) is not None or _is_turn(value))


def _is_turn(value: Mapping[str, Any]) -> bool:
    return "from" in value and "value" in value and "role" not in value


def _kind(value: Mapping[str, Any]) -> str | None:
    kind = value.get("type")
    if not isinstance(kind, str):
        return None
    if kind == "constructor" and isinstance(value.get("id"), list) and value["id"]:
        kind = str(value["id"][-1])
    kind = _CLASS.get(kind.removesuffix("Chunk"), kind)
    if kind in ("human", "ai"):
        return kind
    beside = "content" in value or "data" in value or "kwargs" in value
    return kind if kind in ROLE_OF and beside and ("role" not in value or kind == "chat") else None


def read_messages(messages: Sequence[Any], path: str, sources: Sources) -> list[Message]:
    """LangChain's messages and tuples; messages of OpenAI's may stand among them.

    Raises:
        UsageError: one is malformed, or holds what is not counted.
    """
    return [_read(each, f"{path}[{i}]", i, sources) for i, each in enumerate(messages)]


def _read(value: Any, path: str, number: int, sources: Sources) -> Message:
    if isinstance(value, list):
        if len(value) != 2 or not isinstance(value[0], str) or value[0] not in ROLE_OF:
            raise UsageError(
                f"{path} is no message: a tuple is a role and a text",
                hint=f"the roles are {', '.join(each for each in ROLE_OF if each != 'chat')}",
            )
        value = {"type": value[0], "content": value[1]}
    if isinstance(value, Mapping) and _is_turn(value):
        turn = Fields(value, path)
        value = {"type": _turn_of(turn), "content": turn.text("value")}
        turn.close(CONTENT | {"weight"})
    kind = _kind(value) if isinstance(value, Mapping) else None
    if kind is None:
        return openai_chat.read_message(value, path, number, sources)
    for key in ("data", "kwargs"):
        if isinstance(value.get(key), Mapping):
            outer = Fields(value, path)
            path, value = f"{path}.{key}", outer.take(key)
            outer.close(LANGCHAIN_MESSAGE | {"name", "graph"})  # of the class
            break
    message = Fields(value, path, "a message")
    role = ROLE_OF[kind] or read_role(message, openai_chat.ROLES)
    name = message.optional("name")
    calls = [*openai_chat.read_calls(message), *_invalid(message)]
    content = [*_contents(message, calls, sources), *_additional(message, calls)]
    call = message.text("tool_call_id", default="")
    message.close(LANGCHAIN_MESSAGE)
    if role in ("tool", "function"):
        results = (ToolResult(only_results(content, path), call, name or ""),)
        return Message(role, results, name if role == "function" else None, number)
    return Message(role, (*content, *calls), name, number)


def _turn_of(turn: Fields) -> str:
    """Who speaks in a turn of ShareGPT."""
    speaker = turn.text("from")
    kind = {"gpt": "ai", "chatgpt": "ai", "bot": "ai", "observation": "tool"}.get(speaker, speaker)
    if kind not in ROLE_OF or kind == "chat":
        raise UsageError(
            f"{turn.path}: unknown speaker {speaker!r:.80}",
            hint="choose one of system, human, gpt, tool",
        )
    return kind


def _contents(message: Fields, calls: Sequence[ToolCall], sources: Sources) -> Iterator[Content]:
    """The contents; a call that is among the message's calls too is one call."""
    known = _forms(calls)
    for each in read_parts(message.take("content"), f"{message.path}.content", PARTS, sources):
        if not (isinstance(each, ToolCall) and _form(each) in known):
            yield each


_Form = tuple[str, str, str]  # id, name, arguments


def _forms(calls: Iterable[ToolCall]) -> set[_Form]:
    """The forms in which a message may have its calls a second time.

    A legacy function_call has no id, and a chunk of a stream may have no arguments yet.
    """
    found = {_form(call) for call in calls}
    more = [(("", name, text), (id, name, "")) for id, name, text in found]
    return found.union(*more)


def _form(call: ToolCall) -> _Form:
    given: Any = call.arguments
    with suppress(ValueError, RecursionError):
        given = json.loads(given) if isinstance(given, str) else given
    text = given if isinstance(given, str) else json.dumps(given, sort_keys=True)
    return call.id, call.name, text if given else ""


def _invalid(message: Fields) -> Iterator[ToolCall]:
    """Calls whose arguments are no JSON: they are sent back all the same."""
    for number, each in enumerate(message.list("invalid_tool_calls", default=[])):
        call = Fields(each, f"{message.path}.invalid_tool_calls[{number}]")
        name, arguments = call.text("name", default=""), call.text("args", default="")
        yield ToolCall(
            name, arguments + call.text("error", default=""), call.text("id", default="")
        )
        call.close(CONTENT)


def _additional(message: Fields, calls: list[ToolCall]) -> Iterator[Content]:
    """What a provider's form has that LangChain's has not; calls are there a second time."""
    more = Fields(message.take("additional_kwargs") or {}, f"{message.path}.additional_kwargs")
    found = [*openai_chat.read_calls(more)]
    known = _forms(calls)
    calls += (each for each in found if _form(each) not in known)
    for key in ("reasoning_content", "reasoning"):
        if thought := more.text(key, default="") if not isinstance(more.peek(key), Mapping) else "":
            yield Text(thought, "thinking")
    if refused := more.text("refusal", default=""):
        yield Text(refused, "refusal")
    more.close(LANGCHAIN_MESSAGE | {"parsed"})


# ------------------------------------------------------------------------- LangChain's own blocks


def _call(part: Fields, sources: Sources) -> Iterator[Content]:
    yield openai_chat.read_call(part)


def _plain_text(part: Fields, sources: Sources) -> Iterator[Content]:
    yield from named(part, "title", "context")
    part.drop(FORM)
    yield Text(part.text("text"))


def _server_result(part: Fields, sources: Sources) -> Iterator[Content]:
    id = part.text("tool_call_id", default="")
    yield ToolResult((Text(as_json(part, "output", "content")),), id)


def _non_standard(part: Fields, sources: Sources) -> Iterator[Content]:
    yield from read_parts([part.take("value")], f"{part.path}.value", PARTS, sources)


PARTS: Readers = {
    **openai_responses.PARTS,
    **dict.fromkeys(("tool_call", "tool_call_chunk", "server_tool_call", "function_call"), _call),
    "invalid_tool_call": _call,
    "server_tool_result": _server_result,
    "text-plain": _plain_text,
    "non_standard": _non_standard,
}
