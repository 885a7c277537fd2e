"""What an image, a video, a recording or a document costs a model: from its measures, or itself."""

import os
from collections.abc import Iterable
from dataclasses import replace
from math import inf
from typing import SupportsFloat, SupportsIndex

from ctxtools.checks import check_above_zero, check_choice, check_integer, check_list, check_type
from ctxtools.errors import UsageError
from ctxtools.messages.media.items import (
    A4,
    MAX_FPS,
    MAX_SECONDS,
    Audio,
    Direction,
    Document,
    Image,
    Media,
    Page,
    Video,
)
from ctxtools.messages.media.rules import MediaTokens, find_rule
from ctxtools.models import Model, get_model

_MAX_RATE = 10**9  # samples a second
_MAX_PAGES = 10**6
_MAX_SIDE = 2**31 - 1

File = str | os.PathLike[str] | bytes
"""A path, or the bytes of a file; of an image a data URI, too."""


def image_tokens(
    model: Model | str,
    width: int | None = None,
    height: int | None = None,
    *,
    image: Image | File | None = None,
    detail: str | None = None,
    position: int | None = None,
    images: int = 1,
) -> MediaTokens:
    """The tokens of an image, by the rule of a model.

    >>> image_tokens("qwen3-vl-8b", width=1920, height=1080)
    2040

    Args:
        model: a name, in any spelling.
        width: pixels of the stored raster, from 1 on.
        height: the same.
        image: instead of width and height: a path, a data URI or the bytes of a file, or what
            `ctxtools.read_image` returns.
        detail: "low", "high", "original", "auto", or a vendor's own level; None is its default.
        position: tokens of the prompt before the image. DeepSeek-V4-Flash-Vision-Exp pads an image
            to a multiple of four by it, where None gives an interval. Elsewhere it is of no matter.
        images: of the request. DeepSeek-VL2 cuts one or two into tiles, and no more; Claude refuses
            large images among many.

    Raises:
        UsageError: an argument is no such number, there is not exactly one of an image and a size,
            no rule is known for the model, or it would refuse the image.
        ReadError: the file cannot be read.
        FormatError: it is no image that models take, or its header is damaged.
    """
    item = replace(
        _image(width, height, image, detail), siblings=check_integer("images", images, 1) - 1
    )
    if position is not None:
        position = check_integer("position", position, 0, inf)
    return _noted(item, find_rule("image", _name(model)).count(item, position=position))


def _image(
    width: int | None,
    height: int | None,
    image: Image | File | None,
    detail: str | None,
) -> Image:
    if detail is not None:
        check_type("detail", detail, str)
    if image is None and width is not None and height is not None:
        return Image(
            width=check_integer("width", width, 1, _MAX_SIDE),
            height=check_integer("height", height, 1, _MAX_SIDE),
            detail=detail,
        )
    if image is None or width is not None or height is not None:
        raise UsageError(
            "an image is counted by its width and height, or by itself",
            hint="image_tokens(model, 1920, 1080) or image_tokens(model, image=path)",
        )
    if isinstance(image, Image):
        return image if detail is None else replace(image, detail=detail)
    from ctxtools.messages.media.files import read_image

    return read_image(image, detail=detail)


def video_tokens(
    model: Model | str,
    width: int | None = None,
    height: int | None = None,
    seconds: SupportsFloat | None = None,
    *,
    video: Video | File | None = None,
    fps: SupportsFloat = 30.0,
    frames: int | None = None,
    detail: str | None = None,
    sampling: str | None = None,
    audio: bool | None = None,
) -> MediaTokens:
    """The tokens of a video, by the rule of a model: of its frames, their times, and the sound.

    >>> video_tokens("qwen3-vl-8b", width=1920, height=1080, seconds=10)
    12040

    Args:
        model: a name, in any spelling.
        width: pixels of a frame as it is shown, from 1 on.
        height: the same.
        seconds: its duration.
        video: instead of the three: a path, the bytes of a file, or what
            `ctxtools.messages.read_video` returns. It has its own rate, frames and sound.
        fps: frames a second of the file.
        frames: of the file; None is the duration times the rate.
        detail: a vendor's level of resolution, such as Gemini's "low"; None is its default.
        sampling: where two programs prepare videos differently, the one that does it here: for
            Qwen3-VL "transformers" (the default; vLLM does the same), "transformers-capped" or
            "qwen-vl-utils". The notes of the count say what the others would make of it.
        audio: whether it has sound; None if that is not known.

    Raises:
        UsageError: an argument is no such number, there is not exactly one of a video and its
            measures, no rule is known for the model, or the model would refuse the video.
        ReadError: the file cannot be read.
        FormatError: it is no video, or damaged.
        MissingExtraError: the extra ``media`` is not installed.
    """
    item = _video(video, width, height, seconds)
    if video is None:
        item = replace(
            item,
            fps=check_above_zero("fps", fps, MAX_FPS),
            frames=None if frames is None else check_integer("frames", frames, 1),
            audio=audio,
        )
    for name, value in (("detail", detail), ("sampling", sampling)):
        if value is not None:
            check_type(name, value, str)
    if audio is not None:
        check_type("audio", audio, bool)
    rule = find_rule("video", _name(model))
    if sampling is not None and "samplings" not in rule.figures:
        raise UsageError(
            f"one program alone prepares videos for {_name(model)}", hint="leave out sampling"
        )
    if detail is not None and "frame" not in rule.figures:
        raise UsageError(
            f"videos have no levels of detail for {_name(model)}", hint="leave out detail"
        )
    item = replace(item, detail=detail or item.detail, sampling=sampling or item.sampling)
    return _noted(item, rule.count(item))


