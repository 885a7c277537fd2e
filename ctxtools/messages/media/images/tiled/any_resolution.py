"""Images in the grid of tiles that keeps most of them, without its padding: MiniMax-VL-01.

LLaVA-NeXT calls it "anyres". MiniMax's own arithmetic is in whole patches.
"""

from ctxtools.messages.media.images.sizes import found_by, ignored_detail, too_narrow
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int, tile: int, max_tiles: int, patch: int) -> Found:
    """A token for each patch of the image in the grid, one for each row, and a smaller copy.

    Args:
        image: with its measures.
        position: does not matter.
        tile: pixels of a tile's side.
        max_tiles: of either side of a grid.
        patch: pixels of a patch's side.

    Raises:
        UsageError: no pixel would be left of one side.
    """
    patches = tile // patch

    def tokens(width: int, height: int) -> int:
        grid = _best_grid(width, height, tile, max_tiles)
        columns, rows = grid[0] * patches, grid[1] * patches
        if width / height > columns / rows:
            rows -= (rows - height * columns // width) // 2 * 2
        else:
            columns -= (columns - width * rows // height) // 2 * 2
        return (columns + 1) * rows + patches**2

    return found_by(image, tokens, notes=ignored_detail(image))


def _best_grid(width: int, height: int, tile: int, max_tiles: int) -> tuple[int, int]:
    """The grid that keeps most pixels of the image; of two, the one that pads it least."""
    best, most, least_padding = None, 0, 0
    sides = range(1, max_tiles + 1)
    for grid in ((columns, rows) for columns in sides for rows in sides):
        scale = min(grid[0] * tile / width, grid[1] * tile / height)
        kept = min(int(width * scale) * int(height * scale), width * height)
        padding = grid[0] * grid[1] * tile**2 - kept
        if kept > most or (kept == most and padding < least_padding):
            best, most, least_padding = grid, kept, padding
    if best is None:
        raise too_narrow(width, height)
    return best
