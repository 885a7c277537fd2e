"""InternVL's videos: frames of one tile each, with their numbers as text."""

from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import total_frames
from ctxtools.models import Interval

_AROUND = 2  # <img> and </img>
_TEXT = 4  # "Frame", ":" and " ", and the line break before it
_FIRST = 1  # which has no line break


def count(video: Video, *, position: int | None, frames: tuple[int, int], tile: int) -> Found:
    """A tile, two special tokens and a text such as "Frame12: " for each frame.

    Args:
        video: any.
        position: is not asked for.
        frames: how many a caller takes of a video: the fewest and the most of the examples.
        tile: tokens of a frame.
    """
    total = total_frames(video)
    low, high = (_count(min(taken, total), tile) for taken in frames)
    note = f"the caller chooses the number of frames; here they are {min(frames[1], total)}"
    return Found(Interval(low, high, high), (note,))


def _count(frames: int, tile: int) -> int:
    digits = sum(len(str(number)) for number in range(1, frames + 1))
    return frames * (tile + _AROUND + _TEXT) - _FIRST + digits
