"""What a service refuses, or takes only after a conversion."""

from collections.abc import Sequence

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Image

WEB_FORMATS = ("png", "jpeg", "gif", "webp")
"""What OpenAI, Claude and DeepSeek take."""


def require_sides(image: Image, max_side: int, many: int, many_max_side: int) -> None:
    """Refuse an image that is too large for a service.

    The arguments are those of `refusal_of_sides`.

    Raises:
        UsageError: a side is longer.
    """
    if refusal := refusal_of_sides(image, max_side, many, many_max_side):
        raise UsageError(refusal, hint="shrink it before it is sent")


def refusal_of_sides(image: Image, max_side: int, many: int, many_max_side: int) -> str:
    """What a service says to an image that is too large for it; "" if it is not.

    Args:
        image: the image.
        max_side: pixels.
        many: from so many images in a request on, the next limit holds.
        many_max_side: pixels.
    """
    among = ""
    if image.siblings + 1 >= many:
        max_side, among = many_max_side, f" in a request of {image.siblings + 1} images"
    if max(image.width, image.height) <= max_side:
        return ""
    return (
        f"an image of {image.width:,} x {image.height:,} pixels is refused{among}: a side may "
        f"have at most {max_side:,}"
    )


def about_format(image: Image, formats: Sequence[str] = WEB_FORMATS) -> tuple[str, ...]:
    """The remark that a service does not take an image's format, if it does not."""
    if not image.format or image.format in formats:
        return ()
    names = ", ".join(map(str.upper, formats))
    return (f"{image.format.upper()} is not taken as it is: convert it to one of {names}",)


def unknown_detail(image: Image, known: Sequence[str]) -> UsageError:
    """The error of a detail level that a model does not have."""
    return UsageError(
        f"unknown detail {image.detail!r:.50} of an image",
        hint=f"choose one of {', '.join(known)}",
    )
