"""DeepSeek-OCR and OCR 2: a view of the whole, and 2 to 6 tiles if the image is larger than one."""

from collections.abc import Mapping, Sequence
from itertools import product

from ctxtools.messages.media.images.limits import unknown_detail
from ctxtools.messages.media.images.sizes import found_by
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_FEWEST, _MOST = 2, 6  # tiles
# In the order in which the models try them: by their number, then by columns.
_ARRANGEMENTS = sorted(
    (
        each
        for each in product(range(1, _MOST + 1), repeat=2)
        if _FEWEST <= each[0] * each[1] <= _MOST
    ),
    key=lambda each: each[0] * each[1],
)


def count(
    image: Image,
    *,
    position: int | None,
    tile: int,
    whole: int,
    tile_tokens: int = 0,
    tile_side: int = 0,
    modes: Mapping[str, int] | None = None,
) -> Found:
    """The tokens of the whole and of the tiles, or those of a mode without tiles.

    Args:
        image: its ``detail`` is a mode; the default is the one with tiles.
        position: is of no matter.
        tile: pixels of a tile's side.
        whole: tokens of the whole.
        tile_tokens: of each tile, where rows have no newlines.
        tile_side: otherwise the tokens of a tile's side.
        modes: tokens of the modes without tiles.

    Raises:
        UsageError: the mode is unknown.
    """
    mode = image.detail or "auto"
    if modes and mode in modes:
        return Found(modes[mode])
    defaults = ("gundam", "high", "auto") if modes else ("high", "auto")
    if mode not in defaults:
        raise unknown_detail(image, [*(modes or ()), *defaults])

    def tokens(width: int, height: int) -> int:
        if max(width, height) <= tile:
            return whole
        columns, rows = _arrangement(width, height, tile)
        if tile_tokens:
            return whole + tile_tokens * columns * rows
        return whole + tile_side * rows * (tile_side * columns + 1)

    return found_by(image, tokens)


def _arrangement(width: int, height: int, tile: int) -> Sequence[int]:
    """The arrangement that is closest in shape; of equally close ones a larger one, if the image
    has more than half of its pixels."""
    best, least = (1, 1), float("inf")
    for columns, rows in _ARRANGEMENTS:
        distance = abs(width / height - columns / rows)
        enough = width * height > 0.5 * tile * tile * columns * rows
        if distance < least or (distance == least and enough):
            best, least = (columns, rows), distance
    return best
