"""Images and videos of a model whose rule nobody has published, by the rules of its relatives.

The interval is wide on purpose: nothing but the family speaks for it.
"""

from collections.abc import Sequence

from ctxtools.messages.media.items import Image, Video, media_kind
from ctxtools.messages.media.rules import Found, find_rule
from ctxtools.models import Interval


def count(
    item: Image | Video, *, position: int | None, relatives: Sequence[str], margin: int
) -> Found:
    """As the first relative counts; from all of them, the least and the most, with a margin.

    Args:
        item: with its measures.
        position: tokens of the prompt before it.
        relatives: names of models.
        margin: how many times less than the least and more than the most it may be.

    Raises:
        UsageError: one of them would refuse the item.
    """
    kind = media_kind(item)
    counts = [find_rule(kind, name).count(item, position=position) for name in relatives]
    low = min(found.interval.low for found in counts) // margin
    high = max(found.interval.high for found in counts) * margin
    note = f"no rule is public: estimated as {' and '.join(relatives)} count {kind}s"
    return Found(Interval(max(low, 1), int(counts[0]), high), (note,), counts[0].wrapper)
