"""The metadata of a GGUF file: all before its tensors, which are never read.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. A header says how many pairs
of a key and a value follow; a value says its type. What a header claims is not believed: memory is
taken for what was read alone, and no more than ``MAX_METADATA`` bytes are read.
"""

import struct
from collections.abc import Callable
from typing import IO, Any, Final

from ctxtools.errors import VocabularyError

MAGIC: Final = b"GGUF"
MAX_METADATA: Final = 1 << 28
"""Bytes: eight times those of the largest public vocabulary."""

_MAX_PAIRS = 1 << 16
_MAX_KEY = 1 << 16  # bytes, as the format has it
_BLOCK = 1 << 20
_STRING, _ARRAY = 8, 9
# The types of numbers, as `struct` names them.
_NUMBERS = dict(enumerate("BbHhIif?")) | dict(enumerate("Qqd", 10))


def read_metadata(file: IO[bytes], wanted: Callable[[str], bool]) -> dict[str, Any]:
    """The values of some keys.

    Args:
        file: a GGUF file, at its start.
        wanted: whether a key's value is returned; the others are passed over.

    Returns:
        key -> a number, a text, or a list of one of these. A text that is not UTF-8 is bytes.

    Raises:
        VocabularyError: it is not a GGUF file of version 2 or 3, or is truncated or malformed.
    """
    reader = _Reader(file)
    if reader.take(4) != MAGIC:
        raise _malformed("it does not start as one")
    version = reader.number("I")
    if version not in (2, 3):
        swapped = version in (2 << 24, 3 << 24)
        reason = "it is big-endian" if swapped else f"its version is {version}, not 2 or 3"
        raise VocabularyError(
            f"this GGUF file cannot be read: {reason}", hint="convert the model again"
        )
    reader.number("Q")  # tensors
    pairs = reader.number("Q")
    if pairs > _MAX_PAIRS:
        raise _malformed(f"it claims {pairs} keys")
    found: dict[str, Any] = {}
    for _ in range(pairs):
        key = reader.string(_MAX_KEY)
        kind = reader.number("I")
        value = reader.value(kind)
        if isinstance(key, str) and wanted(key):
            found[key] = value
    return found


class _Reader:
    """Takes one thing after another from a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._remaining = MAX_METADATA

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self._at + size
        if end > len(self._buffer):
            self._fill(size)
            end = size
        taken = self._buffer[self._at : end]
        self._at = end
        return taken

    def _fill(self, size: int) -> None:
        blocks = [self._buffer[self._at :]]
        missing = size - len(blocks[0])
        if missing > self._remaining:
            raise _malformed(f"its metadata has more than {MAX_METADATA} bytes")
        while missing > 0:
            block = self._file.read(min(_BLOCK, self._remaining) if missing < _BLOCK else _BLOCK)
            if not block:
                raise _malformed("it is truncated")
            self._remaining -= len(block)
            missing -= len(block)
            blocks.append(block)
        self._buffer, self._at = b"".join(blocks), 0

    def number(self, code: str) -> Any:
        (number,) = struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))
        return number

    def string(self, limit: int = MAX_METADATA) -> str | bytes:
        size = self.number("Q")
        if size > limit:
            raise _malformed(f"a text of {size} bytes")
        data = self.take(size)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.number(_code(kind))
        kind, length = self.number("I"), self.number("Q")
        if kind == _STRING:
            if length > MAX_METADATA // 8:  # the bytes that the length of a text takes
                raise _malformed(f"a list of {length} texts")
            return [self.string() for _ in range(length)]
        code = _code(kind)  # lists in lists are in no file of a model
        size = struct.calcsize("<" + code)
        if length > MAX_METADATA // size:
            raise _malformed(f"a list of {length} numbers")
        return list(struct.unpack(f"<{length}{code}", self.take(length * size)))


def _code(kind: int) -> str:
    if kind not in _NUMBERS:
        raise _malformed(f"a value of type {kind}")
    return _NUMBERS[kind]


def _malformed(reason: str) -> VocabularyError:
    return VocabularyError(
        f"this is not a readable GGUF file: {reason}", hint="it may be truncated; fetch it again"
    )
