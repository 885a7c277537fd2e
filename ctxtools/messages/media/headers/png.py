"""PNG: chunks, of which the first has the size, and others before the pixels say of animation.

https://www.w3.org/TR/png-3/
"""

from zlib import crc32

from ctxtools.messages.media.headers import tiff
from ctxtools.messages.media.headers.reader import Raster, Reader

_FIRST = 8  # bytes of the signature
_MAX_CHUNKS = 256  # before the pixels


def read(reader: Reader) -> Raster:
    """The size, orientation and number of frames.

    Raises:
        FormatError: the first chunk is damaged.
    """
    start = reader.at(_FIRST, 25)
    if start[:8] != b"\0\0\0\rIHDR":
        raise reader.error("the PNG does not begin with its header, IHDR", _FIRST)
    if crc32(start[4:21]) != int.from_bytes(start[21:], "big"):
        raise reader.error("the checksum of the PNG's header, IHDR, is wrong", _FIRST)
    width, height = (int.from_bytes(start[at : at + 4], "big") for at in (8, 12))
    frames, rotated = _before_pixels(reader)
    return Raster(width, height, rotated, frames)


def _before_pixels(reader: Reader) -> tuple[int, bool]:
    frames, rotated = 1, False
    offset = _FIRST + 25
    for _ in range(_MAX_CHUNKS):
        if offset + 12 > reader.size:
            break
        length, kind = reader.number(offset, 4), reader.at(offset + 4, 4)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind == b"acTL":
            frames = max(1, reader.number(offset + 8, 4))
        elif kind == b"eXIf":
            rotated = tiff.is_rotated(reader, offset + 8)
        offset += 12 + length
    return frames, rotated
