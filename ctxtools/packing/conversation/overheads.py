"""Framings of messages by figures, for models whose chat format is not known here.

- "openai": 3 for each message, 1 more for one with a name, 3 for the reply that follows; OpenAI's
  cookbook, "How to count tokens with tiktoken".
- "harmony": 4 for each message (<|start|>, role, <|message|>, <|end|>), 2 for the reply; OpenAI's
  harmony format.
- "deepseek": 1 for the start, 3 for each user message (itself, the answer's start, and the closed
  thinking), 1 for each answer; measured on DeepSeek's own encoder (V4, thinking off).
- "chatml": 5 for each message (<|im_start|>, role, line break, <|im_end|>, line break), 3 for the
  reply; the chat template of Qwen 2.5 and 3. A template may add a default system message.

Calls are counted as their names and arguments and 8 for each, tools as their JSON and 7 for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ctxtools.checks import check_choice, check_type
from ctxtools.messages.chat.formats import ChatOptions, Counted, Rendered
from ctxtools.messages.chat.framing import Framing, Ledger, count_response_format, count_tools
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import merged
from ctxtools.messages.request import Request
from ctxtools.models.interval import exactly
from ctxtools.packing.arguments import OverheadName

_CALL = 8
_TOOL = 7
_TOOLS = 12


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


@dataclass(frozen=True, slots=True)
class FiguredFormat:
    """A chat format of which only a `ChatOverhead` is known.

    Attributes:
        overhead: its figures.
        name: for people.
    """

    overhead: ChatOverhead
    name: str

    def render(self, request: Request, options: ChatOptions) -> Rendered | None:
        """None: what is written around the texts is not known."""
        return None

    def count(self, request: Request, meter: Meter, options: ChatOptions) -> Counted:
        """The request's parts.

        Raises:
            UsageError: a medium has no rule.
        """
        figures = self.overhead
        ledger = Ledger(meter, self.name, "as given", "counted")
        count_tools(request, ledger, prompt=_TOOLS, tool=_TOOL, spread=(1.0, 1.0, 1.0))
        count_response_format(request, ledger, extra=0)
        for message in request.messages:
            own = (figures.roles or {}).get(message.role, figures.message)
            framing = Framing(own, 0, figures.name, _CALL, 0, role=False)
            framing.count_message(message, ledger)
        ledger.add(Owner(None, "assistant", "framing"), exactly(figures.reply))
        return Counted(merged(ledger.parts))


def figured(overhead: OverheadName | ChatOverhead) -> FiguredFormat:
    """A framing by its name or its figures.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(overhead, ChatOverhead):
        return FiguredFormat(overhead, "the given overhead")
    check_type("overhead", overhead, str, ChatOverhead)
    check_choice("overhead", overhead, OVERHEADS)
    return FiguredFormat(OVERHEADS[overhead], f"{overhead}'s overhead")
