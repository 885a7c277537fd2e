"""Gemini: so many tokens for a level of resolution; before Gemini 3, for each tile of an image."""

from collections.abc import Mapping

from ctxtools.messages.media.images.limits import about_format, unknown_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_FORMATS = ("png", "jpeg", "webp", "heic")
_TILE = 258  # tokens
_SMALL = 384  # pixels; no larger image is one tile
_DEFAULTS = ("auto", "high")
_APPROXIMATE = "approximate, as the vendor says; 10 % less are assumed to be possible"


def count(
    image: Image,
    *,
    position: int | None,
    levels: Mapping[str, int],
    max_tokens: int | None = None,
) -> Found:
    """Tokens for the level of resolution that is asked for.

    Args:
        image: its ``detail`` is a level, as ``low`` or as ``MEDIA_RESOLUTION_LOW``.
        position: is of no matter.
        levels: tokens of each level. One that is not among them, and the default, is tiled.
        max_tokens: of a tiled image.

    Raises:
        UsageError: the level is unknown.
    """
    level = level_of_resolution(image.detail)
    remark = about_format(image, _FORMATS)
    tokens = levels.get(level)
    if tokens is None and level in _DEFAULTS:
        tokens = levels.get("high")
    if tokens is not None:
        return Found(Interval(-(-tokens * 9 // 10), tokens, tokens), (_APPROXIMATE, *remark))
    if level not in _DEFAULTS:
        raise unknown_detail(image, [*dict.fromkeys((*levels, *_DEFAULTS))])
    found = _tiled(image, levels.get("medium"), max_tokens)
    return found._replace(notes=(*found.notes, *remark))


def level_of_resolution(detail: str | None, default: str = "auto") -> str:
    """A level as the figures have it: "low" for ``MEDIA_RESOLUTION_LOW``."""
    level = (detail or "auto").lower().removeprefix("media_resolution_")
    return default if level in ("auto", "unspecified") else level


def _tiled(image: Image, whole: int | None, max_tokens: int | None) -> Found:
    """By tiles.

    Args:
        image: the image.
        whole: tokens of the image without its crops, by another page of the vendor; None if there
            is none.
        max_tokens: of an image with crops.
    """
    if max(image.width, image.height) <= _SMALL:
        if whole is None:
            return Found(_TILE)
        note = f"one page of the vendor says {whole} tokens for a small image, another {_TILE}"
        return Found(Interval(min(whole, _TILE), _TILE, max(whole, _TILE)), (note,))
    shorter = min(image.width, image.height)
    side = min(max(2 * shorter // 3, 256), 768)  # of a tile: a rough rule, by the vendor's word
    by_shorter_side = _TILE * _tiles(image, side)
    of_768 = _TILE * _tiles(image, 768)
    if max_tokens is not None:  # pan and scan, which looks at what is in the image
        typical = min(by_shorter_side, max_tokens)
        low = min(_TILE, whole or _TILE, typical)
        return Found(
            Interval(low, typical, max_tokens),
            ("approximate: it depends on what is in the image, which crops are taken",),
        )
    if by_shorter_side == of_768:
        return Found(of_768)
    low, high = sorted((by_shorter_side, of_768))
    note = f"tiles of {side} pixels take {by_shorter_side:,} tokens, tiles of 768 take {of_768:,}"
    return Found(Interval(low, by_shorter_side, high), (f"{note}: the vendor describes both",))


def _tiles(image: Image, side: int) -> int:
    return -(-image.width // side) * -(-image.height // side)
