"""Images of every format, made by Pillow, and what their headers are made of."""

import io
from typing import Any
from zlib import crc32

import pytest

PIL = pytest.importorskip("PIL.Image", reason="Pillow makes the images")

FORMATS = ("png", "jpeg", "gif", "webp", "bmp", "tiff", "avif")
ANIMATED = ("png", "gif", "webp", "tiff", "avif")
ORIENTED = ("png", "jpeg", "webp", "tiff", "avif")


def encoded(format_: str, width: int = 40, height: int = 30, **options: Any) -> bytes:
    """An image of one color."""
    mode = options.pop("mode", "RGB")
    return saved(PIL.new(mode, (width, height)), format_, **options)


def oriented(format_: str, orientation: int, width: int = 40, height: int = 30) -> bytes:
    exif = PIL.Exif()
    exif[0x0112] = orientation
    return encoded(format_, width, height, exif=exif.tobytes())


def animated(format_: str, frames: int) -> bytes:
    images = [PIL.new("RGB", (40, 30), (number % 2 * 200, 0, 0)) for number in range(frames)]
    return saved(images[0], format_, save_all=True, append_images=images[1:])


def saved(image: Any, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + crc32(kind + data).to_bytes(4, "big")


def png_header(width: int, height: int) -> bytes:
    sides = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", sides + b"\x08\x02\0\0\0")


def jpeg_segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def jpeg_frame(width: int, height: int) -> bytes:
    sides = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return jpeg_segment(0xC0, b"\x08" + sides + b"\x01\x01\x11\x00")


def box(kind: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return (8 + len(data)).to_bytes(4, "big") + kind + data


def heic(*properties: bytes, primary: int = 1, brand: bytes = b"heic") -> bytes:
    """A file whose item 1 has these properties."""
    numbers = bytes(range(1, len(properties) + 1))
    associations = b"\0\0\0\0" + b"\0\0\0\x01" + b"\0\x01" + bytes((len(numbers),)) + numbers
    return box(b"ftyp", brand, b"\0\0\0\0", b"mif1", brand) + box(
        b"meta",
        b"\0\0\0\0",
        box(b"pitm", b"\0\0\0\0", primary.to_bytes(2, "big")),
        box(b"iprp", box(b"ipco", *properties), box(b"ipma", associations)),
    )


def extents(width: int, height: int) -> bytes:
    return box(b"ispe", b"\0\0\0\0", width.to_bytes(4, "big"), height.to_bytes(4, "big"))
