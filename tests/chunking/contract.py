"""The contract of the chunks of any text, checked against the text and the counter alone."""

from bisect import bisect_left, bisect_right
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
        pages = (chunk.page_start, chunk.page_end)
        assert pages == (expected_pages(chunk, text) if "\f" in text else (None, None))
        _check_cluster(chunk.start_index, ends, text, count, size)
        _check_cluster(chunk.end_index, ends, text, count, size)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert [a.end_index for a in chunks] == sorted({a.end_index for a in chunks})
    assert all(b.start_index <= a.end_index for a, b in pairwise(chunks))
    assert (chunks[-1].end_index if chunks else 0) == len(text)
    assert not chunks or chunks[0].start_index == 0


def expected_pages(chunk: Chunk, text: str, starts: Sequence[int] | None = None) -> tuple[int, int]:
    """The pages of the first and last character of a slice that are no white space, by counting.

    Args:
        chunk: a chunk of the text.
        text: the document.
        starts: where its pages start; None for after each form feed.
    """
    offsets = range(chunk.start_index, chunk.end_index)
    visible = [i for i in offsets if not text[i].isspace()] or [*offsets] or [chunk.start_index]
    if starts is None:
        starts = [0, *(i + 1 for i, character in enumerate(text) if character == "\f")]
    first, last = (max(1, sum(start <= i for start in starts)) for i in (visible[0], visible[-1]))
    return first, last


def check_joins(chunks: Sequence[Chunk], text: str) -> None:
    """Without overlap the slices join to the text."""
    assert "".join(text[c.start_index : c.end_index] for c in chunks) == text
    assert b"".join(text.encode()[c.start_byte : c.end_byte] for c in chunks) == text.encode()


def short_overlaps(
    chunks: Sequence[Chunk], text: str, count: Count, overlap: int, starts: Sequence[int]
) -> int:
    """The number of cuts whose overlap does not start with a whole sentence although one fits, or
    with one fewer than fit; none has more tokens than asked for.

    Args:
        starts: where the sentences of the text start, or paragraphs or sections.
    """
    short = 0
    for before, after in pairwise(chunks):
        end, start = before.end_index, after.start_index
        assert count(text[start:end]) <= overlap
        last = starts[bisect_left(starts, end) - 1]
        if start not in starts and start != end:
            short += start < last  # then the last sentence would have fitted
            last = starts[bisect_right(starts, start) - 1]
        elif start != end:
            last = starts[bisect_left(starts, start) - 1]
        short += last < start and count(text[last:end]) <= overlap
    return short


def _cluster_ends(text: str) -> list[int]:
    return [0, *(match.end() for match in regex.finditer(r"\X", text))]


def _check_cluster(offset: int, ends: list[int], text: str, count: Count, size: int) -> None:
    """An offset is between two grapheme clusters, or inside one that exceeds the limit."""
    i = bisect_right(ends, offset)
    if offset and ends[i - 1] != offset:
        assert count(text[ends[i - 1] : ends[i]]) > size
