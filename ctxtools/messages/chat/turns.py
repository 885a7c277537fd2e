"""Requests of any interface in the turns that formats of open models have.

Anthropic and Gemini put the results of tools into the user's message, OpenAI's Responses has an
item for each thing that the model did. Servers make turns of them before a format shows them, as
here: each result is a message of its own, and what the model did until the next result is one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ctxtools.messages.request import Content, Message, Request, Text, ToolResult


def as_turns(request: Request) -> Request:
    """The same request in turns. A message that is split keeps its number in all parts; messages
    that are joined have the number of the first."""
    messages: Iterable[Message] = (part for message in request.messages for part in _split(message))
    if request.shape == "responses":
        messages = _joined(messages)
    return replace(request, messages=tuple(messages))


def _split(message: Message) -> Iterator[Message]:
    results = sum(isinstance(each, ToolResult) for each in message.content)
    if message.role not in ("user", "tool") or not results or len(message.content) == 1:
        yield message
        return
    rest: list[Content] = []
    for each in message.content:
        if not isinstance(each, ToolResult):
            rest.append(each)
            continue
        if rest:
            yield replace(message, content=tuple(rest), raw=None)
            rest = []
        yield Message("tool", (each,), number=message.number)
    if rest:
        yield replace(message, content=tuple(rest), raw=None)


def _joined(messages: Iterable[Message]) -> Iterator[Message]:
    last: Message | None = None
    for message in messages:
        if last is None:
            last = message
        elif continues(last, message):
            last = replace(last, content=(*last.content, *message.content))
        else:
            yield last
            last = message
    if last is not None:
        yield last


def continues(last: Message, message: Message) -> bool:
    """Whether an item of OpenAI's Responses is of the same turn as the one before it."""
    return last.role == message.role == "assistant" and not (_says(last) and _says(message))


def _says(message: Message) -> bool:
    """Whether it has a text for the user."""
    return any(isinstance(each, Text) and each.kind != "thinking" for each in message.content)
