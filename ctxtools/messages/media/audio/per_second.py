"""Recordings at a documented number of tokens a second."""

import math

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Audio
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval


def count(
    audio: Audio,
    *,
    position: int | None,
    heard: int,
    spoken: int | None = None,
    whole: bool = False,
) -> Found:
    """The tokens of its seconds. How they are rounded is not documented.

    Args:
        audio: any.
        position: is not asked for.
        heard: tokens of a second that the model hears.
        spoken: the same that it speaks; None if it does not.
        whole: the vendor may count whole seconds, and calls its figures approximate.

    Raises:
        UsageError: the model does not speak, and is asked to.
    """
    rate = heard if audio.direction == "input" else spoken
    if rate is None:
        raise UsageError(
            "this model does not speak",
            hint="leave out the direction, if the model is to hear it",
        )
    typical = math.ceil(audio.seconds * rate)
    if not whole:
        return Found(Interval(max(1, math.floor(audio.seconds * rate)), typical, typical))
    seconds = math.floor(audio.seconds)
    return Found(Interval(max(1, seconds * rate), typical, (seconds + 1) * rate))