def _video(
    video: Video | File | None,
    width: int | None,
    height: int | None,
    seconds: SupportsFloat | None,
) -> Video:
    if video is None and width is not None and height is not None and seconds is not None:
        return Video(
            width=check_integer("width", width, 1, _MAX_SIDE),
            height=check_integer("height", height, 1, _MAX_SIDE),
            seconds=check_above_zero("seconds", seconds, MAX_SECONDS),
        )
    if video is None or width is not None or height is not None or seconds is not None:
        raise UsageError(
            "a video is counted by its width, height and seconds, or by itself",
            hint="video_tokens(model, 1920, 1080, 60) or video_tokens(model, video=path)",
        )
    if isinstance(video, Video):
        return video
    from ctxtools.messages.media.readers.read import read_video

    return read_video(video)


def audio_tokens(
    model: Model | str,
    seconds: SupportsFloat | None = None,
    *,
    audio: Audio | File | None = None,
    rate: int | None = None,
    direction: Direction = "input",
) -> MediaTokens:
    """The tokens of a recording, by the rule of a model.

    >>> audio_tokens("qwen3-omni-30b", seconds=60)
    780

    Args:
        model: a name, in any spelling.
        seconds: its duration.
        audio: instead of it: a path, the bytes of a file, or what `ctxtools.messages.read_audio`
            returns. It has its own rate.
        rate: samples a second of the file, if it is known.
        direction: "output" if the model speaks it.

    Raises:
        UsageError: an argument is no such number, there is not exactly one of a recording and its
            seconds, no rule is known for the model, or it is too short for the model.
        ReadError: the file cannot be read.
        FormatError: it is no recording, or damaged.
        MissingExtraError: the extra ``media`` is not installed.
    """
    check_choice("direction", direction, Direction)
    item = _audio(audio, seconds)
    if rate is not None and audio is None:
        item = replace(item, rate=check_integer("rate", rate, 1, _MAX_RATE))
    item = replace(item, direction=direction)
    return _noted(item, find_rule("audio", _name(model)).count(item))


def _audio(audio: Audio | File | None, seconds: SupportsFloat | None) -> Audio:
    if audio is None and seconds is not None:
        return Audio(seconds=check_above_zero("seconds", seconds, MAX_SECONDS))
    if audio is None or seconds is not None:
        raise UsageError(
            "a recording is counted by its seconds, or by itself",
            hint="audio_tokens(model, 60) or audio_tokens(model, audio=path)",
        )
    if isinstance(audio, Audio):
        return audio
    from ctxtools.messages.media.readers.read import read_audio

    return read_audio(audio)


def document_tokens(
    model: Model | str,
    pages: SupportsIndex | Iterable[Page] | Document | File,
    *,
    detail: str | None = None,
) -> MediaTokens:
    """The tokens of a document that is sent as a file, such as a PDF, by the rule of a model.

    What the vendor makes of the pages is counted, as images, and their text where it is sent along.

    Args:
        model: a name, in any spelling.
        pages: a path, the bytes of a file, what `ctxtools.messages.read_document` returns, its
            pages, or how many there are: these are then of A4, with a text that is not known.
        detail: a vendor's level of resolution, such as Gemini's "low"; None is its default.

    Raises:
        UsageError: there is no page, or no rule is known for the model.
        UnknownModelError: no model has that name, so nothing counts the text.
        ReadError: the file cannot be read.
        FormatError: it is no PDF, or damaged.
        MissingExtraError: the extra ``media`` is not installed.
    """
    item = _document(pages, detail)
    name = _name(model)
    rule = find_rule("document", name)
    known = model if isinstance(model, Model) else get_model(name)
    return _noted(item, rule.count(item, text=known.estimate_tokens))


def _document(
    pages: SupportsIndex | Iterable[Page] | Document | File, detail: str | None
) -> Document:
    if detail is not None:
        check_type("detail", detail, str)
    if isinstance(pages, Document):
        return pages if detail is None else replace(pages, detail=detail)
    if isinstance(pages, str | bytes | os.PathLike):
        from ctxtools.messages.media.readers.read import read_document

        return replace(read_document(pages), detail=detail)
    if isinstance(pages, SupportsIndex):
        count = check_integer("pages", pages, 1, _MAX_PAGES)
        return Document(pages=(Page(*A4),) * count, detail=detail)
    check_list(
        "pages", pages, of="Page", hint="pass a number of pages, or Page(width, height, text)"
    )
    found = tuple(pages)
    for number, page in enumerate(found):
        check_type(f"page {number}", page, Page)
        check_type(f"width of page {number}", page.width, int, float)
        check_type(f"height of page {number}", page.height, int, float)
    return Document(pages=found, detail=detail)


def _noted(item: Media, found: MediaTokens) -> MediaTokens:
    """The tokens, with the remarks on how the item was read."""
    return found.with_notes((*item.notes, *found.notes)) if item.notes else found


def _name(model: Model | str) -> str:
    if isinstance(model, Model):
        return model.name
    check_type("model", model, str)
    return model
