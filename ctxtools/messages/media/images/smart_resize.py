"""Images whose sides are rounded to a multiple of a patch and fitted into a budget of pixels.

Qwen2-VL began it (``smart_resize`` in transformers and in qwen-vl-utils); Qwen3-VL, ERNIE-4.5-VL,
MiniMax-M3 and HY-V4 have other figures, GLM-4.1V to GLM-4.6V two small changes. The arithmetic is
that of the reference, in floating point and in its order, as other orders round otherwise.
"""

import math

from ctxtools.messages.media.images.sizes import found_by, ignored_detail, too_narrow
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_MAX_RATIO = 200
_AROUND_ROWS = 2  # the tokens at an image's start and end, beside those of its rows
_TOKENS_OF_QWEN_VL_UTILS = (4, 16_384)


def count(
    image: Image,
    *,
    position: int,
    factor: int,
    min_pixels: int,
    max_pixels: int,
    frames: int = 1,
    enlarge: bool = False,
    newlines: bool = False,
    qwen_vl_utils: bool = False,
) -> Found:
    """One token for each square of ``factor`` pixels of the resized image.

    Args:
        image: with its measures.
        position: does not matter.
        factor: pixels of a token's side.
        min_pixels: of the resized image, all frames together.
        max_pixels: the same.
        frames: as how many frames the image counts towards these limits.
        enlarge: an image with a side below ``factor`` is first enlarged to it.
        newlines: the processor ends each row with another token, which is one of the wrapper.
        qwen_vl_utils: the vendor's package of that name may resize the image before the processor
            sees it, to limits of its own; a note says so where that makes a difference.

    Raises:
        UsageError: one side is more than 200 times as long as the other.
    """

    def columns_and_rows(width: int, height: int) -> tuple[int, int]:
        return grid(
            width,
            height,
            factor=factor,
            min_pixels=min_pixels,
            max_pixels=max_pixels,
            frames=frames,
            enlarge=enlarge,
        )

    def tokens(width: int, height: int) -> int:
        return math.prod(columns_and_rows(width, height))

    notes = ignored_detail(image)
    if qwen_vl_utils:
        others = _by_qwen_vl_utils(image, factor)
        if others != tokens(image.width, image.height):
            notes = (*notes, f"qwen-vl-utils, where it prepares the image, makes {others} tokens")
    wrapper = None
    if newlines:
        width, height = image.width, image.height
        _, rows = columns_and_rows(*((height, width) if image.rotated else (width, height)))
        wrapper = rows + _AROUND_ROWS
    return found_by(image, tokens, notes=notes, wrapper=wrapper)


def _by_qwen_vl_utils(image: Image, factor: int) -> int:
    """By version 0.0.14, ``vision_process.fetch_image``, with its default limits."""
    least, most = (tokens * factor**2 for tokens in _TOKENS_OF_QWEN_VL_UTILS)
    columns, rows = grid(
        image.width,
        image.height,
        factor=factor,
        min_pixels=least,
        max_pixels=most,
        at_least_one_first=True,
    )
    return columns * rows


def grid(
    width: int,
    height: int,
    *,
    factor: int,
    min_pixels: float,
    max_pixels: float,
    frames: int = 1,
    temporal: int = 1,
    enlarge: bool = False,
    at_least_one_first: bool = False,
) -> tuple[int, int]:
    """Columns and rows of squares of ``factor`` pixels in the resized image, see `count`.

    Args:
        width: pixels of the image, or of a frame of a video.
        height: the same.
        factor: as in `count`, like the next three.
        min_pixels: see there.
        max_pixels: see there.
        frames: see there.
        temporal: frames that share a square; to the limits count as many frames as are a multiple.
        enlarge: as in `count`.
        at_least_one_first: each side has a square before the limits are looked at, but not after,
            as in qwen-vl-utils.

    Raises:
        UsageError: as in `count`.
    """
    given = width, height
    if enlarge and min(given) < factor:
        scale = max(factor / height, factor / width)
        width, height = int(width * scale), int(height * scale)
    if max(width, height) / min(width, height) > _MAX_RATIO:
        raise too_narrow(*given, _MAX_RATIO)
    columns, rows = round(width / factor), round(height / factor)
    if at_least_one_first:
        columns, rows = max(1, columns), max(1, rows)
    pixels = round(frames / temporal) * temporal * columns * rows * factor**2
    if pixels > max_pixels:
        shrink = math.sqrt(frames * width * height / max_pixels)
        least = 0 if at_least_one_first else 1
        columns = max(least, math.floor(width / shrink / factor))
        rows = max(least, math.floor(height / shrink / factor))
    elif pixels < min_pixels:
        grow = math.sqrt(min_pixels / (frames * width * height))
        columns = math.ceil(width * grow / factor)
        rows = math.ceil(height * grow / factor)
    if not columns or not rows:
        raise too_narrow(*given)
    return columns, rows
