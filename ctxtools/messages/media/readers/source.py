"""A file or bytes that a library is to read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO, NamedTuple

from ctxtools.checks import check_type
from ctxtools.errors import FormatError
from ctxtools.escape import one_line
from ctxtools.messages.media.addresses import require_path
from ctxtools.messages.media.items import MediaKind
from ctxtools.messages.media.readers.kinds import HEAD, media_kind_of
from ctxtools.regular_file import open_regular
from ctxtools.signatures import binary_type


class Source(NamedTuple):
    """What is read.

    Attributes:
        stream: of its bytes.
        size: how many there are.
        head: the first of them.
        path: "" of bytes.
        data: of bytes; empty of a file.
        name: for messages.
    """

    stream: BinaryIO
    size: int
    head: bytes
    path: str
    data: bytes
    name: str

    @property
    def where(self) -> str:
        """The start of a message about it."""
        return f"{one_line(self.name)}: " if self.name else ""

    def check_kind(self, what: str, *kinds: MediaKind) -> None:
        """Refuse another kind of file.

        Args:
            what: it should be: "a recording".
            kinds: those that it may be.

        Raises:
            FormatError: it is of none.
        """
        if media_kind_of(self.head) in kinds:
            return
        found = binary_type(self.head)
        is_what = f"it is a {found.name}" if found else "it is of no known format"
        if not self.size:
            is_what = "it is empty"
        raise FormatError(
            f"{self.where}not {what}: {is_what}", hint="send it as what it is, or give its measures"
        )


@contextmanager
def opened(
    source: str | os.PathLike[str] | bytes, name: str, within: str | os.PathLike[str] | None
) -> Iterator[Source]:
    """A file, or bytes, while they are read.

    Args:
        source: the path of a regular file, or the bytes of one.
        name: for messages; by default the path.
        within: the folder that the file must be in; None if it may be anywhere.

    Raises:
        ReadError: the file cannot be read, or the string is no path.
        UsageError: it is a URL.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
        yield Source(BytesIO(data), len(data), data[:HEAD], "", data, name)
        return
    check_type("source", source, str, bytes, os.PathLike)
    if isinstance(source, str):
        require_path(source, "its measures")
    path = os.fspath(source)
    descriptor, size = open_regular(source, within=within)
    with os.fdopen(descriptor, "rb") as stream:
        head = stream.read(HEAD)
        stream.seek(0)
        yield Source(stream, size, head, os.fsdecode(path), b"", name or os.fsdecode(path))
