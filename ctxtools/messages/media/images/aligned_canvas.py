"""Images on a canvas of whole squares: GLM-5.3-Flash, the model that transformers calls GLM-5-next.

The sides are rounded up. A canvas with too many squares is replaced by the largest that holds a
smaller copy of the image, which a binary search over the copy's height finds.
"""

import math

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int, factor: int, min_tokens: int, max_tokens: int) -> Found:
    """One token for each square of ``factor`` pixels of the canvas.

    Args:
        image: with its measures.
        position: does not matter.
        factor: pixels of a square's side.
        min_tokens: smaller images are enlarged.
        max_tokens: larger images are shrunk.
    """

    def tokens(width: int, height: int) -> int:
        columns, rows = _squares(width, factor), _squares(height, factor)
        if columns * rows < min_tokens:
            # The reference budgets two frames on both sides of the division, which cancel exactly.
            scale = math.sqrt(min_tokens * factor**2 / (width * height))
            columns = _squares(max(1, math.ceil(width * scale)), factor)
            rows = _squares(max(1, math.ceil(height * scale)), factor)
        if columns * rows > max_tokens:
            columns, rows = _largest(width, height, factor, max_tokens)
        return columns * rows

    return found_by(image, tokens, notes=ignored_detail(image))


def _largest(width: int, height: int, factor: int, max_tokens: int) -> tuple[int, int]:
    best = 1, 1
    low, high = 1, height
    while low <= high:
        middle = (low + high) // 2
        columns = _squares(max(1, math.floor(width * middle / height)), factor)
        rows = _squares(middle, factor)
        if columns * rows <= max_tokens:
            best = columns, rows
            low = middle + 1
        else:
            high = middle - 1
    return best


def _squares(pixels: int, factor: int) -> int:
    return math.ceil(pixels / factor)
