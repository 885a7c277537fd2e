"""From the options on files to what is read: the files of a command, or its one document."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ctxtools.cli.options import FileOptions
from ctxtools.cli.output.console import warn
from ctxtools.cli.output.files import OutputFiles
from ctxtools.config import Config
from ctxtools.documents import (
    STDIN,
    File,
    ReadOptions,
    Skipped,
    find_files,
    open_document,
    read_files0,
)
from ctxtools.documents.document import display_name
from ctxtools.errors import ReadError, UsageError, os_reason


def input_paths(options: FileOptions) -> list[str]:
    """The paths that were named, those of a list of files, or stdin if it is a pipe.

    Raises:
        UsageError: there are none, and stdin is a terminal.
    """
    named, listing = list(options.paths or ()), options.files0_from
    if listing == STDIN:
        refuse_terminal()
        if STDIN in named:
            raise UsageError("stdin cannot be both the list of files and a document")
        return named + read_files0(sys.stdin.buffer)
    if listing is not None:
        try:
            with Path(listing).open("rb") as stream:
                return named + read_files0(stream)
        except OSError as error:
            raise ReadError(f"{listing}: {os_reason(error)}") from error
    if not named:
        refuse_terminal()
    return named or [STDIN]


def refuse_terminal() -> None:
    """Raise UsageError if stdin is closed, or a terminal rather than a document."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("there is nothing to read", hint="name a file, or pipe text in")


def find_input(
    paths: Sequence[str], options: FileOptions, config: Config, outputs: OutputFiles | None = None
) -> Iterator[File | Skipped]:
    """The files that the options select; an option that is not given is the configuration's.

    Args:
        paths: from `input_paths`.
        options: which files.
        config: applies if an option is not given.
        outputs: what the command will write, which is skipped.

    Raises:
        UsageError: an invalid pattern, or an output was named as an input.
    """
    if outputs is not None:
        outputs.refuse(paths)
    files = find_files(
        paths,
        include=options.include or config.include,
        exclude=(*config.exclude, *(options.exclude or ())),
        hidden=options.hidden or config.hidden,
        ignore=config.ignore and not options.no_ignore,
    )
    return files if outputs is None else outputs.skip_in(files)


def is_one_input(paths: Sequence[str]) -> bool:
    """Whether this is a single file, or stdin, rather than many or what may be many."""
    return len(paths) == 1 and (paths[0] == STDIN or Path(paths[0]).is_file())


def read_one(path: str, *, charset: str | None = None) -> str:
    """The whole text of a file, or of stdin; notes on how it was read go to stderr.

    Raises:
        UsageError: stdin is a terminal.
        CtxtoolsError: the file cannot be read.
    """
    if path == STDIN:
        refuse_terminal()
    with open_document(path, ReadOptions(charset)) as reader:
        text = "".join(part.read() for part in reader.texts())
    for note in reader.notes:
        warn(f"note: {display_name(path)}: {note}")
    return text


def read_bytes(path: str) -> bytes:
    """The content of a file, or of stdin."""
    if path == STDIN:
        refuse_terminal()
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()
