"""Lists of paths: separated by NUL or on lines, and a text that turns out to be one."""

import codecs
import os
import re
from typing import BinaryIO

from ctxtools.errors import UsageError
from ctxtools.units import format_bytes

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)+"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))
_BLOCK = 1 << 20  # bytes
_MAX_BLOCKS = 256  # of a list, which may name millions of files
_LONGEST = 4096  # bytes of a path, on most systems


def read_files0(stream: BinaryIO) -> list[str]:
    """The paths in a NUL-separated list, such as ``find -print0`` writes.

    A NUL after the last path is allowed.

    Raises:
        UsageError: a path is empty, or the list is too large.
    """
    names = _read(stream).split(b"\0")
    if names[-1] == b"":
        del names[-1]
    if b"" in names:
        raise UsageError(
            f"path {names.index(b'') + 1} in the list is empty",
            hint="separate paths by one NUL byte, as find -print0 does",
        )
    return [os.fsdecode(name) for name in names]


def read_file_list(stream: BinaryIO) -> list[str]:
    r"""The paths in a list with one on each line, such as ``git ls-files`` writes.

    Empty lines are skipped, a line may end with CR LF, and a byte order mark says that the list is
    UTF-8 or UTF-16, as PowerShell writes it. A name in double quotes, which git writes for names
    that are not ASCII, is unquoted unless there is a file with the quotes in its name.

    Raises:
        UsageError: there is a NUL in it, or it is too large.
    """
    data = _read(stream).removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    if b"\0" in data:
        raise UsageError(
            "the list of files has a NUL byte in it, and paths on lines have none",
            hint="--files0-from reads paths that are separated by NUL",
        )
    lines = (line.removesuffix(b"\r") for line in data.split(b"\n"))
    return [_name(line) for line in lines if line.strip()]


def _read(stream: BinaryIO) -> bytes:
    blocks: list[bytes] = []
    while block := stream.read(_BLOCK):
        if len(blocks) == _MAX_BLOCKS:
            raise UsageError(
                f"the list of files is larger than {format_bytes(_BLOCK * _MAX_BLOCKS)}",
                hint="name folders, or give the list in parts",
            )
        blocks.append(block)
    return b"".join(blocks)


def _name(line: bytes) -> str:
    if _QUOTED.fullmatch(line) and not os.path.lexists(line):
        line = unquoted(line)
    return os.fsdecode(line)


def unquoted(name: bytes) -> bytes:
    """A name without the quotes, and the escapes in them, that git writes it with."""
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return bytes([_LETTERS.get(code[0], code[0])])


class ListDetector:
    """Tells whether a stream of bytes holds nothing but names of existing files, on lines or
    separated by NUL, so that the files were meant.

    Looking stops at the first line that is no such name, which in nearly all texts is the first.
    """

    def __init__(self) -> None:
        self._first: str | None = None
        self._separator = b"\n"
        self._pending: bytes | None = b""

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        if self._pending is None:
            return
        data = self._pending + block
        if self._first is None and b"\0" in data:
            self._separator = b"\0"
        *lines, rest = data.split(self._separator)
        ok = len(rest) <= _LONGEST and all(map(self._is_name, lines))
        self._pending = rest if ok else None

    def finish(self) -> str | None:
        """After the last byte: what the list is, with the option that reads it; None for a text."""
        if self._pending is None or not self._is_name(self._pending) or self._first is None:
            return None
        option = "--files0-from" if self._separator == b"\0" else "--files-from"
        return f"holds only names of existing files ({self._first}, …); {option} - reads the files"

    def _is_name(self, line: bytes) -> bool:
        if self._separator == b"\n":
            line = line.removesuffix(b"\r")
        if not line:
            return True
        name = _name(line)
        try:
            exists = os.path.lexists(name)
        except ValueError:
            return False
        if self._first is None:
            self._first = name
        return exists
