"""From the options on files and on reading them to what is read."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ctxtools.cli.output.written import Outputs
from ctxtools.config import Config
from ctxtools.documents import File, Skipped, find_files, read_files0
from ctxtools.errors import ReadError, UsageError, os_reason


def input_paths(paths: Sequence[str] | None, files0_from: str | None = None) -> list[str]:
    """The paths that were given, those of the list that was named, or stdin in a pipe.

    Raises:
        UsageError: there are none, and stdin is a terminal.
    """
    named = list(paths or ())
    if files0_from == "-":
        refuse_terminal()
        if "-" in named:
            raise UsageError("stdin cannot be both the list of files and a document")
        return named + read_files0(sys.stdin.buffer)
    if files0_from is not None:
        try:
            with Path(files0_from).open("rb") as stream:
                return named + read_files0(stream)
        except OSError as error:
            raise ReadError(f"{files0_from}: {os_reason(error)}") from error
    if not named:
        refuse_terminal()
    return named or ["-"]


def refuse_terminal() -> None:
    """Raise UsageError where stdin is what a person types, or is closed, rather than a document."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("there is nothing to read", hint="name a file, or pipe text in")


def find_input(
    paths: Sequence[str],
    config: Config,
    include: Sequence[str] | None,
    exclude: Sequence[str] | None,
    *,
    no_ignore: bool,
    hidden: bool,
    outputs: Outputs | None = None,
) -> Iterator[File | Skipped]:
    """The files that the options select; where an option is not given, the configuration's.

    Args:
        outputs: what is going to be written, and is skipped.

    Raises:
        UsageError: a pattern is not one, or an output was named as an input.
    """
    if outputs is not None:
        outputs.refuse(paths)
    files = find_files(
        paths,
        include=include or config.include,
        exclude=(*config.exclude, *(exclude or ())),
        hidden=hidden or config.hidden,
        ignore=config.ignore and not no_ignore,
    )
    return files if outputs is None else outputs.pass_over(files)


def is_one_input(paths: Sequence[str]) -> bool:
    """Whether this is a single file, or stdin, rather than many or what may be many."""
    return len(paths) == 1 and (paths[0] == "-" or Path(paths[0]).is_file())
