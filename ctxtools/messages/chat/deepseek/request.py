"""What DeepSeek's interface makes of a request before an encoder shows it to a model.

The rules are those of PyPI's deepseek-recipe 0.2.0, DeepSeek's own code for its interfaces in the
forms of OpenAI and Anthropic. What it refuses for its structure is refused here, with the message
that is at fault; what it refuses although the encoders can show it is a note.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.results import checked_results, merged_items
from ctxtools.messages.chat.deepseek.tools import chosen_tools
from ctxtools.messages.chat.deepseek.turns import Contents, Dialogue, Role, Turn
from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.media.items import Image, Media
from ctxtools.messages.request import (
    Content,
    Message,
    Request,
    Shape,
    Text,
    ToolCall,
    ToolResult,
)


class Ability(NamedTuple):
    """What differs between the models.

    Attributes:
        name: of the format, for messages.
        images: they are taken.
        later_systems: system messages may stand after the first message.
        developers: their messages have a role of their own.
        as_given: no message is changed or left out before the encoder gets it.
        separator: between the contents of a message.
    """

    name: str
    images: bool = False
    later_systems: bool = True
    developers: bool = False
    as_given: bool = False
    separator: str = "\n\n"


_EFFORTS = {
    "minimal": "low",
    "low": "low",
    "medium": "high",
    "high": "high",
    "xhigh": "xhigh",
    "ultra": "max",
    "max": "max",
}


def read_dialogue(
    request: Request, options: ChatOptions, ability: Ability, *, thinking: bool
) -> Dialogue:
    """What the encoders take of a request.

    Args:
        thinking: whether the model thinks if the options do not say so.

    Raises:
        UsageError: DeepSeek's interface refuses the request, or an option is unknown.
    """
    turns = [*read_turns(request, ability)]
    if request.shape == "responses":
        turns = merged_items(turns)
    turns = checked_results(turns)
    if not turns:
        raise UsageError("the conversation has no message", hint="add a user message")
    for turn in turns[:-1]:
        if turn.prefix:
            raise UsageError(
                f"{turn.message.where} has a prefix, which only the last one may",
                hint="the model goes on with the last message: leave the prefix of others out",
            )
    notes: list[str] = []
    choice = request.tool_choice
    if request.shape == "anthropic" and choice == "required":
        choice = None
        notes.append('DeepSeek\'s own interface takes Anthropic\'s tool choice "any" for "auto"')
    tools, call_required = chosen_tools(request.tools, choice)
    json, schema = _answer(request.response_format)
    thinks, effort = _thinking(options, thinking, notes)
    dialogue = Dialogue(
        tuple(_with_thinking(turn, thinks) for turn in turns),
        tools,
        call_required,
        schema,
        json,
        thinks,
        effort,
        (),
    )
    thoughts = [each for message in request.messages for each in _texts(message, "thinking")]
    if any(each.opaque for each in thoughts):
        notes.append("signatures and encrypted thinking are not shown to the model")
    if any(each.summary for each in thoughts):
        notes.append("summaries of what the model thought are not shown to it")
    if ability.later_systems and any(
        first.role == second.role == "reminder" for first, second in pairwise(turns)
    ):
        notes.append("of reminders that follow each other, the model is shown the first one")
    return replace(dialogue, notes=(*notes, *_remarks(dialogue, turns)))


# ---------------------------------------------------------------------------------------- messages


def read_turns(request: Request, ability: Ability) -> Iterator[Turn]:
    """The turns of a request, each made of a message or of a part of one.

    Raises:
        UsageError: a message has a role or a content that the model does not take.
    """
    for message in request.messages:
        role = _role(message, request.shape, ability)
        for content in message.content:
            _check(content, message, role, ability)
        if role == "assistant":
            for part in _items(message) if request.shape == "responses" else (message,):
                yield _assistant(part, request.shape, ability)
        elif role == "tool" or any(isinstance(each, ToolResult) for each in message.content):
            yield from _with_results(message, role, ability)
        else:
            yield from _plain(message, role, request.shape, ability)


def _role(message: Message, shape: Shape, ability: Ability) -> Role:
    match message.role:
        case "system" | "user" | "assistant" | "tool":
            return message.role
        case "latest_reminder":
            return "reminder"
        case "model" if shape == "gemini":
            return "assistant"
        case "developer" if ability.developers:
            return "developer"
        case "developer" if shape == "responses":
            return "system" if ability.later_systems else "user"
    hint = 'use "system"' if message.role == "developer" else None
    raise UsageError(
        f"{message.where} has the role {message.role!r}, which {ability.name} has not", hint=hint
    )


def _check(content: object, message: Message, role: Role, ability: Ability) -> None:
    """Refuse what a message of that role may not hold."""
    name: str
    if isinstance(content, Text):
        allowed = content.kind == "text" or (content.kind == "thinking" and role == "assistant")
        name = content.kind
    elif isinstance(content, ToolCall):
        allowed, name = role == "assistant", "tool call"
    elif isinstance(content, ToolResult):
        allowed, name = role in ("tool", "user"), "tool result"
        for inner in content.content:
            _check(inner, message, "tool", ability)
    else:
        textual = role in ("assistant", "reminder")
        allowed = isinstance(content, Image) and ability.images and not textual
        name = type(content).__name__.lower()
    if allowed:
        return
    if isinstance(content, Media):
        label = f" ({content.name})" if content.name else ""
        takes_it = ability.images and isinstance(content, Image)
        taken = f"takes none in messages of {message.role}" if takes_it else "does not take it"
        raise UsageError(
            f"{message.where} has {_article(name)}{label}, but {ability.name} {taken}",
            hint="take it out, or name a model that takes it, as deepseek-v4.1-flash takes images",
        )
    raise UsageError(
        f"{message.where}, of the role {message.role!r}, has {_article(name)}",
        hint=f"{ability.name} has it in no message of this role: leave it out, or give it as text",
    )


def _article(noun: str) -> str:
    if noun.startswith("thinking") or noun == "audio":
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _plain(message: Message, role: Role, shape: Shape, ability: Ability) -> Iterator[Turn]:
    contents = _shown(message.content)
    if ability.as_given:
        yield Turn(role, message, _joined(contents, ability.separator))
        return
    if role == "system":
        contents = _without_billing_header(contents, shape)
    joined = _joined(contents)
    if shape == "anthropic" and role == "system" and message.number is not None:
        if not ability.later_systems:
            if any(joined):
                reminder = ("<system-reminder>\n", *joined, "\n</system-reminder>")
                yield Turn("user", message, reminder)
            return
    elif shape == "anthropic" and role == "user":
        yield from (Turn("user", message, (each,)) for each in contents or ("",))
        return
    given = shape != "anthropic" and (shape != "responses" or message.number is None)
    if role == "system" and given and not any(joined):
        return
    yield Turn(role, message, joined)


def _with_results(message: Message, role: Role, ability: Ability) -> Iterator[Turn]:
    for each in message.content:
        if isinstance(each, ToolResult):
            inner = _joined(_shown(each.content), ability.separator)
            yield Turn("tool", message, inner, call_id=each.id, tool=each.name)
        elif role == "tool":
            raise UsageError(
                f"{message.where}, of a tool, does not say which call it answers",
                hint="give its tool_call_id",
            )
        else:
            yield Turn("user", message, tuple(_shown((each,))))


def _items(message: Message) -> Iterator[Message]:
    """The items of OpenAI's responses that a message was joined of; `merged_items` joins them.

    Of what the model thought, summaries are left out, and items without a text.
    """
    shown = [
        each
        for each in message.content
        if not (isinstance(each, Text) and each.kind == "thinking")
        or (each.text and not each.summary)
    ]
    for _, same in groupby(shown, lambda each: getattr(each, "kind", "call")):
        yield replace(message, content=tuple(same))
    if not message.content:
        yield message


def _assistant(message: Message, shape: Shape, ability: Ability) -> Turn:
    thoughts = [each.text for each in _texts(message, "thinking")]
    contents = [each.text for each in _texts(message, "text")]
    calls = tuple(each for each in message.content if isinstance(each, ToolCall))
    if not message.content and (message.raw or {}).get("content") is None:
        raise UsageError(
            f"{message.where} has neither a content nor a tool call",
            hint='leave it out, or give it the content ""',
        )
    separator = "\n" if shape == "responses" else "\n\n"
    if shape == "anthropic":  # an empty first text has nothing after it
        while len(contents) > 1 and not contents[0]:
            del contents[0]
    return Turn(
        "assistant",
        message,
        _joined(contents, ability.separator),
        thinking=separator.join(thoughts) if thoughts else None,
        calls=calls,
        prefix=(message.raw or {}).get("prefix") is True,
    )


def _texts(message: Message, kind: str) -> Iterator[Text]:
    return (each for each in message.content if isinstance(each, Text) and each.kind == kind)


def _shown(contents: Iterable[Content]) -> list[str | Media]:
    """The texts and media among contents that were checked."""
    return [
        each.text if isinstance(each, Text) else each
        for each in contents
        if isinstance(each, Text | Media)
    ]


def _joined(contents: Iterable[str | Media], separator: str = "\n\n") -> Contents:
    """Contents with a separator between them: blank lines, if nothing else is said."""
    joined: list[str | Media] = []
    for each in contents:
        joined += (separator, each) if joined else (each,)
    return tuple(joined)


_BILLING = "x-anthropic-billing-header"
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def _without_billing_header(contents: Sequence[str | Media], shape: Shape) -> list[str | Media]:
    """Contents of a system message without the header that Claude Code puts before them."""
    first, *rest = contents or ("",)
    if shape == "anthropic":
        is_header = isinstance(first, str) and first.lower().startswith(_BILLING)
        return rest if is_header and len(contents) > 1 else [*contents]
    if shape == "responses" or not isinstance(first, str) or not first.startswith(_BILLING):
        return [*contents]
    text = "".join(each for each in _joined(contents) if isinstance(each, str))
    ends = [at for each in ("\n", "You are") if (at := text.find(each)) >= 0]
    return [text[min(ends) :].lstrip(_WHITE_SPACE)] if ends else []


def _with_thinking(turn: Turn, thinking: bool) -> Turn:
    """The turn with the thinking that encoders get: none, or at least an empty one."""
    if turn.role != "assistant":
        return turn
    return replace(turn, thinking=(turn.thinking or "") if thinking else None)


# ---------------------------------------------------------------------------------------- the rest


def _answer(response_format: Mapping[str, Any] | None) -> tuple[bool, Any]:
    """Whether the answer is a JSON object, and its schema."""
    kind = response_format.get("type") if response_format else "text"
    match kind:
        case "json_schema":
            inner = response_format.get("json_schema") if response_format else None
            if not isinstance(inner, Mapping) or inner.get("schema") is None:
                raise UsageError(
                    "the response format has no schema",
                    hint='such as {"type": "json_schema", "json_schema": {"schema": {…}}}',
                )
            return False, inner["schema"]
        case "json_object":
            return True, None
        case "text" | "regex":
            return False, None
    raise UsageError(
        f"unknown response format {kind!r:.100}",
        hint="choose one of text, json_object, json_schema, regex",
    )


def _thinking(options: ChatOptions, default: bool, notes: list[str]) -> tuple[bool, str | None]:
    """Whether the model thinks, and how much."""
    if options.effort not in (None, "none", *_EFFORTS):
        known = ", ".join(("none", *_EFFORTS))
        raise UsageError(f"unknown effort {options.effort!r}", hint=f"choose one of {known}")
    if options.template:
        raise UsageError(
            "DeepSeek's own encoders take no values for a template",
            hint="say thinking= and effort=",
        )
    if options.thinking is not None:
        thinks = options.thinking
    elif options.effort is not None:
        thinks = options.effort != "none"
    else:
        thinks = default
        notes.append(f"thinking is {'on' if default else 'off'}, which is the model's default")
    return thinks, _EFFORTS.get(options.effort or "")


def _remarks(dialogue: Dialogue, turns: Sequence[Turn]) -> Iterator[str]:
    """What DeepSeek's interface would refuse, although the model could be shown it."""
    refused = "DeepSeek's own interface refuses "
    if dialogue.call_required and dialogue.thinking:
        yield f"{refused}a required tool call while the model thinks"
    if dialogue.json and not any(
        "json" in each.lower() for turn in turns for each in turn.content if isinstance(each, str)
    ):
        yield f'{refused}"json_object" unless a message has the word "json"'
    if turns[-1].prefix and (dialogue.json or dialogue.tools or any(t.calls for t in turns)):
        yield f"{refused}a prefix beside tools or JSON answers"
    if any(turn.thinking for turn in turns) and not (dialogue.thinking and dialogue.tools):
        yield "what the model thought before is not shown to it again without tools and thinking"
