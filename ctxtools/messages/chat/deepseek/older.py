"""DeepSeek V3, R1, R1-0528 and V3.1, as the chat templates in their repositories render them.

The templates have peculiarities that are kept: V3 shows no calls beside a text, V3 and R1 open the
assistant's turn for the first call of a conversation alone, and none of them shows tools.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.writer import (
    ASSISTANT,
    BOS,
    END_THINK,
    EOS,
    THINK,
    USER,
    Writer,
)
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.media.items import NOUNS, Media, media_kind
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Content, Message, Request, Text, ToolCall, ToolResult

Template = Literal["v3", "r1", "r1-0528", "v3.1"]

_CALLS, _END_CALLS = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
_CALL, _END_CALL = "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>"
_OUTPUTS, _END_OUTPUTS = "<｜tool▁outputs▁begin｜>", "<｜tool▁outputs▁end｜>"
_OUTPUT, _END_OUTPUT = "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"
_SEPARATOR = "<｜tool▁sep｜>"
_FRAME = Owner(None, None, "framing")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A message as a template reads it.

    Attributes:
        role: system, user, assistant or tool.
        content: None is only an assistant's, beside calls.
        calls: of tools.
        prefix: the model continues it.
        message: what it was made of.
    """

    role: str
    content: str | None
    calls: tuple[ToolCall, ...]
    prefix: bool
    message: Message

    def owner(self, kind: Kind = "framing", label: str = "") -> Owner:
        """The owner of a piece of it."""
        return Owner(self.message.number, self.message.role, kind, label)

    @property
    def answer(self) -> str:
        """What an assistant said, without what it thought before."""
        return (self.content or "").split(END_THINK)[-1]


def render(request: Request, options: ChatOptions, *, template: Template) -> Rendered:
    """A request as a chat template shows it to a model.

    Raises:
        UsageError: the template cannot show something of the request, which is named.
    """
    assert template in get_args(Template)
    for name, value in (("version", options.version), ("template", options.template)):
        if value:
            raise UsageError(f"the chat template of DeepSeek {template.upper()} takes no {name}")
    entries = [each for message in request.messages for each in _entries(message)]
    if not entries:
        raise UsageError("the conversation has no message", hint="add a user message")
    writer = Writer()
    writer.template(BOS, _FRAME)
    _systems(writer, entries)
    _TEMPLATES[template](writer, entries, options)
    return Rendered(writer.pieces, tuple(_notes(request, options, template)))


def _systems(writer: Writer, entries: list[_Entry]) -> None:
    """System texts, which all come first."""
    systems = [each for each in entries if each.role == "system"]
    for number, each in enumerate(systems):
        writer.template("\n\n" if number else "", each.owner())
        writer.plain(each.content or "", each.owner("text"))


# --------------------------------------------------------------------------------------- templates


def _write_v3(writer: Writer, entries: list[_Entry], options: ChatOptions) -> None:
    in_tool = called = False
    outputs = _Outputs(writer, "\n")
    for each in entries:
        frame = each.owner()
        if each.role == "user":
            in_tool = False
            writer.template(USER, frame)
            writer.plain(each.content or "", each.owner("text"))
        elif each.role == "assistant" and each.content is None:
            in_tool = False
            for call in each.calls:
                owner = each.owner("tool call", call.name)
                writer.template("\n" if called else ASSISTANT + _CALLS, frame)
                _fenced_call(writer, call, owner)
                writer.template(_END_CALLS + EOS if called else "", frame)
                called = True
        elif each.role == "assistant":
            writer.template(_END_OUTPUTS if in_tool else ASSISTANT, frame)
            writer.plain(each.content or "", each.owner("text"))
            writer.template(EOS, frame)
            in_tool = False
        elif each.role == "tool":
            in_tool = True
            outputs.write(each)
    _end(writer, options, in_tool=in_tool, opening=ASSISTANT)


