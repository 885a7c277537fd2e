"""What commands on one document share: reading it whole, and writing a result whole."""

import sys

from ctxtools.cli.inputs import refuse_terminal
from ctxtools.cli.output.console import warn
from ctxtools.documents import ReadOptions, open_document


def read_one(path: str, *, charset: str | None = None) -> str:
    """The whole text of a file, or of stdin; what was not plain is said on stderr.

    Raises:
        UsageError: stdin is a terminal.
        CtxtoolsError: the file cannot be read.
    """
    if path == "-":
        refuse_terminal()
    with open_document(path, ReadOptions(charset)) as reader:
        text = "".join(part.read() for part in reader.texts())
    for note in reader.notes:
        warn(f"note: {path}: {note}")
    return text


def read_bytes(path: str) -> bytes:
    """The content of a file, or of stdin."""
    if path == "-":
        refuse_terminal()
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def write_result(data: bytes, output: str | None) -> None:
    """Write to a file, whole or not at all; or to stdout."""
    if output is None or output == "-":
        sys.stdout.buffer.write(data)
        return
    from ctxtools.atomic import atomic_write

    with atomic_write(output, "wb") as file:
        file.write(data)
