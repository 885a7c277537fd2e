"""Images in one view of the whole and square crops, whose size follows from the shape: Step-3."""

from ctxtools.messages.media.images.sizes import found_by, ignored_detail, too_narrow
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found

# An image with a side below the first, and so many times as long, is padded to a square.
_NARROW_SIDE, _NARROW_RATIO = 32, 4
_MAX_SIDE = 3024
_LONG_RATIO, _VERY_LONG_RATIO = 1.5, 4
_SHARE_OF_A_CROP = 0.2


def count(
    image: Image,
    *,
    position: int,
    view: int,
    crop: int,
    view_tokens: int,
    crop_tokens: int,
    first_version: bool = False,
) -> Found:
    """The tokens of the view, of each crop, and one between two rows of crops.

    Args:
        image: with its measures.
        position: does not matter.
        view: pixels of the view's side.
        crop: pixels of a crop's side, for images larger than a view.
        view_tokens: with the two around it.
        crop_tokens: the same.
        first_version: as Step-3 does it, which differs in two limits: an image as large as the
            view is cropped, and the last part of a side is compared in floating point.

    Raises:
        UsageError: no pixel would be left of one side.
    """

    def tokens(width: int, height: int) -> int:
        columns, rows = _crops(width, height, view, crop, first_version)
        between_rows = max(rows - 1, 0)
        return view_tokens + columns * rows * crop_tokens + between_rows

    return found_by(image, tokens, notes=ignored_detail(image))


def _crops(width: int, height: int, view: int, crop: int, first_version: bool) -> tuple[int, int]:
    """Columns and rows of crops."""
    width, height = _normal(width, height)
    short, long = sorted((width, height))
    if long < view or (long == view and not first_version):
        window = short if long / short > _LONG_RATIO else 0
    elif long / short > _VERY_LONG_RATIO:
        window = min(short, crop)
    else:
        window = crop
    if window == 0:
        return 0, 0
    return _windows(width, window, first_version), _windows(height, window, first_version)


def _normal(width: int, height: int) -> tuple[int, int]:
    """The sides of a narrow image that is padded, and of a large one that is shrunk."""
    ratio = max(width / height, height / width)
    if min(width, height) < _NARROW_SIDE and ratio > _NARROW_RATIO:
        width = height = max(width, height)
    if max(width, height) <= _MAX_SIDE:
        return width, height
    scale = _MAX_SIDE / max(width, height)
    sides = int(width * scale), int(height * scale)
    if 0 in sides:
        raise too_narrow(width, height)
    return sides


def _windows(side: int, window: int, first_version: bool) -> int:
    """Windows of a side; the last is kept if it has more than a fifth of the image left."""
    whole = side // window
    if first_version:
        kept = side >= window and side / window - whole > _SHARE_OF_A_CROP
    else:
        kept = side % window > _SHARE_OF_A_CROP * window
    return max(1, whole + kept)
