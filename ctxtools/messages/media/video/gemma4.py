"""Gemma 4's videos: some frames, each with its own tokens, a start, an end and its time as text."""

from ctxtools.messages.media.images import filled_budget
from ctxtools.messages.media.items import Image, Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import total_frames
from ctxtools.models import Interval

_AROUND = 2  # the start and the end of an image


def count(
    video: Video,
    *,
    position: int | None,
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
    frame = filled_budget.count(
        Image(width=video.width, height=video.height),
        position=0,
        factor=factor,
        budgets=[budget],
        default=budget,
    )
    assert isinstance(frame.tokens, int)
    each = frame.tokens + _AROUND
    low, typical, high = (taken * (each + tokens) for tokens in stamp)
    notes = (
        () if total >= frames else (f"transformers refuses videos of fewer than {frames} frames",)
    )
    # The first one has no space before it.
    return Found(Interval(low, typical - 1, high), notes)
