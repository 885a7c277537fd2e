"""Gemma 4's recordings: a token for 40 ms, of 30 seconds at most."""

from ctxtools.messages.media.audio.samples import samples_at, too_short
from ctxtools.messages.media.items import Audio
from ctxtools.messages.media.rules import Found

_RATE = 16_000
_HOP = 160  # samples from one frame to the next
_WINDOW = 320  # samples of a frame


def count(audio: Audio, *, position: int | None, max_tokens: int) -> Found:
    """The tokens of the frames, halved twice.

    Args:
        audio: any.
        position: is not asked for.
        max_tokens: of a recording; what comes after them is cut off.

    Raises:
        UsageError: it is too short for a token.
    """
    frames = (samples_at(audio, _RATE) + _WINDOW // 2 - (_WINDOW + 1)) // _HOP + 1
    if frames < 1:
        raise too_short(audio)
    tokens = frames
    for _ in range(2):
        tokens = (tokens - 1) // 2 + 1
    notes = (
        (f"the model hears its first {max_tokens // 25} seconds",) if tokens > max_tokens else ()
    )
    return Found(min(tokens, max_tokens), notes)
