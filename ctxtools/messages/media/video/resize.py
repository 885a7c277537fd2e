"""The size at which a frame is looked at, where sides are multiples of a patch."""

import math
from typing import NamedTuple

from ctxtools.errors import UsageError

_MAX_RATIO = 200


class Grid(NamedTuple):
    """How many patches a frame has in each direction."""

    columns: int
    rows: int

    @property
    def patches(self) -> int:
        """All of them."""
        return self.columns * self.rows


def fit(
    width: int,
    height: int,
    *,
    factor: int,
    min_pixels: float,
    max_pixels: float,
    frames: int = 1,
    temporal: int = 1,
    clip: bool = False,
    first_at_least_one: bool = False,
) -> Grid:
    """The grid of a frame; the bounds are for the pixels of all frames together.

    The arithmetic is that of ``smart_resize`` in transformers and in qwen-vl-utils, in their order
    of operations.

    Args:
        width: of the frame, in pixels.
        height: the same.
        factor: the side of a patch.
        min_pixels: the minimum, above which small frames are enlarged.
        max_pixels: the maximum.
        frames: how many.
        temporal: the number of frames that share a patch, of which ``frames`` is made a multiple.
        clip: frames with a side below ``factor`` are enlarged first.
        first_at_least_one: each side has a patch before the bounds are looked at, not after.

    Raises:
        UsageError: one side is more than 200 times as long as the other.
    """
    if clip and min(width, height) < factor:
        scale = max(factor / height, factor / width)
        width, height = int(width * scale), int(height * scale)
    if max(width, height) / min(width, height) > _MAX_RATIO:
        raise too_narrow(width, height)
    columns, rows = round(width / factor), round(height / factor)
    if first_at_least_one:
        columns, rows = max(1, columns), max(1, rows)
    pixels = round(frames / temporal) * temporal * columns * rows * factor**2
    if pixels > max_pixels:
        shrink = math.sqrt(frames * height * width / max_pixels)
        least = 0 if first_at_least_one else 1
        columns = max(least, math.floor(width / shrink / factor))
        rows = max(least, math.floor(height / shrink / factor))
    elif pixels < min_pixels:
        grow = math.sqrt(min_pixels / (frames * height * width))
        columns, rows = math.ceil(width * grow / factor), math.ceil(height * grow / factor)
    if not columns or not rows:
        raise too_narrow(width, height)
    return Grid(columns, rows)


def too_narrow(width: int, height: int) -> UsageError:
    """The error for a frame that the model's code refuses."""
    return UsageError(
        f"frames of {width} x {height} are too narrow: one side may be at most {_MAX_RATIO} times "
        "as long as the other",
        hint="crop the video",
    )
