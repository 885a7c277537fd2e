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
    read_file_list,
    read_files0,
)
from ctxtools.documents.document import display_name
from ctxtools.errors import ReadError, UsageError, os_reason


def input_paths(options: FileOptions) -> list[str]:
    """The paths that were named, those of lists of files, or stdin if it is a pipe.

    Raises:
        UsageError: there are none, and stdin is a terminal; or stdin would be read twice.
    """
    named = list(options.paths or ())
    lists = ((options.files_from, read_file_list), (options.files0_from, read_files0))
    listings = [(listing, read) for listing, read in lists if listing is not None]
    if not listings:
        if not named:
            refuse_terminal()
        return named or [STDIN]
    if sum(listing == STDIN for listing, _ in listings) > 1:
        raise UsageError("stdin cannot be two lists of files")
    paths = list(named)
    for listing, read in listings:
        if listing == STDIN:
            refuse_terminal()
            if STDIN in named:
                raise UsageError("stdin cannot be both the list of files and a document")
            paths += read(sys.stdin.buffer)
            continue
        try:
            with Path(listing).open("rb") as stream:
                paths += read(stream)
        except OSError as error:
            raise ReadError(f"{listing}: {os_reason(error)}") from error
    return paths


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


def is_one_input(options: FileOptions, paths: Sequence[str]) -> bool:
    """Whether this is a single file, or stdin, rather than many or what may be many."""
    if options.files_from is not None or options.files0_from is not None:
        return False
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
