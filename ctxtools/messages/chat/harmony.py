"""Harmony, the format of gpt-oss, as ``openai-harmony`` 0.0.8 writes it.

What OpenAI's chat interface takes becomes messages of harmony as OpenAI documents it: a system
message of the format's own; instructions and tools in a developer message; what the model thought
in the channel "analysis", what it said before a call in "commentary", its answers in "final"; a
call as a message to ``functions.NAME``, its result as one from there.

The template in the checkpoint differs in some details: it ends the developer message with an empty
line, writes calls as ``json`` without ``<|constrain|>``, and results as quoted JSON.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Break, Owner, Piece, Plain, Special
from ctxtools.messages.chat.typescript import rust_lines, typescript_type
from ctxtools.messages.media.items import Media
from ctxtools.messages.nesting import check_nesting
from ctxtools.messages.parts import Kind
from ctxtools.messages.request import Message, Request, Text, Tool, ToolCall, ToolResult

_IDENTITY = "You are ChatGPT, a large language model trained by OpenAI."
_CUTOFF = "2024-06"
_CHANNELS = (
    "# Valid channels: analysis, commentary, final. Channel must be included for every message."
)
_CALLS = "\nCalls to these tools must go to the commentary channel: 'functions'."
_EFFORTS = ("low", "medium", "high")
_INSTRUCTIONS = ("system", "developer")
_SETTINGS = ("model_identity", "conversation_start_date", "reasoning_effort")


class _Turn(NamedTuple):
    """A message of harmony."""

    channel: str
    pieces: list[Piece]
    is_answer: bool = False


def render(request: Request, options: ChatOptions) -> Rendered:
    """A request as gpt-oss sees it.

    Of ``options.template`` it takes those values that the checkpoint's template has:
    ``model_identity``, ``reasoning_effort``, and ``conversation_start_date``, where None leaves the
    date out; without one it is the day of ``options.now``, or today.

    Raises:
        UsageError: the request holds something that gpt-oss cannot be shown, which is named.
    """
    notes = [f"harmony has no use for {key}" for key in options.template if key not in _SETTINGS]
    if options.now is None and "conversation_start_date" not in options.template:
        notes.append(
            "the system message has today's date; the template option conversation_start_date sets "
            "another, or None, as openai-harmony's own default is"
        )
    if options.thinking is False:
        notes.append("gpt-oss always thinks; its effort can be low")
    first, rest = _split_instructions(request.messages)
    turns = [_system(request, options)]
    if first or request.tools or request.response_format:
        turns.append(_developer(first, request, notes))
    turns += _conversation(rest)
    pieces = [piece for turn in _without_old_analysis(turns, notes) for piece in turn.pieces]
    if options.generation_prompt:
        framing = Owner(None, None, "framing")
        pieces += (Special("<|start|>", framing), Plain("assistant", framing))
    return Rendered(pieces, tuple(notes))


def _split_instructions(
    messages: Sequence[Message],
) -> tuple[Message | None, Sequence[Message]]:
    """The instructions at the beginning, which go with the tools, and the other messages."""
    if messages and messages[0].role in _INSTRUCTIONS:
        first = messages[0]
        return (first if any(_texts(first)) else None), messages[1:]
    return None, messages


def _system(request: Request, options: ChatOptions) -> _Turn:
    settings = options.template
    lines = [str(settings.get("model_identity", _IDENTITY)), f"Knowledge cutoff: {_CUTOFF}"]
    today = (options.now or datetime.now()).strftime("%Y-%m-%d")
    if date := settings.get("conversation_start_date", today):
        lines.append(f"Current date: {date}")
    effort = options.effort or settings.get("reasoning_effort") or "medium"
    if effort not in _EFFORTS:
        raise UsageError(
            f"gpt-oss has no reasoning effort {effort!r:.100}", hint=f"give {', '.join(_EFFORTS)}"
        )
    text = "\n".join(lines) + f"\n\nReasoning: {effort}\n\n{_CHANNELS}"
    owner = Owner(None, "system", "framing")
    return _turn(owner, "system", [Plain(text + _CALLS if request.tools else text, owner)])


def _developer(first: Message | None, request: Request, notes: list[str]) -> _Turn:
    number = first.number if first else None
    role = first.role if first else "developer"
    framing = Owner(number, role, "framing")
    body: list[Piece] = [*_instructions(first)] if first else []
    if request.tools:
        body.append(Plain("\n\n" if body else "", framing))
        body += _tools(request.tools)
    if text := _response_format(request.response_format):
        owner = Owner(None, None, "response format")
        body += (Plain("\n\n" if body else "", owner), Plain(text, owner))
        notes.append(
            "the response format is written into the developer message, as OpenAI documents it; "
            "a server may constrain the output without that"
        )
    return _turn(framing, "developer", body)


def _instructions(message: Message) -> Iterator[Piece]:
    yield Plain("# Instructions\n\n", Owner(message.number, message.role, "framing"))
    yield Plain("\n".join(_texts(message)), Owner(message.number, message.role, "text"))


def _texts(message: Message) -> list[str]:
    """The texts of a message that can hold nothing else."""
    for each in message.content:
        if not isinstance(each, Text):
            raise _refusal(each, message)
    return [each.text for each in message.content if isinstance(each, Text)]


def _tools(tools: Iterable[Tool]) -> Iterator[Piece]:
    owner = Owner(None, None, "tools")
    yield Plain("# Tools\n\n## functions\n\nnamespace functions {\n\n", owner)
    for tool in tools:
        check_nesting(tool.parameters, f"the schema of the tool {tool.name!r:.100}")
        comment = "".join(f"// {line}\n" for line in rust_lines(tool.description or ""))
        given = "" if tool.parameters is None else f"_: {typescript_type(tool.parameters)}"
        text = f"{comment}type {tool.name} = ({given}) => any;\n\n"
        yield Plain(text, Owner(None, None, "tools", tool.name))
    yield Plain("} // namespace functions", owner)


def _response_format(given: Mapping[str, Any] | None) -> str:
    """OpenAI's "Response Formats" section of the developer message."""
    described = (given or {}).get("json_schema")
    if not isinstance(described, Mapping):
        return ""
    check_nesting(described, "the schema of the response format")
    schema = json.dumps(described.get("schema", {}), ensure_ascii=False, separators=(",", ":"))
    lines = [f"# Response Formats\n\n## {described.get('name', 'response')}\n"]
    if description := described.get("description"):
        lines.append(f"// {description}")
    return "\n".join([*lines, schema])


