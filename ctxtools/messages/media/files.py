"""The measures of images from paths, bytes and data URIs, without decoding them."""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module

from ctxtools.checks import check_type
from ctxtools.errors import FormatError, ReadError, os_reason
from ctxtools.escape import one_line
from ctxtools.messages.media.addresses import require_path
from ctxtools.messages.media.headers.formats import (
    ENOUGH,
    MODULES,
    SUFFIXES,
    SVG,
    image_format,
    other_image,
)
from ctxtools.messages.media.headers.reader import Raster, Reader
from ctxtools.messages.media.items import Image
from ctxtools.regular_file import open_regular

_MAX_SIDE = 2**31 - 1  # of PNG; other formats have less, or nobody uses more
_MANY_PIXELS = 178_956_970  # above which Pillow refuses to decode an image
_LONGEST_START = 1000  # characters before the data of a data URI
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NAMES = {"png": "a PNG", "jpeg": "a JPEG", "gif": "a GIF", "webp": "a WebP", "bmp": "a BMP",
          "tiff": "a TIFF", "avif": "an AVIF", "heic": "a HEIC"}  # fmt: skip

is_image = image_format
"""The format of an image by its first `ENOUGH` bytes, such as "png"; None if it is none."""

__all__ = ["ENOUGH", "image_from_base64", "is_image", "read_image", "read_open_image"]


