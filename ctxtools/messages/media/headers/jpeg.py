"""JPEG: segments, of which the frame's has the size and Exif's has the orientation.

ITU-T T.81, https://www.w3.org/Graphics/JPEG/itu-t81.pdf
"""

import re

from ctxtools.messages.media.headers import tiff
from ctxtools.messages.media.headers.reader import Raster, Reader

_MAX_SEGMENTS = 2048  # color profiles and previews take some hundred
_MAX_GARBAGE = 65_536  # bytes between segments, which decoders skip
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a segment
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_APP1, _SCAN, _END = 0xE1, 0xDA, 0xD9


def read(reader: Reader) -> Raster:
    """The size and orientation.

    Raises:
        FormatError: there is no frame, or a segment is damaged.
    """
    offset, rotated = 2, None
    for _ in range(_MAX_SEGMENTS):
        start = reader.head[offset : offset + 4]
        if len(start) == 4 and start[0] == 0xFF and 0 < start[1] < 0xFF:  # as nearly always
            marker, offset = start[1], offset + 2
        else:
            marker, offset = _next_marker(reader, offset)
        if marker in _ALONE:
            continue
        if marker in (_SCAN, _END):
            raise reader.error("the JPEG has pixels before their size", offset)
        length = reader.number(offset, 2)
        if length < 2:
            raise reader.error(f"the JPEG has a segment of {length} bytes", offset)
        if marker in _FRAMES:
            return _frame(reader, offset, length, bool(rotated))
        if rotated is None and marker == _APP1 and reader.at(offset + 2, 6) == b"Exif\0\0":
            rotated = tiff.is_rotated(reader, offset + 8)
        offset += length
    raise reader.error("the JPEG has too many segments before its size", offset)


def _next_marker(reader: Reader, offset: int) -> tuple[int, int]:
    """The marker at or after an offset, and where its segment begins."""
    two = reader.at(offset, 2)
    if two[0] == 0xFF and 0 < two[1] < 0xFF:
        return two[1], offset + 2
    start = offset
    while offset - start <= _MAX_GARBAGE:
        block = reader.at(offset, max(2, min(512, reader.size - offset)))
        if found := _MARKER.search(block):
            return block[found.end() - 1], offset + found.end()
        offset += len(block) - 1
    raise reader.error("the JPEG has no segment here", start)


def _frame(reader: Reader, offset: int, length: int, rotated: bool) -> Raster:
    if length < 8:
        raise reader.error(f"the JPEG has a frame of {length} bytes", offset)
    height, width = reader.number(offset + 3, 2), reader.number(offset + 5, 2)
    if not height and width:
        raise reader.error(
            "the JPEG has its height after its pixels", offset + 3, hint="save it again"
        )
    return Raster(width, height, rotated)
