"""The application: its commands, its exit codes, and how errors are shown.

Exit codes: 0 done, or "it fits"; 1 the answer is no; 2 an error, an unreadable file included.
A closed pipe exits 0, Ctrl-C 130, SIGTERM 143.
"""

import errno
import os
import sys
import time
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from ctxtools.cli.commands.bench import bench
from ctxtools.cli.commands.chunk import chunk
from ctxtools.cli.commands.count import count
from ctxtools.cli.commands.fits import fits
from ctxtools.cli.commands.info import info
from ctxtools.cli.commands.models import models
from ctxtools.cli.commands.pack import pack
from ctxtools.cli.commands.pack_sequences import pack_sequences
from ctxtools.cli.commands.show import show
from ctxtools.cli.commands.tokens import decode, encode
from ctxtools.cli.commands.truncate import truncate
from ctxtools.cli.signals import exit_interrupted
from ctxtools.errors import CtxtoolsError, os_reason

_SLOW = 0.5  # seconds of processor time, of all threads
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # nothing more can be written


class _Command(TyperCommand):
    """Says, after a slow command, if the compiled kernel was missing."""

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
        if seconds > _SLOW and not ctx.params.get("quiet"):
            from ctxtools.cli.output.notices import hint_at_kernel

            hint_at_kernel()


class _Group(TyperGroup):
    """Runs a command, and turns what stopped it into a message and an exit code."""

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
                sys.stdout.flush()  # here, where what goes wrong can still be told
        except BrokenPipeError:
            _discard_output()  # what reads it has seen enough
            raise typer.Exit(0) from None
        except KeyboardInterrupt as error:
            exit_interrupted(error)
        except CtxtoolsError as error:
            _fail(error.message, error.hint)
        except OSError as error:  # a full disk, mostly
            _discard_output()
            # An output that is a file has its name in the error by now.
            where = error.filename or ("stdout" if error.errno in _FULL else "")
            _fail(f"{where}: {os_reason(error)}" if where else os_reason(error))
        except MemoryError:
            _fail("out of memory", "fewer threads (-j 1) need less")


def _discard_output() -> None:
    """Drop what stdout still holds: Python writes it once more on exit, and would fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, hint: str | None = None) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"\nhint: {hint}", file=sys.stderr)
    raise typer.Exit(2)


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    *(count, fits, chunk, pack, pack_sequences, truncate, encode, decode, show),
    *(models, info, bench),
):
    app.command(cls=_Command)(command)


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
    """Count, cut and pack text against the context limits of language models: exactly, offline."""
