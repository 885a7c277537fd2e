"""Tools and their calls as DeepSeek writes them since V3.2, in tags of its own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ctxtools.messages.chat.deepseek.json_text import parse_object, to_json
from ctxtools.messages.chat.deepseek.tools import Definition
from ctxtools.messages.chat.deepseek.turns import Turn, where
from ctxtools.messages.chat.deepseek.writer import DSML, Writer
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.request import ToolCall


class Tags(NamedTuple):
    """How a model writes calls.

    Attributes:
        block: the tag around all calls of a turn.
        call: the tag of a call.
        parameter: the tag of a parameter.
        number: writes a float.
        blank_line: stands for the parameters of a call without any.
    """

    block: str
    call: str
    parameter: str
    number: Callable[[float], str] = float.__repr__
    blank_line: bool = True

    def open(self) -> str:
        """What begins the calls of a turn."""
        return f"\n\n<{DSML}{self.block}>\n"


def write_calls(writer: Writer, turn: Turn, calls: Iterable[ToolCall], tags: Tags) -> None:
    """Write the calls of a turn."""
    frame = turn.owner()
    writer.template(tags.open(), frame)
    for call in calls:
        owner = turn.owner("tool call", call.name)
        writer.template(f'<{DSML}{tags.call} name="', owner)
        writer.plain(call.name, owner)
        writer.template('">\n', owner)
        what = f"the call of {call.name!r:.100} in {where(turn.message)}"
        arguments = _arguments(call)
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


def _arguments(call: ToolCall) -> Mapping[str, Any]:
    if not isinstance(call.arguments, str):
        return call.arguments
    found = parse_object(call.arguments)
    return {"arguments": call.arguments} if found is None else found


def write_tools(writer: Writer, tools: Iterable[Definition], tags: Tags) -> None:
    """Write the tools, a line each."""
    for tool in tools:
        owner = Owner(None, None, "tools", tool.name)
        writer.plain(to_json(tool._asdict(), tool.what, number=tags.number) + "\n", owner)
