"""GIF: a canvas, then blocks: extensions and frames.

https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from ctxtools.errors import FormatError
from ctxtools.messages.media.headers.reader import Raster, Reader

_EXTENSION, _FRAME, _END = 0x21, 0x2C, 0x3B
_MAX_STEPS = 512  # blocks and sub-blocks


def read(reader: Reader) -> Raster:
    """The size, and the number of frames as far as they are at the beginning of the file.

    Raises:
        FormatError: the file ends before its first frame.
    """
    width, height = reader.number(6, 2, "little"), reader.number(8, 2, "little")
    offset = 13 + _colors(reader.number(10, 1))
    frames, steps, loops = 0, 0, False
    # Frames are only reached through all that is before them, so the rest is not looked at.
    while steps < _MAX_STEPS and (not frames or offset < len(reader.head)):
        try:
            kind = reader.number(offset, 1)
            if kind == _FRAME:
                frame = reader.at(offset, 10)
                if not frames:  # decoders enlarge the canvas to it
                    width = max(width, _number(frame, 1) + _number(frame, 5))
                    height = max(height, _number(frame, 3) + _number(frame, 7))
                frames += 1
                offset += 11 + _colors(frame[9])
            elif kind == _EXTENSION:
                loops = loops or reader.at(offset + 1, 13)[2:] == b"NETSCAPE2.0"
                offset += 2
            elif kind == _END:
                return Raster(width, height, frames=max(frames, 1))
            elif kind == 0:  # a terminator too many, which decoders skip
                offset, steps = offset + 1, steps + 1
                continue
            else:
                raise reader.error("the GIF has a block of an unknown kind", offset)
            offset, taken = _after_sub_blocks(reader, offset, bool(frames))
            steps += 1 + taken
        except FormatError:
            if not frames:
                raise
            return Raster(width, height, frames=frames)  # what follows may be missing
    return Raster(width, height, frames=max(frames, 2 if loops else 1), at_least=True)


def _after_sub_blocks(reader: Reader, offset: int, only_head: bool) -> tuple[int, int]:
    steps = 0
    limit = len(reader.head) if only_head else reader.size
    while steps < _MAX_STEPS and offset < limit and (length := reader.number(offset, 1)):
        offset += 1 + length
        steps += 1
    return offset + 1, steps


def _colors(flags: int) -> int:
    """Bytes of a table of colors."""
    return 3 << (flags % 8 + 1) if flags & 0x80 else 0


def _number(block: bytes, offset: int) -> int:
    return int.from_bytes(block[offset : offset + 2], "little")
