"""Bytes of a file on demand, and what is read from them."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from ctxtools.errors import FormatError
from ctxtools.escape import one_line

HEAD = 4096
"""Bytes that are read at once; in most files the size is among them."""

_BLOCK = 1024  # bytes that are read elsewhere at once, at least
_MAX_READS = 1024  # outside the head; photos take fewer than 20


class Raster(NamedTuple):
    """What a header says.

    Attributes:
        width: pixels of the stored raster.
        height: the same.
        rotated: an orientation exchanges the two for who looks at it.
        frames: of an animation, or pages.
        at_least: there may be more frames than that.
        pages: the frames are pages, not an animation.
    """

    width: int
    height: int
    rotated: bool = False
    frames: int = 1
    at_least: bool = False
    pages: bool = False


class Reader:
    """Bytes of a file, of which no more is read than is asked for.

    Args:
        fetch: returns up to ``length`` bytes from ``offset`` on.
        size: of the whole in bytes.
        name: for messages.
        head: the first bytes, if they were read before.
    """

    __slots__ = ("_block", "_block_offset", "_fetch", "_reads", "head", "name", "size")

    def __init__(
        self, fetch: Callable[[int, int], bytes], size: int, name: str, head: bytes = b""
    ) -> None:
        self._fetch = fetch
        self.size = size
        self.name = name
        self.head = head or fetch(0, HEAD)
        self._block, self._block_offset = b"", 0
        self._reads = 0

    def at(self, offset: int, length: int) -> bytes:
        """Some bytes.

        Raises:
            FormatError: the file ends before, or was read in too many positions.
        """
        end = offset + length
        if end <= len(self.head):
            return self.head[offset:end]
        start = offset - self._block_offset
        if start < 0 or start + length > len(self._block):
            self._read_block(offset, length)
            start = 0
        return self._block[start : start + length]

    def number(self, offset: int, length: int, order: Literal["big", "little"] = "big") -> int:
        """The unsigned integer that some bytes are.

        Raises:
            FormatError: as `at`.
        """
        end = offset + length
        return int.from_bytes(
            self.head[offset:end] if end <= len(self.head) else self.at(offset, length), order
        )

    def error(self, reason: str, offset: int, hint: str | None = None) -> FormatError:
        """The error of a header that cannot be read."""
        name = f"{one_line(self.name)}: " if self.name else ""
        return FormatError(f"{name}{reason}, at byte {offset:,}", hint=hint)

    def _read_block(self, offset: int, length: int) -> None:
        if offset + length > self.size:
            raise self.error(f"the image ends after {self.size:,} bytes, within its header", offset)
        self._reads += 1
        if self._reads > _MAX_READS:
            raise self.error("the header is scattered over too many positions", offset)
        self._block, self._block_offset = self._fetch(offset, max(length, _BLOCK)), offset
        if len(self._block) < length:
            raise self.error("the image ends within its header", offset)
