"""Gemma 4's videos: some frames, each with its own tokens, a start, an end and its time as text."""

import math

from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import total_frames
from ctxtools.messages.media.video.resize import Grid, too_narrow
from ctxtools.models import Interval

_AROUND = 2  # the start and the end of an image


def count(
    video: Video,
    *,
    position: int,
    frames: int,
    budget: int,
    factor: int,
    stamp: tuple[int, int, int],
) -> Found:
    """The grid of a frame, two special tokens and a time for each frame.

    Args:
        video: any.
        position: is not asked for.
        frames: of each video, if it has as many.
        budget: tokens of a frame, at most.
        factor: the side of what one token stands for, in pixels.
        stamp: tokens of a time such as 01:30 with the spaces around: the fewest, as expected, and
            the most.

    Raises:
        UsageError: frames that are too narrow.
    """
    total = total_frames(video)
    taken = min(frames, total)
    each = _grid(video.width, video.height, budget, factor).patches + _AROUND
    low, typical, high = (taken * (each + tokens) for tokens in stamp)
    notes = (
        () if total >= frames else (f"transformers refuses videos of fewer than {frames} frames",)
    )
    # The first one has no space before it.
    return Found(Interval(low, typical - 1, high), notes)


def _grid(width: int, height: int, budget: int, factor: int) -> Grid:
    scale = math.sqrt(budget * factor**2 / (height * width))
    columns, rows = (math.floor(scale * side / factor) for side in (width, height))
    if not columns and not rows:
        raise too_narrow(width, height)
    if not rows:
        rows, columns = 1, min(math.floor(width / height), budget)
    elif not columns:
        columns, rows = 1, min(math.floor(height / width), budget)
    return Grid(columns, rows)
