"""The application, by typer: its commands. What stops one becomes a message and an exit code.

`quick.py` reads most command lines, for which typer is not imported.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ctxtools.cli.boundary import exit_code_of, fail
from ctxtools.cli.declarations import Command, Parameter, call, parameters_of
from ctxtools.cli.quick import COMMANDS, GROUPS, find_command
from ctxtools.cli.streams import make_streams_visible
from ctxtools.errors import os_reason
from ctxtools.escape import one_line
from ctxtools.suggestions import closest_match

# Of click, of which typer may have its own copy.
_WrongUsage: type[Exception] = typer.BadParameter.__bases__[0]


@contextmanager
def _usage_errors_on_one_line() -> Iterator[None]:
    """What is wrong with the command line quotes it, and rich prints that around our streams."""
    try:
        yield
    except _WrongUsage as error:
        quoting: Any = error
        message = one_line(quoting.format_message())
        quoting.format_message = lambda: message
        raise


def for_typer(command: Command) -> Callable[..., None]:
    """A command as typer takes one: a function whose arguments are the options."""

    def run(**values: Any) -> None:
        if code := call(command, values):
            raise typer.Exit(code)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(each.name, keyword, default=each.default, annotation=_annotation(each))
        for each in parameters_of(command)
    ]
    run.__doc__ = command.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _annotation(parameter: Parameter) -> Any:
    option = parameter.option
    facts: dict[str, Any] = {
        "help": option.help,
        "metavar": option.metavar,
        "show_default": option.show_default,
        "min": option.min,
        "callback": option.callback,
        "rich_help_panel": option.panel,
    }
    kind = typer.Argument if option.is_argument else typer.Option
    return Annotated[parameter.type, kind(*option.spellings, **facts)]


class _Lazy(TyperGroup):
    """Commands that are loaded when they are called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except _WrongUsage as error:
            unknown: Any = error
            meant = closest_match(args[0], self.list_commands(ctx))
            if meant:
                unknown.message += f" {meant.capitalize()}"
            raise


class _Group(_Lazy):
    """Loads and runs a command, and turns what stops it into a message and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(dict.fromkeys(name.partition(" ")[0] for name in COMMANDS))

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in self.commands and name in GROUPS:
            self.commands[name] = _group(name)
        elif name not in self.commands and name in COMMANDS:
            self.commands[name] = _single(name, name)
        return self.commands.get(name)

    def main(self, *args: Any, **extra: Any) -> Any:
        make_streams_visible()
        return super().main(*args, **extra)

    @_usage_errors_on_one_line()
    def make_context(self, *args: Any, **extra: Any) -> Any:
        # Of what runs here, before any command, only --install-completion touches files.
        installs = "--install-completion" in args[1]  # before it is parsed, which empties it
        try:
            return super().make_context(*args, **extra)
        except (typer.Exit, typer.Abort, _WrongUsage, SystemExit):
            raise
        except BaseException as error:
            reason = str(error)
            if isinstance(error, OSError):
                installs = installs and error.filename is not None  # otherwise it is stdout
                reason = f"{error.filename}: {os_reason(error)}"
            if not installs or not isinstance(error, OSError | RuntimeError | UnicodeError):
                raise typer.Exit(exit_code_of(error)) from None
            raise typer.Exit(
                fail(
                    f"shell completion cannot be installed: {reason}",
                    "set HOME to a folder that you can write to, or add what --show-completion "
                    "prints to your shell's start-up file",
                )
            ) from None

    @_usage_errors_on_one_line()
    def invoke(self, ctx: Any) -> Any:
        code = 0
        try:
            super().invoke(ctx)
        except _WrongUsage:
            raise
        except typer.Exit as done:
            code = done.exit_code
        except BaseException as error:
            code = exit_code_of(error)
        try:
            sys.stdout.flush()  # here, while an error can still be reported
        except OSError as error:
            code = exit_code_of(error) or code
        raise typer.Exit(code)


class _Inner(_Lazy):
    """The commands whose first word is that of the group."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = (name.partition(" ") for name in COMMANDS)
        return [name for first, _, name in names if first == self.name and name]

    def get_command(self, ctx: Any, name: str) -> Any:
        whole = f"{self.name} {name}"
        if name not in self.commands and whole in COMMANDS:
            self.commands[name] = _single(whole, name)
        return self.commands.get(name)


def _group(name: str) -> Any:
    inner = typer.Typer(
        cls=_Inner,
        name=name,
        help=GROUPS[name],
        no_args_is_help=True,
        add_completion=False,
        **_SETTINGS,
    )
    inner.callback()(lambda: None)
    group = typer.main.get_group(inner)
    group.name = name
    return group


def _single(command: str, name: str) -> Any:
    single = typer.Typer(add_completion=False, **_SETTINGS)
    single.command(name)(for_typer(find_command(command)))
    return typer.main.get_command(single)


_SETTINGS: dict[str, Any] = {
    "rich_markup_mode": "rich",
    "pretty_exceptions_enable": False,
    "suggest_commands": False,  # typer knows those alone that are loaded
    # Color is rich's alone: of what else is printed, an escape is a stranger's.
    "context_settings": {"help_option_names": ["-h", "--help"], "color": False},
}
app = typer.Typer(cls=_Group, no_args_is_help=True, **_SETTINGS)


def _version(wanted: bool) -> None:
    if wanted:
        from ctxtools import __version__

        print(f"ctxtools {__version__}")
        raise typer.Exit


@app.callback()
def ctx(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Count, chunk and pack text for the context windows of language models: exactly, offline."""
