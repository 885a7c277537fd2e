"""Random conversations for templates, as `apply_chat_template` takes them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from ctxtools.messages.media.items import Image, Media, Video
from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolResult
from tests.messages.chat.conversations import Features, conversation

_WILD = Features(roles=("developer",), response_formats=False, choices=False)
_ORDERLY = Features(
    response_formats=False, choices=False, broken_arguments=False, system_anywhere=False,
    begins_with_user=True, empty=False,
)  # fmt: skip
_PLAIN = Features(
    tools=False, reasoning=False, system_anywhere=False, adjacent=False, blocks=False,
    empty=False, begins_with_user=True, ends_with_user=True,
)  # fmt: skip
_VALUES = ("enable_thinking", "thinking", "preserve_thinking", "clear_thinking", "unread")
_EFFORTS = ("low", "medium", "high", "xhigh", "max")

IMAGE = Image(width=64, height=64)
VIDEO = Video(width=64, height=64, seconds=2.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation.

    Attributes:
        messages: in OpenAI's form, media as ``{"type": "image"}``.
        tools: in OpenAI's form.
        values: further values for the template.
        generation_prompt: the model's turn is opened.
    """

    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    values: dict[str, Any]
    generation_prompt: bool

    def request(self) -> Request:
        """The same as what ctxtools takes."""
        return Request(
            tuple(_message(raw, number) for number, raw in enumerate(self.messages)),
            tuple(_tool(raw) for raw in self.tools),
        )


def samples(count: int, seed: int) -> Iterator[Sample]:
    """So many conversations, the same ones for the same seed: in turns plain ones, which every
    template takes, orderly ones with tools, and wild ones, which many refuse."""
    random = Random(seed)
    for number in range(count):
        features = (_PLAIN, _ORDERLY, _WILD)[number % 3]
        made = conversation(random, features)
        if features is _ORDERLY or random.random() < 0.6:
            _parse_arguments(made.messages)
        if features is not _PLAIN and random.random() < 0.2:
            _add_media(made.messages, random)
        yield Sample(made.messages, made.tools, _values(random), random.random() < 0.8)


def _values(random: Random) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: random.choice((True, False)) for name in _VALUES if random.random() < 0.15
    }
    if random.random() < 0.2:
        values["reasoning_effort"] = random.choice(_EFFORTS)
    return values


def _parse_arguments(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        for call in message.get("tool_calls") or ():
            try:
                parsed = json.loads(call["function"]["arguments"])
            except ValueError:
                continue
            call["function"]["arguments"] = parsed


def _add_media(messages: list[dict[str, Any]], random: Random) -> None:
    for message in messages:
        if message["role"] != "user" or random.random() < 0.4:
            continue
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for _ in range(random.choice((1, 1, 2))):
            block = {"type": random.choice(("image", "image", "video"))}
            blocks.insert(random.randrange(len(blocks) + 1), block)
        message["content"] = blocks


def _message(raw: dict[str, Any], number: int) -> Message:
    content: tuple[Content, ...] = tuple(_contents(raw["content"]))
    if raw["role"] == "tool":
        inner = tuple(each for each in content if isinstance(each, Text | Media))
        content = (ToolResult(inner),)
    return Message(raw["role"], content, number=number, raw=raw)


def _contents(content: Any) -> Iterator[Text | Media]:
    if isinstance(content, str):
        yield Text(content)
        return
    for block in content or ():
        if block["type"] == "text":
            yield Text(block["text"])
        else:
            yield IMAGE if block["type"] == "image" else VIDEO


def _tool(raw: dict[str, Any]) -> Tool:
    function = raw["function"]
    return Tool(function["name"], function.get("description"), function.get("parameters"), raw)
