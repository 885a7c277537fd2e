"""The contract of the chunks of any text, checked against the text and the counter alone."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import regex

from ctxtools.chunking import Chunk, Chunker, Summary

Count = Callable[[str], int]


def cut(chunker: Chunker, text: str, **options: Any) -> tuple[list[Chunk], Summary]:
    """The chunks of a text and their summary."""
    chunks = chunker.chunk(text, **options)
    return list(chunks), chunks.summary


def check_contract(chunks: Sequence[Chunk], text: str, count: Count, size: int) -> None:
    """Each chunk: its limit, count, slice, offsets and line; and that no text is missing."""
    data = text.encode()
    ends = _cluster_ends(text)
    for number, chunk in enumerate(chunks):
        assert count(chunk.text) == chunk.token_count <= size
        assert chunk.text == chunk.header + text[chunk.start_index : chunk.end_index]
        before = text[: chunk.start_index]
        assert chunk.start_byte == len(before.encode())
        assert data[chunk.start_byte : chunk.end_byte].decode() == chunk.text[len(chunk.header) :]
        assert chunk.start_line == before.count("\n") + 1
        assert chunk.index == number
        _check_cluster(chunk.start_index, ends, text, count, size)
        _check_cluster(chunk.end_index, ends, text, count, size)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert [a.end_index for a in chunks] == sorted({a.end_index for a in chunks})
    assert all(b.start_index <= a.end_index for a, b in pairwise(chunks))
    assert (chunks[-1].end_index if chunks else 0) == len(text)
    assert not chunks or chunks[0].start_index == 0


def check_joins(chunks: Sequence[Chunk], text: str) -> None:
    """Without overlap the slices join to the text."""
    assert "".join(text[c.start_index : c.end_index] for c in chunks) == text
    assert b"".join(text.encode()[c.start_byte : c.end_byte] for c in chunks) == text.encode()


def short_overlaps(
    chunks: Sequence[Chunk], text: str, count: Count, overlap: int, words: Sequence[int]
) -> int:
    """The number of cuts with less overlap than possible, by one word; none has more.

    Args:
        words: where a word of the text starts, or 0.
    """
    short = 0
    for before, after in pairwise(chunks):
        offset, start = before.end_index, after.start_index
        shared = count(text[start:offset])
        assert shared <= overlap
        i = bisect_right(words, start - 1)
        more = words[i - 1] if i else 0
        short += start == offset or (start > 0 and count(text[more:offset]) <= overlap)
    return short


def _cluster_ends(text: str) -> list[int]:
    return [0, *(match.end() for match in regex.finditer(r"\X", text))]


def _check_cluster(offset: int, ends: list[int], text: str, count: Count, size: int) -> None:
    """An offset is between two grapheme clusters, or inside one that exceeds the limit."""
    i = bisect_right(ends, offset)
    if offset and ends[i - 1] != offset:
        assert count(text[ends[i - 1] : ends[i]]) > size
