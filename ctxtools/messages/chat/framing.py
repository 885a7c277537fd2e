"""Requests of which the text is known, and of the format around it only how many tokens it takes.

So it is with hosted models, whose formats are not public, and with every model whose format is not
known here. The figures are those of the rows of formats.toml: numbers, or intervals as (low,
typical, high).
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.chat.turns import continues
from ctxtools.messages.media.items import Media, media_kind
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Basis, Kind, Part
from ctxtools.messages.request import Content, Message, Request, Text, Tool, ToolCall, ToolResult
from ctxtools.models import Interval
from ctxtools.models.interval import exactly

Figure = int | Sequence[int]
"""Tokens: a number, or an interval's low, typical and high."""

# Of encrypted content: base64 of what was thought, so 4 characters are 3 bytes, and a token is 4
# bytes, at least 2 ("estimated": no vendor says it).
_BYTES_A_CHARACTER = 3 / 4
_BYTES_A_TOKEN = (2, 4)


@dataclass(slots=True)
class Ledger:
    """The parts of a request, as they are counted.

    Attributes:
        meter: counts texts and media.
        rule: the name of the format.
        source: where its figures are from.
        basis: how they are known.
        parts: those so far.
        position: their tokens.
    """

    meter: Meter
    rule: str
    source: str
    basis: Basis
    parts: list[Part] = field(default_factory=list)
    position: int = 0

    def add(self, owner: Owner, tokens: Interval, basis: Basis | None = None) -> None:
        """A part of which the format's figures say the tokens."""
        basis = basis or (self.basis if tokens.low == tokens.high else "estimated")
        self._add(owner, tokens, basis, self.rule, self.source)

    def text(self, owner: Owner, text: str) -> None:
        """A part that is text, as it is; an empty one is none."""
        if not text:
            return
        meter = self.meter
        self._add(owner, meter.text(text), meter.text_basis, meter.encoding.name, "")

    def media(self, owner: Owner, item: Media) -> None:
        """An image, a video, a recording or a document, with what the format writes around it."""
        found = self.meter.media(item, self.position)
        around = exactly(found.wrapper)
        self._add(owner, found.interval + around, found.basis, found.rule, found.source)

    def _add(self, owner: Owner, tokens: Interval, basis: Basis, rule: str, source: str) -> None:
        self.position += tokens.typical
        self.parts.append(owner.part(tokens, basis, rule, source))


@dataclass(frozen=True, slots=True)
class Framing:
    """What a format adds to messages. All are tokens.

    Attributes:
        message: for each message, the role aside where ``role`` counts it.
        reply: once, for what opens the answer.
        speaker: for a message with a name, beside the name.
        call: for each call of a tool, beside its name and its arguments.
        result: for each result of a tool, beside its content.
        role: the roles' names are counted as text.
    """

    message: Figure
    reply: Figure
    speaker: Figure
    call: Figure
    result: Figure
    role: bool

    def count(self, request: Request, ledger: Ledger) -> None:
        """The parts of the messages, and of the reply."""
        last: Message | None = None
        for message in request.messages:
            inside = request.shape == "responses" and last is not None and continues(last, message)
            self.count_message(message, ledger, inside=inside)
            last = message
        ledger.add(Owner(None, "assistant", "framing"), interval(self.reply))

    def count_message(self, message: Message, ledger: Ledger, *, inside: bool = False) -> None:
        """The parts of one message.

        Args:
            message: to be counted.
            ledger: gets the parts.
            inside: it is a further item of a turn, which may need no frame of its own.
        """

        def owner(kind: Kind, label: str = "") -> Owner:
            return Owner(message.number, message.role, kind, label)

        around = interval(self.message)
        if self.role:
            around += ledger.meter.text(message.role)
        if inside:
            around = Interval(0, 0, around.high)
        ledger.add(owner("framing"), around)
        if message.name:
            ledger.text(owner("name"), message.name)
            ledger.add(owner("framing"), interval(self.speaker))
        for each in message.content:
            self._content(each, ledger, owner, named=message.name is not None)

    def _content(
        self,
        content: Content,
        ledger: Ledger,
        owner: Callable[[Kind, str], Owner],
        *,
        named: bool,
    ) -> None:
        if isinstance(content, Text):
            self._text(content, ledger, owner(content.kind, ""))
        elif isinstance(content, ToolCall):
            ledger.add(owner("tool call", content.name), interval(self.call))
            ledger.text(owner("tool call", content.name), content.name)
            ledger.text(owner("tool call", content.name), content.arguments_text())
        elif isinstance(content, ToolResult):
            around = interval(self.result)
            if content.name and not named:  # some interfaces send the tool's name again
                name = ledger.meter.text(content.name)
                around += Interval(0, name.typical, name.high)
            ledger.add(owner("tool result", content.name), around)
            for each in content.content:
                kind: Kind = "tool result" if isinstance(each, Text) else media_kind(each)
                if isinstance(each, Text):
                    self._text(each, ledger, owner(kind, content.name))
                else:
                    ledger.media(owner(kind, each.name), each)
        else:
            ledger.media(owner(media_kind(content), content.name), content)

    def _text(self, content: Text, ledger: Ledger, owner: Owner) -> None:
        if content.kind != "thinking":
            ledger.text(owner, content.text)
            return
        # What was thought may be left out, wholly or in part, or be sent as it was encrypted.
        shown, hidden = ledger.meter.text(content.text), encrypted(content.opaque)
        high = shown.high + hidden.high
        found = Interval(0, min(max(shown.typical, hidden.typical), high), high)
        ledger.add(owner, found, "estimated")


