"""The application: its commands, its exit codes, and how errors are shown.

Exit codes: 0 done, or "it fits"; 1 the answer is no; 2 an error, such as an unreadable file.
A closed pipe exits with 0, Ctrl-C with 130, SIGTERM with 143.
"""

import errno
import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from ctxtools.cli.signals import exit_interrupted
from ctxtools.errors import CtxtoolsError, os_reason
from ctxtools.escape import visible

# Where each command is, in the order of the help. Only the one that is called is imported.
_COMMANDS = {
    name: f"ctxtools.cli.commands.{module}"
    for name, module in (
        ("count", "count"),
        ("fits", "fits"),
        ("chunk", "chunk"),
        ("pack", "pack"),
        ("pack-sequences", "pack_sequences"),
        ("truncate", "truncate"),
        ("encode", "tokens"),
        ("decode", "tokens"),
        ("show", "show"),
        ("models", "models"),
        ("info", "info"),
        ("bench", "bench"),
    )
}
_SLOW = 0.5  # seconds of processor time, of all threads
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # nothing more can be written


class _Command(TyperCommand):
    """Hints, after a slow command, at a missing compiled kernel."""

    def invoke(self, ctx: Any) -> Any:
        start = time.process_time()
        try:
            result = super().invoke(ctx)
        except typer.Exit:
            self._hint(ctx, start)
            raise
        self._hint(ctx, start)
        return result

    def _hint(self, ctx: Any, start: float) -> None:
        seconds = time.process_time() - start
        loaded = "ctxtools._core" in sys.modules  # a stale kernel prevents that
        if loaded and seconds > _SLOW and not ctx.params.get("quiet"):
            from ctxtools.cli.output.notices import hint_at_kernel

            hint_at_kernel()


class _Group(TyperGroup):
    """Loads and runs a command, and turns what stops it into a message and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in _COMMANDS:
            return None
        if name not in self.commands:
            single = typer.Typer(add_completion=False, **_SETTINGS)
            function = getattr(import_module(_COMMANDS[name]), name.replace("-", "_"))
            single.command(name, cls=_Command)(function)
            self.commands[name] = typer.main.get_command(single)
        return self.commands[name]

    def make_context(self, *args: Any, **extra: Any) -> Any:
        # Of what runs here, before any command, only --install-completion touches files.
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError:
            raise
        except (OSError, RuntimeError, UnicodeError) as error:
            if isinstance(error, typer.Exit | typer.Abort):  # a kind of RuntimeError
                raise
            reason = str(error)
            if isinstance(error, OSError):
                reason = f"{error.filename}: {os_reason(error)}"
            _fail(
                f"shell completion cannot be installed: {reason}",
                "set HOME to a folder that you can write to, or add what --show-completion prints "
                "to your shell's start-up file",
            )

    def invoke(self, ctx: Any) -> Any:
        try:
            try:
                super().invoke(ctx)
            finally:
                sys.stdout.flush()  # here, while an error can still be reported
        except BrokenPipeError:
            _discard_output()  # the reader has seen enough
            raise typer.Exit(0) from None
        except KeyboardInterrupt as error:
            exit_interrupted(error)
        except CtxtoolsError as error:
            _fail(error.message, error.hint)
        except OSError as error:  # usually a full disk
            _discard_output()
            # The error names the output if that is a file.
            where = error.filename or ("stdout" if error.errno in _FULL else "")
            _fail(f"{where}: {os_reason(error)}" if where else os_reason(error))
        except MemoryError:
            _fail("out of memory", "fewer threads (-j 1) need less memory")


def _discard_output() -> None:
    """Drop what stdout still buffers: Python writes it again on exit, and would fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, hint: str | None = None) -> NoReturn:
    print(f"error: {visible(message)}", file=sys.stderr)
    if hint:
        print(f"\nhint: {visible(hint)}", file=sys.stderr)
    raise typer.Exit(2)


_SETTINGS: dict[str, Any] = {
    "rich_markup_mode": "rich",
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
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
