"""Images whose sides are rounded to a multiple of a patch and fitted into a budget of pixels.

Qwen2-VL began it; Qwen3-VL, ERNIE-4.5-VL, GLM-4.xV, MiniMax-M3 and HY have other figures.
"""

import math

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_MAX_RATIO = 200


def count(image: Image, *, position: int, factor: int, min_pixels: int, max_pixels: int) -> Found:
    """One token for each square of ``factor`` pixels of the resized image.

    Raises:
        UsageError: one side is more than 200 times as long as the other.
    """
    width, height = image.width, image.height
    if max(width, height) > _MAX_RATIO * min(width, height):
        raise UsageError(
            f"an image of {width} x {height} is too narrow: one side may be at most {_MAX_RATIO} "
            "times as long as the other",
            hint="crop the image",
        )
    columns, rows = round(width / factor), round(height / factor)
    pixels = columns * rows * factor**2
    if pixels > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        columns = max(1, math.floor(width / shrink / factor))
        rows = max(1, math.floor(height / shrink / factor))
    elif pixels < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        columns = math.ceil(width * grow / factor)
        rows = math.ceil(height * grow / factor)
    return Found(columns * rows)
