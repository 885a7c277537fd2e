"""Kimi K2.5's videos: chunks of four frames share one grid, and each chunk has its time as text."""

import math

from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import at_rate, total_frames
from ctxtools.models import Interval

_SPECIAL = 3  # <|media_begin|>, <|media_content|> and <|media_end|>, of each chunk
_WORD = 1  # "video"


def count(
    video: Video,
    *,
    position: int,
    rate: float,
    chunk: int,
    patch: int,
    max_patches: int,
    max_side: int,
    stamp: tuple[int, int, int],
) -> Found:
    """The grid of a frame, a time and four tokens for each chunk.

    Args:
        video: any.
        position: is not asked for.
        rate: frames a second.
        chunk: frames of a chunk.
        patch: the side of a patch in pixels; four patches are one token.
        max_patches: of a frame.
        max_side: patches of a side.
        stamp: tokens of a time such as 00:01:02.500: the fewest, as expected, and the most.
    """
    chunks = math.ceil(at_rate(total_frames(video), video.fps, rate) / chunk)
    across, down = video.width, video.height
    patches = max(1.0, down // patch) * max(1.0, across // patch)
    limits = math.sqrt(max_patches / patches), max_side * patch / down, max_side * patch / across
    scale = min(1.0, *limits)
    columns, rows = (
        math.ceil(min(max(1, int(side * scale)), max_side * patch) / (2 * patch))
        for side in (across, down)
    )
    each = columns * rows + _SPECIAL + _WORD
    low, typical, high = (chunks * (each + tokens) for tokens in stamp)
    return Found(Interval(low, typical, high))
