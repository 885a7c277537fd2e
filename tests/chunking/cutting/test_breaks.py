"""What no chunk reaches across: headings of a level, pages."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Encoding, get_encoding
from ctxtools.chunking import Chunker, chunker
from tests.chunking.contract import check_contract, check_joins, cut
from tests.chunking.cutting.test_belonging import manuals

O200K = get_encoding("o200k_base")


@settings(max_examples=100)
@given(manuals, st.integers(1, 3), st.integers(20, 90), st.integers(0, 9), st.integers(1, 400))
def test_no_chunk_reaches_across_a_heading(
    text: str, level: int, size: int, overlap: int, window: int
) -> None:
    made = Chunker(O200K, size, overlap, format="markdown", break_at={"heading": level})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunker, "WINDOW", window)
        patch.setattr(chunker, "_PER_TOKEN", 1)
        chunks, _ = cut(made, text)
    check_contract(chunks, text, O200K.count, size)
    for chunk in chunks:
        lines = chunk.text.split("\n")
        marks = tuple("#" * n + " " for n in range(1, level + 1))
        headings = [number for number, line in enumerate(lines) if line.startswith(marks)]
        assert headings in ([], [0]), chunk


def test_smaller_chunks_do_not_reach_across_it_either(o200k: Encoding) -> None:
    text = "".join(f"# Part {i}\n\n{'A sentence of it. ' * 5}\n\n" for i in range(9))
    made = Chunker(o200k, (80, 20), format="markdown", break_at={"heading": 1})
    chunks = list(made.chunk(text))
    parents = [chunk for chunk in chunks if chunk.parent_id is None]
    assert [chunk.headings for chunk in parents] == [(f"Part {i}",) for i in range(9)]
    check_joins([chunk for chunk in chunks if chunk.parent_id], text)


def test_no_chunk_reaches_across_a_page(o200k: Encoding) -> None:
    pages = [f"Page {i} says this.\nAnd that. " * 4 + "\n\f" for i in range(12)]
    text = "".join(pages)
    made = Chunker(o200k, 100, 8, break_at={"page": True})
    chunks, _ = cut(made, text)
    check_contract(chunks, text, o200k.count, 100)
    assert [chunk.text for chunk in chunks] == pages
    assert list(made.chunk_stream([text[:300], text[300:]])) == chunks
    starts = [0, *(i for i in range(1, len(text)) if text.startswith("Page 5 says", i))][:2]
    two, _ = cut(Chunker(o200k, 400, break_at={"page": True}), text, pages=starts)
    assert [chunk.start_index for chunk in two] == starts


@pytest.mark.parametrize("break_at", [{}, {"page": False}, {"heading": False}])
def test_nothing_to_break_at(o200k: Encoding, break_at: Any) -> None:
    text = "# A\n\nOne.\n\n# B\n\nTwo.\n\f"
    (chunk,) = Chunker(o200k, 100, format="markdown", break_at=break_at).chunk(text)
    assert chunk.text == text
