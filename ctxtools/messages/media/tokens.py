"""What an image, a video, a recording or a document costs a model, from its measures."""

from math import inf

from ctxtools.checks import check_integer, check_type
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import MediaTokens, find_rule
from ctxtools.models import Model


def image_tokens(
    model: Model | str, width: int, height: int, *, detail: str | None = None, position: int = 0
) -> MediaTokens:
    """The tokens of an image, by the rule of a model.

    >>> image_tokens("qwen3-vl-8b", width=1920, height=1080)
    2040

    Args:
        model: a name, in any spelling.
        width: pixels, from 1 on.
        height: the same.
        detail: "low", "high", "original", "auto", or a vendor's own level; None is its default.
        position: tokens of the prompt before the image, where that matters.

    Raises:
        UsageError: no rule is known for the model, or it would refuse the image.
    """
    item = Image(
        width=check_integer("width", width, 1, inf),
        height=check_integer("height", height, 1, inf),
        detail=detail,
    )
    position = check_integer("position", position, 0, inf)
    return find_rule("image", _name(model)).count(item, position=position)


def _name(model: Model | str) -> str:
    if isinstance(model, Model):
        return model.name
    check_type("model", model, str)
    return model
