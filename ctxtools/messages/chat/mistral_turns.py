"""A request as turns of Mistral's: messages of one role in a row are one, texts are joined.

The same as the normalizers of ``mistral-common`` 1.13.1 make of a request.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.pieces import Owner, Plain
from ctxtools.messages.media.items import Audio, Image, Media
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Message, Text, ToolCall, ToolResult

Role = Literal["system", "user", "assistant", "tool"]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}


class Run(NamedTuple):
    """Texts that are tokenized as one."""

    pieces: list[Plain]


class Thought(NamedTuple):
    """What the model thought."""

    piece: Plain


class Medium(NamedTuple):
    """An image or a recording."""

    item: Image | Audio
    owner: Owner


Chunk = Run | Thought | Medium


class Call(NamedTuple):
    """A call of a tool, with arguments as JSON is written in Python."""

    call: ToolCall
    arguments: str
    owner: Owner


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as Mistral's encoder gets it.

    Attributes:
        role: whose it is.
        owner: for what is put around it.
        chunks: its content; texts that follow each other are one.
        calls: of tools.
        result: what the turn is, if it is of a tool.
        prefix: an answer that the model continues.
    """

    role: Role
    owner: Owner
    chunks: Sequence[Chunk] = ()
    calls: Sequence[Call] = ()
    result: ToolResult | None = None
    prefix: bool = False

    @property
    def text(self) -> list[Plain]:
        """The pieces of a content that is text only."""
        return [piece for chunk in self.chunks if isinstance(chunk, Run) for piece in chunk.pieces]

    @property
    def only_text(self) -> bool:
        """Whether there is nothing else."""
        return all(isinstance(chunk, Run) for chunk in self.chunks)


class _Said(NamedTuple):
    """A message, or one of the results in it, in the role that Mistral has for it."""

    role: Role
    message: Message
    contents: Sequence[Text | Media | ToolCall]
    result: ToolResult | None = None


def read_turns(messages: Iterable[Message], *, joint: str, sort_results: bool) -> list[Turn]:
    """The turns of a conversation.

    Args:
        messages: in order.
        joint: between texts of one message; those of several are joined by an empty line.
        sort_results: results are put in the order of their calls.

    Raises:
        UsageError: a message holds what Mistral's messages cannot.
    """
    turns: list[Turn] = []
    call_ids: list[str] = []
    said = (each for message in messages for each in _said(message))
    for role, group in groupby(said, lambda each: each.role):
        found = [*group]
        if role == "tool":
            results = [_turn([each], role, joint) for each in found]
            turns += _sorted(results, call_ids) if sort_results else results
            call_ids.clear()
        elif role == "system":
            turns += (_turn([each], role, joint) for each in found)
        else:
            turns.append(_turn(found, role, joint))
            call_ids += (call.call.id or "null" for call in turns[-1].calls)
    return turns


def normal_json(text: str) -> str:
    """A JSON text as Python writes it; a text that is none as it is; nothing as an empty object."""
    parsed = parse_json(text) if text else {}
    return text if parsed is text else json.dumps(parsed, ensure_ascii=False)


