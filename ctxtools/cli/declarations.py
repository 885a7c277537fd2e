"""How commands declare their options: once, for the two that read a command line.

typer reads every command line, writes the help and says what is wrong (`app.py`), but takes longer
to import than most commands take to run. `quick.py` reads those that have nothing unusual. Both see
the declarations here, and neither is imported by a command.

A command is a function. Each of its parameters is annotated with a type and an `Option`, or with a
`Group` whose attributes are: options that are one value.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeGuard

_SLOW = 0.5  # seconds of processor time, of all threads

Command = Callable[..., int | None]
"""Returns its exit code, or None for 0."""


class Exit(Exception):
    """Ends a command with an exit code; outputs that are open are not written."""

    def __init__(self, code: int) -> None:
        self.code = code


class Option(NamedTuple):
    """An option, or an argument, of the command line.

    Attributes:
        help, metavar, show_default: for the help; ``panel`` is the title that it is under there.
        spellings: such as ``--limit`` and ``-l``, or ``--messages/--no-messages``; without any it
            is the parameter's name.
        min: of a number.
        callback: takes the value, given or not, and returns the one to use.
        is_argument: it has no spelling.
    """

    help: str
    spellings: tuple[str, ...] = ()
    panel: str | None = None
    metavar: str | None = None
    show_default: bool = True
    min: int | None = None
    callback: Callable[[Any], Any] | None = None
    is_argument: bool = False


class Parameter(NamedTuple):
    """One option as a command declares it; ``default`` is ``...`` if it has to be given."""

    name: str
    type: Any
    option: Option
    default: Any


class Group:
    """Options that are one value. A class declares them as its annotated attributes, in order.

    No dataclass, because `dataclasses` alone takes a tenth of the time of a short command.
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def option(*spellings: str, help: str, panel: str | None = None, **others: Any) -> Any:
    """Declare an option; see Option."""
    return Option(help, spellings, panel, **others)


def argument(*, help: str, **others: Any) -> Any:
    """Declare an argument; see Option."""
    return Option(help, is_argument=True, **others)


def panel(title: str) -> Callable[..., Any]:
    """`option` for those under one title of the help."""
    return partial(option, panel=title)


def parameters_of(command: Command) -> list[Parameter]:
    """The options of a command, those of its groups included, in the order of the help."""
    return [each for name, kind, default in _declared(command) for each in _of(name, kind, default)]


def call(command: Command, values: dict[str, Any]) -> int:
    """Call a command with the values of its options, and return its exit code.

    After a slow command it hints at a missing compiled kernel.
    """
    start = time.process_time()
    arguments = {}
    for name, kind, _ in _declared(command):
        if _is_group(kind):
            arguments[name] = kind(**{each: values[each] for each in _options_in(kind)})
        else:
            arguments[name] = values[name]
    try:
        code = command(**arguments) or 0
    except Exit as end:
        code = end.code
    is_loaded = "ctxtools._core" in sys.modules  # a stale kernel prevents that
    if is_loaded and time.process_time() - start > _SLOW and not values.get("quiet"):
        from ctxtools.cli.output.notices import hint_at_kernel

        hint_at_kernel()
    return code


def _declared(command: Command) -> Iterator[tuple[str, Any, Any]]:
    """Names, annotations and defaults: what `inspect.signature` finds in ten times the time."""
    function: Any = command
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = function.__code__
    count = code.co_argcount
    names = code.co_varnames[: count + code.co_kwonlyargcount]
    positional = function.__defaults__ or ()
    defaults = dict(zip(names[count - len(positional) : count], positional, strict=True))
    defaults |= function.__kwdefaults__ or {}
    for name in names:
        yield name, function.__annotations__[name], defaults.get(name, ...)


def _of(name: str, kind: Any, default: Any) -> Iterator[Parameter]:
    if not _is_group(kind):
        yield Parameter(name, kind.__origin__, kind.__metadata__[0], default)
        return
    for each, annotation in _options_in(kind).items():
        yield from _of(each, annotation, getattr(kind, each, ...))


def _is_group(kind: Any) -> TypeGuard[type[Group]]:
    return isinstance(kind, type) and issubclass(kind, Group)


def _options_in(group: type[Group]) -> dict[str, Any]:
    """The names of a group's options, and their annotations."""
    annotations: dict[str, Any] = {}
    for each in reversed(group.__mro__):
        annotations |= getattr(each, "__annotations__", {})
    return annotations
