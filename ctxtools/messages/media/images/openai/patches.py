"""Patches of 32 pixels, after an image was shrunk into a budget of them, times a factor."""

from collections.abc import Iterable, Mapping, Sequence
from math import isqrt

from ctxtools.messages.media.images.limits import about_format, unknown_detail
from ctxtools.messages.media.images.openai import BILLS_DIFFER
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_PATCH = 32  # pixels

Box = Sequence[int]
"""A budget of patches, and the pixels that a side may have; nothing if there is no limit."""


def count(
    image: Image,
    *,
    position: int | None,
    default: str,
    details: Mapping[str, Sequence[Box]],
    percent: Sequence[int],
) -> Found:
    """Patches times a factor, rounded up.

    Where the documentation and bills differ, the bills give the typical number, and the interval
    has both.

    Args:
        image: its ``detail`` is one of ``details``, or auto.
        position: is of no matter.
        default: the level that "auto" is.
        details: for each level its box; several where sources differ, the likeliest last.
        percent: the factor in hundredths; several likewise.

    Raises:
        UsageError: the level of detail is unknown.
    """
    level = default if image.detail in (None, "auto") else str(image.detail)
    if level not in details:
        raise unknown_detail(image, [*details, "auto"])
    patches = [_patches(image.width, image.height, box) for box in details[level]]
    tokens = [*_products(patches, percent)]
    interval = Interval(min(tokens), tokens[-1], max(tokens))
    notes = (BILLS_DIFFER, *about_format(image))
    if len({*patches}) > 1:
        numbers = " or ".join(f"{each:,}" for each in dict.fromkeys(patches))
        notes = (f"sources differ on the detail {level!r}: {numbers} patches", *notes)
    return Found(interval, notes)


def _products(patches: Iterable[int], percent: Sequence[int]) -> Iterable[int]:
    for number in patches:
        for hundredths in percent:
            yield -(-number * hundredths // 100)


def _patches(width: int, height: int, box: Box) -> int:
    width, height = resized(width, height, box)
    return -(-width // _PATCH) * -(-height // _PATCH)


def resized(width: int, height: int, box: Box) -> tuple[int, int]:
    """The size in which patches are counted.

    To fit a budget, an image is shrunk until a side has whole patches and both fit. That side is
    `isqrt` of a fraction, so nothing is rounded on the way.
    """
    if not box:
        return width, height
    budget, max_side = box
    if (long := max(width, height)) > max_side:
        width, height = (max(1, side * max_side // long) for side in (width, height))
    if -(-width // _PATCH) * -(-height // _PATCH) <= budget:
        return width, height
    columns = max(1, isqrt(budget * width // height))
    rows = max(1, isqrt(budget * height // width))
    if columns * height <= rows * width:  # the width is the one that is whole
        return _PATCH * columns, max(1, height * _PATCH * columns // width)
    return max(1, width * _PATCH * rows // height), _PATCH * rows
