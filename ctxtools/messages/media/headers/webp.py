"""WebP: a RIFF file with one lossy or lossless picture, or a canvas with chunks.

https://developers.google.com/speed/webp/docs/riff_container, RFC 6386 and RFC 9649
"""

from ctxtools.messages.media.headers import tiff
from ctxtools.messages.media.headers.reader import Raster, Reader

_FIRST = 12  # bytes before the first chunk
_MAX_CHUNKS = 256  # further frames are not counted
_ANIMATION, _EXIF = 0x02, 0x08  # flags of a canvas


def read(reader: Reader) -> Raster:
    """The size, orientation and number of frames.

    Raises:
        FormatError: the first chunk is damaged, or of an unknown kind.
    """
    kind, at = reader.at(_FIRST, 4), _FIRST + 8
    if kind == b"VP8 ":
        return _lossy(reader, at)
    if kind == b"VP8L":
        if reader.number(at, 1) != 0x2F:
            raise reader.error("the WebP's picture does not begin with its signature", at)
        sizes = reader.number(at + 1, 4, "little")
        return Raster((sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        return _canvas(reader, at)
    raise reader.error("the WebP begins with a chunk of an unknown kind", _FIRST)


def _lossy(reader: Reader, at: int) -> Raster:
    frame = reader.at(at, 10)
    if frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        raise reader.error("the WebP does not begin with a key frame", at)
    width, height = (int.from_bytes(frame[start : start + 2], "little") for start in (6, 8))
    return Raster(width & 0x3FFF, height & 0x3FFF)


def _canvas(reader: Reader, at: int) -> Raster:
    flags = reader.number(at, 1)
    width, height = (reader.number(start, 3, "little") + 1 for start in (at + 4, at + 7))
    if not flags & (_ANIMATION | _EXIF):
        return Raster(width, height)
    frames, rotated, offset = 0, False, _FIRST
    for _ in range(_MAX_CHUNKS):
        if offset + 8 > reader.size:
            break
        kind, length = reader.at(offset, 4), reader.number(offset + 4, 4, "little")
        frames += kind == b"ANMF"
        if kind == b"EXIF" and flags & _EXIF:
            # Some writers begin with JPEG's name of the segment.
            skip = (
                6 if offset + 14 <= reader.size and reader.at(offset + 8, 6) == b"Exif\0\0" else 0
            )
            rotated = tiff.is_rotated(reader, offset + 8 + skip)
            break
        offset += 8 + length + length % 2
    else:
        return Raster(width, height, rotated, max(frames, 1), at_least=True)
    return Raster(width, height, rotated, max(frames, 1))
