"""What the rules of open models have in common: orientations, levels of detail."""

from collections.abc import Callable

from ctxtools.errors import UsageError
from ctxtools.messages.media.images.limits import unknown_detail
from ctxtools.messages.media.items import Image
from ctxtools.messages.media.rules import Found
from ctxtools.models import Interval

_GENERAL = ("auto", "low", "high", "original")


def found_by(
    image: Image,
    tokens: Callable[[int, int], int],
    *,
    notes: tuple[str, ...] = (),
    wrapper: int | None = None,
    turned: bool = True,
) -> Found:
    """What a rule says of an image, as it is seen and, where that differs, as it is stored.

    transformers turns an image by its EXIF orientation when it loads it; not all servers do.

    Args:
        image: with its measures.
        tokens: the rule, as a function of width and height.
        notes: remarks on the image.
        wrapper: tokens around the image, if that depends on it.
        turned: the model's own code applies the orientation.
    """
    if image.frames > 1:
        notes = (*notes, "of an animation, the model sees the first frame")
    stored = tokens(image.width, image.height)
    if not image.rotated or (seen := tokens(image.height, image.width)) == stored:
        return Found(stored, notes, wrapper)
    typical = seen if turned else stored
    between = Interval(min(stored, seen), typical, max(stored, seen))
    note = f"{seen} tokens if the EXIF orientation is applied, {stored} if not"
    return Found(between, (*notes, note), wrapper)


def level_of(image: Image, levels: tuple[str, ...]) -> str | None:
    """The level of detail that was asked for, if it is one of a model's; None is its default.

    The levels of OpenAI's API are accepted, too: servers of open models take and ignore them.

    Raises:
        UsageError: it is neither.
    """
    if image.detail is None or image.detail in levels:
        return image.detail
    if image.detail not in _GENERAL:
        others = (each for each in _GENERAL if each not in levels)
        raise unknown_detail(image, (*levels, *others))
    return None


def ignored_detail(image: Image) -> tuple[str, ...]:
    """A note that the level of detail changes nothing, if one was asked for.

    Raises:
        UsageError: it is no level of OpenAI's API.
    """
    level_of(image, ())
    if image.detail in {None, "auto"}:
        return ()
    return (f"detail {image.detail!r} does not change how this model sees an image",)


def too_narrow(width: int, height: int, ratio: float | None = None) -> UsageError:
    """The error that the sides of an image or a frame differ by more than a model takes."""
    limit = "" if ratio is None else f": one side may be at most {ratio:g} times the other"
    return UsageError(
        f"{width:,} x {height:,} pixels are too narrow for the model{limit}",
        hint="crop it, or pad it",
    )
