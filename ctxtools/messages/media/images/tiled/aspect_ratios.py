"""Images in the grid of tiles whose aspect ratio is closest to theirs: InternVL.

The size hardly matters: small images are enlarged to as many tiles as large ones.
"""

from functools import cache

from ctxtools.messages.media.images.sizes import found_by, ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int, tile: int, max_tiles: int, tile_tokens: int) -> Found:
    """The tokens of all tiles, of a thumbnail if there are several, and a token at either end.

    Args:
        image: with its measures.
        position: does not matter.
        tile: pixels of a tile's side.
        max_tiles: of a grid.
        tile_tokens: of one tile.
    """

    def tokens(width: int, height: int) -> int:
        tiles = _tiles(width, height, tile, max_tiles)
        return tile_tokens * (tiles + (tiles > 1)) + 2

    return found_by(image, tokens, notes=ignored_detail(image))


def _tiles(width: int, height: int, tile: int, max_tiles: int) -> int:
    """Of the grid with the closest ratio; of two, the larger if it is at most twice the image."""
    best, least = 1, float("inf")
    for columns, rows in _grids(max_tiles):
        difference = abs(width / height - columns / rows)
        large_enough = width * height > 0.5 * tile * tile * columns * rows
        if difference < least or (difference == least and large_enough):
            best, least = columns * rows, difference
    return best


@cache
def _grids(max_tiles: int) -> tuple[tuple[int, int], ...]:
    """Columns and rows of each grid, by area."""
    sides = range(1, max_tiles + 1)
    grids = [(columns, rows) for columns in sides for rows in sides if columns * rows <= max_tiles]
    return tuple(sorted(grids, key=lambda grid: grid[0] * grid[1]))