def _conversation(messages: Iterable[Message]) -> Iterator[_Turn]:
    names: dict[str, str] = {}
    last_name = ""
    for message in messages:
        if message.role in _INSTRUCTIONS:
            owner = Owner(message.number, message.role, "framing")
            if any(_texts(message)):
                yield _turn(owner, "developer", [*_instructions(message)])
        elif message.role in ("assistant", "model"):
            yield from _of_assistant(message)
            for each in message.content:
                if isinstance(each, ToolCall):
                    names[each.id] = last_name = each.name
        elif message.role in ("user", "tool", "function"):
            yield from _of_user(message, names, last_name)
        else:
            raise UsageError(
                f"{message.where} has the role {message.role!r:.100}, which is none of harmony's",
                hint="it has system, developer, user, assistant and tool",
            )


def _of_user(message: Message, names: Mapping[str, str], last_name: str) -> Iterator[_Turn]:
    """A user's texts, and results of tools wherever they are given."""
    texts: list[Text] = []
    for each in message.content:
        if isinstance(each, Text) and each.kind != "thinking":
            texts.append(each)
        elif isinstance(each, ToolResult):
            if texts:
                yield _spoken(message, texts)
            texts = []
            name = each.name or names.get(each.id) or last_name
            yield _result(message, each, name)
        else:
            raise _refusal(each, message)
    if message.role != "user" and texts:
        yield _result(message, ToolResult(tuple(texts)), message.name or last_name)
    elif texts or not message.content:
        yield _spoken(message, texts)


def _spoken(message: Message, texts: Sequence[Text]) -> _Turn:
    owner = Owner(message.number, message.role, "framing")
    return _turn(owner, "user", _joined(message, texts), name=message.name)


def _result(message: Message, result: ToolResult, name: str) -> _Turn:
    if not name:
        raise UsageError(
            f"{message.where} is the result of a tool whose name is not known",
            hint="give its name, or the call that it answers",
        )
    body: list[Piece] = []
    for each in result.content:
        if not isinstance(each, Text):
            raise _refusal(each, message)
        body += _text(message, each, "tool result", name)
    owner = Owner(message.number, message.role, "framing")
    source = Owner(message.number, message.role, "tool result", name)
    return _turn(
        owner,
        "",
        body,
        header=[Plain(f"functions.{name}", source), Break(), Plain(" to=assistant", owner)],
        channel="commentary",
    )


