"""Bytes that can only be read forwards, as `tarfile` reads them."""

import weakref

from ctxtools.documents.archives.limits import MAX_BYTES, MAX_HEADER
from ctxtools.documents.source import Source
from ctxtools.errors import FormatError
from ctxtools.units import format_bytes


class Tape:
    """A source that is read, and passed over, up to 4 GiB.

    Args:
        source: of which nothing was read.
        close: ends it.
    """

    def __init__(self, source: Source, *underlying: Source) -> None:
        self.position = 0
        self._source = source
        self._block = memoryview(b"")
        self._final = False
        for each in underlying or (source,):
            weakref.finalize(self, each.close)

    def tell(self) -> int:
        """The offset of the next byte."""
        return self.position

    def read(self, size: int) -> bytes:
        """Bytes of a header, fewer at the end.

        Raises:
            FormatError: no header has so many.
        """
        if not 0 <= size <= MAX_HEADER:
            raise FormatError(f"a header of {format_bytes(max(size, 0))}, which none has")
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Bytes, fewer at the end."""
        parts: list[memoryview] = []
        while size > 0 and self._fill():
            part = self._block[:size]
            self._block = self._block[len(part) :]
            parts.append(part)
            size -= len(part)
            self.position += len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Pass over what is before an offset from the first byte, or all that there is.

        Raises:
            FormatError: that is read already.
        """
        if whence or offset < self.position:
            raise FormatError("a header that leads backwards")
        while self.position < offset and self._fill():
            passed = min(offset - self.position, len(self._block))
            self._block = self._block[passed:]
            self.position += passed
        return self.position

    def _fill(self) -> bool:
        """Whether there is a byte."""
        while not self._block and not self._final:
            data, self._final = self._source.block()
            self._block = memoryview(data)
            if self.position + len(data) > MAX_BYTES:
                raise FormatError(
                    f"more than {format_bytes(MAX_BYTES)} in it; the rest is not read",
                    hint="unpack it, and name the folder",
                )
        return bool(self._block)
