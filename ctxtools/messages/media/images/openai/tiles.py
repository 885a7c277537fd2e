"""Tiles of 512 pixels, on top of a base, after an image was shrunk in two steps."""

from collections.abc import Sequence

from ctxtools.messages.media.images.limits import about_format, unknown_detail
from ctxtools.messages.media.images.openai import BILLS_DIFFER
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_TILE = 512  # pixels
_MAX_SIDE = 2048  # pixels
_LEVELS = ("low", "high", "auto")


def count(
    image: Image,
    *,
    position: int | None,
    base: int,
    tile: int,
    max_short_side: int = 768,
    fidelity: Sequence[int] = (),
) -> Found:
    """The base at low detail; otherwise the base and the tiles.

    Args:
        image: its ``detail`` is low, high or auto, which is billed as high.
        position: is of no matter.
        base: tokens of any image.
        tile: tokens of a tile.
        max_short_side: pixels.
        fidelity: what a high detail adds to a square image, and to another; for models that make
            images, where it is a high input fidelity.

    Raises:
        UsageError: the level of detail is unknown.
    """
    remarks = (BILLS_DIFFER, *about_format(image))
    if image.detail not in (None, *_LEVELS):
        raise unknown_detail(image, _LEVELS)
    if image.detail == "low" and not fidelity:
        return Found(base, remarks)
    width, height = resized(image.width, image.height, max_short_side)
    tokens = base + tile * -(-width // _TILE) * -(-height // _TILE)
    if fidelity and image.detail == "high":
        tokens += fidelity[image.width != image.height]
    return Found(tokens, remarks)


def resized(width: int, height: int, max_short_side: int) -> tuple[int, int]:
    """The size in which tiles are counted: never larger, rounded to pixels after each step.

    What was billed for 2,050 x 513 shows that it is rounded, where the documentation is silent.
    """
    if (long := max(width, height)) > _MAX_SIDE:
        width, height = _scaled(width, _MAX_SIDE, long), _scaled(height, _MAX_SIDE, long)
    if (short := min(width, height)) > max_short_side:
        width, height = (
            _scaled(width, max_short_side, short),
            _scaled(height, max_short_side, short),
        )
    return width, height


def _scaled(side: int, to: int, of: int) -> int:
    """``side * to / of``, rounded as Python rounds: exactly, as a float would not."""
    whole, rest = divmod(side * to, of)
    return max(1, whole + (2 * rest > of or (2 * rest == of and whole % 2)))
