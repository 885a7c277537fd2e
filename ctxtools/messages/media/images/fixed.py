"""Images that take the same number of tokens whatever their size."""

from ctxtools.messages.media.images.sizes import ignored_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found


def count(image: Image, *, position: int | None, tokens: int) -> Found:
    """So many tokens: the image is resized to a square.

    Raises:
        UsageError: the level of detail is unknown.
    """
    return Found(tokens, ignored_detail(image))
