"""Chunks as lines of JSON, of which many thousands are written."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from ctxtools.chunking import Chunk
from ctxtools.chunking.integrations.metadata import json_value
from ctxtools.escape import visible_json


class ChunkLines:
    """Makes the lines of chunks: objects with all attributes, or some.

    The bytes are those of `json_text` in half of its time: only strings are looked at, and what
    the chunks of a document have in common is formatted once.

    Args:
        left_out: the attribute that they do not have.
    """

    def __init__(self, left_out: str = "") -> None:
        found = [each for each in fields(Chunk) if each.name != left_out]
        self._values = attrgetter(*(each.name for each in found))
        self._object = ", ".join(f'"{each.name}": %s' for each in found)
        formats = ((at, _format_of(each.type)) for at, each in enumerate(found))
        self._formats = [(at, format) for at, format in formats if format is not None]
        self._optional = [at for at, each in enumerate(found) if each.type == int | None]

    def line(self, chunk: Chunk, file: str = "") -> bytes:
        """The line of a chunk.

        Args:
            chunk: any one.
            file: the name of a file, which the object starts with.
        """
        values = [*self._values(chunk)]
        for at, text in self._formats:
            values[at] = text(values[at])
        for at in self._optional:
            if values[at] is None:
                values[at] = "null"
        inside = self._object % tuple(values)
        if file:
            inside = f'"file": {encode_basestring(file)}, {inside}'
        try:
            return f"{{{visible_json(inside)}}}\n".encode()
        except UnicodeEncodeError:  # a lone surrogate
            return f"{json.dumps(json.loads(f'{{{inside}}}'))}\n".encode()


def _format_of(kind: Any) -> Callable[[Any], str] | None:
    """What makes JSON of the values of an attribute; None for numbers."""
    if kind is str:
        return encode_basestring
    if kind == str | None:
        return lambda value: "null" if value is None else encode_basestring(value)
    if kind == tuple[str, ...]:
        return _headings()
    return _metadata() if kind == Mapping[str, Any] else None


def _headings() -> Callable[[tuple[str, ...]], str]:
    last: tuple[str, ...] = ()
    text = "[]"

    def as_json(value: tuple[str, ...]) -> str:
        nonlocal last, text
        if value != last:
            last, text = value, json.dumps(value, ensure_ascii=False)
        return text

    return as_json


def _metadata() -> Callable[[Mapping[str, Any]], str]:
    last: Mapping[str, Any] | None = None
    text = ""

    def as_json(value: Mapping[str, Any]) -> str:
        nonlocal last, text
        if value is not last:  # equal ones may differ: 1 and true
            last, text = value, json.dumps(json_value(value), ensure_ascii=False)
        return text

    return as_json
