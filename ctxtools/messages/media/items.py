"""Images, videos, recordings and documents as far as counting is concerned: their measures.

What reads them from files, bytes and data URIs is in ``headers/`` and ``files.py``; what they cost
a model is in ``images/``, ``video/``, ``audio/`` and ``pages.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Direction = Literal["input", "output"]
A4 = (595.0, 842.0)  # points
MAX_SECONDS = 10**9  # thirty years
MAX_FPS = 10**6
MediaKind = Literal["image", "video", "audio", "document"]


@dataclass(frozen=True, slots=True)
class Media:
    """What is common to all of them.

    Attributes:
        name: for messages: a path, or "image 2 of message 4".
        notes: remarks on how it was read.
        measured: its measures are what they seem; otherwise its tokens have to be given.
    """

    name: str = ""
    notes: tuple[str, ...] = ()
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Media):
    """An image.

    Attributes:
        width: pixels of the stored raster.
        height: the same.
        rotated: an EXIF orientation exchanges the two for who looks at it.
        detail: what was asked for: "low", "high", "original", "auto", or a vendor's other level.
        frames: more than 1 of an animation.
        format: "png", "jpeg", …; "" if it is not known.
        size: bytes; None if it is not known.
        siblings: other images of the same request: of many, some models make less of each.
    """

    width: int
    height: int
    rotated: bool = False
    detail: str | None = None
    frames: int = 1
    format: str = ""
    size: int | None = None
    siblings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(Media):
    """A video.

    Attributes:
        width: pixels of a frame as it is shown.
        height: the same.
        seconds: its duration.
        fps: frames a second.
        frames: of the file; None follows from duration and rate.
        audio: it has a sound track; None if that is not known.
        detail: a vendor's level of resolution; None is its default.
        sampling: whose code chooses frames and their size, by name, where two do it differently;
            None is the rule's default.
    """

    width: int
    height: int
    seconds: float
    fps: float = 30.0
    frames: int | None = None
    audio: bool | None = None
    detail: str | None = None
    sampling: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio(Media):
    """A recording.

    Attributes:
        seconds: its duration.
        rate: samples a second; None if it is not known.
        samples: of a channel; None follows from duration and rate.
        direction: whether the model hears it or speaks it.
    """

    seconds: float
    rate: int | None = None
    samples: int | None = None
    direction: Direction = "input"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document.

    Attributes:
        width: in points, 1/72 inch.
        height: the same.
        text: that a program finds in it; None if that is not known.
    """

    width: float
    height: float
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Media):
    """A document that is sent as a file, such as a PDF.

    Attributes:
        pages: in order.
        detail: a vendor's level of resolution; None is its default.
    """

    pages: tuple[Page, ...]
    detail: str | None = None


KIND_TYPES: Mapping[MediaKind, type[Media]] = {
    "image": Image,
    "video": Video,
    "audio": Audio,
    "document": Document,
}
NOUNS: Mapping[MediaKind, str] = {
    "image": "an image",
    "video": "a video",
    "audio": "audio",
    "document": "a document",
}
MODALITIES: Mapping[MediaKind, str] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "document": "pdf",
}
"""What `ctxtools.Model.modalities` calls each kind."""


def media_kind(item: Media) -> MediaKind:
    """What an item is, in one word."""
    return next(kind for kind, type_ in KIND_TYPES.items() if isinstance(item, type_))
