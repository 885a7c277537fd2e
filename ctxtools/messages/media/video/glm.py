"""GLM's videos: two frames share a grid, between two special tokens, and a time follows as text."""

import math
from collections.abc import Mapping

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.smart_resize import grid as fit
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import evenly, first_at, in_pairs, total_frames
from ctxtools.messages.media.video.stamps import stamp
from ctxtools.messages.parts import sum_intervals
from ctxtools.models import Interval

_RATES = ((30, 3.0), (300, 1.0), (2400, 0.5))  # up to so many seconds: pairs a second (4.6V)
_LONGEST = 2400  # seconds
_MOST = 640  # frames (4.6V)

_RATE = 2  # frames a second (4.1V, 4.5V)
_STEADY = 300  # seconds, up to which that is the rate


def count(
    video: Video,
    *,
    position: int | None,
    by_length: bool,
    factor: int,
    min_pixels: int,
    max_pixels: int,
    stamps: Mapping[str, int],
) -> Found:
    """A grid, two special tokens and a time for each pair of frames.

    Args:
        video: any.
        position: is not asked for.
        by_length: the rate depends on the duration, as in GLM-4.6V; else it is 2 frames a second.
        factor: the side of a patch, in pixels.
        min_pixels: of all frames together.
        max_pixels: the same.
        stamps: what times take, see `ctxtools.messages.media.video.stamps.stamp`.

    Raises:
        UsageError: frames that are too narrow.
    """
    total = total_frames(video)
    numbers = in_pairs((_dynamic if by_length else _steady)(video, total))
    columns, rows = fit(
        video.width,
        video.height,
        factor=factor,
        min_pixels=min_pixels,
        max_pixels=max_pixels,
        frames=len(numbers),
        temporal=2,
        enlarge=True,
    )
    texts = sum_intervals(stamp(number / video.fps, **stamps) for number in numbers[::2])
    fixed = len(numbers) // 2 * (columns * rows + 2)
    notes = () if texts.exact else ("some numbers of three digits are one token, and most are two",)
    return Found(Interval(fixed + texts.low, fixed + texts.typical, fixed + texts.high), notes)


def _dynamic(video: Video, total: int) -> list[int]:
    """The numbers of the frames for GLM-4.6V, some of which may repeat."""
    seconds = min(video.seconds, _LONGEST)
    rate = next(rate for longest, rate in _RATES if seconds <= longest)
    count = min(int(seconds * rate * 2), _MOST)
    if count < 1:
        raise UsageError(
            f"a video of {video.seconds:g} seconds is too short for this model",
            hint="count it as an image",
        )
    if total < count:
        return evenly(total, count, math.floor)
    found = _by_time(video, total, 1 / (2 * rate), count)
    if len(found) > count:
        return evenly(total, count, math.floor)
    if len(found) < count:
        first = found[0]
        return [first + number for number in evenly(found[-1] - first + 1, count, math.floor)]
    return found


def _by_time(video: Video, total: int, apart: float, enough: int) -> list[int]:
    """The first frames after each multiple of a time, until there are more than enough."""
    duration = 1 / video.fps
    found = list[int]()
    seconds, end, number = 0.0, int(video.seconds), -1
    while len(found) <= enough:
        number = first_at(seconds, duration, number)
        if number >= total:
            break
        found.append(number)
        seconds += apart
        if seconds >= end:
            break
    return found


def _steady(video: Video, total: int) -> list[int]:
    """The numbers of the frames for GLM-4.1V and 4.5V, some of which may repeat."""
    if video.seconds <= _STEADY:
        count = max(math.floor(video.seconds * _RATE), 1)
        return [min(total - 1, math.ceil(at * video.fps / _RATE)) for at in range(count)]
    count = _STEADY * _RATE
    if count >= total:
        return [*range(total)]
    apart = video.seconds / (count - 1)
    times = [*(number * apart for number in range(count - 1)), video.seconds]
    return [min(total - 1, math.ceil(time * video.fps)) for time in times]
