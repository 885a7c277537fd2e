"""HY-V4's videos: each frame has its own grid, with a token more for each row."""

from ctxtools.messages.media.images.sizes import too_narrow
from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found
from ctxtools.messages.media.video.frames import at_rate, total_frames

_MAX_RATIO = 200


def count(
    video: Video,
    *,
    position: int | None,
    rate: float,
    min_frames: int,
    max_frames: int,
    factor: int,
    max_pixels: int,
    max_frame_pixels: int,
) -> Found:
    """A grid for each frame, which is never enlarged.

    Args:
        video: any.
        position: is not asked for.
        rate: frames a second.
        min_frames: if the video has as many.
        max_frames: at most.
        factor: the side of a patch, in pixels.
        max_pixels: of all frames together.
        max_frame_pixels: of one frame.

    Raises:
        UsageError: frames that are too narrow.
    """
    count = at_rate(total_frames(video), video.fps, rate, min_frames, max_frames)
    patch = factor**2
    columns, rows = _grid(
        video.width, video.height, count, factor, max_pixels // patch, max_frame_pixels // patch
    )
    return Found(count * rows * (columns + 1))


def _grid(
    width: int, height: int, frames: int, factor: int, budget: int, max_patches: int
) -> tuple[int, int]:
    """The largest grid of the frame's ratio that fits both bounds."""
    if max(width, height) / min(width, height) > _MAX_RATIO:
        raise too_narrow(width, height, _MAX_RATIO)
    across = max(1, width // factor)
    # With more rows than that there is no room for a column.
    down = min(max(1, height // factor), max_patches)
    for rows in range(down, 0, -1):
        least = 1 if rows == 1 else max(1, width * rows // height)
        most = min(across, max(1, -(-width * (rows + 1) // height) - 1))
        columns = min(most, budget // (frames * rows) - 1, max_patches // rows)
        if columns >= least:
            return columns, rows
    return 1, 1
