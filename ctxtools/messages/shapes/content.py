"""What contents of several interfaces have in common: readers of parts, by their type.

A reader gets the fields of one part and yields contents. Each shape has a table of them; what is in
no table is refused by name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Media, MediaKind
from ctxtools.messages.request import Content, Text, ToolCall, ToolResult
from ctxtools.messages.shapes.sources import Sources
from ctxtools.messages.shapes.unsent import CONTENT
from ctxtools.messages.shapes.values import Fields, items, json_text, kind_of, refuse_type

PartReader = Callable[[Fields, Sources], Iterable[Content]]
Readers = Mapping[str, PartReader]


def read_parts(
    value: Any, path: str, readers: Readers, sources: Sources, what: str = "a part"
) -> Iterator[Content]:
    """The contents of a text, a list of parts, or nothing.

    Raises:
        UsageError: a part is of a type that has no reader, or is malformed; its path is named.
    """
    if value is None:
        return
    if isinstance(value, str):
        yield Text(value)
        return
    if not isinstance(value, list):
        raise UsageError(
            f"{path} must be a str or a list, got {kind_of(value)}",
            hint="a list has parts with a type, as chat APIs take them",
        )
    for at, each in items(value, path):
        if isinstance(each, str):
            yield Text(each)
            continue
        part = Fields(each, at, "a str or a mapping")
        kind = part.take("type")
        if kind is None and isinstance(part.peek("text"), str):
            kind = "text"
        reader = readers.get(kind) if isinstance(kind, str) else None
        if reader is None:
            raise refuse_type(at, kind, what, readers)
        yield from reader(part, sources)
        part.close(CONTENT)


def only_results(contents: Iterable[Content], path: str) -> tuple[Text | Media, ...]:
    """What a tool may return: texts and media.

    Raises:
        UsageError: there is something else.
    """
    found: list[Text | Media] = []
    for each in contents:
        if isinstance(each, ToolCall | ToolResult):
            what = "call" if isinstance(each, ToolCall) else "result"
            raise UsageError(
                f"{path}: a tool cannot return a {what} of a tool",
                hint="calls and results are contents of messages",
            )
        found.append(each)
    return tuple(found)


def read_role(message: Fields, roles: Sequence[str]) -> str:
    """The role of a message.

    Raises:
        UsageError: it has none, or one that the interface does not have.
    """
    role = message.take("role")
    if not isinstance(role, str):
        raise UsageError(f"{message.path} has no role", hint='give one, such as "user"')
    if role not in roles:
        raise UsageError(
            f"{message.path}: unknown role {role!r:.80}", hint=f"choose one of {', '.join(roles)}"
        )
    return role


def named_call(call: Fields, id: str) -> ToolCall:
    """The call of a tool, from its name and its arguments.

    Raises:
        UsageError: it has no name, or arguments of another kind.
    """
    name = call.take("name")
    if not isinstance(name, str):
        raise UsageError(f"{call.path}: a call without the name of a tool", hint="give its name")
    # LangChain's chunks of Anthropic's have an empty input, and what was streamed of it.
    arguments = call.json("arguments", "args", "input", "partial_json")
    if arguments is not None and not isinstance(arguments, str | Mapping):
        raise UsageError(
            f"{call.path}.arguments must be a JSON text or a mapping, got {kind_of(arguments)}",
            hint="pass them as the API returned them",
        )
    error = call.text("error", default="")
    call.close(CONTENT)
    if error and isinstance(arguments, str | None):
        arguments = f"{arguments or ''}{error}"
    return ToolCall(name, "" if arguments is None else arguments, id)


def text(part: Fields, sources: Sources) -> Iterator[Content]:
    yield Text(part.text("text"))


def refusal(part: Fields, sources: Sources) -> Iterator[Content]:
    yield Text(part.text("refusal"), "refusal")


def measures(part: Fields, kind: MediaKind) -> tuple[float, ...] | float | None:
    """Measures that stand beside a source, as `Sources.read` takes them; None if they do not."""
    width, height, seconds = (part.number(key) for key in ("width", "height", "seconds"))
    if kind == "image" and width and height:
        return width, height
    if kind == "video" and width and height and seconds:
        return width, height, seconds
    return seconds if kind == "audio" and seconds else None


def named(part: Fields, *keys: str) -> Iterator[Text]:
    """Names and titles that the model reads beside a document."""
    for key in keys:
        if title := part.text(key, default=""):
            yield Text(title)


def as_json(part: Fields, *keys: str) -> str:
    """The JSON text of some fields: what a provider shows of them is not known."""
    found = {key: value for key in keys if (value := part.take(key)) is not None}
    return json_text(found, part.path) if found else ""