def parse_json(text: str) -> Any:
    """What a JSON text stands for; a text that is none is itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # ValueError: an integer of too many digits, too
        return text


def _said(message: Message) -> Iterator[_Said]:
    role = _ROLES.get(message.role)
    if role is None:
        raise UsageError(
            f"{message.where} has the role {message.role!r:.100}, which Mistral's format has not",
            hint="it has system, user, assistant and tool",
        )
    contents: list[Text | Media | ToolCall] = []
    for each in message.content:
        if isinstance(each, ToolResult) and role in ("user", "tool"):
            if contents:
                yield _Said("user", message, tuple(contents))
            contents.clear()
            yield _Said("tool", message, each.content, each)
        elif isinstance(each, ToolResult) or (isinstance(each, ToolCall) and role != "assistant"):
            what = "a tool result" if isinstance(each, ToolResult) else "a tool call"
            raise _misplaced(what, message)
        else:
            contents.append(each)
    if role == "tool" and contents:  # a legacy function's result
        texts = tuple(each for each in contents if not isinstance(each, ToolCall))
        yield _Said("tool", message, texts, ToolResult(texts, name=message.name or ""))
    elif contents or not message.content:
        yield _Said(role, message, tuple(contents))


def _turn(said: Sequence[_Said], role: Role, joint: str) -> Turn:
    first, last = said[0].message, said[-1].message
    calls = [
        Call(each, normal_json(each.arguments_text()), _owner(one.message, "tool call", each.name))
        for one in said
        for each in one.contents
        if isinstance(each, ToolCall)
    ]
    prefix = bool(last.raw and last.raw.get("prefix")) and role == "assistant"
    result = said[0].result
    chunks = _chunks(said, joint)
    if role == "system" and not chunks and _has_blocks(first):
        chunks = [Run([])]
    return Turn(role, _owner(first, "framing"), chunks, calls, result, prefix)


def _has_blocks(message: Message) -> bool:
    """Whether a content is a list of blocks: it is one even if their texts are empty."""
    content = (message.raw or {}).get("content")
    return isinstance(content, list) and bool(content)


def _chunks(said: Sequence[_Said], joint: str) -> list[Chunk]:
    """The content of messages of one role: empty texts vanish, others are joined."""
    chunks: list[Chunk] = []
    run: list[Plain] = []
    for one in said:
        between = "\n\n" if run else ""
        for each in one.contents:
            if isinstance(each, ToolCall):
                continue
            if isinstance(each, Text) and each.kind != "thinking":
                if each.text:
                    framing = _owner(one.message, "framing")
                    run += (Plain(between, framing),) if run else ()
                    run.append(Plain(each.text, _text_owner(one, each)))
                    between = joint
                continue
            if run:
                chunks.append(Run(run))
                run = []
            chunks.append(_other(one, each))
            between = joint
    if run:
        chunks.append(Run(run))
    return chunks


def _other(said: _Said, content: Text | Media) -> Chunk:
    message = said.message
    if isinstance(content, Text):
        if said.role != "assistant":
            raise _misplaced("thinking", message)
        if content.opaque and not content.text:
            raise UsageError(
                f"{message.where} holds encrypted thinking, which Mistral's models cannot read",
                hint="leave it out, or count it for the model that wrote it",
            )
        return Thought(Plain(content.text, _owner(message, "thinking")))
    if isinstance(content, Image):
        return Medium(content, _owner(message, "image", content.name))
    if isinstance(content, Audio):
        return Medium(content, _owner(message, "audio", content.name))
    kind = type(content).__name__.lower()
    raise UsageError(
        f"Mistral's format has no {kind}s: {content.name or message.where}",
        hint="give its text or its pages as images instead",
    )


def _text_owner(said: _Said, text: Text) -> Owner:
    if said.result is not None:
        return _owner(said.message, "tool result", said.result.name)
    return _owner(said.message, text.kind)


def _owner(message: Message, kind: Kind, label: str = "") -> Owner:
    return Owner(message.number, message.role, kind, label)


def _sorted(results: list[Turn], call_ids: Sequence[str]) -> list[Turn]:
    """Results in the order of their calls; those of no call come last."""
    ids = [turn.result.id if turn.result else "" for turn in results]
    calls = {id: number for number, id in enumerate(call_ids)}
    last = {id: number for number, id in enumerate(ids)}
    keyed = [
        (calls.get(id or "null", len(call_ids)), last[id], number) for number, id in enumerate(ids)
    ]
    return [results[number] for *_, number in sorted(keyed)]


def _misplaced(what: str, message: Message) -> UsageError:
    return UsageError(
        f"{message.where}, from {message.role!r:.100}, holds {what}",
        hint="give calls and thinking in messages of the assistant, results in those of tools",
    )
