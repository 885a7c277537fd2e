"""Which frames of a video a model gets."""

import math
from collections.abc import Callable, Sequence

from ctxtools.messages.media.items import Video


def total_frames(video: Video) -> int:
    """The frames of the file."""
    return video.frames or max(1, round(video.seconds * video.fps))


def at_rate(
    total: int, fps: float, rate: float, min_frames: int = 1, max_frames: int = 2**62
) -> int:
    """How many frames there are at ``rate`` a second, within the bounds, and at most ``total``.

    The order of the operations is that of transformers: another one rounds to another integer.
    """
    return min(max(int(total / fps * rate), min_frames), max_frames, total)


def evenly(total: int, count: int, to_integer: Callable[[float], int] = round) -> list[int]:
    """The numbers of ``count`` frames from the first to the last, as numpy's ``linspace`` does it.

    Args:
        total: frames that there are.
        count: frames to take, at least 1.
        to_integer: ``round``, to even, or ``math.floor``, as numpy does to integers.
    """
    if count == 1:
        return [0]
    step = (total - 1) / (count - 1)
    return [*(to_integer(number * step) for number in range(count - 1)), total - 1]


def evenly_from_zero(total: int, count: int) -> list[int]:
    """The numbers of ``count`` frames, the first of each part, as transformers does by default."""
    return [number * total // count for number in range(count)]


def in_pairs(numbers: Sequence[int]) -> list[int]:
    """Without repetitions, but the last one twice where they are odd in number."""
    found = [*dict.fromkeys(numbers)]
    return [*found, found[-1]] if len(found) % 2 else found


def first_at(seconds: float, duration: float, after: int) -> int:
    """The first frame after one that is not before a time.

    Args:
        seconds: the time.
        duration: of a frame.
        after: the number of the frame after which to look.
    """
    number = max(after + 1, math.floor(seconds / duration) - 1)
    while number * duration < seconds:
        number += 1
    return number
