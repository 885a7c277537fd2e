"""Images of a fixed number of tokens and, when that is asked for, of crops: Gemma 3.

Pan and scan is off by default; ``detail="pan_and_scan"`` is for servers on which it is on
(``do_pan_and_scan`` in transformers and vLLM).
"""

import math

from ctxtools.messages.media.images.sizes import found_by, ignored_detail, level_of
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_PAN_AND_SCAN = "pan_and_scan"
# Crops are made of images that are so many times as long as wide, and are so large, and so many.
_MIN_RATIO = 1.2
_MIN_CROP = 256
_MAX_CROPS = 4
_MARGIN = 2  # of a text that was counted by hand


def count(
    image: Image, *, position: int, image_tokens: int, around: int, sentence: int = 0
) -> Found:
    """The tokens of the image and of its crops, if there are any.

    Args:
        image: with its measures.
        position: does not matter.
        image_tokens: of the image, and of each crop.
        around: tokens that enclose each of them.
        sentence: tokens of the fixed text that introduces the crops, without the spaces between
            them; 0 if the model makes none.
    """
    level = level_of(image, (_PAN_AND_SCAN,) if sentence else ())
    crops = 0 if level is None else _crops(image.width, image.height)
    notes = ignored_detail(image) if level is None else ()
    found = found_by(image, lambda width, height: image_tokens, notes=notes)
    if crops == 0:
        return found
    spaces = crops - 1
    tokens = image_tokens + crops * (image_tokens + around) + sentence + spaces
    note = f"{crops} crops; the tokens of the text around them were counted by hand"
    return Found(Interval(tokens - _MARGIN, tokens, tokens + _MARGIN), notes=(*found.notes, note))


def _crops(width: int, height: int) -> int:
    short, long = sorted((width, height))
    if long / short < _MIN_RATIO:
        return 0
    crops = min(math.floor(long / _MIN_CROP), math.floor(long / short + 0.5))
    crops = min(max(2, crops), _MAX_CROPS)
    return crops if min(short, math.ceil(long / crops)) >= _MIN_CROP else 0
