"""Images in rows of patches with a token after each row: Pixtral and Mistral's later models.

The rule is that of mistral-common, the vendor's own tokenizer; transformers rounds down where that
rounds to the nearest pixel, which a note says where it matters.
"""

import math

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int, factor: int, max_side: int) -> Found:
    """A token for each patch, and one at the end of each row.

    Args:
        image: with its measures.
        position: does not matter.
        factor: pixels of a patch's side.
        max_side: pixels; larger images are shrunk.
    """

    def tokens(width: int, height: int) -> int:
        ratio = max(height / max_side, width / max_side)
        if ratio > 1:
            width, height = max(round(width / ratio), 1), max(round(height / ratio), 1)
        return _tokens(width, height, factor)

    notes = ignored_detail(image)
    other = _rounded_down(image.width, image.height, factor, max_side)
    if other != tokens(image.width, image.height):
        notes = (*notes, f"transformers makes {other} tokens of it")
    return found_by(image, tokens, notes=notes, turned=False)


def _rounded_down(width: int, height: int, factor: int, max_side: int) -> int:
    ratio = max(height / max_side, width / max_side)
    if ratio > 1:
        width, height = math.floor(width / ratio), math.floor(height / ratio)
    return _tokens(width, height, factor)


def _tokens(width: int, height: int, factor: int) -> int:
    columns, rows = (width - 1) // factor + 1, (height - 1) // factor + 1
    return rows * (columns + 1)
