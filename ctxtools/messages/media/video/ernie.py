"""ERNIE-4.5-VL's videos: two frames share the tokens of one; times are drawn into the frames."""

import math

from ctxtools.messages.media.images.smart_resize import grid as fit
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import at_rate, total_frames
from ctxtools.models import Interval


def count(
    video: Video,
    *,
    position: int | None,
    min_frames: int,
    max_frames: int,
    rate: float,
    factor: int,
    min_pixels: int,
    max_pixels: int,
) -> Found:
    """The grid of a frame for each pair of frames.

    transformers spreads as many frames as it may over the video. The checkpoint's own program is
    known to take fewer of a short one, by a rate: that is the lower end of the interval.

    Args:
        video: any.
        position: is not asked for.
        min_frames: if the video has as many.
        max_frames: at most.
        rate: frames a second of the checkpoint's own program.
        factor: the side of a patch, in pixels.
        min_pixels: of a frame.
        max_pixels: the same.

    Raises:
        UsageError: frames that are too narrow.
    """
    total = total_frames(video)
    columns, rows = fit(
        video.width, video.height, factor=factor, min_pixels=min_pixels, max_pixels=max_pixels
    )
    asked = min(max(total, min_frames), max_frames, total)
    # The program counts in steps of a float, and so takes one frame too many of some videos.
    frames = math.ceil(total / (total / asked))
    fewer = at_rate(total, video.fps, rate, min_frames, max_frames)
    most, least = ((each + 1) // 2 * columns * rows for each in (frames, fewer))
    notes = (f"transformers takes {frames} frames; at {rate:g} a second there are {fewer}",)
    return Found(Interval(min(least, most), most, most), notes if fewer < frames else ())
