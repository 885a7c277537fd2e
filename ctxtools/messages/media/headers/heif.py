"""AVIF and HEIC: boxes in boxes. Properties of the primary item have the size and the rotation.

ISO/IEC 23008-12 (HEIF) and 14496-12; https://aomediacodec.github.io/av1-avif/
"""

from collections.abc import Iterator
from typing import NamedTuple

from ctxtools.messages.media.headers.reader import Raster, Reader

_MAX_BOXES = 1024  # of one box, and properties of one item
_MAX_ASSOCIATIONS = 262_144  # bytes
_SEQUENCES = (b"avis", b"msf1", b"hevc", b"hevx")


class _Box(NamedTuple):
    kind: bytes
    start: int  # of what it holds
    end: int


def read(reader: Reader) -> Raster:
    """The size and rotation of the primary item.

    Raises:
        FormatError: a box is damaged, or the size is not there.
    """
    meta = _find(reader, 0, reader.size, b"meta")
    inner = {box.kind: box for box in _boxes(reader, meta.start + 4, meta.end)}
    for kind in (b"pitm", b"iprp"):
        if kind not in inner:
            raise reader.error(f"the image has no box {kind.decode()!r}", meta.start)
    version = reader.number(inner[b"pitm"].start, 1)
    primary = reader.number(inner[b"pitm"].start + 4, 4 if version else 2)
    properties = inner[b"iprp"]
    container = _find(reader, properties.start, properties.end, b"ipco")
    associated = _find(reader, properties.start, properties.end, b"ipma")
    boxes = [*_boxes(reader, container.start, container.end)]
    size: tuple[int, int] | None = None
    rotated = False
    for index in _properties_of(reader, associated, primary):
        if not 0 < index <= len(boxes):
            continue
        box = boxes[index - 1]
        if box.kind == b"ispe" and size is None:
            size = reader.number(box.start + 4, 4), reader.number(box.start + 8, 4)
        elif box.kind == b"clap" and size is not None:
            size = _cropped(reader, box, size)
        elif box.kind == b"irot":
            rotated ^= bool(reader.number(box.start, 1) & 1)
    if size is None:
        raise reader.error("the image's primary item has no size", container.start)
    sequence = reader.at(8, 4) in _SEQUENCES
    return Raster(*size, rotated, 2 if sequence else 1, at_least=sequence)


def _cropped(reader: Reader, box: _Box, size: tuple[int, int]) -> tuple[int, int]:
    """The clean aperture: encoders store whole blocks, and cut off what is too much."""
    parts = [reader.number(box.start + 4 * number, 4) for number in range(4)]
    sides = parts[0] // max(parts[1], 1), parts[2] // max(parts[3], 1)
    if any(not 0 < side <= whole for side, whole in zip(sides, size, strict=True)):
        return size
    return sides


def _boxes(reader: Reader, start: int, end: int) -> Iterator[_Box]:
    """The boxes from an offset to an end."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:
            return
        size, kind, header = reader.number(start, 4), reader.at(start + 4, 4), 8
        if size == 1:
            size, header = reader.number(start + 8, 8), 16
        elif size == 0:  # up to the end
            size = end - start
        if size < header or start + size > end:
            raise reader.error(f"the box {kind!r} has {size:,} bytes", start)
        yield _Box(kind, start + header, start + size)
        start += size
    raise reader.error(f"the image has more than {_MAX_BOXES:,} boxes", start)


def _find(reader: Reader, start: int, end: int, kind: bytes) -> _Box:
    for box in _boxes(reader, start, end):
        if box.kind == kind:
            return box
    raise reader.error(f"the image has no box {kind.decode()!r}", start)


def _properties_of(reader: Reader, box: _Box, item: int) -> Iterator[int]:
    """The numbers of an item's properties, from 1 on."""
    if box.end - box.start > _MAX_ASSOCIATIONS:
        raise reader.error("the image has too many properties", box.start)
    version, flags = reader.number(box.start, 1), reader.number(box.start + 3, 1)
    id_size, index_size = 4 if version else 2, 2 if flags & 1 else 1
    data = reader.at(box.start, box.end - box.start)
    offset = 8
    for _ in range(int.from_bytes(data[4:8], "big")):
        count = offset + id_size
        if count >= len(data):
            break
        end = count + 1 + data[count] * index_size
        if int.from_bytes(data[offset:count], "big") == item:
            mask = 0x7FFF if index_size == 2 else 0x7F
            for at in range(count + 1, min(end, len(data) - index_size + 1), index_size):
                yield int.from_bytes(data[at : at + index_size], "big") & mask
            return
        offset = end