def _write_r1(writer: Writer, entries: list[_Entry], options: ChatOptions) -> None:
    in_tool = called = False
    outputs = _Outputs(writer, "")
    for each in entries:
        frame = each.owner()
        if each.role == "user":
            in_tool = False
            writer.template(USER, frame)
            writer.plain(each.content or "", each.owner("text"))
        elif each.role == "assistant" and each.calls:
            in_tool = False
            for call in each.calls:
                if not called:
                    writer.template(ASSISTANT, frame)
                    writer.plain(each.content or "", each.owner("text"))
                writer.template("\n" if called else _CALLS, frame)
                _fenced_call(writer, call, each.owner("tool call", call.name))
                called = True
            writer.template(_END_CALLS + EOS, frame)
        elif each.role == "assistant":
            writer.template(_END_OUTPUTS if in_tool else ASSISTANT, frame)
            said = (each.content or "") if in_tool else each.answer
            writer.plain(said, each.owner("text"))
            writer.template(EOS, frame)
            in_tool = False
        elif each.role == "tool":
            in_tool = True
            outputs.write(each)
    _end(writer, options, in_tool=in_tool, opening=f"{ASSISTANT}{THINK}\n")


def _write_r1_0528(writer: Writer, entries: list[_Entry], options: ChatOptions) -> None:
    in_tool = after_user = False
    outputs = _Outputs(writer, "\n")
    for each in entries:
        frame = each.owner()
        if each.role == "user":
            in_tool, after_user = False, True
            writer.template(USER, frame)
            writer.plain(each.content or "", each.owner("text"))
            writer.template(ASSISTANT, frame)
        elif each.role == "assistant":
            writer.template(_END_OUTPUTS if in_tool else "", frame)
            in_tool = after_user = False
            writer.plain(each.answer, each.owner("text"))
            for number, call in enumerate(each.calls):
                writer.template("\n" if number else _CALLS, frame)
                _fenced_call(writer, call, each.owner("tool call", call.name))
            if each.calls:
                outputs = _Outputs(writer, "\n")
                writer.template(_END_CALLS, frame)
            writer.template(EOS, frame)
        elif each.role == "tool":
            in_tool, after_user = True, False
            outputs.write(each)
    _end(writer, options, in_tool=in_tool, opening="" if after_user else ASSISTANT)


def _write_v31(writer: Writer, entries: list[_Entry], options: ChatOptions) -> None:
    in_tool = after_user = False
    for each in entries:
        frame = each.owner()
        if each.role == "user":
            in_tool, after_user = False, True
            writer.template(USER, frame)
            writer.plain(each.content or "", each.owner("text"))
        elif each.role == "assistant":
            thinks = bool(each.prefix and options.thinking and not each.calls)
            if after_user:
                writer.template(ASSISTANT + (THINK if thinks else END_THINK), frame)
            _, tag, after = (each.content or "").partition(END_THINK)
            dropped = tag and not in_tool and not each.calls
            writer.plain(after if dropped else each.content or "", each.owner("text"))
            for number, call in enumerate(each.calls):
                writer.template("" if number else _CALLS, frame)
                owner = each.owner("tool call", call.name)
                writer.template(_CALL, owner)
                writer.plain(call.name, owner)
                writer.template(_SEPARATOR, owner)
                writer.plain(call.arguments_text(), owner)
                writer.template(_END_CALL, owner)
            writer.template(_END_CALLS if each.calls else "", frame)
            writer.template(EOS, frame)
            in_tool = after_user = False
        elif each.role == "tool":
            in_tool, after_user = True, False
            _output(writer, each)
    opening = ASSISTANT + (THINK if options.thinking else END_THINK)
    _end(writer, options, in_tool=False, opening=opening if after_user else "")


_TEMPLATES: Mapping[Template, Callable[[Writer, list[_Entry], ChatOptions], None]] = {
    "v3": _write_v3,
    "r1": _write_r1,
    "r1-0528": _write_r1_0528,
    "v3.1": _write_v31,
}


def _fenced_call(writer: Writer, call: ToolCall, owner: Owner) -> None:
    writer.template(f"{_CALL}function{_SEPARATOR}", owner)
    writer.plain(f"{call.name}\n```json\n{call.arguments_text()}\n```", owner)
    writer.template(_END_CALL, owner)


class _Outputs:
    """Writes results, of which the first opens a group; most templates never open another one."""

    def __init__(self, writer: Writer, separator: str) -> None:
        self._writer, self._separator, self._first = writer, separator, True

    def write(self, entry: _Entry) -> None:
        """Write a result."""
        self._writer.template(_OUTPUTS if self._first else self._separator, entry.owner())
        self._first = False
        _output(self._writer, entry)


