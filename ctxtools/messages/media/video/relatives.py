"""Videos of a model whose rule nobody has published, estimated by the rules of its relatives."""

from collections.abc import Sequence

from ctxtools.messages.media.items import Video
from ctxtools.messages.media.rules import Found, find_rule
from ctxtools.models import Interval


def count(video: Video, *, position: int | None, relatives: Sequence[str], margin: int) -> Found:
    """As the first relative counts; from all of them, the least and the most, with a margin.

    Args:
        video: any.
        position: is not asked for.
        relatives: names of models.
        margin: how many times less than the least and more than the most it may be.

    Raises:
        UsageError: one of them would refuse the video.
    """
    counts = [find_rule("video", name).count(video) for name in relatives]
    low = min(found.interval.low for found in counts) // margin
    high = max(found.interval.high for found in counts) * margin
    note = f"no rule is public: estimated as {' and '.join(relatives)} count videos"
    return Found(Interval(max(low, 1), int(counts[0]), high), (note,), counts[0].wrapper)
