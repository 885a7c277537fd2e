"""Images of Qwen's hosted models, by Alibaba's documentation.

The rule is that of the open models with a lower limit, which a request may lift by
``vl_high_resolution_images`` or ``max_pixels``. The smallest images are documented to be enlarged
less than the open models' configuration says.
"""

from ctxtools.messages.media.images.sizes import ignored_detail, level_of
from ctxtools.messages.media.images.smart_resize import grid
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_HIGH_RESOLUTION = "high_resolution"


def count(
    image: Image,
    *,
    position: int,
    factor: int,
    min_tokens: int,
    max_tokens: int,
    max_tokens_high: int,
    min_tokens_open: int,
) -> Found:
    """One token for each square of ``factor`` pixels of the resized image.

    Args:
        image: its detail may be "high_resolution", for ``vl_high_resolution_images``.
        position: does not matter.
        factor: pixels of a token's side.
        min_tokens: of an image, by the documentation.
        max_tokens: the same.
        max_tokens_high: in high resolution.
        min_tokens_open: of an image, by the configuration of the open models.

    Raises:
        UsageError: one side is more than 200 times as long as the other.
    """

    def tokens(least: int, most: int) -> int:
        columns, rows = grid(
            image.width,
            image.height,
            factor=factor,
            min_pixels=least * factor**2,
            max_pixels=most * factor**2,
        )
        return columns * rows

    high = level_of(image, (_HIGH_RESOLUTION,)) is not None
    documented = tokens(min_tokens, max_tokens_high if high else max_tokens)
    most = tokens(min_tokens_open, max_tokens_high)
    notes = () if high else ignored_detail(image)
    if most == documented:
        return Found(documented, notes)
    note = f"{documented} tokens by the default limits, {most} by the open models' and the highest"
    return Found(Interval(min(documented, most), documented, max(documented, most)), (*notes, note))
