"""Images of any size in small patches, shrunk to a budget of patches and padded: Kimi.

The vision encoder is MoonViT, which takes images as NaViT does (arXiv:2307.06304).
"""

import math

from ctxtools.messages.media.images.sizes import found_by, ignored_detail, too_narrow
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(
    image: Image,
    *,
    position: int,
    patch: int,
    merge: int,
    max_patches: int,
    max_side: int,
    shrinks_side: bool = True,
    names_size: bool = False,
) -> Found:
    """One token for each square of ``merge`` x ``merge`` patches of the padded image.

    Args:
        image: with its measures.
        position: does not matter.
        patch: pixels of a patch's side.
        merge: patches of a token's side.
        max_patches: of the shrunk image.
        max_side: patches of a side of it.
        shrinks_side: a longer side is shrunk; otherwise, from ``max_side`` on, it is refused.
        names_size: the text before the image names its size, as "image 1920x1080".

    Raises:
        UsageError: one side has too many patches.
    """

    def tokens(width: int, height: int) -> int:
        patches = max(1.0, height // patch) * max(1.0, width // patch)
        scale = min(1.0, math.sqrt(max_patches / patches))
        limit = max_side * patch
        if shrinks_side:
            scale = min(scale, limit / height, limit / width)
        sides = (max(1, int(side * scale)) for side in (width, height))
        columns, rows = (-(-side // (merge * patch)) for side in sides)
        if not shrinks_side and max(columns, rows) * merge >= max_side:
            raise too_narrow(width, height)
        return columns * rows

    wrapper = _size_wrapper(image) if names_size else None
    return found_by(image, tokens, notes=ignored_detail(image), wrapper=wrapper)


def _size_wrapper(image: Image) -> int:
    """Three special tokens around "image 1920x1080"; Kimi splits numbers in threes of digits."""
    numbers = (-(-len(str(side)) // 3) for side in (image.width, image.height))
    return 3 + len(("image", " ", "x")) + sum(numbers)
