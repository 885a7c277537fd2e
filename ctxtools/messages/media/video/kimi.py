"""Kimi K2.5's videos: chunks of four frames share one grid, and each chunk has its time as text."""

import math

from ctxtools.messages.media.images import padded_patches
from ctxtools.messages.media.items import Image, Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import at_rate, total_frames
from ctxtools.models import Interval

_SPECIAL = 3  # <|media_begin|>, <|media_content|> and <|media_end|>, of each chunk
_WORD = 1  # "video"


def count(
    video: Video,
    *,
    position: int | None,
    rate: float,
    chunk: int,
    patch: int,
    merge: int,
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
        patch: the side of a patch in pixels, as in the rule for images, like the next three.
        merge: patches of a token's side.
        max_patches: of a frame.
        max_side: patches of a side.
        stamp: tokens of a time such as 00:01:02.500: the fewest, as expected, and the most.
    """
    chunks = math.ceil(at_rate(total_frames(video), video.fps, rate) / chunk)
    frame = padded_patches.count(
        Image(width=video.width, height=video.height),
        position=0,
        patch=patch,
        merge=merge,
        max_patches=max_patches,
        max_side=max_side,
    )
    assert isinstance(frame.tokens, int)
    each = frame.tokens + _SPECIAL + _WORD
    low, typical, high = (chunks * (each + tokens) for tokens in stamp)
    return Found(Interval(low, typical, high))
