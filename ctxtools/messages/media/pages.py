"""Documents as vendors take them: each page as an image, and its text.

How large a page is rendered is not public. So its image is counted as the model's rule for images
counts it at several resolutions, which makes an interval.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from ctxtools.checks import check_choice
from ctxtools.errors import UsageError
from ctxtools.messages.media.images.gemini import level_of_resolution
from ctxtools.messages.media.items import Document, Image
from ctxtools.messages.media.rules import Found, find_rule
from ctxtools.models import Interval

_POINTS = 72  # an inch
_MIN_PAGE, _MAX_PAGE = 1, 14_400  # points of a side, of PDF readers
_MAX_SIDE = 4_000  # pixels of a rendered page
# Of a page whose text is not known, tokens: none, as of a scan; a page of prose; a dense one. The
# last follows from 3,200 tokens measured for a page of a PDF with its image.
_UNKNOWN_TEXT = Interval(0, 500, 1_650)


def count(
    document: Document,
    *,
    position: int | None,
    tokens: Mapping[str, Sequence[int]] | None = None,
    texts: Mapping[str, str] | None = None,
    resolutions: Sequence[int] = (),
    asks_model: str = "",
) -> Found:
    """The tokens of the pages, beside their text, which a tokenizer counts.

    Args:
        document: its ``detail`` is a level of ``tokens``; None is "default".
        position: is not asked for.
        tokens: of a page at each level, as an interval; None if pages are images.
        texts: for each level from which number of the interval on texts count; "low" where it
            names none.
        resolutions: dots an inch at which a page may be rendered: the fewest, as expected, and the
            most.
        asks_model: whose rule for images counts the pages.

    Raises:
        UsageError: there is no page, or an unknown level, or a page that is no image for the model.
    """
    if not document.pages:
        raise UsageError("a document without pages", hint="send its text as text")
    for width, height in {(page.width, page.height) for page in document.pages}:
        if not (math.isfinite(width) and math.isfinite(height)):
            raise UsageError(
                f"a page of {width:g} x {height:g} points", hint="give the size at which it prints"
            )
    level = level_of_resolution(document.detail, "default")
    notes: tuple[str, ...] = ()
    if tokens is not None:
        check_choice("detail", level, tokens)
        low, typical, high = (each * len(document.pages) for each in tokens[level])
    else:
        low, typical, high = _images(document, resolutions, asks_model)
        notes = (
            f"pages as images of {resolutions[0]} to {resolutions[-1]} dots an inch, since how "
            "large they are rendered is not public",
        )
    texts_from = (texts or {}).get(level, "low")
    unknown = sum(page.text is None for page in document.pages)
    if unknown:
        pages = "a page" if unknown == 1 else f"{unknown} pages"
        most = _UNKNOWN_TEXT.high
        notes += (f"the text of {pages} is not known, and taken for 0 to {most:,} tokens each",)
        low += unknown * _UNKNOWN_TEXT.low
        typical += unknown * _UNKNOWN_TEXT.typical * (texts_from != "high")
        high += unknown * _UNKNOWN_TEXT.high
    return Found(
        Interval(low, typical, high),
        notes,
        texts=tuple(page.text for page in document.pages if page.text),
        texts_from=texts_from,  # type: ignore[arg-type]
    )


def _images(document: Document, resolutions: Sequence[int], model: str) -> tuple[int, int, int]:
    """The pages as images: at their cheapest, at the resolution to expect, and at their dearest."""
    rule = find_rule("image", model)
    low = typical = high = 0
    for (width, height), pages in Counter(
        (_side(page.width), _side(page.height)) for page in document.pages
    ).items():
        counts = [rule.count(_image(width, height, dots, document.detail)) for dots in resolutions]
        low += pages * min(each.interval.low for each in counts)
        typical += pages * counts[len(counts) // 2]
        high += pages * max(each.interval.high for each in counts)
    return low, typical, high


def _side(points: float) -> float:
    return min(max(points, _MIN_PAGE), _MAX_PAGE)


def _image(width: float, height: float, dots: int, detail: str | None) -> Image:
    """A page, rendered; a large one at a lower resolution, so that models take it."""
    scale = min(dots / _POINTS, _MAX_SIDE / max(width, height))
    across, down = (max(1, round(side * scale)) for side in (width, height))
    return Image(width=across, height=down, detail=detail)
