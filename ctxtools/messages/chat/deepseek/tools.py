"""The tools of a request as DeepSeek's encoders show them, and which of them may be called."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.strict import strict_schema
from ctxtools.messages.request import Tool
from ctxtools.suggestions import closest_match

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


class Definition(NamedTuple):
    """A tool as the encoders show it."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    @property
    def what(self) -> str:
        """How the tool is called in messages."""
        return f"the tool {self.name!r:.100}"


def chosen_tools(
    tools: Sequence[Tool], choice: str | Mapping[str, Any] | None
) -> tuple[tuple[Definition, ...], bool]:
    """The tools that the model is shown, and whether it has to call one.

    Raises:
        UsageError: a tool has no good name, two have the same, or the choice names none of them.
    """
    for number, tool in enumerate(tools):
        if not _NAME.fullmatch(tool.name):
            raise UsageError(
                f"tools[{number}] has the name {tool.name!r:.200}",
                hint="names have 1 to 128 of the characters a-z, A-Z, 0-9, _ and -",
            )
    kind, name = _read(choice)
    if kind == "none" or not tools:
        return (), False
    names = [tool.name for tool in tools]
    if len({*names}) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        raise UsageError(f"two tools have the name {twice!r}", hint="a tool is called by its name")
    if kind == "named" and name not in names:
        raise UsageError(
            f"tool_choice names the tool {name!r:.100}, which is not among the tools",
            hint=closest_match(name, names),
        )
    shown = tuple(
        Definition(tool.name, tool.description or "", _parameters(tool))
        for tool in tools
        if kind != "named" or tool.name == name
    )
    return shown, kind in ("named", "required")


def _parameters(tool: Tool) -> Mapping[str, Any]:
    function = tool.raw.get("function")
    if isinstance(function, Mapping) and function.get("strict") is True:
        return strict_schema(tool.parameters, f"the tool {tool.name!r:.100}")
    return {} if tool.parameters is None else tool.parameters


def _read(choice: str | Mapping[str, Any] | None) -> tuple[str, str]:
    """What a tool choice says: auto, none, required or named, and the name."""
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    match kind:
        case None | "auto":
            return "auto", ""
        case "none" | "required":
            return kind, ""
        case "function" | "tool" if isinstance(choice, Mapping):
            function = choice.get("function")
            name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
            if isinstance(name, str):
                return "named", name
    raise UsageError(
        f"unknown tool_choice {choice!r:.200}",
        hint='choose "auto", "none", "required" or one tool',
    )
