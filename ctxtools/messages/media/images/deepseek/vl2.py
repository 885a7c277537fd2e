"""DeepSeek-VL2: a view of the whole, and tiles of 384 pixels in the arrangement that fits best."""

from collections.abc import Sequence

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

_TILE = 384  # pixels
_SIDE = 14  # tokens of a tile's side
_MAX_TILED = 2  # images of a request; of more, each is one tile


def count(image: Image, *, position: int | None, tiles: Sequence[Sequence[int]]) -> Found:
    """The tokens of both views, with a newline for each row and a separator between the views.

    Args:
        image: with more than one sibling in its request it is one tile.
        position: is of no matter.
        tiles: the arrangements, as columns and rows, in the order in which they are tried.

    Raises:
        UsageError: the level of detail is unknown.
    """

    def tokens(width: int, height: int) -> int:
        columns, rows = 1, 1
        if image.siblings < _MAX_TILED:
            columns, rows = _arrangement(width, height, tiles)
        return _SIDE * (_SIDE + 1) + 1 + _SIDE * rows * (_SIDE * columns + 1)

    return found_by(image, tokens, notes=ignored_detail(image), turned=False)


def _arrangement(width: int, height: int, tiles: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The first arrangement that shows most pixels, of those the one that wastes the fewest."""
    best, most, least = (1, 1), 0, 0
    for columns, rows in tiles:
        canvas = _TILE * columns, _TILE * rows
        scale = min(canvas[0] / width, canvas[1] / height)
        shown = min(int(width * scale) * int(height * scale), width * height)
        wasted = canvas[0] * canvas[1] - shown
        if shown > most or (shown == most and wasted < least):
            best, most, least = (columns, rows), shown, wasted
    return best
