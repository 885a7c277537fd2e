"""DeepSeek V4.1: a grid of 42 pixels, with a newline for each row, in a budget of tokens.

The arithmetic is that of deepseek-recipe, in floats where it has floats, so that both agree on
every size. What else DeepSeek's service does, and those who serve the open weights do not, is in
the notes: it refuses large images, and sends very long ones on in another size.
"""

import math
from typing import NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.limits import about_format, refusal_of_sides, unknown_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_PATCH = 14  # pixels
_CELL = 3 * _PATCH  # pixels of a token
_BUDGET = 1024  # tokens
_MIN_PIXELS = 544 * 544
_LOW_SIDE = 512  # pixels of the longer side at low detail
_WEBP_SIDE = 16383  # pixels; an image is sent on as WebP
_MAX_SIDE = 8192  # pixels
_MANY, _MANY_MAX_SIDE = 15, 4096  # images of a request, and what a side of each may then have
_MAX_PASSES = 10
_MAX_ROUNDS = 6
_LEVELS = ("low", "high", "original", "auto")


class Fitted(NamedTuple):
    """A size in whole patches, and the tokens that it takes."""

    width: int
    height: int
    tokens: int


def count(image: Image, *, position: int | None) -> Found:
    """The tokens of the image as it is resized, those at its start and end included.

    Args:
        image: its ``detail`` is low, or else is of no matter.
        position: is of no matter.

    Raises:
        UsageError: the image is refused, or the level of detail is unknown.
    """
    if image.detail not in (None, *_LEVELS):
        raise unknown_detail(image, _LEVELS)
    width, height = image.width, image.height
    if image.detail == "low" and (long := max(width, height)) > _LOW_SIDE:
        ratio = _LOW_SIDE / long
        width, height = (max(1, math.floor(side * ratio + 0.5)) for side in (width, height))
    notes = [*about_format(image)]
    if image.rotated:
        notes.append("counted as it is stored: the model does not turn it")
    if refusal := refusal_of_sides(image, _MAX_SIDE, _MANY, _MANY_MAX_SIDE):
        notes.append(f"by DeepSeek's own service, {refusal}")
    tokens, once = fit(width, height).tokens, _fit_once(width, height).tokens
    if once != tokens:
        notes.append(f"vLLM and SGLang, which fit it once, make {once} tokens of it")
    sent = _sent_tokens(width, height)
    if sent is None:
        notes.append("DeepSeek's own service refuses it: it is too narrow to be sent on as WebP")
    elif sent != tokens:
        notes.append(f"DeepSeek's own service sends it on as WebP, and makes {sent} tokens of it")
    both = tokens, sent or tokens
    return Found(Interval(min(both), tokens, max(both)), tuple(notes))


def fit(width: int, height: int) -> Fitted:
    """The size that does not change any more when it is fitted again.

    Raises:
        UsageError: there is none, as the reference finds within ten passes.
    """
    result = _fit_once(width, height)
    for _ in range(_MAX_PASSES - 1):
        following = _fit_once(result.width, result.height)
        if following == result:
            return result
        result = following
    raise UsageError(
        f"an image of {width:,} x {height:,} pixels is refused: no size fits it",
        hint="change its size by some pixels",
    )


def _sent_tokens(width: int, height: int) -> int | None:
    """The tokens in the size that WebP can hold; None if the service finds no such size."""
    source = width, height
    for _ in range(_MAX_ROUNDS):
        fitted = fit(*source)
        long, short = max(fitted[:2]), min(fitted[:2])
        if long <= _WEBP_SIDE:
            return fitted.tokens
        longest = _WEBP_SIDE // _PATCH * _PATCH
        scaled = max(1, math.floor(short * longest / long + 0.5))
        shortest = -(-scaled // _PATCH) * _PATCH
        source = (longest, shortest) if fitted.width >= fitted.height else (shortest, longest)
    return None


def _fit_once(width: int, height: int) -> Fitted:
    if width * height < _MIN_PIXELS:
        ratio = math.sqrt(_MIN_PIXELS / (width * height))
        width, height = int(width * ratio), int(height * ratio)
    whole = _in_cells(-(-width // _PATCH) * _PATCH, -(-height // _PATCH) * _PATCH)
    return whole if whole.tokens <= _BUDGET else _shrunk(width, height)


def _shrunk(width: int, height: int) -> Fitted:
    ratio = height / width
    columns = math.sqrt((_BUDGET - 2) / ratio + 0.25) - 0.5
    rows = columns * ratio
    if columns < 1:
        return _in_cells(_CELL, _CELL * ((_BUDGET - 2) // 2))
    if rows < 1:
        return _in_cells(_CELL * (_BUDGET - 2 - 1), _CELL)
    factor = min(int(columns) * _CELL / width, int(rows) * _CELL / height)
    return _in_cells(*(int(side * factor / _PATCH) * _PATCH for side in (width, height)))


def _in_cells(width: int, height: int) -> Fitted:
    columns, rows = (-(-side // _CELL) for side in (width, height))
    return Fitted(width, height, rows * (columns + 1) + 2)
