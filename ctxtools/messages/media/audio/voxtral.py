"""Voxtral's recordings: padded to whole chunks, at a fixed number of tokens a second."""

import math

from ctxtools.messages.media.audio.samples import samples_at, too_short
from ctxtools.messages.media.items import Audio
from ctxtools.messages.media.rules import Found


def count(
    audio: Audio, *, position: int | None, rate: int, hop: int, frame_rate: float, chunk: float
) -> Found:
    """The tokens of its chunks.

    Args:
        audio: any.
        position: is not asked for.
        rate: samples a second that the model hears.
        hop: samples from one frame to the next.
        frame_rate: tokens a second.
        chunk: seconds, of which a recording is padded to a multiple.

    Raises:
        UsageError: it has no sample.
    """
    samples = samples_at(audio, rate)
    if samples < 1:
        raise too_short(audio)
    whole = int(chunk * rate)
    frames = math.ceil(samples / whole) * whole // hop
    return Found(math.ceil(frames / (rate // frame_rate // hop)))
