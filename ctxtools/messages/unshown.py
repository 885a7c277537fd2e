"""What a request holds and its chat format does not show to the model: it takes no tokens.

Formats say so themselves where they know why. Whatever they do not say is said here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ctxtools.messages.parts import Kind, Part
from ctxtools.messages.request import Message, Request, Text, ToolCall, ToolResult

_MAX_NAMED = 6  # messages in a note


def named_messages(numbers: Iterable[int | None]) -> str:
    """Messages by their numbers: "messages 0, 3 and 5"."""
    found = [str(number) for number in dict.fromkeys(numbers) if number is not None]
    if not found:
        return "the system message"
    if len(found) > _MAX_NAMED:
        found = [*found[: _MAX_NAMED - 1], f"{len(found) - _MAX_NAMED + 1} others"]
    *others, last = found
    return f"messages {', '.join(others)} and {last}" if others else f"message {last}"


def unshown(
    request: Request, parts: Sequence[Part], notes: Sequence[str], *, traced: bool
) -> Iterator[str]:
    """Notes on what has no part.

    Args:
        request: as it was read.
        parts: that were counted of it.
        notes: of the format.
        traced: the format follows each text, and its notes say which of them it leaves out.
    """

    def unsaid(*words: str) -> bool:
        return not any(word in note for note in notes for word in words)

    kinds = {part.kind for part in parts}
    form = request.response_format
    has_form = form is not None and form.get("type") != "text"
    if has_form and "response format" not in kinds and unsaid("response format"):
        yield "this format does not show the response format to the model"
    has_tools = bool(request.tools) and request.tool_choice != "none"
    if has_tools and "tools" not in kinds and unsaid("show tools", "shows it no tools"):
        yield "this format does not show tools to the model"
    names = any(message.name and message.role != "function" for message in request.messages)
    if names and "name" not in kinds:
        yield "this format does not show the names of messages to the model"
    thinks = any("thinking" in _kinds(message) for message in request.messages)
    if thinks and "thinking" not in kinds and unsaid("thought", "leaves out the thinking"):
        yield "this format does not show again what the model thought"
    for key in dict.fromkeys(key for key, _ in request.unsent):
        of_key = [number for each, number in request.unsent if each == key]
        if None in of_key:
            yield f"the {key} of the request is not counted: it is billed as output"
            continue
        where = named_messages(number for number in of_key if number is not None)
        yield f"the {key} of {where} are not counted: the interface does not show them to the model"
    for kind, numbers in _lost(request, parts).items() if not traced else ():
        yield f"this format does not show the {kind} of {named_messages(numbers)}"


def _lost(request: Request, parts: Iterable[Part]) -> Mapping[Kind, Sequence[int]]:
    """Messages of which a kind of content, thinking aside, has no part."""
    turn_of = _turns(request)
    shown = {(turn_of.get(part.message), part.kind) for part in parts}
    lost: dict[Kind, list[int]] = {}
    for message in request.messages:
        number = message.number
        for kind in _kinds(message):
            if number is not None and kind != "thinking" and (turn_of[number], kind) not in shown:
                lost.setdefault(kind, []).append(number)
    return lost


def _turns(request: Request) -> Mapping[int | None, int]:
    """The first number of the turn of each message: items of a turn may be counted as one."""
    turns: dict[int | None, int] = {}
    last: Message | None = None
    for message in request.messages:
        if message.number is not None:
            joins = last is not None and request.shape == "responses" and last.role == message.role
            turns[message.number] = turns[last.number] if last and joins else message.number
            last = message
    return turns


def _kinds(message: Message) -> dict[Kind, None]:
    """The kinds of a message's contents that are text; in their order."""
    found: dict[Kind, None] = {}
    for each in message.content:
        if isinstance(each, Text) and each.text.strip():
            found[each.kind] = None
        elif isinstance(each, ToolCall):
            found["tool call"] = None
        elif isinstance(each, ToolResult):
            texts = (one.text for one in each.content if isinstance(one, Text))
            if any(text.strip() for text in texts):
                found["tool result"] = None
    return found
