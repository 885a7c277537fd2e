"""Packing a conversation: messages in, messages out, the oldest turns dropped first.

What messages take besides their text is the model's framing:

- "openai": 3 for each message, 1 more for one with a name, 3 for the reply that follows; OpenAI's
  cookbook, "How to count tokens with tiktoken". For tool calls OpenAI documents nothing: they are
  counted as the JSON of their names and arguments, with 8 more for each.
- "harmony": 4 for each message (<|start|>, role, <|message|>, <|end|>), 2 for the reply; OpenAI's
  harmony format.
- "deepseek": 1 for the start, 3 for each user message (itself, the answer's start, and the closed
  thinking), 1 for each answer; measured on DeepSeek's own encoder (V4, thinking off). Thinking with
  an effort, and tools, take more.
- "chatml": 5 for each message (<|im_start|>, role, line break, <|im_end|>, line break), 3 for the
  reply; the chat template of Qwen 2.5 and 3. A template may add a system message of its own.

Where a tokenizer is of none of these, "openai" is a good guess.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.models import Budget
from ctxtools.units import format_count

Message = Mapping[str, Any]

_INSTRUCTIONS = ("system", "developer")
_TOOL_ROLES = ("tool", "function")
_TOOL_CALL = 8  # tokens around one


@dataclass(frozen=True, slots=True)
class ChatOverhead:
    """What a model's framing of messages takes, in tokens.

    Attributes:
        message: for each message; ``roles`` has other figures for some roles.
        name: more for a message with a name.
        reply: once, for what starts the model's reply and for the start of the text.
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
_BY_ENCODING = {"deepseek_v3": "deepseek", "qwen2": "chatml", "o200k_harmony": "harmony"}


@dataclass(frozen=True, slots=True)
class PackedMessages:
    """A conversation that keeps a limit.

    Attributes:
        messages: those that were kept, as they came and in their order.
        token_count: tokens of their texts and of the framing.
        limit: the most that there could be.
        dropped: the numbers of the messages that were dropped, from 0.
        overhead: the framing's part of the tokens.
    """

    messages: tuple[Message, ...]
    token_count: int
    limit: int
    dropped: tuple[int, ...]
    overhead: int


def pack_messages(
    messages: Sequence[Message],
    encoding: Encoding,
    *,
    budget: int | Budget,
    pins: Collection[int] = (),
    overhead: str | ChatOverhead | None = None,
    image_tokens: int | None = None,
) -> PackedMessages:
    """As much of a conversation as keeps a limit: the oldest turns are dropped first.

    Kept in any case are system and developer messages, pinned ones, the last user message, and
    what is last. A message with tool calls is kept or dropped together with their results. What is
    kept does not start in the middle of a turn: an answer goes where its question went.

    Args:
        messages: as chat APIs take them: "role", "content" (a text, or parts with "text"), "name",
            "tool_calls", "tool_call_id".
        encoding: counts texts.
        budget: the most tokens, or a `Budget`, whose ``available`` is that.
        pins: the numbers of messages to keep; a negative one counts from the end.
        overhead: the framing: a name of `OVERHEADS`, or its figures; None goes by the encoding.
        image_tokens: what a part that is no text takes; without it there may be none.

    Raises:
        ConflictError: what has to be kept does not fit.
        UsageError: a message is not one, or an argument is not what it can be.
    """
    limit = budget.available if isinstance(budget, Budget) else budget
    if limit < 0:
        raise UsageError(f"the budget is {limit} tokens", hint="it is zero or more")
    framing = _framing(overhead, encoding)
    around = [_around(message, number, framing) for number, message in enumerate(messages)]
    texts = [_texts(message, number, image_tokens) for number, message in enumerate(messages)]
    counts = iter(encoding.count_batch([text for found, _ in texts for text in found]))
    costs = [
        frame + extra + sum(next(counts) for _ in found)
        for frame, (found, extra) in zip(around, texts, strict=True)
    ]
    kept = _keep(messages, costs, limit, framing.reply, _pinned(pins, len(messages)))
    total = framing.reply + sum(costs[i] for i in kept)
    return PackedMessages(
        tuple(messages[i] for i in kept),
        total,
        limit,
        tuple(i for i in range(len(messages)) if i not in set(kept)),
        framing.reply + sum(around[i] for i in kept),
    )