def _output(writer: Writer, entry: _Entry) -> None:
    writer.template(_OUTPUT, entry.owner())
    writer.plain(entry.content or "", entry.owner("tool result"))
    writer.template(_END_OUTPUT, entry.owner())


def _end(writer: Writer, options: ChatOptions, *, in_tool: bool, opening: str) -> None:
    if in_tool:
        writer.template(_END_OUTPUTS, _FRAME)
    elif options.generation_prompt:
        writer.template(opening, _FRAME)


# ----------------------------------------------------------------------------------------- reading


def _entries(message: Message) -> Iterator[_Entry]:
    role = "assistant" if message.role == "model" else message.role
    if role not in ("system", "user", "assistant", "tool"):
        hint = 'use "system"' if role == "developer" else None
        raise UsageError(
            f"{message.where} has the role {message.role!r}, which the template does not show",
            hint=hint,
        )
    texts: list[str] = []
    calls: list[ToolCall] = []
    for each in message.content:
        if isinstance(each, Text) and (each.kind == "text" or role == "assistant"):
            if each.kind == "refusal":
                raise UsageError(
                    f"{message.where} has a refusal, which the template has not",
                    hint="give it as the message's text",
                )
            texts += [each.text] if each.kind == "text" else []
        elif isinstance(each, ToolCall) and role == "assistant":
            calls.append(each)
        elif isinstance(each, ToolResult) and role in ("user", "tool"):
            inner = [text.text for text in each.content if isinstance(text, Text)]
            if len(inner) < len(each.content):
                raise UsageError(
                    f"the tool result in {message.where} is not text alone",
                    hint="leave out what is not text",
                )
            yield _Entry("tool", "\n".join(inner), (), False, message)
        else:
            name = _name(each)
            raise UsageError(
                f"{message.where}, of the role {message.role!r}, has {name}, which the template "
                "does not show",
                hint="leave it out, or give it as text",
            )
    if role == "tool" or (role == "user" and not texts and message.content):
        return
    raw = message.raw or {}
    content = "\n".join(texts) if texts or raw.get("content") in ("", []) else None
    if content is None and not calls:
        if role == "assistant":
            raise UsageError(
                f"{message.where} has neither a content nor a tool call",
                hint='leave it out, or give it the content ""',
            )
        content = ""
    yield _Entry(role, content, tuple(calls), raw.get("prefix") is True, message)


def _notes(request: Request, options: ChatOptions, template: Template) -> Iterator[str]:
    thinks = {"v3": False, "r1": True, "r1-0528": True}.get(template)
    asked = options.thinking if options.effort is None else options.effort != "none"
    if thinks is not None and asked is not None and asked != thinks:
        yield f"the model {'always' if thinks else 'never'} thinks, whatever is asked for"
    if template == "v3.1" and options.thinking is None:
        yield "thinking is off, which is the model's default"
    if options.effort not in (None, "none"):
        yield "the chat template knows no efforts"
    if request.tools:
        yield "the model's chat template shows it no tools; an engine may have one that does"
    if request.response_format and request.response_format.get("type") != "text":
        yield "the model's chat template does not show the response format"
    contents = [(message, each) for message in request.messages for each in message.content]
    if any(
        isinstance(each, Text)
        and (each.kind == "thinking" or (END_THINK in each.text and message.role == "assistant"))
        for message, each in contents
    ):
        yield "what the model thought before is not shown to it again"
    if template == "v3" and any(
        {type(each) for each in message.content} >= {Text, ToolCall} for message in request.messages
    ):
        yield "the model's chat template shows no tool calls beside a text"
    if any(_text_count(message) > 1 for message in request.messages):
        yield "several texts of a message are joined by line breaks, as vLLM does"


def _text_count(message: Message) -> int:
    return sum(isinstance(each, Text) and each.kind == "text" for each in message.content)


def _name(content: Content) -> str:
    if isinstance(content, Media):
        return NOUNS[media_kind(content)]
    if isinstance(content, Text):
        return f"a {content.kind}" if content.kind != "thinking" else "thoughts"
    return "a tool call" if isinstance(content, ToolCall) else "a tool result"
