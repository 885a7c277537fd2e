"""A request as the variables of a chat template: messages, tools, and what was asked for.

Messages that were given in OpenAI's form are handed on as transformers does, without the keys that
are null; others are written in that form. Every text of a user has an origin: the number of its
owner. See job.py for how values are written.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.media.items import Media, media_kind
from ctxtools.messages.nesting import DEEPEST
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Message, Request, Text, ToolCall, ToolResult

_REASONING = ("reasoning_content", "thinking", "reasoning")
_ROLES = {"model": "assistant"}  # Gemini's word


@dataclass(frozen=True, slots=True)
class Reading:
    """How a template reads what it may read in two ways.

    Attributes:
        flat: contents that are lists of texts are one text.
        parsed: arguments of calls are mappings, not JSON texts.
        filled: every message has a content, which may be "".
    """

    flat: bool = False
    parsed: bool = False
    filled: bool = False


@dataclass(slots=True)
class Values:
    """The variables of a template.

    Attributes:
        variables: by name, encoded.
        owners: of the texts, by origin.
        texts: of the owners that a template should show, by origin.
        frames: who owns what is written around each message.
        media: in the order in which they are sent.
    """

    variables: Any = None
    owners: list[Owner] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    frames: list[Owner] = field(default_factory=list)
    media: list[tuple[Media, Owner]] = field(default_factory=list)


def values_of(
    request: Request, options: ChatOptions, named_tokens: Mapping[str, str], reading: Reading
) -> Values:
    """What a template is given for a request.

    Args:
        request: the messages and tools.
        options: further values, and those that have a name of their own.
        named_tokens: ``bos_token`` and others.
        reading: how the template wants it.

    Raises:
        UsageError: something cannot be written in OpenAI's form.
    """
    made = _Maker(reading)
    messages = ["l", [each for message in request.messages for each in made.messages(message)]]
    tools = [made.tool(tool.raw, tool.name) for tool in request.tools]
    variables: dict[str, Any] = {
        **named_tokens,
        **{k: made.encoded(v, made.of(_OTHERS)) for k, v in _asked(options).items()},
        "messages": messages,
        "tools": ["l", tools] if tools else None,
        "add_generation_prompt": options.generation_prompt,
    }
    variables.setdefault("documents", None)
    made.values.variables = ["m", [[k, v] for k, v in variables.items()]]
    return made.values


_OTHERS = Owner(None, None, "framing")


def _asked(options: ChatOptions) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if options.thinking is not None:
        asked |= dict.fromkeys(THINKING, options.thinking)
    if options.effort is not None:
        asked |= dict.fromkeys(EFFORT, options.effort)
    return asked | dict(options.template)


THINKING = ("enable_thinking", "thinking")
EFFORT = ("reasoning_effort",)
"""Names of template variables for `ChatOptions.thinking` and `ChatOptions.effort`."""


class _Maker:
    def __init__(self, reading: Reading) -> None:
        self.values = Values()
        self._reading = reading

    # Values with origins

    def of(self, owner: Owner, text: object = None) -> int:
        """A new origin, with the text that a template should show, if there is one."""
        self.values.owners.append(owner)
        origin = len(self.values.owners) - 1
        if isinstance(text, str) and text.strip():
            self.values.texts[origin] = text
        return origin

    def encoded(self, value: Any, origin: int, depth: int = 0) -> Any:
        """A value of a user's; keys of mappings are texts, too."""
        if depth > DEEPEST:
            raise UsageError(
                f"a value is nested more than {DEEPEST} levels deep", hint="flatten it"
            )
        if isinstance(value, str):
            return ["t", str.__str__(value), origin]
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            inner = [
                [self.encoded(k, origin), self.encoded(v, origin, depth + 1)]
                for k, v in value.items()
            ]
            return ["m", inner]
        if isinstance(value, list | tuple):
            return ["l", [self.encoded(each, origin, depth + 1) for each in value]]
        raise UsageError(
            f"a chat template takes no {type(value).__name__}: {value!r:.80}",
            hint="give texts, numbers, lists and mappings",
        )

    def tool(self, raw: Mapping[str, Any], name: str) -> Any:
        return self.encoded(raw, self.of(Owner(None, None, "tools", name)))

    # Messages

    def messages(self, message: Message) -> Iterator[Any]:
        """What a message is for a template: itself, and a message for each of its results."""
        results = [each for each in message.content if isinstance(each, ToolResult)]
        others = tuple(each for each in message.content if not isinstance(each, ToolResult))
        if message.raw is not None and len(results) < 2:
            yield self._message(message, dict(message.raw), results[0] if results else None)
            return
        for result in results:
            raw = {"role": "tool", "tool_call_id": result.id, "name": result.name}
            given = {key: value for key, value in raw.items() if value}
            yield self._message(message, given, result)
        if others or not results:
            role = _ROLES.get(message.role, message.role)
            rest = Message(role, others, message.name, message.number)
            raw = {"role": role, **({"name": message.name} if message.name else {})}
            yield self._message(rest, raw, None)

    def _message(self, message: Message, raw: dict[str, Any], result: ToolResult | None) -> Any:
        number, role = message.number, message.role

        def owner(kind: Kind, label: str = "") -> Owner:
            return Owner(number, role, kind, label)

        frame = owner("framing")
        framing = self.of(frame)
        pairs: dict[str, Any] = {}
        if raw.get("role") == "function":  # OpenAI's older word
            raw["role"] = "tool"
        for key, value in raw.items():
            if value is None or key in ("content", "tool_calls", "function_call", *_REASONING):
                continue
            pairs[key] = self.encoded(value, self.of(owner("name")) if key == "name" else framing)
        content = self._content(message, raw, result, owner)
        if content is not None:
            pairs["content"] = content
        pairs |= self._reasoning(message, raw, owner)
        if calls := self._calls(message, raw, owner):
            pairs["tool_calls"] = ["l", calls]
        self.values.frames.append(frame)
        order = [*(["thinking"] if "thinking" in pairs else []), *raw, *pairs]
        ordered = [[key, pairs[key]] for key in dict.fromkeys(order) if key in pairs]
        return ["c", len(self.values.frames) - 1, ordered]

    def _content(
        self,
        message: Message,
        raw: Mapping[str, Any],
        result: ToolResult | None,
        owner: Callable[..., Owner],
    ) -> Any:
        items: list[Text | Media] = []
        if result is not None:
            items += result.content
        items += [
            each
            for each in message.content
            if isinstance(each, Media) or (isinstance(each, Text) and each.kind != "thinking")
        ]
        label = result.name if result is not None else ""

        def text_owner(text: Text | None) -> Owner:
            if result is not None:
                return owner("tool result", label)
            return owner(text.kind if text is not None else "text")

        texts = [each for each in items if isinstance(each, Text)]
        given = raw.get("content")
        if isinstance(given, str):
            return self._text(given, text_owner(texts[0] if texts else None))
        if not items:
            if isinstance(given, list):
                return ["l", []]
            return None if message.raw is not None and not self._reading.filled else ""
        is_flat = self._reading.flat or given is None
        if is_flat and len(texts) == len(items):
            joined = "\n".join(each.text for each in texts)
            return self._text(joined, text_owner(texts[0]))
        return ["l", [self._item(each, text_owner, owner, label) for each in items]]

    def _text(self, text: str, owner: Owner) -> Any:
        return ["t", text, self.of(owner, text)]

    def _item(
        self,
        item: Text | Media,
        text_owner: Callable[[Text], Owner],
        owner: Callable[..., Owner],
        label: str,
    ) -> Any:
        if isinstance(item, Text):
            return ["m", [["type", "text"], ["text", self._text(item.text, text_owner(item))]]]
        kind = media_kind(item)
        self.values.media.append((item, owner(kind, item.name or label)))
        return ["m", [["type", kind]]]

    def _reasoning(
        self, message: Message, raw: Mapping[str, Any], owner: Callable[..., Owner]
    ) -> dict[str, Any]:
        given = {key: raw[key] for key in _REASONING if raw.get(key) is not None}
        if not given:
            thoughts = [
                each.text
                for each in message.content
                if isinstance(each, Text) and each.kind == "thinking"
            ]
            if not thoughts:
                return {}
            given = {"reasoning_content": "\n".join(thoughts)}
        origin = self.of(owner("thinking"), next(v for v in given.values()))
        first = next(given[key] for key in _REASONING if key in given)
        named = {"thinking": first, **given, "reasoning_content": first}
        return {key: self.encoded(value, origin) for key, value in named.items()}

    def _calls(
        self, message: Message, raw: Mapping[str, Any], owner: Callable[..., Owner]
    ) -> list[Any]:
        calls = raw.get("tool_calls")
        if not isinstance(calls, list | tuple):
            calls = [
                {
                    "type": "function",
                    **({"id": each.id} if each.id else {}),
                    "function": {"name": each.name, "arguments": each.arguments},
                }
                for each in message.content
                if isinstance(each, ToolCall)
            ]
        return [self._call(call, owner) for call in calls]

    def _call(self, call: Any, owner: Callable[..., Owner]) -> Any:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping):
            return self.encoded(call, self.of(owner("tool call")))
        label = function.get("name")
        label = label if isinstance(label, str) else ""
        origin = self.of(owner("tool call", label), f"{label}({function.get('arguments')})")
        arguments = function.get("arguments")
        if self._reading.parsed and isinstance(arguments, str):
            call = {**call, "function": {**function, "arguments": _parsed(arguments)}}
        return self.encoded(call, origin)


def _parsed(arguments: str) -> Any:
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return arguments
    return parsed if isinstance(parsed, dict) else arguments
