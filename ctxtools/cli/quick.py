"""Reading a command line that has nothing unusual, without typer.

What is read here means what it means to typer. All else is left to it: help, errors, completion,
several short options in one word, values that look like options.
"""

import os
import types
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from ctxtools.cli.declarations import Command, Parameter, parameters_of

COMMANDS = {
    name: f"ctxtools.cli.commands.{module}"
    for name, module in (
        ("count", "count"),
        ("fits", "limits.fits"),
        ("check", "limits.check"),
        ("chunk", "chunk"),
        ("pack", "pack"),
        ("pack-sequences", "pack_sequences"),
        ("truncate", "truncate"),
        ("encode", "tokens"),
        ("decode", "tokens"),
        ("show", "show"),
        ("memory", "memory"),
        ("models", "models"),
        ("encodings", "encodings"),
        ("info", "info"),
        ("corpus count", "corpus"),
        ("corpus encode", "corpus"),
        ("corpus chunk", "corpus"),
        ("corpus pack", "corpus"),
        ("corpus verify", "corpus"),
        ("bench", "bench"),
        ("serve", "services.serve"),
        ("mcp", "services.mcp"),
    )
}
"""Where each command is, in the order of the help. Only the one that is called is imported."""

GROUPS = {
    "corpus": "Count, encode, chunk and pack tables of texts, each row once, on any machines."
}
"""The first words of commands of two, and what these do."""

_COMPLETION = "_CTX_COMPLETE"  # set by a shell that asks what could follow


class Call(NamedTuple):
    """A command, and the values of its options."""

    command: Command
    values: dict[str, Any]


class _Unusual(Exception):
    """typer is to read this command line."""


def find_command(name: str) -> Command:
    """The function of a command."""
    function = name.replace("-", "_").replace(" ", "_")
    command: Command = getattr(import_module(COMMANDS[name]), function)
    return command


def split_name(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of the command that words start with, and the words after it."""
    length = 2 if words and words[0] in GROUPS else 1
    return " ".join(words[:length]), words[length:]


def read_call(words: Sequence[str]) -> Call | None:
    """What a command line calls, or None: typer is to read it."""
    # On Windows typer expands patterns.
    name, rest = split_name(words)
    if name not in COMMANDS or os.name != "posix" or _COMPLETION in os.environ:
        return None
    command = find_command(name)
    try:
        values = read_values(parameters_of(command), rest)
    except _Unusual:
        return None
    return Call(command, values)


def read_values(parameters: Sequence[Parameter], words: Sequence[str]) -> dict[str, Any]:
    """The values of options, by name.

    Raises:
        _Unusual: typer is to read them.
    """
    given, arguments = _given(parameters, words)
    values = {}
    for each in parameters:
        if each.option.is_argument:
            count = len(arguments) if is_list(each.type) else 1
            texts, arguments = arguments[:count], arguments[count:]
        else:
            texts = given.get(each.name, [])
        value = _value(each, texts) if texts else each.default
        if value is ...:
            raise _Unusual
        values[each.name] = each.option.callback(value) if each.option.callback else value
    if arguments:
        raise _Unusual
    return values


def _given(
    parameters: Sequence[Parameter], words: Sequence[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """What was given for each option, in order, and the arguments. "" and "/" are on and off."""
    spelled = _spellings(parameters)
    given: dict[str, list[str]] = {}
    arguments: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            arguments += remaining
        elif word == "-" or word[:1] != "-":
            arguments.append(word)
        else:
            spelling, equals, value = word.partition("=") if word[:2] == "--" else (word, "", "")
            if spelling not in spelled:
                raise _Unusual
            name, flag = spelled[spelling]
            if flag is None and not equals:
                value = next(remaining, "-?")
                if value[:1] == "-" and value != "-":
                    raise _Unusual
            elif flag is not None and equals:
                raise _Unusual
            given.setdefault(name, []).append(value if flag is None else flag)
    return given, arguments


def _spellings(parameters: Sequence[Parameter]) -> dict[str, tuple[str, str | None]]:
    """Spelling -> the option's name, and what that spelling says of a flag; None for others."""
    spelled: dict[str, tuple[str, str | None]] = {}
    for each in parameters:
        if each.option.is_argument:
            continue
        is_flag = plain_type(each.type) is bool
        for spelling in each.option.spellings or (f"--{each.name.replace('_', '-')}",):
            on, _, off = spelling.partition("/")
            spelled[on] = (each.name, "" if is_flag else None)
            if off:
                spelled[off] = (each.name, "/")
    return spelled


def _value(parameter: Parameter, texts: list[str]) -> Any:
    kind = plain_type(parameter.type)
    if is_list(parameter.type):
        return texts  # all of them are of str
    text = texts[-1]
    if kind is bool:
        return text == ""
    if kind is str:
        return text
    if get_origin(kind) is Literal:
        if text in get_args(kind):
            return text
    elif kind is int and text.isascii() and text.isdigit():
        number, low = int(text), parameter.option.min
        if low is None or number >= low:
            return number
    raise _Unusual


def plain_type(kind: Any) -> Any:
    """A type without None."""
    if get_origin(kind) in (types.UnionType, Union):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind


def is_list(kind: Any) -> bool:
    """Whether values of this type are lists."""
    return get_origin(plain_type(kind)) is list