def read_image(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str = "",
    detail: str | None = None,
    within: str | os.PathLike[str] | None = None,
) -> Image:
    """The measures of an image; only some kilobytes of it are read.

    The format is recognised by the content. What is odd without being an error is in the notes:
    a name of another format, an animation, more pixels than decoders take.

    Args:
        source: a path, a data URI, or the bytes of a file. Only regular files are opened.
        name: for messages; by default the path.
        detail: what is asked of the model, see `ctxtools.messages.media.items.Image`.
        within: the folder that the file must be in, links followed: for a path that a stranger
            gives. None if it may be anywhere.

    Raises:
        ReadError: the file cannot be read, or the string is no path.
        FormatError: it is no image that models take, or its header is damaged; the message says
            where.
        UsageError: ``source`` is the URL of something that is not here.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return _of_bytes(source, name, detail)
    if isinstance(source, str):
        if source.lstrip()[:5].lower() == "data:":
            return _of_data_uri(source.lstrip(), name, detail)
        require_path(source, "its width and height")
    check_type("source", source, str, bytes, os.PathLike)
    return _of_path(source, name or os.fsdecode(source), detail, within)


def read_open_image(
    descriptor: int, size: int, *, name: str, detail: str | None = None, head: bytes = b""
) -> Image:
    """The measures of the image in an open file.

    Args:
        descriptor: of a regular file; it stays open.
        size: of the file in bytes.
        name: the path, for messages and for its suffix.
        detail: as in `read_image`.
        head: its first bytes, if they were read before.

    Raises:
        ReadError, FormatError: as in `read_image`.
    """
    try:
        image = _read(Reader(_fetch_from(descriptor), size, name, head), detail)
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{one_line(name)}: {os_reason(error)}") from error
    _, dot, suffix = name.rpartition(".")
    suffix = suffix.lower()
    if dot and SUFFIXES.get(suffix, image.format) != image.format:
        return _noted(image, f"named .{suffix}, but it is {_NAMES[image.format]}")
    return image


def image_from_base64(
    data: str, *, media_type: str = "", name: str = "", detail: str | None = None
) -> Image:
    """The measures of an image in base64; of it no more is decoded than is read.

    Args:
        data: the text, without what a data URI has before it. "-" and "_" may stand for "+" and
            "/", as in what Google's libraries write.
        media_type: such as "image/png", if it is said; another content is noted.
        name: for messages.
        detail: as in `read_image`.

    Raises:
        FormatError: as in `read_image`, or the text is not base64.
    """
    from binascii import a2b_base64

    if "%" in data:
        from urllib.parse import unquote

        data = unquote(data)
    if any(each in data for each in "\n\r\t "):
        data = "".join(data.split())
    size = len(data) // 4 * 3 - data[-2:].count("=") + max(0, len(data) % 4 - 1)

    def fetch(offset: int, length: int) -> bytes:
        first = offset // 3 * 4
        text = data[first : first + (offset % 3 + length + 2) // 3 * 4]
        text = text.replace("-", "+").replace("_", "/")
        try:
            decoded = a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
        except ValueError:
            where = f"{one_line(name)}: " if name else ""
            wrong = len(text) - len(text.lstrip(_BASE64))
            raise FormatError(
                f"{where}not base64, from character {first + wrong:,} of the data on",
                hint="base64 has A-Z, a-z, 0-9, + and /, and = at its end",
            ) from None
        return decoded[offset % 3 :][:length]

    image = _read(Reader(fetch, size, name), detail)
    kind, _, format_ = media_type.strip().lower().partition("/")
    if kind and (kind != "image" or SUFFIXES.get(format_, format_) != image.format):
        note = f"called {one_line(media_type[:50])}, but it is {_NAMES[image.format]}"
        return _noted(image, f"{note}; some services refuse that")
    return image


def _of_bytes(data: bytes | bytearray | memoryview, name: str, detail: str | None) -> Image:
    view = memoryview(data).cast("B")
    return _read(
        Reader(lambda offset, length: bytes(view[offset : offset + length]), len(view), name),
        detail,
    )


def _of_data_uri(uri: str, name: str, detail: str | None) -> Image:
    from urllib.parse import unquote_to_bytes

    comma = uri.find(",", 0, _LONGEST_START)
    if comma < 0:
        raise FormatError(
            f"{one_line(name or uri[:40])}: a data URI without a comma before its data",
            hint="data:image/png;base64,…",
        )
    media_type, *parameters = uri[5:comma].split(";")
    if any(each.strip().lower() == "base64" for each in parameters):
        data = uri[comma + 1 :]
        return image_from_base64(data, media_type=media_type, name=name, detail=detail)
    return _of_bytes(unquote_to_bytes(uri[comma + 1 :]), name, detail)


def _of_path(
    path: str | os.PathLike[str],
    name: str,
    detail: str | None,
    within: str | os.PathLike[str] | None,
) -> Image:
    descriptor, size = open_regular(path, within=within)
    try:
        return read_open_image(descriptor, size, name=name, detail=detail)
    finally:
        os.close(descriptor)


def _fetch_from(descriptor: int) -> Callable[[int, int], bytes]:
    position = -1  # it may have been read from before

    def fetch(offset: int, length: int) -> bytes:
        nonlocal position
        if offset != position:
            os.lseek(descriptor, offset, os.SEEK_SET)
        data = os.read(descriptor, length)
        position = offset + len(data)
        return data

    return fetch


def _read(reader: Reader, detail: str | None) -> Image:
    format_ = image_format(reader.head)
    if format_ is None:
        raise _no_image(reader)
    width, height, rotated, frames, at_least, pages = _reading(format_)(reader)
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        raise reader.error(
            f"{_NAMES[format_]} of {width:,} x {height:,} pixels", 0, "no model takes such an image"
        )
    notes = []
    if frames > 1:
        number = f"{frames:,} or more" if at_least else f"{frames:,}"
        notes.append(f"{number} {'pages' if pages else 'frames'}; counted as its first")
    if width * height > _MANY_PIXELS:
        notes.append(f"says that it has {width:,} x {height:,} pixels, which few decoders take")
    return Image(
        name=reader.name,
        notes=tuple(notes),
        width=width,
        height=height,
        rotated=rotated,
        detail=detail,
        frames=frames,
        format=format_,
        size=reader.size,
    )


@cache
def _reading(format_: str) -> Callable[[Reader], Raster]:
    module = import_module(f"ctxtools.messages.media.headers.{MODULES[format_]}")
    read: Callable[[Reader], Raster] = module.read
    return read


def _no_image(reader: Reader) -> FormatError:
    if not reader.head:
        return reader.error("empty", 0, "name an image")
    other = other_image(reader.head)
    if other == SVG:
        return reader.error(
            f"{other}, which has no pixels to count",
            0,
            "rasterise it to PNG in the size in which it is sent",
        )
    if other:
        return reader.error(f"{other}, which models do not take", 0, "convert it to PNG or JPEG")
    return reader.error(
        "not an image of a known format",
        0,
        "PNG, JPEG, GIF, WebP, BMP, TIFF, AVIF and HEIC are read",
    )


def _noted(image: Image, note: str) -> Image:
    from dataclasses import replace

    return replace(image, notes=(*image.notes, note))
