"""Images that make way for a text: in a request as it was read, and in messages as they were given.

Both go through a message's contents in order. Images of a message in which they do not find the
same number are left alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ctxtools.messages.media.items import Image, Media
from ctxtools.messages.request import Content, Request, Text, ToolResult
from ctxtools.messages.shapes.values import plain

IMAGE_NOTE = "[An image was left out here.]"
"""What stands for an image: interfaces refuse contents that are empty."""

_TYPES = {"image": "text", "image_url": "text", "input_image": "input_text"}
_DATA = ("inlineData", "inline_data", "fileData", "file_data")
_INNER = ("content", "parts", "output", "source", "functionResponse", "function_response")


def droppable_images(
    request: Request, messages: Sequence[Any], keep: Collection[int]
) -> dict[int, int]:
    """How many images may make way: the number of a message -> its images.

    Args:
        request: as it was read from the messages.
        messages: as they were given.
        keep: the numbers of messages whose images stay.
    """
    found: dict[int, int] = {}
    for message in request.messages:
        number = message.number
        if number is not None and number not in keep:
            images = sum(isinstance(each, Image) for each in _flat(message.content))
            if images and _Editor(images + 1).count(messages[number]) == images:
                found[number] = found.get(number, 0) + images
    return found


def request_without(request: Request, images: Mapping[int, int], count: int) -> Request:
    """A request in which the first so many of these images are texts."""
    messages = []
    for message in request.messages:
        here = min(count, images.get(message.number, 0)) if message.number is not None else 0
        count -= here
        content = tuple(_without(message.content, _Countdown(here))) if here else message.content
        messages.append(replace(message, content=content))
    return replace(request, messages=tuple(messages))


def messages_without(
    messages: Sequence[Any], numbers: Sequence[int], images: Mapping[int, int], count: int
) -> list[Any]:
    """Messages as they were given, in which the first so many of these images are texts.

    Args:
        messages: all that were given.
        numbers: of those that are returned.
        images: the number of a message -> its images that may make way.
        count: how many do.
    """
    edited = []
    for number in numbers:
        here = min(count, images.get(number, 0))
        count -= here
        edited.append(_Editor(here).message(messages[number]) if here else messages[number])
    return edited


class _Countdown:
    """Says so many times that an image is to go."""

    def __init__(self, left: int) -> None:
        self._left = left

    def __call__(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _flat(contents: Sequence[Content]) -> list[Content]:
    flat: list[Content] = []
    for each in contents:
        flat += each.content if isinstance(each, ToolResult) else (each,)
    return flat


def _without(contents: Sequence[Content], goes: Callable[[], bool]) -> list[Content]:
    found: list[Content] = []
    for each in contents:
        if isinstance(each, ToolResult):
            inner = [one for one in _without(each.content, goes) if isinstance(one, Text | Media)]
            found.append(replace(each, content=tuple(inner)))
        else:
            found.append(Text(IMAGE_NOTE) if isinstance(each, Image) and goes() else each)
    return found


class _Editor:
    """Replaces images in one message as it was given."""

    def __init__(self, images: int) -> None:
        self._goes = _Countdown(images)
        self._replaced = 0

    def count(self, message: Any) -> int:
        """How many images it finds, up to those that it may replace."""
        self.message(message)
        return self._replaced

    def message(self, message: Any) -> Any:
        """The message, changed in a copy."""
        if isinstance(message, tuple):
            role, content = message
            return role, self._contents(content)
        if isinstance(message, Mapping):
            return self._inner(message)
        if hasattr(message, "model_copy") and isinstance(getattr(message, "content", None), list):
            return message.model_copy(update={"content": self._contents(message.content)})
        return self._inner(plain(message, "a message"))

    def _contents(self, contents: Any) -> Any:
        if isinstance(contents, list | tuple):
            return [self._part(each) for each in contents]
        return self._part(contents) if isinstance(contents, Mapping) else contents

    def _part(self, part: Any) -> Any:
        if not isinstance(part, Mapping):
            return part
        kind = part.get("type")
        if isinstance(kind, str) and kind in _TYPES:
            return self._replacement(part, {"type": _TYPES[kind], "text": IMAGE_NOTE})
        if any(_is_image_data(part.get(key)) for key in _DATA):
            return self._replacement(part, {"text": IMAGE_NOTE})
        return self._inner(part)

    def _inner(self, value: Mapping[str, Any]) -> dict[str, Any]:
        inner = {key: self._contents(value[key]) for key in _INNER if key in value}
        return {**value, **inner}

    def _replacement(self, part: Mapping[str, Any], text: dict[str, str]) -> Any:
        if not self._goes():
            return part
        self._replaced += 1
        return text


def _is_image_data(data: Any) -> bool:
    if not isinstance(data, Mapping):
        return False
    mime = data.get("mimeType", data.get("mime_type"))
    return isinstance(mime, str) and mime.lower().startswith("image/")
