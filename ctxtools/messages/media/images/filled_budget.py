"""Images that are resized, up or down, to fill a budget of tokens: Gemma 4."""

import math
from collections.abc import Sequence

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.sizes import found_by, ignored_detail, level_of
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(
    image: Image, *, position: int, factor: int, budgets: Sequence[int], default: int
) -> Found:
    """One token for each square of ``factor`` pixels of the resized image.

    Args:
        image: its detail may be one of the budgets, such as "1120".
        position: does not matter.
        factor: pixels of a token's side.
        budgets: in tokens, that the model was trained for.
        default: the one that is used if none is asked for.
    """
    level = level_of(image, tuple(map(str, budgets)))
    budget = default if level is None else int(level)

    def tokens(width: int, height: int) -> int:
        scale = math.sqrt(budget * factor**2 / (height * width))
        columns = math.floor(scale * width / factor)
        rows = math.floor(scale * height / factor)
        if rows == 0:
            columns, rows = min(math.floor(width / height), budget), 1
        elif columns == 0:
            columns, rows = 1, min(math.floor(height / width), budget)
        if not 0 < columns * rows <= budget:  # pragma: no cover - the reference refuses it, too
            raise UsageError(f"an image of {width} x {height} does not fit {budget} tokens")
        return columns * rows

    return found_by(image, tokens, notes=ignored_detail(image) if level is None else ())
