"""Qwen's videos: two frames share a grid, and from Qwen3-VL on each grid has its time as text.

Two programs prepare them, and they disagree: what transformers and vLLM do to a file is not what
qwen-vl-utils does, which Qwen's own examples use. The budget of transformers is for the whole clip,
so that short clips keep almost their size; that of qwen-vl-utils is for each frame.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.checks import check_choice
from ctxtools.errors import UsageError
from ctxtools.messages.media.images.smart_resize import grid as fit
from ctxtools.messages.media.items import Audio, Video
from ctxtools.messages.media.rules import Found, find_rule
from ctxtools.messages.media.video.frames import at_rate, evenly, total_frames
from ctxtools.messages.media.video.stamps import stamp
from ctxtools.messages.parts import sum_intervals
from ctxtools.models import Interval

_NAMES = {
    "transformers": "transformers and vLLM",
    "transformers-capped": "transformers with cap_pixels_per_frame=True, announced as its default",
    "qwen-vl-utils": "qwen-vl-utils",
}
_SLACK = 1.05  # of the maximum for a frame above its minimum, in both programs


def count(
    video: Video,
    *,
    position: int | None,
    samplings: Sequence[str],
    stamps: Mapping[str, int] | None = None,
    hears: str = "",
    **figures: Any,
) -> Found:
    """Two special tokens, the grid, and mostly a time, for each pair of frames.

    Args:
        video: its ``sampling`` is one of ``samplings``; None is the first.
        position: is not asked for.
        samplings: the programs that prepare videos for the model.
        stamps: what times take, see `ctxtools.messages.media.video.stamps.stamp`; None if the model
            gets none, and no special tokens between frames either.
        hears: the model whose rule for audio counts the sound, which the caller may send along; ""
            if the model hears none.
        figures: see `_grid`.

    Raises:
        UsageError: an unknown sampling, or a video that the program refuses.
    """
    sampling = video.sampling or samplings[0]
    check_choice("sampling", sampling, samplings)
    found = _count(video, sampling, stamps, **figures)
    notes = [f"frames as {_NAMES[sampling]} would take them"]
    for other in samplings:
        if other != sampling:
            notes.append(_other(video, other, stamps, figures))
    if not hears or video.audio is False:
        return Found(found, tuple(notes))
    sound = find_rule("audio", hears).count(Audio(seconds=video.seconds))
    both = found + sound + sound.wrapper
    notes.append("counted with its sound; the lowest number is without it")
    return Found(Interval(found, both, both), tuple(notes))


def _other(
    video: Video, sampling: str, stamps: Mapping[str, int] | None, figures: Mapping[str, Any]
) -> str:
    try:
        tokens = f"{_count(video, sampling, stamps, **figures):,} tokens"
    except UsageError as error:
        tokens = f"an error ({error.message})"
    return f'by {_NAMES[sampling]} (sampling="{sampling}") it would be {tokens}'


def _count(video: Video, sampling: str, stamps: Mapping[str, int] | None, **figures: Any) -> int:
    numbers = _numbers(video, sampling, **figures["frames"])
    columns, rows = _grid(video, sampling, len(numbers), **figures["pixels"])
    steps = (len(numbers) + 1) // 2
    if stamps is None:
        return steps * columns * rows
    if len(numbers) % 2:
        numbers.append(numbers[-1])
    times = [number / video.fps for number in numbers]
    means = [(first + second) / 2 for first, second in zip(times[::2], times[1::2], strict=True)]
    texts = sum_intervals(stamp(mean, **stamps) for mean in means)
    return steps * (columns * rows + 2) + texts.typical


def _numbers(video: Video, sampling: str, *, rate: float, minimum: int, maximum: int) -> list[int]:
    """The numbers of the frames."""
    total = total_frames(video)
    if sampling == "qwen-vl-utils":
        most = min(maximum, total) // 2 * 2
        count = int(min(max(total / video.fps * rate, minimum), most, total) // 2 * 2)
    else:
        count = at_rate(total, video.fps, rate, minimum, maximum)
    if count < 2:
        raise UsageError(
            f"a video of {total} frame{'s' * (total > 1)} is too short: two are needed",
            hint="count it as an image",
        )
    return evenly(total, count)


def _grid(
    video: Video,
    sampling: str,
    frames: int,
    *,
    factor: int,
    min_clip: int,
    max_clip: int,
    min_frame: int,
    max_frame: int,
    context: int,
) -> tuple[int, int]:
    """The grid that two frames share.

    Args:
        video: with its size.
        sampling: the program.
        frames: how many it takes.
        factor: the side of a patch, in pixels.
        min_clip: pixels of all frames together; the bounds of transformers.
        max_clip: the same.
        min_frame: patches of a frame; the bounds of qwen-vl-utils.
        max_frame: the same.
        context: tokens, nine tenths of which qwen-vl-utils gives to a video.
    """
    patch = factor**2
    if sampling == "qwen-vl-utils":
        least = min_frame * patch
        share = context * patch * 0.9 / frames * 2
        most = max(min(max_frame * patch, share), int(least * _SLACK))
        return fit(
            video.width,
            video.height,
            factor=factor,
            min_pixels=least,
            max_pixels=most,
            at_least_one_first=True,
        )
    if sampling == "transformers-capped":
        most = max(min(max_frame * patch, max_clip // frames), int(min_clip * _SLACK))
        max_clip = most * frames
    return fit(
        video.width,
        video.height,
        factor=factor,
        min_pixels=min_clip,
        max_pixels=max_clip,
        frames=frames,
        temporal=2,
        enlarge=True,
    )
