"""The one shape that every request is read into: messages of contents, tools, and what goes along.

`ctxtools.messages.shapes` makes it from what OpenAI, Anthropic, Gemini and LangChain take;
`ctxtools.messages.chat` shows it to a model. Nothing is left out on the way: a content that has no
type here is refused by name where it is read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ctxtools.messages.media.items import Media

Shape = Literal["openai", "responses", "anthropic", "gemini"]
"""The interface that a request is written for; LangChain's messages and tuples become "openai"."""

TextKind = Literal["text", "refusal", "thinking"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a message.

    Attributes:
        text: as it was written; special tokens' spellings in it are text.
        kind: "thinking" is what a model thought before its answer, in any interface's words.
        opaque: a signature or encrypted content that comes along and has to be sent back.
        summary: it sums up for people what a model thought; some servers show it to the model.
    """

    text: str
    kind: TextKind = "text"
    opaque: str = ""
    summary: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool by the model.

    Attributes:
        name: of the tool.
        arguments: a JSON text, or what it stands for, as it was given.
        id: by which a result refers to it; "" where the interface has none.
    """

    name: str
    arguments: str | Mapping[str, Any]
    id: str = ""

    def arguments_text(self) -> str:
        """The arguments as a JSON text."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool returned.

    Attributes:
        content: texts and media.
        id: of the call, "" where the interface has none.
        name: of the tool, "" if it is not said.
        is_error: the tool failed.
    """

    content: tuple[Text | Media, ...]
    id: str = ""
    name: str = ""
    is_error: bool = False


Content = Text | Media | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """A message.

    Attributes:
        role: as it was given: user, assistant, system, developer, tool, function, model, …
        content: in the order in which it is sent.
        name: of who speaks, if it is said.
        number: its position in what was given, from 0; None for a system text given beside the
            messages.
        raw: the message in OpenAI's form, as templates read it, if it was given in that.
    """

    role: str
    content: tuple[Content, ...]
    name: str | None = None
    number: int | None = None
    raw: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> str:
        """How it is called in errors."""
        return "the system text" if self.number is None else f"messages[{self.number}]"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model may call.

    Attributes:
        name: of the function.
        description: for the model; None if there is none.
        parameters: a JSON schema; None if there is none.
        raw: the tool in OpenAI's form: ``{"type": "function", "function": {…}}``.
    """

    name: str
    description: str | None
    parameters: Mapping[str, Any] | None
    raw: Mapping[str, Any] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to a model.

    Attributes:
        messages: a system text that was given beside them comes first, with the role "system".
        tools: those that may be called.
        tool_choice: as it was given: "auto", "none", "required", or one tool.
        response_format: in OpenAI's form, such as ``{"type": "json_object"}``.
        shape: the interface that it was written for.
        unsent: texts that the interface does not show to the model, such as annotations: each key
            with the number of its message; None is the request as a whole.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    tool_choice: str | Mapping[str, Any] | None = None
    response_format: Mapping[str, Any] | None = None
    shape: Shape = "openai"
    unsent: tuple[tuple[str, int | None], ...] = ()

    @property
    def media(self) -> Sequence[Media]:
        """Every image, video, recording and document, in order, those of results too."""
        found: list[Media] = []
        for message in self.messages:
            for each in message.content:
                inner = each.content if isinstance(each, ToolResult) else (each,)
                found += (item for item in inner if isinstance(item, Media))
        return found
