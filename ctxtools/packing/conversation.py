"""Packing a conversation into a limit of tokens, by dropping its oldest turns.

The overhead of messages in addition to their text is the model's framing:

- "openai": 3 for each message, 1 more for one with a name, 3 for the reply that follows; OpenAI's
  cookbook, "How to count tokens with tiktoken". OpenAI does not document tool calls: they are
  counted as the JSON of their names and arguments, plus 8 for each.
- "harmony": 4 for each message (<|start|>, role, <|message|>, <|end|>), 2 for the reply; OpenAI's
  harmony format.
- "deepseek": 1 for the start, 3 for each user message (itself, the answer's start, and the closed
  thinking), 1 for each answer; measured on DeepSeek's own encoder (V4, thinking off). Thinking with
  an effort, and tools, take more.
- "chatml": 5 for each message (<|im_start|>, role, line break, <|im_end|>, line break), 3 for the
  reply; the chat template of Qwen 2.5 and 3. A template may add a default system message.

For any other tokenizer, "openai" is a good guess.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctxtools.checks import check_choice, check_integer, check_list
from ctxtools.encodings import Encoding, as_encoding
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import ConflictError, UsageError
from ctxtools.models import Budget
from ctxtools.packing.arguments import OverheadName, token_limit
from ctxtools.units import format_count

Message = Mapping[str, Any]

_INSTRUCTION_ROLES = ("system", "developer")
_TOOL_ROLES = ("tool", "function")
_TOOL_CALL = 8  # tokens of overhead


@dataclass(frozen=True, slots=True)
class ChatOverhead:
    """The tokens that a model's framing adds to messages.

    Attributes:
        message: for each message; ``roles`` overrides it for some roles.
        name: for a message with a name, in addition.
        reply: once, for the start of the text and of the model's reply.
        roles: role -> for each of its messages.
    """

    message: int = 3
    name: int = 1
    reply: int = 3
    roles: Mapping[str, int] | None = None


OVERHEADS: Mapping[str, ChatOverhead] = {
    "openai": ChatOverhead(),
    "harmony": ChatOverhead(4, 1, 2),
    "deepseek": ChatOverhead(0, 0, 1, {"user": 3, "assistant": 1}),
    "chatml": ChatOverhead(5, 1, 3),
}


@dataclass(frozen=True, slots=True, repr=False)
class PackedMessages:
    """A conversation within a limit of tokens.

    Attributes:
        messages: those that were kept, unchanged and in order.
        token_count: tokens of their texts and of the framing.
        limit: of the tokens.
        dropped: the numbers of the messages that were dropped, from 0.
        overhead: tokens of the framing alone.
    """

    messages: tuple[Message, ...]
    token_count: int
    limit: int
    dropped: tuple[int, ...]
    overhead: int

    def __repr__(self) -> str:
        return (
            f"<PackedMessages: {len(self.messages)} kept, {len(self.dropped)} dropped: "
            f"{self.token_count} of {self.limit} tokens>"
        )


def pack_messages(
    messages: Sequence[Message],
    encoding: Encoding | str,
    *,
    budget: int | Budget,
    pins: Collection[int] = (),
    overhead: OverheadName | ChatOverhead | None = None,
    image_tokens: int | None = None,
) -> PackedMessages:
    """As much of a conversation as fits into a limit: the oldest turns are dropped first.

    System and developer messages, pinned ones, the last user message and the last message are
    always kept. A message with tool calls is kept or dropped together with their results. What is
    kept does not start in the middle of a turn: an answer is dropped with its question.

    Args:
        messages: as chat APIs take them: "role", "content" (a text, or parts with "text"), "name",
            "tool_calls", "tool_call_id".
        encoding: counts texts; an Encoding, or the name of one.
        budget: the limit of tokens, or a `Budget`, whose ``available`` is that.
        pins: the numbers of messages to keep; a negative one counts from the end.
        overhead: the framing: a name of `OVERHEADS`, or its figures; None chooses by the encoding.
        image_tokens: of each part that is not text; None refuses such parts.

    Raises:
        ConflictError: what has to be kept does not fit.
        UsageError: a message is malformed, or an argument cannot be used.
    """
    check_list("messages", messages, "mappings", hint='such as [{"role": "user", "content": "…"}]')
    check_list("pins", pins, "int")
    encoding = as_encoding(encoding)
    limit = token_limit(budget)
    if image_tokens is not None:
        image_tokens = check_integer("image_tokens", image_tokens, 0)
    framing = _framing(overhead, encoding)
    overheads = [_overhead(message, number, framing) for number, message in enumerate(messages)]
    texts = [_texts(message, number, image_tokens) for number, message in enumerate(messages)]
    counts = iter(encoding.count_batch([text for found, _ in texts for text in found]))
    costs = [
        own + extra + sum(next(counts) for _ in found)
        for own, (found, extra) in zip(overheads, texts, strict=True)
    ]
    kept = _keep(messages, costs, limit, framing.reply, _pinned(pins, len(messages)))
    total = framing.reply + sum(costs[i] for i in kept)
    return PackedMessages(
        tuple(messages[i] for i in kept),
        total,
        limit,
        tuple(sorted(set(range(len(messages))).difference(kept))),
        framing.reply + sum(overheads[i] for i in kept),
    )


def _keep(
    messages: Sequence[Message], costs: Sequence[int], limit: int, reply: int, pins: set[int]
) -> list[int]:
    """The numbers of the messages that are kept."""
    units = _units(messages)
    roles = [message["role"] for message in messages]
    users = [i for i, role in enumerate(roles) if role == "user"]
    must = pins | {i for i, role in enumerate(roles) if role in _INSTRUCTION_ROLES}
    must |= {*users[-1:], *(units[-1] if units else ())}
    fixed = [unit for unit in units if not must.isdisjoint(unit)]
    available = limit - reply - sum(costs[i] for unit in fixed for i in unit)
    if available < 0:
        raise _conflict(fixed, roles, costs, limit, reply)
    kept = list(fixed)
    for unit in reversed(units):
        if must.isdisjoint(unit):
            available -= sum(costs[i] for i in unit)
            if available < 0:
                break
            kept.append(unit)
    # Answers at the start whose question was dropped are dropped as well.
    first = min((i for unit in kept for i in unit if roles[i] == "user"), default=0)
    start = first if users and users[0] < first else 0
    return sorted(i for u in kept if u[0] >= start or not must.isdisjoint(u) for i in u)


def _units(messages: Sequence[Message]) -> list[list[int]]:
    """Messages that stay together: one with tool calls and the results after it, or one alone."""
    units: list[list[int]] = []
    open_ids: set[str] = set()
    for i, message in enumerate(messages):
        if message["role"] in _TOOL_ROLES and units:
            call = message.get("tool_call_id")
            if call is None or call in open_ids or messages[i - 1]["role"] in _TOOL_ROLES:
                units[-1].append(i)
                continue
        units.append([i])
        open_ids = {str(call.get("id")) for call in message.get("tool_calls") or ()}
    return units


def _pinned(pins: Collection[int], n: int) -> set[int]:
    for pin in pins:
        if not -n <= check_integer("pin", pin, -(2**62)) < n:
            raise UsageError(
                f"invalid pin {pin} for {n} messages", hint="messages are numbered from 0"
            )
    return {pin % n for pin in pins} if n else set()


def _conflict(
    fixed: list[list[int]], roles: Sequence[str], costs: Sequence[int], limit: int, reply: int
) -> ConflictError:
    """The fewest messages that do not fit."""
    sizes = sorted(((sum(costs[i] for i in unit), unit) for unit in fixed), reverse=True)
    conflict = [("the framing of the reply", reply)]
    total = reply
    for size, unit in sizes:
        if total > limit:
            break
        total += size
        conflict.append((f"message {unit[0]} ({roles[unit[0]]})", size))
    listed = ", ".join(f"{name} ({format_count(size)})" for name, size in conflict)
    return ConflictError(
        f"what has to be kept exceeds the limit of {format_count(limit)} tokens: {listed}",
        conflict=tuple(conflict),
        available=limit,
        hint="pin less, reserve less, or raise the limit",
    )


def _framing(overhead: OverheadName | ChatOverhead | None, encoding: Encoding) -> ChatOverhead:
    if isinstance(overhead, ChatOverhead):
        return overhead
    spec = SPECS.get(encoding.name)
    name = overhead or (spec.chat if spec else "openai")
    check_choice("overhead", name, OVERHEADS)
    return OVERHEADS[name]


def _overhead(message: Message, number: int, framing: ChatOverhead) -> int:
    """The tokens of the framing of one message."""
    role = message.get("role") if isinstance(message, Mapping) else None
    if not isinstance(role, str):
        raise UsageError(f"message {number} has no role", hint='give one, such as "user"')
    calls = message.get("tool_calls") or ()
    if not isinstance(calls, Sequence) or not all(isinstance(each, Mapping) for each in calls):
        raise UsageError(
            f"tool_calls of message {number} must be a list of mappings",
            hint="pass them as the API returned them",
        )
    tokens = (framing.roles or {}).get(role, framing.message)
    tokens += framing.name if message.get("name") else 0
    return tokens + _TOOL_CALL * len(calls)


def _texts(message: Message, number: int, image_tokens: int | None) -> tuple[list[str], int]:
    """The texts of a message to count, and the tokens of its other parts."""
    content = message.get("content")
    if content is not None and not isinstance(content, Sequence):
        raise UsageError(
            f"content of message {number} must be a str or a list, got {type(content).__name__}",
            hint='a list has parts with a "text", as chat APIs take them',
        )
    parts = [content] if isinstance(content, str) else list(content or ())
    texts: list[str] = []
    extra = 0
    for part in parts:
        text = part.get("text") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            texts.append(text)
        elif image_tokens is None:
            raise UsageError(
                f"message {number} has a part that is not text",
                hint="give its number of tokens as image_tokens",
            )
        else:
            extra += image_tokens
    if name := message.get("name"):
        texts.append(str(name))
    for call in message.get("tool_calls") or ():
        texts.append(json.dumps(call.get("function", call), ensure_ascii=False))
    return texts, extra
