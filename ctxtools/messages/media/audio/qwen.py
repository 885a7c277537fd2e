"""Qwen's recordings: frames of 10 ms, of which convolutions leave some."""

import math
from typing import Literal

from ctxtools.messages.media.audio.samples import samples_at, too_short
from ctxtools.messages.media.items import Audio
from ctxtools.messages.media.rules import Found

_RATE = 16_000
_HOP = 160  # samples of a frame
_CHUNK = 100  # frames of a chunk of Qwen3's encoder
_CHUNK_TOKENS = 13


def count(
    audio: Audio,
    *,
    position: int | None,
    encoder: Literal["qwen2", "qwen3"],
    max_frames: int = 2**62,
) -> Found:
    """The tokens of the frames.

    Args:
        audio: any.
        position: is not asked for.
        encoder: "qwen2" halves the frames twice, "qwen3" three times, chunk by chunk.
        max_frames: what comes after them is cut off.

    Raises:
        UsageError: it is too short for a token.
    """
    samples = samples_at(audio, _RATE)
    frames = math.ceil(samples / _HOP) if encoder == "qwen2" else samples // _HOP
    heard = min(frames, max_frames)
    tokens = _qwen2(heard) if encoder == "qwen2" else _qwen3(heard)
    if tokens < 1:
        raise too_short(audio)
    notes = (f"the model hears its first {max_frames // 100} seconds",) if frames > heard else ()
    return Found(tokens, notes)


def _qwen2(frames: int) -> int:
    return ((frames - 1) // 2 + 1 - 2) // 2 + 1


def _qwen3(frames: int) -> int:
    chunks, rest = divmod(frames, _CHUNK)
    for _ in range(3):
        rest = (rest - 1) // 2 + 1
    return chunks * _CHUNK_TOKENS + rest
