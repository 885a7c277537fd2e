"""Pages of chunks, with characters for tokens: by form feeds, and by offsets from a reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import chunker as chunker_module
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.pages import PageNumbers
from ctxtools.errors import UsageError
from tests.chunking.contract import expected_pages

BOOK = "\f".join(f"Head of page {n}\n\n" + "Some words of it. " * 9 + "\n" for n in range(1, 6))


@given(
    text=st.text(st.sampled_from("ab .\n\f漢"), max_size=120),
    size=st.integers(2, 40),
    overlap=st.integers(0, 1),
    pages=st.none() | st.lists(st.integers(0, 120), max_size=6).map(sorted),
)
def test_pages_are_those_of_the_text_of_the_slice(
    text: str, size: int, overlap: int, pages: list[int] | None
) -> None:
    has_pages = "\f" in text if pages is None else bool(pages)
    chunker = Chunker(len, size, overlap)
    chunks = list(chunker.chunk(text, pages=pages))
    for chunk in chunks:
        found = (chunk.page_start, chunk.page_end)
        assert found == (expected_pages(chunk, text, pages) if has_pages else (None, None))
    assert list(chunker.chunk_stream(iter(text), pages=pages)) == chunks


def test_a_form_feed_ends_its_page_and_starts_none() -> None:
    """Poppler writes it after a page, others before the next: what counts is where words are."""
    pages = PageNumbers()
    pages.look_at("One.\f\n\fThree.\f", 0)
    assert pages.span("One.\f", 0) == pages.span("One.\f\n\f", 0) == (1, 1)
    assert pages.span("\n\fThree.\f", 5) == pages.span("\fThree.", 6) == (3, 3)
    assert pages.span("\n\f", 5) == (2, 2)
    assert pages.span("", 14) == (4, 4)


def test_a_header_is_on_no_page() -> None:
    text = "# Title\n\n" + "\f".join("Words of the page. " * 6 for _ in range(4))
    chunks = list(Chunker(len, 80, format="markdown", header=True).chunk(text))
    assert any(chunk.header for chunk in chunks)
    for chunk in chunks:
        assert (chunk.page_start, chunk.page_end) == expected_pages(chunk, text)


def test_nested_chunks_and_split_characters_have_pages() -> None:
    text = "One.\f" + "Two words here. " * 4 + "\f👩‍👩‍👧‍👦 end"
    for chunk in Chunker("o200k_base", (12, 1), on_oversize="split-tokens").chunk(text):
        assert chunk.page_start is not None and chunk.page_end is not None
        before = text.count("\f", 0, chunk.start_index) + 1
        assert before <= chunk.page_start <= chunk.page_end <= 3


def test_pages_go_on_from_window_to_window(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(Chunker(len, 60, 5).chunk(BOOK * 9))
    monkeypatch.setattr(chunker_module, "WINDOW", 300)
    monkeypatch.setattr(chunker_module, "_PER_TOKEN", 1)
    chunks = list(Chunker(len, 60, 5).chunk(BOOK * 9))
    assert len(chunks) == pytest.approx(len(whole), rel=0.1)
    for chunk in chunks:
        assert (chunk.page_start, chunk.page_end) == expected_pages(chunk, BOOK * 9)
    assert list(Chunker(len, 60, 5).chunk_stream(iter(BOOK * 9))) == chunks


def test_a_reader_may_say_that_there_are_no_pages() -> None:
    assert {chunk.page_start for chunk in Chunker(len, 60).chunk(BOOK, pages=())} == {None}
    assert {chunk.page_start for chunk in Chunker(len, 60).chunk("No form feed.")} == {None}


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([3, 1], "pages must be offsets in order"),
        ([-1], "all >= 0"),
        ([0.5], "pages must be offsets in characters"),
        (3, "pages must be a list of"),
    ],
)
def test_invalid_pages(pages: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Chunker(len, 60).chunk(BOOK, pages=pages)


def test_metadata_go_along_into_each_chunk_and_its_id_does_not_change() -> None:
    about = {"id": "a7", "tags": ["x"], "text": "their own"}
    chunks = list(Chunker(len, (60, 20)).chunk(BOOK, metadata=about))
    assert all(chunk.metadata == about for chunk in chunks)
    plain = list(Chunker(len, (60, 20)).chunk(BOOK))
    assert [chunk.id for chunk in plain] == [chunk.id for chunk in chunks]
    assert all(chunk.metadata == {} for chunk in plain)
    about["id"] = "b8"
    assert chunks[0].metadata["id"] == "a7"
    assert len(set(chunks)) == len(chunks)  # chunks are hashable, whatever their metadata are
