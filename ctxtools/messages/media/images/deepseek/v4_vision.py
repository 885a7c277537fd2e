"""DeepSeek V4-Flash-Vision-Exp: as V4.1, but in pairs of rows, and padded by its position.

The attention of the model compresses four tokens into one, so the block of an image begins at a
multiple of four: what it costs depends on what comes before it.
"""

import math
from typing import NamedTuple

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval
from ctxtools.models.interval import exactly

_PATCH = 14  # pixels
_CELL = 3 * _PATCH  # pixels of a token
_COMPRESSED = 4  # tokens into one
_BUDGET = 384 - (_COMPRESSED - 1)  # tokens, without the pad
_MIN_PIXELS = 147_456
_MAX_RATIO = 8


class _Size(NamedTuple):
    width: int
    height: int


def count(image: Image, *, position: int | None) -> Found:
    """The tokens of the block, the pad before it included.

    Args:
        image: the image.
        position: tokens of the prompt before it; None gives an interval, as 0 to 3 are padded.

    Raises:
        UsageError: the level of detail is unknown.
    """
    pads = range(_COMPRESSED)
    notes = ignored_detail(image)
    if position is None:
        notes = ("0 to 3 tokens of it depend on the number of tokens before it", *notes)
    else:
        pads = range(pad := _COMPRESSED - 1 - position % _COMPRESSED, pad + 1)
    found = found_by(image, block_tokens, notes=notes, turned=False)
    block = found.tokens if isinstance(found.tokens, Interval) else exactly(found.tokens)
    low, high = block.low + pads[0], block.high + pads[-1]
    return found._replace(tokens=Interval(low, block.typical + pads[len(pads) // 2], high))


def block_tokens(width: int, height: int) -> int:
    """The tokens of a block without the pad before it."""
    width = min(width, _MAX_RATIO * height)
    if width * height < _MIN_PIXELS:
        ratio = (_MIN_PIXELS / (width * height)) ** 0.5
        width, height = int(width * ratio), int(height * ratio)
    tokens = _tokens(_Size(-(-width // _PATCH) * _PATCH, -(-height // _PATCH) * _PATCH))
    budget = _BUDGET
    while tokens > _BUDGET:
        tokens = _tokens(_shrunk(width, height, budget))
        budget -= 1
    return tokens


def _tokens(size: _Size) -> int:
    columns, rows = -(-size.width // _CELL), -(-size.height // _CELL)
    pairs = -(-rows // 2)  # of rows; a missing one is padded
    padded = pairs * (columns + 1) % 2 * 2
    return 2 * pairs * (columns + 1) + padded + 2


def _shrunk(width: int, height: int, budget: int) -> _Size:
    ratio = height / width
    columns = math.sqrt((budget - 2) / ratio + 0.25) - 0.5
    rows = columns * ratio
    if columns < 1:
        return _Size(_CELL, _CELL * _even((budget - 2) // 2))
    if rows < 2:
        return _Size(_CELL * ((budget - 2) // 2 - 1), _CELL * 2)
    factor = min(math.floor(columns) * _CELL / width, _even(math.floor(rows)) * _CELL / height)
    return _Size(*(math.floor(side * factor / _PATCH) * _PATCH for side in (width, height)))


def _even(number: int) -> int:
    return number - number % 2
