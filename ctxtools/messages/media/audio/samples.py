"""A recording as models hear it: samples at their own rate."""

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Audio


def samples_at(audio: Audio, rate: int) -> int:
    """The samples after resampling to ``rate``.

    Raises:
        UsageError: the model would have to speak it, which it cannot.
    """
    if audio.direction == "output":
        raise UsageError(
            "no rule is known by which this model's own speech is counted",
            hint="leave out the direction, if the model is to hear it",
        )
    if audio.samples is not None and audio.rate == rate:
        return audio.samples
    return round(audio.seconds * rate)


def too_short(audio: Audio) -> UsageError:
    """The error for what gives no token."""
    return UsageError(f"a recording of {audio.seconds:g} seconds is too short to be heard")