def count_tools(
    request: Request, ledger: Ledger, *, prompt: Figure, tool: Figure, spread: Sequence[float]
) -> None:
    """The parts of tools that are sent as JSON, or in a form of about that length.

    Args:
        request: with the tools.
        ledger: gets the parts.
        prompt: once, for what tells the model of tools.
        tool: for each tool.
        spread: tokens of the form for each of the JSON: low, typical, high.
    """
    if not request.tools:
        return
    ledger.add(Owner(None, None, "tools"), interval(prompt))
    for each in request.tools:
        found = times(ledger.meter.text(tool_json(each)), spread)
        ledger.add(Owner(None, None, "tools", each.name), found + interval(tool))


def count_response_format(request: Request, ledger: Ledger, *, extra: Figure) -> None:
    """The part of a form that the answer must have; how it is shown to the model is not public."""
    form = request.response_format
    if form is None or form.get("type") == "text":
        return
    owner = Owner(None, None, "response format")
    found = interval(extra)
    if form.get("type") == "json_schema":
        text = json.dumps(form.get("json_schema"), ensure_ascii=False)
        found += times(ledger.meter.text(text), (0.0, 1.0, 1.5))
    ledger.add(owner, found, "estimated")


def thinks(request: Request) -> bool:
    """Whether a message holds what the model thought."""
    return any(_thoughts(message.content) for message in request.messages)


def _thoughts(contents: Sequence[Content]) -> bool:
    return any(isinstance(each, Text) and each.kind == "thinking" for each in contents)


def tool_json(tool: Tool) -> str:
    """A tool as a JSON text: its name, its description, its parameters."""
    found = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return json.dumps({k: v for k, v in found.items() if v is not None}, ensure_ascii=False)


def encrypted(opaque: str) -> Interval:
    """The tokens of encrypted content, by its length."""
    size = len(opaque) * _BYTES_A_CHARACTER
    high, typical = (math.ceil(size / each) for each in _BYTES_A_TOKEN)
    return Interval(0, typical, high)


def interval(figure: Figure) -> Interval:
    """A figure as an interval."""
    return exactly(figure) if isinstance(figure, int) else Interval(*figure)


def times(found: Interval, factors: Sequence[float]) -> Interval:
    """The interval of a product with low, typical and high factors, rounded outward."""
    low, typical, high = factors
    return Interval(
        math.floor(found.low * low), round(found.typical * typical), math.ceil(found.high * high)
    )
