"""MiniMax-M3's videos: two frames share a grid between two special tokens, after a time as text."""

from collections.abc import Mapping

from ctxtools.messages.media.images.smart_resize import grid as fit
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import at_rate, evenly_from_zero, total_frames
from ctxtools.messages.media.video.stamps import stamp
from ctxtools.messages.parts import sum_intervals
from ctxtools.models import Interval


def count(
    video: Video,
    *,
    position: int | None,
    rate: float,
    min_frames: int,
    max_frames: int,
    factor: int,
    min_pixels: int,
    max_pixels: int,
    stamps: Mapping[str, int],
) -> Found:
    """A time, a grid and two special tokens for each pair of frames.

    Args:
        video: any.
        position: is not asked for.
        rate: frames a second.
        min_frames: if the video has as many.
        max_frames: at most.
        factor: the side of a patch, in pixels.
        min_pixels: of a frame.
        max_pixels: the same.
        stamps: what times take, see `ctxtools.messages.media.video.stamps.stamp`.

    Raises:
        UsageError: frames that are too narrow.
    """
    total = total_frames(video)
    count = at_rate(total, video.fps, rate, min_frames, max_frames)
    columns, rows = fit(
        video.width, video.height, factor=factor, min_pixels=min_pixels, max_pixels=max_pixels
    )
    firsts = evenly_from_zero(total, count)[::2]
    texts = sum_intervals(stamp(number / video.fps, **stamps) for number in firsts)
    fixed = len(firsts) * (columns * rows + 2)
    return Found(Interval(fixed, fixed + texts.typical, fixed + texts.high))
