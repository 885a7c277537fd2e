"""Compressed files, as they are read: gzip, bzip2, xz and zstd, in the memory of a few blocks.

Output is taken in bounded pieces, so that a small file that stands for a huge one takes no more
memory than others. zstd needs Python 3.14, or the extra ``ctxtools[zstd]``.
"""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ctxtools.documents.source import BLOCK, Source
from ctxtools.errors import FormatError, import_extra

_MEMORY = 1 << 28  # bytes of a dictionary or window; the highest presets need a quarter of it
# Text compresses a hundredfold at most, logs that repeat themselves included.
_FREE, _MOST_PER_BYTE = 1 << 30, 250  # bytes of content; above the first, for each byte of the file
_SLICE = 128  # bytes of zstd at once, which are at most 4 MB of text


class _Decompressor(Protocol):
    """One member of a file.

    Attributes:
        eof: it is complete.
        unused_data: what follows it.
    """

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def decompressed(source: Source, kind: str, path: str) -> Source:
    """The content of a compressed file.

    Args:
        source: the file, of which nothing was read.
        kind: gzip, bzip2, xz or zstd.
        path: for messages.

    Raises:
        FormatError: when the content is read: the file is corrupt or truncated, or stands for far
            more than any text does.
        MissingExtraError: zstd cannot be read here.
    """
    open_member, feed = _KINDS[kind]()
    content = _content(source, kind, path, open_member, feed)
    pending = b""

    def read(n: int) -> bytes:
        nonlocal pending
        parts, size = [pending], len(pending)
        while size < n and (data := next(content, b"")):
            parts.append(data)
            size += len(data)
        whole = b"".join(parts)
        pending = whole[n:]
        return whole[:n]

    return Source(read, source.close)


_Feed = Callable[[Any, bytes], Iterator[bytes]]

Opened = tuple[Callable[[], _Decompressor], _Feed]
"""What makes a decompressor, and what feeds one with bytes and returns what they stand for, in
pieces of bounded size."""


def _content(
    source: Source,
    kind: str,
    path: str,
    open_member: Callable[[], _Decompressor],
    feed: _Feed,
) -> Iterator[bytes]:
    member = open_member()
    started = final = False
    size = 0
    while not final:
        data, final = source.block()
        while data:
            if member.eof:  # a file may have several, one after the other
                data = data.lstrip(b"\0")  # padding
                if not data:
                    break
                member, started = open_member(), False
            started = True
            pieces = feed(member, data)
            while True:
                try:
                    piece = next(pieces, None)
                except Exception as error:  # each library has its own
                    raise FormatError(
                        f"{path}: not a readable {kind} file ({error})",
                        hint="the file is corrupt, or something else follows in it",
                    ) from error
                if piece is None:
                    break
                size += len(piece)
                if size > max(_FREE, _MOST_PER_BYTE * source.position):
                    raise FormatError(
                        f"{path}: more than {_MOST_PER_BYTE} bytes for each of the {kind} file, "
                        "which no text has",
                        hint="if it is one after all, decompress it first",
                    )
                if piece:
                    yield piece
            data = member.unused_data if member.eof else b""
    if started and not member.eof:
        raise FormatError(
            f"{path}: the {kind} file ends too early", hint="it was not written to its end"
        )


def feed_zlib(member: Any, data: bytes) -> Iterator[bytes]:
    """Feed a decompressor of zlib."""
    while True:
        out = member.decompress(data, BLOCK)
        data = member.unconsumed_tail
        yield out
        if member.eof or (not data and len(out) < BLOCK):
            return


def _gzip() -> Opened:
    return lambda: zlib.decompressobj(wbits=31), feed_zlib


def feed_bounded(member: Any, data: bytes) -> Iterator[bytes]:
    """Feed a decompressor of bzip2, LZMA, or of zstd in the standard library."""
    yield member.decompress(data, BLOCK)
    while not member.eof and not member.needs_input:
        yield member.decompress(b"", BLOCK)


def _bzip2() -> Opened:
    return bz2.BZ2Decompressor, feed_bounded


def _xz() -> Opened:
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY), feed_bounded


def open_zstd() -> Opened:
    """For zstd.

    Raises:
        MissingExtraError: it cannot be read here.
    """
    if sys.version_info >= (3, 14):
        from compression import zstd

        limit = {zstd.DecompressionParameter.window_log_max: _MEMORY.bit_length() - 1}
        return lambda: zstd.ZstdDecompressor(options=limit), feed_bounded
    zstandard = import_extra(
        "zstandard", "reading zstd", "zstd", alternative="pipe it from zstdcat"
    )

    def feed(member: Any, data: bytes) -> Iterator[bytes]:
        # Its output cannot be bounded, so its input is.
        for start in range(0, len(data), _SLICE):
            yield member.decompress(data[start : start + _SLICE])
            if member.eof:
                member.rest = member.unused_data + data[start + _SLICE :]
                return

    class Member:
        def __init__(self) -> None:
            self._object = zstandard.ZstdDecompressor(max_window_size=_MEMORY).decompressobj()
            self.rest = b""
            self.decompress = self._object.decompress

        @property
        def eof(self) -> bool:
            return bool(self._object.eof)

        @property
        def unused_data(self) -> bytes:
            return self.rest or bytes(self._object.unused_data)

    return Member, feed


_KINDS = {"gzip": _gzip, "bzip2": _bzip2, "xz": _xz, "zstd": open_zstd}
