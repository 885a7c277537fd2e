"""Tools and their calls as DeepSeek writes them since V3.2, in tags of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.json_text import (
    Numbers,
    parse_object,
    parse_python,
    to_json,
)
from ctxtools.messages.chat.deepseek.tools import Definition
from ctxtools.messages.chat.deepseek.turns import Turn
from ctxtools.messages.chat.deepseek.writer import DSML, Writer
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.request import Tool, ToolCall


class Tags(NamedTuple):
    """How a model writes calls.

    Attributes:
        block: the tag around all calls of a turn.
        call: the tag of a call.
        parameter: the tag of a parameter.
        number: writes a number.
        arguments: what a JSON text of arguments stands for; a `ValueError` refuses it.
        blank_line: stands for the parameters of a call without any.
    """

    block: str
    call: str
    parameter: str
    number: Numbers
    arguments: Callable[[str], Mapping[str, Any]]
    blank_line: bool = True

    def open(self) -> str:
        """What begins the calls of a turn."""
        return f"\n\n<{DSML}{self.block}>\n"


def recipe_arguments(text: str) -> Mapping[str, Any]:
    """Arguments as DeepSeek's interface reads them: what is no object is a text."""
    found = parse_object(text)
    return {"arguments": text} if found is None else found


def python_arguments(text: str) -> Mapping[str, Any]:
    """Arguments as V3.2's encoder reads them.

    Raises:
        ValueError: they are no object.
    """
    if not isinstance(found := parse_python(text), dict):
        raise ValueError(text)
    return found


def text_or_python_arguments(text: str) -> Mapping[str, Any]:
    """Arguments as V4's encoder reads them: what is no JSON is a text.

    Raises:
        ValueError: they are JSON, but no object.
    """
    try:
        found = parse_python(text)
    except ValueError:
        return {"arguments": text}
    if not isinstance(found, dict):
        raise ValueError(text)
    return found


def tolerant_arguments(text: str) -> Mapping[str, Any]:
    """Arguments as V4.1's encoder reads them: an object, or one as a JSON text, or else a text."""
    found: Any = text
    for _ in range(2):
        if isinstance(found, str):
            try:
                found = parse_python(found)
            except ValueError:
                break
    return found if isinstance(found, dict) else {"arguments": text}


def write_calls(writer: Writer, turn: Turn, calls: Iterable[ToolCall], tags: Tags) -> None:
    """Write the calls of a turn."""
    frame = turn.owner()
    writer.template(tags.open(), frame)
    for call in calls:
        owner = turn.owner("tool call", call.name)
        writer.template(f'<{DSML}{tags.call} name="', owner)
        writer.plain(call.name, owner)
        writer.template('">\n', owner)
        what = f"the call of {call.name!r:.100} in {turn.message.where}"
        arguments = call.arguments
        if isinstance(arguments, str):
            try:
                arguments = tags.arguments(arguments)
            except ValueError:
                raise UsageError(
                    f"{what} has arguments that are no JSON object",
                    hint='this encoder writes each argument by its name, as of {"city": "Paris"}',
                ) from None
        for name, value in arguments.items():
            is_text = isinstance(value, str)
            writer.template(f'<{DSML}{tags.parameter} name="', owner)
            writer.plain(str(name), owner)
            writer.template(f'" string="{"true" if is_text else "false"}">', owner)
            writer.plain(value if is_text else to_json(value, what, number=tags.number), owner)
            writer.template(f"</{DSML}{tags.parameter}>\n", owner)
        if not arguments and tags.blank_line:
            writer.template("\n", owner)
        writer.template(f"</{DSML}{tags.call}>\n", owner)
    writer.template(f"</{DSML}{tags.block}>", frame)


def write_raw_tools(writer: Writer, tools: Sequence[Tool], tags: Tags) -> None:
    """Write the functions as they were given, a line each, without a break after the last."""
    for number, tool in enumerate(tools):
        owner = Owner(None, None, "tools", tool.name)
        function = tool.raw.get("function", tool.raw)
        text = to_json(function, f"the tool {tool.name!r:.100}", number=tags.number)
        writer.plain("\n" + text if number else text, owner)


def write_tools(writer: Writer, tools: Iterable[Definition], tags: Tags) -> None:
    """Write the tools, a line each."""
    for tool in tools:
        owner = Owner(None, None, "tools", tool.name)
        writer.plain(to_json(tool._asdict(), tool.what, number=tags.number) + "\n", owner)
