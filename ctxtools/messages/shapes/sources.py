"""Where images, videos, recordings and documents of messages come from, and their measures.

Bytes, base64 and data URIs are read. What lies elsewhere is never fetched: its measures are given
beside the address or in ``media_sizes``. A file is opened only in the folder that the caller
allows.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import (
    CtxtoolsError,
    FormatError,
    MissingExtraError,
    ReadError,
    UsageError,
)
from ctxtools.messages.media import files
from ctxtools.messages.media.items import (
    A4,
    KIND_TYPES,
    NOUNS,
    Audio,
    Document,
    Image,
    Media,
    MediaKind,
    Page,
    Video,
)
from ctxtools.messages.shapes.values import kind_of
from ctxtools.regular_file import is_inside

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # one letter is a drive
_DATA = re.compile(r"data:([^,;]*)[^,]*?(;base64)?,", re.IGNORECASE)
# What stands for one whose tokens are given.
_UNMEASURED: Mapping[MediaKind, Callable[[str], Media]] = {
    "image": lambda name: Image(name, measured=False, width=1, height=1),
    "video": lambda name: Video(name, measured=False, width=1, height=1, seconds=1.0),
    "audio": lambda name: Audio(name, measured=False, seconds=1.0),
    "document": lambda name: Document(name, measured=False, pages=(Page(*A4),)),
}
_ERRORS = (MissingExtraError, ReadError, FormatError, UsageError, CtxtoolsError)
_MEASURES: Mapping[MediaKind, str] = {
    "image": "(1920, 1080): its width and height in pixels",
    "video": "(1280, 720, 60.0): its width and height in pixels, and its seconds",
    "audio": "60.0: its seconds",
    "document": "12: its pages",
}
IN_REQUESTS = (
    "send it as base64, or with its measures beside the address (width and height, or seconds)"
)
"""The hint on media that are not opened for those who can only change the request."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What may be read, and the measures of what may not.

    Attributes:
        folder: in which files that messages name are opened; None opens none.
        sizes: measures by address, path or id, see `_MEASURES`; or an item of
            `ctxtools.messages.media.items`.
        unmeasured: what cannot be measured passes, since its tokens are given.
    """

    folder: str | None = None
    sizes: Mapping[str, Any] = field(default_factory=dict)
    unmeasured: bool = False

    def read(
        self,
        kind: MediaKind,
        source: Any,
        path: str,
        *,
        detail: str | None = None,
        measures: Any = None,
    ) -> Media:
        """An image, a video, a recording or a document.

        Args:
            kind: which of them.
            source: bytes, base64, a data URI, an address, an id, a path, or an image in memory.
            path: of the content, for messages.
            detail: of an image.
            measures: those that stand beside the source, as in ``sizes``.

        Raises:
            UsageError: its measures are not known, and the source may not be opened; or what is
                read is not of this kind.
        """
        try:
            found = self._read(kind, source, path, measures)
        except CtxtoolsError as error:
            if self.unmeasured:
                return _UNMEASURED[kind](path)
            if path in error.message:
                raise
            kind_of_error = next(each for each in _ERRORS if isinstance(error, each))
            raise kind_of_error(f"{path}: {error.message}", hint=error.hint) from error
        if detail is not None and isinstance(found, Image | Video | Document):
            return replace(found, detail=detail)
        return found

    def _read(self, kind: MediaKind, source: Any, path: str, measures: Any) -> Media:
        if measures is not None:
            return _measured(kind, measures, path, path)
        if isinstance(source, str) and source in self.sizes:
            return _measured(kind, self.sizes[source], path, f"media_sizes[{source!r:.80}]")
        if kind == "image" and (size := _in_memory(source)):
            return Image(path, width=size[0], height=size[1])
        if isinstance(source, bytes | bytearray | memoryview):
            return _read_file(kind, bytes(source), path)
        if not isinstance(source, str | os.PathLike):
            raise UsageError(
                f"{path}: {NOUNS[kind]} cannot be read from {kind_of(source)}",
                hint="give bytes, base64, a data URI or an address",
            )
        text = os.fsdecode(source)
        if kind == "image" and text[:5].lower() == "data:":
            return files.read_image(text, name=path)
        if match := _DATA.match(text):
            return _read_file(kind, _decoded(text, match, path), path)
        if _ADDRESS.match(text) and not text[:5].lower().startswith("file:"):
            raise UsageError(
                f"{path}: {NOUNS[kind]} at an address is not fetched: {text!r:.80}",
                hint=f"give media_sizes={{{text[:60]!r}: …}}, where … is {_MEASURES[kind]}",
            )
        file = self._allowed(text.removeprefix("file://"), path, kind)
        return _read_file(kind, file, path, self.folder)

    def base64(self, kind: MediaKind, data: Any, path: str, *, detail: str | None = None) -> Media:
        """The same from base64, or from bytes; a data URI is read too."""
        if isinstance(data, str) and not _DATA.match(data):
            data = f"data:;base64,{data}"
        return self.read(kind, data, path, detail=detail)

    def _allowed(self, name: str, path: str, kind: MediaKind) -> Path:
        if self.folder is None:
            raise UsageError(
                f"{path}: the file {name!r:.80} is not opened: no folder was allowed",
                hint=f"give files=FOLDER, or media_sizes with {_MEASURES[kind]}",
            )
        found = Path(self.folder, name)
        if "\0" in name or not is_inside(found, self.folder):
            raise UsageError(
                f"{path}: the file {name!r:.80} is not in {self.folder!r:.80}",
                hint="only files of the folder that was allowed are opened",
            )
        return found


def checked_sources(files: Any, sizes: Any, *, unmeasured: bool) -> Sources:
    """`Sources` of arguments.

    Raises:
        UsageError: one cannot be used.
    """
    if sizes is None:
        sizes = {}
    if not isinstance(sizes, Mapping) or not all(isinstance(key, str) for key in sizes):
        raise UsageError(
            f"media_sizes must be a mapping of addresses to measures, got {kind_of(sizes)}",
            hint='such as {"https://…/photo.png": (1920, 1080)}',
        )
    if files is not None and not isinstance(files, str | os.PathLike):
        raise UsageError(
            f"files must be a str or a Path, got {kind_of(files)}", hint="name a folder"
        )
    folder = None if files is None else os.fsdecode(files)
    if folder is not None and ("\0" in folder or not os.path.isdir(folder)):
        raise UsageError(f"files must be a folder, got {folder!r:.80}", hint="name one that exists")
    return Sources(folder, sizes, unmeasured)


def kind_of_mime(mime: str) -> MediaKind | None:
    """What a MIME type names; None if it is none of these kinds."""
    major, _, minor = mime.lower().partition("/")
    if major in ("image", "video", "audio"):
        return major  # type: ignore[return-value]
    return "document" if minor.startswith("pdf") else None


def is_text(mime: str) -> bool:
    """Whether data of this MIME type is text."""
    return mime.lower().startswith("text/") or mime.lower() in (
        "application/json",
        "application/xml",
    )


def mime_of(data: Any, mime: str = "") -> str:
    """The MIME type of data: that of its data URI, or what is said of it."""
    match = _DATA.match(data) if isinstance(data, str) else None
    return match[1] if match and match[1] else mime


def decode_text(data: Any, path: str) -> str:
    """A text that was given as base64, a data URI or bytes.

    Raises:
        UsageError: it is not UTF-8, or not base64.
    """
    if isinstance(data, str):
        whole = data if _DATA.match(data) else f"data:;base64,{data}"
        match = _DATA.match(whole)
        assert match
        data = _decoded(whole, match, path)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise UsageError(f"{path} must be base64, got {kind_of(data)}", hint="or give bytes")
    try:
        return bytes(data).decode()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 ({error.reason})", hint="give text as text"
        ) from None


def _decoded(text: str, match: re.Match[str], path: str) -> bytes:
    if not match[2]:
        from urllib.parse import unquote_to_bytes

        return unquote_to_bytes(text[match.end() :])
    data = text[match.end() :]
    try:
        found = data.encode("ascii")
        if b"-" in found or b"_" in found:
            found = found.translate(bytes.maketrans(b"-_", b"+/"))
        return base64.b64decode(found + b"=" * (-len(found.rstrip(b"\r\n")) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raise UsageError(
            f"{path} is not base64: {data[:40]!r}", hint="give bytes instead"
        ) from None


def _read_file(
    kind: MediaKind, source: bytes | Path, path: str, within: str | None = None
) -> Media:
    if kind == "image":
        return files.read_image(source, name=path, within=within)
    from ctxtools.messages.media.readers import read

    readers = {"video": read.read_video, "audio": read.read_audio, "document": read.read_document}
    found: Media = readers[kind](source, name=path, within=within)
    return found


def _measured(kind: MediaKind, value: Any, name: str, path: str) -> Media:
    if isinstance(value, Media):
        if not isinstance(value, KIND_TYPES[kind]):
            raise UsageError(
                f"{path} is {kind_of(value)}, not {NOUNS[kind]}",
                hint=f"give {_MEASURES[kind]}",
            )
        return value
    numbers = list(value) if isinstance(value, list | tuple) else [value]
    if not all(_positive(each) for each in numbers):
        numbers = []
    whole = all(isinstance(each, int) for each in numbers[:2])
    if kind == "image" and len(numbers) == 2 and whole:
        return Image(name, width=numbers[0], height=numbers[1])
    if kind == "video" and len(numbers) in (3, 4) and whole:
        fps = numbers[3] if len(numbers) == 4 else 30.0
        return Video(name, width=numbers[0], height=numbers[1], seconds=numbers[2], fps=fps)
    if kind == "audio" and len(numbers) == 1:
        return Audio(name, seconds=numbers[0])
    if kind == "document" and len(numbers) == 1 and whole and numbers[0] <= 100_000:
        return Document(name, pages=(Page(*A4),) * numbers[0])
    raise UsageError(
        f"{path} cannot be the measures of {NOUNS[kind]}: {shown(value, 60)}",
        hint=f"give {_MEASURES[kind]}",
    )


def _positive(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 < value < 2**53
        and isfinite(value)
    )


def _in_memory(source: Any) -> tuple[int, int] | None:
    """The width and height of an image of PIL, or of an array of pixels."""
    if isinstance(source, str | bytes | bytearray | memoryview | os.PathLike):
        return None
    size, shape = getattr(source, "size", None), getattr(source, "shape", None)
    if isinstance(size, tuple) and len(size) == 2 and all(map(_whole, size)):
        return size
    if shape is None:
        return None
    sides = [int(each) for each in shape if _whole(each) or hasattr(each, "__index__")]
    if len(sides) == 3:
        sides = sides[1:] if sides[0] in (1, 3, 4) and sides[2] not in (1, 3, 4) else sides[:2]
    return (sides[1], sides[0]) if len(sides) == 2 and min(sides) > 0 else None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
