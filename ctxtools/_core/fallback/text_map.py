"""TextMap: the words, lines, boundaries and grapheme clusters of a text."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from operator import index
from typing import Any

from ctxtools._core.fallback.boundaries import inner_ends, strength_at
from ctxtools._core.fallback.cohesion import cohesion
from ctxtools._core.fallback.graphemes import cluster_ends, cluster_insides
from ctxtools._core.fallback.numbers import (
    offset_of,
    offsets_of,
    range_of,
    ranges_of,
    strength_of,
)
from ctxtools._core.types import Strength

# The words of a text that has no tokenizer: the split pattern of o200k.
WORDS = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        *(r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"),
    )
)
_BETWEEN_RUNS = r"[^\p{L}\p{N}\p{M}]+"
_PIECE = 1 << 16  # characters that are split at once
_SAFE_SPLIT = re.compile(r"(?<=\S)(?= )")  # no word goes on there
_SURROGATE = re.compile("[\ud800-\udfff]")


class TextMap:
    """See `ctxtools._core.types.TextMap`.

    Args:
        text: any text. A surrogate is taken for U+FFFD.
        ends: where its segments end (format ``I``); by default its words and punctuation.
    """

    def __init__(self, text: str, ends: "array[int] | None" = None) -> None:
        self._source = text
        self.clean = clean(text)
        self._ends = array("I", _word_ends(self.clean)) if ends is None else ends

    @property
    def ends(self) -> memoryview:
        return memoryview(self._ends).toreadonly()

    @property
    def strengths(self) -> memoryview:
        return memoryview(self._strengths)

    @cached_property
    def _strengths(self) -> bytes:
        return bytes(strength_at(self.clean, end) for end in self._ends)

    @property
    def text(self) -> str:
        return self._source

    @property
    def length(self) -> int:
        return len(self.clean)

    def __len__(self) -> int:
        return len(self._ends)

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        spans = ranges_of(starts, ends, self.length)
        return [self._source[start:end] for start, end in spans]

    def positions(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        bytes_, lines = array("I"), array("I")
        last = byte = line = 0
        for offset in offsets_of(offsets, self.length):
            between, sign = self.clean[last:offset], 1
            if offset < last:
                between, sign = self.clean[offset:last], -1
            byte += sign * len(between.encode())
            line += sign * between.count("\n")
            last = offset
            bytes_.append(byte)
            lines.append(line)
        return memoryview(bytes_).toreadonly(), memoryview(lines).toreadonly()

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        least, last = strength_of(strength), self.length if end is None else index(end)
        start, end = offset_of(start, self.length), offset_of(last, self.length)
        offsets, strengths = array("I"), bytearray()
        for offset, found in self.iter_boundaries(least, start, end):
            offsets.append(offset)
            strengths.append(found)
        return memoryview(offsets).toreadonly(), memoryview(bytes(strengths))

    def iter_boundaries(self, strength: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The boundaries and their strengths, found as they are asked for."""
        text, ends = self.clean, self._ends
        inner = iter(inner_ends(text, strength, start, end))
        last = end, Strength.NONE
        following = next(inner, last)
        for i in range(bisect_right(ends, start), len(ends)):
            offset = ends[i]
            while following[0] < min(offset, end):
                if not self._is_inside(following[0]):
                    yield following
                following = next(inner, last)
            if offset >= end:
                return
            if following[0] == offset:
                following = next(inner, last)
            at = strength_at(text, offset)
            if at >= strength and not self._is_inside(offset):
                yield offset, at

    def cluster_ends(self, start: int, end: int) -> memoryview:
        start, end = range_of(start, end, self.length)
        return memoryview(cluster_ends(self.clean, start, end)).toreadonly()

    def is_inside_cluster(self, offset: int) -> bool:
        return self._is_inside(offset_of(offset, self.length))

    def cohesion(
        self, offsets: Sequence[int], reach: int, weight: float = 1.0
    ) -> "memoryview[float]":
        return cohesion(
            [*runs(self.clean)], offsets_of(offsets, self.length), index(reach), float(weight)
        )

    def _is_inside(self, offset: int) -> bool:
        insides = self._cluster_insides
        return bool(insides and insides[offset])

    @cached_property
    def _cluster_insides(self) -> bytearray | None:
        if self.clean.isascii() and "\r\n" not in self.clean:
            return None
        return cluster_insides(self.clean)


def runs(text: str) -> Iterator[tuple[str, int]]:
    """The runs of letters, marks and digits of a text without surrogates, and their starts."""
    return _split(text, _run_splitter())


def clean(text: str) -> str:
    """A text with U+FFFD for each surrogate."""
    return _SURROGATE.sub("\ufffd", text)


def _word_ends(text: str) -> Iterator[int]:
    return (start + len(word) for word, start in _split(text, _splitter()))


def _split(text: str, splitter: Any) -> Iterator[tuple[str, int]]:
    """The pieces of a text, and where each starts."""
    start = 0
    while start < len(text):
        match = _SAFE_SPLIT.search(text, start + _PIECE)
        end = match.start() if match else len(text)
        for _, (first, last) in splitter.pre_tokenize_str(text[start:end]):
            yield text[start + first : start + last], start + first
        start = end


@cache
def _splitter() -> Any:
    # Its character classes are of the kernel's Unicode version.
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Split(Regex(WORDS), "isolated")


@cache
def _run_splitter() -> Any:
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Split(Regex(_BETWEEN_RUNS), "removed")
