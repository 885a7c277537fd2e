"""Gemini's videos: a frame a second, the sound, and times, in figures that it calls approximate."""

import math
from collections.abc import Mapping

from ctxtools.checks import check_choice
from ctxtools.messages.media.images.gemini import level_of_resolution
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval


def count(
    video: Video,
    *,
    position: int | None,
    frame: Mapping[str, int],
    sound: int,
    stamp: tuple[int, int, int],
) -> Found:
    """The tokens of each second.

    Args:
        video: its ``detail`` is a level of ``frame``; None is "default".
        position: is not asked for.
        frame: tokens of a frame at each level.
        sound: tokens of a second of sound.
        stamp: tokens of the time of a second: the fewest, as expected, and the most.

    Raises:
        UsageError: an unknown level.
    """
    level = level_of_resolution(video.detail, "default")
    check_choice("detail", level, frame)
    seconds = math.ceil(video.seconds)
    hears = {True: (sound, sound, sound), False: (0, 0, 0), None: (0, sound, sound)}[video.audio]
    low, typical, high = (
        seconds * (frame[level] + heard + time) for heard, time in zip(hears, stamp, strict=True)
    )
    notes = ("whether it has sound is not known: counted with it",) if video.audio is None else ()
    return Found(Interval(low, typical, high), notes)