def _of_assistant(message: Message) -> Iterator[_Turn]:
    """What the model thought, said and called, each in the channel for it; empty texts in none."""
    calls = any(isinstance(each, ToolCall) for each in message.content)
    owner = Owner(message.number, message.role, "framing")
    texts: list[Text] = []
    found = False
    for channel, contents in groupby(message.content, partial(_channel, message, calls)):
        for each in contents if channel == "call" else ():
            assert isinstance(each, ToolCall)
            yield _call(message, each)
            found = True
        texts = [each for each in contents if isinstance(each, Text) and each.text]
        if texts:
            yield _answer(owner, _joined(message, texts), message.name, channel)
            found = True
    if not found:
        yield _answer(owner, [], message.name, "final")


def _channel(message: Message, calls: bool, content: object) -> str:
    if isinstance(content, ToolCall):
        return "call"
    if not isinstance(content, Text):
        raise _refusal(content, message)
    if content.opaque and not content.text:
        raise UsageError(
            f"{message.where} holds encrypted thinking, which gpt-oss cannot read",
            hint="leave it out, or count it for the model that wrote it",
        )
    return "analysis" if content.kind == "thinking" else "commentary" if calls else "final"


def _answer(owner: Owner, body: list[Piece], name: str | None, channel: str) -> _Turn:
    return _turn(owner, "assistant", body, name=name, channel=channel)


def _call(message: Message, call: ToolCall) -> _Turn:
    owner = Owner(message.number, message.role, "framing")
    own = Owner(message.number, message.role, "tool call", call.name)
    return _turn(
        owner,
        "assistant",
        [Plain(call.arguments_text(), own)],
        name=message.name,
        header=[Break(), Plain(f" to=functions.{call.name}", own)],
        channel="commentary",
        format=[Break(), Plain(" ", owner), Special("<|constrain|>", owner), Plain("json", owner)],
        end="<|call|>",
    )


def _turn(
    owner: Owner,
    role: str,
    body: list[Piece],
    *,
    name: str | None = None,
    header: Sequence[Piece] = (),
    channel: str = "",
    format: Sequence[Piece] = (),
    end: str = "<|end|>",
) -> _Turn:
    """A message; the encoder tokenizes each part of its header, and each content, on its own."""
    pieces: list[Piece] = [Special("<|start|>", owner), Plain(role, owner)]
    if name:
        own = Owner(owner.message, owner.role, "name")
        pieces += (Break(), Plain(f":{name}", own))
    pieces += header
    if channel:
        pieces += (Special("<|channel|>", owner), Plain(channel, owner), *format)
    pieces += (Special("<|message|>", owner), *body, Special(end, owner))
    return _Turn(channel, pieces, role == "assistant")


def _joined(message: Message, texts: Sequence[Text]) -> list[Piece]:
    return [piece for each in texts for piece in _text(message, each, each.kind)]


def _text(message: Message, text: Text, kind: Kind, label: str = "") -> list[Piece]:
    return [Plain(text.text, Owner(message.number, message.role, kind, label)), Break()]


def _without_old_analysis(turns: list[_Turn], notes: list[str]) -> list[_Turn]:
    """The turns without what the model thought before its first answer, once it has answered.

    As the encoder does it; OpenAI's guide says that all thinking before the last answer goes.
    """
    answers = [number for number, turn in enumerate(turns) if turn.channel == "final"]
    last = next((turn for turn in reversed(turns) if turn.is_answer), None)
    if not answers or last is None or last.channel != "final":
        return turns
    kept = [turn for i, turn in enumerate(turns) if turn.channel != "analysis" or i > answers[0]]
    if dropped := len(turns) - len(kept):
        notes.append(
            f"what was thought before the first answer is not sent: messages of analysis, {dropped}"
        )
    if any(turn.channel == "analysis" for turn in kept):
        notes.append(
            "what was thought between the first answer and the last is sent by openai-harmony "
            "0.0.8, and left out by OpenAI's guide"
        )
    return kept


def _refusal(content: object, message: Message) -> UsageError:
    if isinstance(content, Media):
        kind = type(content).__name__.lower()
        what = f"the {kind} {content.name}" if content.name else f"the {kind} of {message.where}"
        return UsageError(
            f"gpt-oss takes text only, not {what}", hint="give another model, or leave it out"
        )
    what = {ToolCall: "a tool call", ToolResult: "a tool result"}.get(type(content), "thinking")
    return UsageError(
        f"{message.where}, from {message.role!r:.100}, holds {what}: harmony has no form of it",
        hint="give calls and thinking in messages of the assistant, results in those of tools",
    )
