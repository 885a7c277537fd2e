"""Claude: a token for each square of 28 pixels, after an image was shrunk to two limits."""

from ctxtools.messages.media.images.limits import about_format, require_sides
from ctxtools.messages.media.images.sizes import ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_PATCH = 28  # pixels
_MAX_SIDE = 8000  # pixels
_MANY, _MANY_MAX_SIDE = 21, 2000  # images of a request, and what a side of each may then have


def count(
    image: Image,
    *,
    position: int | None,
    edge: int,
    max_tokens: int,
) -> Found:
    """Tokens of the image as the vendor resizes it.

    Args:
        image: the image.
        position: is of no matter.
        edge: pixels that a side, padded to whole patches, may have.
        max_tokens: that the image may have.

    Raises:
        UsageError: the image is refused, or the level of detail is unknown.
    """
    require_sides(image, _MAX_SIDE, _MANY, _MANY_MAX_SIDE)
    columns, rows = (-(-side // _PATCH) for side in resized(image, edge, max_tokens))
    return Found(columns * rows, (*ignored_detail(image), *about_format(image)))


def resized(image: Image, edge: int, max_tokens: int) -> tuple[int, int]:
    """The width and the height after resizing, before it is padded to whole patches.

    It is the vendor's algorithm, floats included: a binary search for the longest side that fits.
    """
    if _fits(image.width, image.height, edge, max_tokens):
        return image.width, image.height
    long, short = max(image.width, image.height), min(image.width, image.height)
    ratio = long / short
    fitting, too_long = 1, long
    while too_long - fitting > 1:
        middle = (fitting + too_long) // 2
        if _fits(middle, _other_side(middle, ratio), edge, max_tokens):
            fitting = middle
        else:
            too_long = middle
    sides = fitting, _other_side(fitting, ratio)
    return sides if image.width >= image.height else sides[::-1]


def _other_side(long: int, ratio: float) -> int:
    return max(round(long / ratio), 1)


def _fits(width: int, height: int, edge: int, max_tokens: int) -> bool:
    columns, rows = -(-width // _PATCH), -(-height // _PATCH)
    return max(columns, rows) * _PATCH <= edge and columns * rows <= max_tokens