def _keep(
    messages: Sequence[Message], costs: Sequence[int], limit: int, reply: int, pins: set[int]
) -> list[int]:
    """The numbers of the messages that are kept."""
    room = limit - reply
    units = _units(messages)
    roles = [message["role"] for message in messages]
    users = [i for i, role in enumerate(roles) if role == "user"]
    must = pins | {i for i, role in enumerate(roles) if role in _INSTRUCTIONS}
    must |= set(users[-1:]) | set(units[-1:][0] if units else ())
    fixed = [unit for unit in units if must & set(unit)]
    taken = sum(costs[i] for unit in fixed for i in unit)
    if taken > room:
        raise _conflict(fixed, roles, costs, limit, reply)
    kept = {i for unit in fixed for i in unit}
    newest_first = [unit for unit in reversed(units) if not must & set(unit)]
    for unit in newest_first:
        taken += sum(costs[i] for i in unit)
        if taken > room:
            break
        kept.update(unit)
    return _without_orphans(sorted(kept), roles, must)


def _units(messages: Sequence[Message]) -> list[list[int]]:
    """Messages that stay together: one with tool calls and the results behind it, or one alone."""
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


def _without_orphans(kept: list[int], roles: Sequence[str], must: set[int]) -> list[int]:
    """The same without answers at the start whose question was dropped."""
    first = next((i for i in kept if roles[i] == "user"), None)
    dropped_user = first is not None and any(roles[i] == "user" for i in range(first))
    if not dropped_user or first is None:
        return kept
    whole = [i for i in kept if i >= first or i in must]
    # What a pinned message is together with stays with it.
    return sorted({*whole, *(i for i in kept if i < first and _beside(i, kept, roles, must))})


def _beside(i: int, kept: Sequence[int], roles: Sequence[str], must: set[int]) -> bool:
    """Whether a message is a tool's result, or has one, beside a message that has to be kept."""
    start = i
    while start > 0 and roles[start] in _TOOL_ROLES:
        start -= 1
    end = start + 1
    while end < len(roles) and roles[end] in _TOOL_ROLES:
        end += 1
    return end - start > 1 and any(j in must for j in range(start, end))


def _pinned(pins: Collection[int], n: int) -> set[int]:
    for pin in pins:
        if not -n <= pin < n:
            raise UsageError(f"there is no message {pin}", hint=f"there are {n}, counted from 0")
    return {pin % n for pin in pins} if n else set()


def _conflict(
    fixed: list[list[int]], roles: Sequence[str], costs: Sequence[int], limit: int, reply: int
) -> ConflictError:
    """The fewest messages that do not fit."""
    sizes = sorted(((sum(costs[i] for i in unit), unit) for unit in fixed), reverse=True)
    named = [("the framing of the reply", reply)]
    total = reply
    for size, unit in sizes:
        if total > limit:
            break
        total += size
        named.append((f"message {unit[0]} ({roles[unit[0]]})", size))
    listed = ", ".join(f"{name}, {format_count(size)}" for name, size in named)
    return ConflictError(
        f"the messages that have to be kept take too much: {listed}; "
        f"there are {format_count(limit)} tokens",
        conflict=tuple(named),
        available=limit,
        hint="pin less, reserve less, or raise the limit",
    )


def _framing(overhead: str | ChatOverhead | None, encoding: Encoding) -> ChatOverhead:
    if isinstance(overhead, ChatOverhead):
        return overhead
    name = overhead or _BY_ENCODING.get(encoding.name, "openai")
    if name not in OVERHEADS:
        raise UsageError(f"there is no overhead {name!r}", hint=f"there are {', '.join(OVERHEADS)}")
    return OVERHEADS[name]


def _around(message: Message, number: int, framing: ChatOverhead) -> int:
    """The framing of one message."""
    role = message.get("role") if isinstance(message, Mapping) else None
    if not isinstance(role, str):
        raise UsageError(f"message {number} has no role", hint='such as "user"')
    calls = message.get("tool_calls") or ()
    if not isinstance(calls, Sequence) or not all(isinstance(each, Mapping) for each in calls):
        raise UsageError(
            f"message {number} has tool calls that are none", hint="pass them as the API gave them"
        )
    around = (framing.roles or {}).get(role, framing.message)
    around += framing.name if message.get("name") else 0
    return around + _TOOL_CALL * len(calls)


def _texts(message: Message, number: int, image_tokens: int | None) -> tuple[list[str], int]:
    """What is to be counted of a message, and the tokens of what is no text."""
    content = message.get("content")
    if content is not None and not isinstance(content, Sequence):
        raise UsageError(f"message {number} has no text", hint="content is a text, or its parts")
    parts = [content] if isinstance(content, str) else list(content or ())
    texts: list[str] = []
    extra = 0
    for part in parts:
        text = part.get("text") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            texts.append(text)
        elif image_tokens is None:
            raise UsageError(
                f"message {number} has a part that is no text",
                hint="say what it takes: image_tokens",
            )
        else:
            extra += image_tokens
    if name := message.get("name"):
        texts.append(str(name))
    for call in message.get("tool_calls") or ():
        texts.append(json.dumps(call.get("function", call), ensure_ascii=False))
    return texts, extra
