"""TIFF and BigTIFF: directories of tags. Exif is one too, in which only the orientation matters.

https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

from struct import iter_unpack
from typing import Literal, NamedTuple

from ctxtools.errors import FormatError
from ctxtools.messages.media.headers.reader import Raster, Reader

_MAX_PAGES = 64  # further pages are not counted
_MAX_TAGS = 512  # of a directory; the ones that matter have low numbers and come first
_KIND, _WIDTH, _HEIGHT, _ORIENTATION = 254, 256, 257, 274
_SIZES = {1: 1, 3: 2, 4: 4, 16: 8}  # bytes of a value, by its type
_ENTRIES = {("little", 4): "<HH4s4s", ("big", 4): ">HH4s4s",
            ("little", 8): "<HH8s8s", ("big", 8): ">HH8s8s"}  # fmt: skip
_EXCHANGING = range(5, 9)  # orientations in which width and height are exchanged


class _Layout(NamedTuple):
    order: Literal["big", "little"]
    offset_size: int  # bytes
    count_size: int
    entry_size: int


def read(reader: Reader) -> Raster:
    """The size and orientation of the first page, and the number of pages.

    Raises:
        FormatError: the first directory is damaged, or is of a preview, as in raw photos.
    """
    layout, directory = _header(reader, 0)
    tags = _tags(reader, 0, directory, layout)
    if _WIDTH not in tags or _HEIGHT not in tags:
        raise reader.error("the TIFF's first directory has no size", directory)
    if reader.at(8, 2) == b"CR" or tags.get(_KIND, 0) & 1:
        raise reader.error(
            "the TIFF begins with a preview, as raw photos do", directory, "convert it to JPEG"
        )
    pages, more = _count_pages(reader, directory, layout)
    rotated = tags.get(_ORIENTATION, 1) in _EXCHANGING
    return Raster(tags[_WIDTH], tags[_HEIGHT], rotated, pages, more, pages=True)


def is_rotated(reader: Reader, base: int) -> bool:
    """Whether Exif data at an offset exchange width and height; not if they are damaged."""
    try:
        layout, directory = _header(reader, base)
        return _tags(reader, base, directory, layout).get(_ORIENTATION, 1) in _EXCHANGING
    except FormatError:
        return False  # as decoders have it


def _header(reader: Reader, base: int) -> tuple[_Layout, int]:
    """The layout, and where the first directory is, from the base."""
    order: Literal["big", "little"]
    start = reader.at(base, 4)
    order = "little" if start[:2] == b"II" else "big"
    version = int.from_bytes(start[2:], order)
    if start[:2] not in (b"II", b"MM") or version not in (42, 43):
        raise reader.error("this is no TIFF header", base)
    if version == 42:
        return _Layout(order, 4, 2, 12), reader.number(base + 4, 4, order)
    if reader.number(base + 4, 4, order) != (8 if order == "little" else 8 << 16):
        raise reader.error("the BigTIFF has offsets of an unknown size", base + 4)
    return _Layout(order, 8, 8, 20), reader.number(base + 8, 8, order)


def _tags(reader: Reader, base: int, directory: int, layout: _Layout) -> dict[int, int]:
    """The tags of a directory that are one number."""
    order, offset_size, count_size, entry_size = layout
    start = base + directory
    number = min(reader.number(start, count_size, order), _MAX_TAGS)
    entries = reader.at(start + count_size, number * entry_size)
    tags: dict[int, int] = {}
    for tag, kind, _, value in iter_unpack(_ENTRIES[order, offset_size], entries):
        size = _SIZES.get(kind, entry_size) if tag <= _ORIENTATION else entry_size
        if size <= offset_size:
            tags.setdefault(tag, int.from_bytes(value[:size], order))
    return tags


def _count_pages(reader: Reader, directory: int, layout: _Layout) -> tuple[int, bool]:
    """The number of directories, and whether there may be more."""
    order, offset_size, count_size, entry_size = layout
    seen: set[int] = set()
    try:
        while directory and directory not in seen:
            if len(seen) == _MAX_PAGES:
                return len(seen), True
            seen.add(directory)
            number = reader.number(directory, count_size, order)
            following = directory + count_size + number * entry_size
            directory = reader.number(following, offset_size, order)
    except FormatError:
        pass  # what follows the first page may be missing
    return len(seen), False
