"""Images on the canvas of whole tiles that distorts and shrinks them least: Llama 4."""

import struct
from functools import cache

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int, tile: int, max_tiles: int, tile_tokens: int) -> Found:
    """The tokens of all tiles, of a smaller copy if there are several, and of what separates them.

    Args:
        image: with its measures.
        position: does not matter.
        tile: pixels of a tile's side.
        max_tiles: of a canvas.
        tile_tokens: of one tile.
    """

    def tokens(width: int, height: int) -> int:
        tiles = _fewest_tiles(width, height, tile, max_tiles)
        # The start, the image's and the end token enclose the copy; a separator ends each tile.
        copy = tile_tokens + 3
        return copy if tiles == 1 else copy + tiles * (tile_tokens + 1)

    return found_by(image, tokens, notes=ignored_detail(image))


def _fewest_tiles(width: int, height: int, tile: int, max_tiles: int) -> int:
    """Of the canvas that enlarges the image least or, if none is large enough, shrinks it least."""
    width_32, height_32 = _float_32(width), _float_32(height)
    scales = [
        (min(_float_32(columns * tile / width_32), _float_32(rows * tile / height_32)), tiles)
        for columns, rows, tiles in _canvases(max_tiles)
    ]
    enlarging = [scale for scale, _ in scales if scale >= 1]
    best = min(enlarging) if enlarging else max(scale for scale, _ in scales)
    return min(tiles for scale, tiles in scales if scale == best)


@cache
def _canvases(max_tiles: int) -> tuple[tuple[int, int, int], ...]:
    """Columns, rows and tiles of each."""
    return tuple(
        (columns, tiles // columns, tiles)
        for tiles in range(1, max_tiles + 1)
        for columns in range(1, tiles + 1)
        if tiles % columns == 0
    )


def _float_32(number: float) -> float:
    """The nearest number of single precision, in which the reference computes.

    A quotient of two such numbers, rounded to double and then to single precision, is the quotient
    in single precision: double has more than twice the digits.
    """
    nearest: float = struct.unpack("f", struct.pack("f", number))[0]
    return nearest
