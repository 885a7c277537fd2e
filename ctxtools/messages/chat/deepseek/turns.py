"""A conversation as DeepSeek's encoders take it: turns, each made of a message or a part of one."""

from dataclasses import dataclass
from typing import Any, Literal

from ctxtools.messages.chat.deepseek.tools import Definition
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.media.items import Media
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Message, ToolCall

Role = Literal["system", "developer", "user", "assistant", "tool", "reminder"]
Contents = tuple[str | Media, ...]
"""Texts and media, with what is written between them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message as the encoders take it.

    Attributes:
        role: for the encoder.
        message: what it was made of.
        content: texts and images; of a tool, what it returned.
        thinking: of an assistant; None if it is not said.
        calls: of tools, by an assistant.
        call_id: of the call that a tool answers.
        tool: the name of the tool that answers.
        prefix: the model continues this turn.
    """

    role: Role
    message: Message
    content: Contents = ()
    thinking: str | None = None
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    tool: str = ""
    prefix: bool = False

    def owner(self, kind: Kind = "framing", label: str = "") -> Owner:
        """The owner of a piece of this turn."""
        return Owner(self.message.number, self.message.role, kind, label)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A request as the encoders take it.

    Attributes:
        turns: at least one.
        tools: those that are shown to the model.
        call_required: the model has to call one.
        schema: that the answer has to follow; None is any answer.
        json: the answer has to be a JSON object.
        thinking: the model thinks before it answers.
        effort: how much; None is the default.
        notes: what was assumed, and what DeepSeek's interface would refuse.
    """

    turns: tuple[Turn, ...]
    tools: tuple[Definition, ...]
    call_required: bool
    schema: Any
    json: bool
    thinking: bool
    effort: str | None
    notes: tuple[str, ...]

    @property
    def continued(self) -> bool:
        """Whether the model continues the last turn instead of a turn of its own."""
        return self.turns[-1].prefix
