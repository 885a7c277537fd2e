"""Where bytes come from: a file, a pipe, standard input or memory, in full blocks.

A pipe may return less than it is asked for. Blocks are filled here, so that the same bytes give the
same blocks, and the same decisions on them, wherever they come from.
"""

import os
import stat
import sys
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import BinaryIO

from ctxtools.documents.file import STDIN, File
from ctxtools.documents.filetypes import file_type, uncompressed_name
from ctxtools.errors import Skipped, UnreadableError
from ctxtools.regular_file import kind_of_file

# Bytes. With larger blocks, fragmentation in C's allocator adds up to some hundred of them.
BLOCK = 1 << 15

_SPARSE = 1 << 24  # bytes above which it is looked for holes
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
# A file that was found was a regular one. Should it be a named pipe by now, it does not block, and
# should it be a link, it is not followed.
_FOUND = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


class Source:
    """Where the bytes come from: a file descriptor, standard input, or memory.

    Attributes:
        descriptor: of a regular file, else None.
        data: all of them, if they are in memory, else None.
        size: of a regular file when it was opened, or of what is in memory, in bytes.
        position: bytes that were read.
    """

    __slots__ = (
        *("_close", "_first", "_head", "_peeked", "_read"),
        *("data", "descriptor", "position", "size"),
    )

    def __init__(
        self,
        read: Callable[[int], bytes],
        close: Callable[[], None],
        descriptor: int | None = None,
        size: int = 0,
        data: bytes | None = None,
    ) -> None:
        self._read = read
        self._close = close
        self.descriptor = descriptor
        self.data = data
        self.size = size
        self.position = 0
        self._peeked: tuple[bytes, bool] | None = None
        self._head = b""
        # A small file in one read, without memory for a full block; one more byte to see the end.
        self._first = min(size + 1, BLOCK) if size else BLOCK

    @classmethod
    def held(cls, data: bytes) -> "Source":
        """Bytes that are in memory."""
        return cls(BytesIO(data).read, lambda: None, None, len(data), data)

    @property
    def is_sized(self) -> bool:
        """Whether it has an end that is known: a regular file, or bytes in memory."""
        return self.descriptor is not None or self.data is not None

    def seekable(self) -> BinaryIO | None:
        """All bytes, for what reads them in an order of its own; None of a pipe or a device."""
        if self.data is not None:
            return BytesIO(self.data)
        if self.descriptor is None:
            return None
        return open(self.descriptor, "rb", closefd=False)

    def peek(self, size: int = 16) -> bytes:
        """The first bytes, which `block` returns nevertheless."""
        if self._peeked is None and self.descriptor is not None and self.size > BLOCK:
            # A photo in a folder is looked into, and a block of it would never be used.
            if len(self._head) < size:
                self._head = os.pread(self.descriptor, size, self.position)
            return self._head[:size]
        if self._peeked is None:
            self._peeked = self._next()
        return self._peeked[0][:size]

    def block(self) -> tuple[bytes, bool]:
        """The next block, and whether it is the last. All but the last are full."""
        data, final = self._peeked or self._next()
        self._peeked, self._head = None, b""
        self.position += len(data)
        return data, final

    def _next(self) -> tuple[bytes, bool]:
        wanted = self._first
        self._first = BLOCK
        data = self._read(wanted)
        if not data or len(data) == wanted:
            return data, not data
        if len(data) == self.size:  # all of a small file
            return data, True
        parts = [data]
        wanted -= len(data)
        while wanted and (data := self._read(wanted)):
            parts.append(data)
            wanted -= len(data)
        return (parts[0] if len(parts) == 1 else b"".join(parts)), wanted > 0

    def close(self) -> None:
        self._close()


def open_source(file: File) -> Source:
    """Open a file, which is not "-".

    Raises:
        CtxtoolsError: what its `Content` raises.
        OSError: the system failed to; an `UnreadableError` if the file is a directory, or was found
            in a directory and is not a regular file any more.
    """
    if file.content is not None:
        return file.content.open()
    descriptor = os.open(file.path, _FLAGS if file.explicit else _FLAGS | _FOUND)
    try:
        status = os.fstat(descriptor)
        regular = stat.S_ISREG(status.st_mode)
        # A pipe or a device that the user named is read: <(command) in a shell is one.
        if not regular and (not file.explicit or stat.S_ISDIR(status.st_mode)):
            raise UnreadableError(
                Skipped(file.path, kind_of_file(status.st_mode), error=file.explicit)
            )
        large = status.st_size > _SPARSE and not file.explicit and not _is_binary(file.path)
        if large and _has_hole(descriptor, status.st_size):
            raise UnreadableError(Skipped(file.path, "sparse: it has holes, and a text has none"))
    except BaseException:
        os.close(descriptor)
        raise
    return Source(
        partial(os.read, descriptor),
        partial(os.close, descriptor),
        descriptor if regular else None,
        status.st_size if regular else 0,
    )


def _is_binary(path: str) -> bool:
    """Whether a file of that name holds texts in a form that may have NULs."""
    return file_type(path).container in ("archive", "parquet") or uncompressed_name(path) != path


def _has_hole(descriptor: int, size: int) -> bool:
    """Whether parts of a file are not on the disk but read as NULs, maybe terabytes of them."""
    if not hasattr(os, "SEEK_HOLE"):
        return False
    try:
        hole = os.lseek(descriptor, 0, os.SEEK_HOLE)
    except OSError:  # this file system cannot tell
        return False
    os.lseek(descriptor, 0, os.SEEK_SET)
    return hole < size


def standard_input() -> Source:
    """Standard input, which closing does not close.

    Raises:
        UnreadableError: the process has none.
    """
    if sys.stdin is None:
        raise UnreadableError(Skipped(STDIN, "standard input is closed", error=True))
    return Source(sys.stdin.buffer.read, lambda: None)
