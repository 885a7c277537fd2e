"""Strings that know where their characters are from, through what a template does to them.

A template cannot tell a `Traced` from a str: every method returns the same characters. So what it
renders is what it would render otherwise, and of each character of that it is known whether the
template wrote it or a user, and which of the user's texts it belongs to. (Marks inside the texts,
which transformers uses, are cut apart by ``split`` and ``[1:]``.)

Where an operation is none of those here, its result is a plain str; `retrace` finds in such a
result what it was made of.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from typing import Any, SupportsIndex

TEMPLATE = -1
"""The origin of what the template wrote."""

Spans = tuple[tuple[int, int], ...]


class Traced(str):
    """A string, with the number of the origin of each of its characters.

    Args:
        text: the characters.
        spans: (length, origin), one after the other.
    """

    __slots__ = ("_spans",)
    _spans: Spans

    def __new__(cls, text: str, spans: Spans) -> "Traced":
        self = str.__new__(cls, text)
        self._spans = spans
        return self

    def __str__(self) -> str:
        return self

    def __getnewargs__(self) -> Any:
        return str.__str__(self), self._spans

    # Parts

    def _part(self, start: int, stop: int) -> str:
        text = str.__getitem__(self, slice(start, stop))
        if len(self._spans) == 1:
            return Traced(text, ((len(text), self._spans[0][1]),))
        spans = []
        position = 0
        for length, origin in self._spans:
            common = min(position + length, stop) - max(position, start)
            if common > 0:
                spans.append((common, origin))
            position += length
        return Traced(text, tuple(spans))

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step == 1:
                return self._part(start, max(start, stop))
            return self._as_whole(str.__getitem__(self, key))
        text = str.__getitem__(self, key)  # where it is out of range, the same error
        i = key.__index__()
        i += len(self) if i < 0 else 0
        return self._part(i, i + 1) if text else text

    def __iter__(self) -> Iterator[str]:
        return (self._part(i, i + 1) for i in range(len(self)))

    def _parts(self, texts: Iterable[str], gap: int | None) -> list[str]:
        """Texts that follow each other in this one, ``gap`` characters apart; None if unknown."""
        parts = []
        position = 0
        for text in texts:
            if gap is None:
                position = max(position, str.find(self, text, position))
            parts.append(self._part(position, position + len(text)))
            position += len(text) + (gap or 0)
        return parts

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        return self._parts(str.split(self, sep, maxsplit), None if sep is None else len(sep))

    def rsplit(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        return self._parts(str.rsplit(self, sep, maxsplit), None if sep is None else len(sep))

    def splitlines(self, keepends: bool = False) -> list[str]:
        return self._parts(str.splitlines(self, keepends), None)

    def partition(self, sep: str) -> tuple[str, str, str]:
        a, b, c = self._parts(str.partition(self, sep), 0)
        return a, b, c

    def rpartition(self, sep: str) -> tuple[str, str, str]:
        a, b, c = self._parts(str.rpartition(self, sep), 0)
        return a, b, c

    def strip(self, chars: str | None = None) -> str:
        start = len(self) - len(str.lstrip(self, chars))
        return self._part(start, start + len(str.strip(self, chars)))

    def lstrip(self, chars: str | None = None) -> str:
        return self._part(len(self) - len(str.lstrip(self, chars)), len(self))

    def rstrip(self, chars: str | None = None) -> str:
        return self._part(0, len(str.rstrip(self, chars)))

    def removeprefix(self, prefix: str) -> str:
        return self._part(len(self) - len(str.removeprefix(self, prefix)), len(self))

    def removesuffix(self, suffix: str) -> str:
        return self._part(0, len(str.removesuffix(self, suffix)))

    # Sums

    def __add__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return joined((self, other))

    def __radd__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return joined((other, self))

    def join(self, parts: Iterable[str]) -> str:
        return joined(parts, self)

    def replace(self, old: str, new: str, count: SupportsIndex = -1, /) -> str:
        result = str.replace(self, old, new, count)  # where an argument is wrong, the same error
        return joined(self.split(old, count), new) if old else self._as_whole(result)

    # The same length, most of the time

    def lower(self) -> str:
        return self._as_long(str.lower(self))

    def upper(self) -> str:
        return self._as_long(str.upper(self))

    def title(self) -> str:
        return self._as_long(str.title(self))

    def capitalize(self) -> str:
        return self._as_long(str.capitalize(self))

    def _as_long(self, text: str) -> str:
        return Traced(text, self._spans) if len(text) == len(self) else self._as_whole(text)

    def _as_whole(self, text: str) -> str:
        return Traced(text, ((len(text), origin_of(self)),))


Traced.__module__, Traced.__name__ = "builtins", "str"  # as errors of templates call it


def origin_of(text: str) -> int:
    """The first origin of a text that is not the template."""
    return next((o for _, o in spans_of(text) if o != TEMPLATE), TEMPLATE)


def spans_of(text: str) -> Spans:
    """(length, origin) of the characters of a text."""
    return text._spans if isinstance(text, Traced) else ((len(text), TEMPLATE),)


def joined(parts: Iterable[str], separator: str = "") -> str:
    """``separator.join(parts)``; a plain str if all of them are."""
    parts = [*parts]
    text = str.join(separator, parts)
    if not (isinstance(separator, Traced) or any(isinstance(part, Traced) for part in parts)):
        return text
    if separator:
        parts = [*islice(chain.from_iterable(zip(repeat(separator), parts)), 1, None)]
    spans: list[tuple[int, int]] = []
    size, last = 0, TEMPLATE  # of the span that is not ended yet
    for part in parts:
        for length, origin in spans_of(part):
            if origin == last:
                size += length
            elif length:
                if size:
                    spans.append((size, last))
                size, last = length, origin
    if size:
        spans.append((size, last))
    return Traced(text, tuple(spans))


def retrace(result: str, sources: Iterable[object]) -> str:
    """A plain text that was made of others, with the origins of those that are found in it."""
    spans: list[tuple[int, int]] = []
    position = 0
    for source in _strings(sources):
        start = result.find(source, position) if source else -1
        if start < 0:
            continue
        if start > position:
            spans.append((start - position, TEMPLATE))
        spans += spans_of(source)
        position = start + len(source)
    if not spans:
        return result
    if position < len(result):
        spans.append((len(result) - position, TEMPLATE))
    return Traced(result, tuple(spans))


def _strings(values: Iterable[object]) -> Iterator[Traced]:
    for value in values:
        if isinstance(value, Traced):
            yield value
        elif isinstance(value, list | tuple):
            yield from _strings(value)
