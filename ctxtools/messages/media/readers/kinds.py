"""What kind of medium a file is, by its content."""

from functools import cache

from ctxtools.messages.media.items import MediaKind
from ctxtools.signatures import BinaryType, binary_type

HEAD = 8192
"""How many bytes of a file tell what it is."""

# By the end of the name that ctxtools.signatures has for the format.
_ENDINGS: tuple[tuple[str, MediaKind], ...] = (
    (" image", "image"),
    (" audio", "audio"),
    (" video", "video"),
    ("Ogg file", "audio"),
    ("Windows Media file", "video"),
    ("MP4 or QuickTime file", "video"),
    ("PDF document", "document"),
)
_SOUND = (b"M4A ", b"M4B ", b"M4P ", b"F4A ")  # brands of MP4
_MOVING = (b"\x80theora", b"BBCD\0")  # of Ogg


def media_kind_of(beginning: bytes) -> MediaKind | None:
    """What a file is that starts with these bytes; None if it is no medium.

    A container that can hold both is a video, unless it says that it holds sound alone.

    Args:
        beginning: up to `HEAD` bytes.
    """
    found = binary_type(beginning[:HEAD])
    return None if found is None else media_kind_of_type(found, beginning)


def media_kind_of_type(found: BinaryType, beginning: bytes) -> MediaKind | None:
    """The same of a file whose type is known."""
    if found.name == "MP4 or QuickTime file" and beginning[8:12] in _SOUND:
        return "audio"
    if found.name == "Ogg file" and any(each in beginning for each in _MOVING):
        return "video"
    return _kind_of_name(found.name)


@cache
def _kind_of_name(name: str) -> MediaKind | None:
    return next((kind for end, kind in _ENDINGS if name.endswith(end)), None)
