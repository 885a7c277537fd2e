"""The page of chunks has every chunk as it is, and joined they are the document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.report import chunk_page, texts
from ctxtools.report.chunk import ChunkPageBuilder
from tests.report.pages import HOSTILE, check_page, data_of
from tests.strategies import hard_texts

O200K = ctx.get_encoding("o200k_base")
TEXT = "# Title\n\n" + "Some words in a row, and then a stop. " * 40
some = st.lists(hard_texts | st.sampled_from(HOSTILE), min_size=1, max_size=6).map("\n\n".join)


@given(some, st.sampled_from([16, 40]), st.sampled_from([0, 6]))
def test_chunks_join_to_their_document(text: str, size: int, overlap: int) -> None:
    chunks = [*ctx.Chunker(O200K, chunk_size=size, chunk_overlap=overlap).chunk(text)]
    page = chunk_page(chunks, [size])
    if not chunks:
        return
    (document,) = data_of(page)["documents"]
    (level,) = document["levels"]
    assert [header + before + new for new, before, header, *_ in level] == [c.text for c in chunks]
    assert [row[3] for row in level] == [chunk.token_count for chunk in chunks]
    if not any(chunk.header for chunk in chunks) and "\ufffd" not in text:
        assert "".join(row[0] for row in level) == text
        assert not any(row[10] for row in level)


def test_nested_sizes_and_documents() -> None:
    chunker = ctx.Chunker(O200K, chunk_size=[100, 30], format="markdown")
    chunks = [chunk for name in "ab" for chunk in chunker.chunk(TEXT, source=f"{name}.md")]
    page = chunk_page(chunks, [100, 30], encoding="o200k_base", title="mine")
    check_page(page)
    data = data_of(page)
    assert data["levels"] == [100, 30]
    assert [each["name"] for each in data["documents"]] == ["a.md", "b.md"]
    for each in data["documents"]:
        large, small = each["levels"]
        assert len(small) > len(large) > 1
        assert len(large) == sum(c.parent_id is None and c.source == "a.md" for c in chunks)
    assert ["Title"] in data["headings"]
    assert page == chunk_page(chunks, [100, 30], encoding="o200k_base", title="mine")


def test_records_of_one_source_are_documents_of_their_own() -> None:
    chunker = ctx.Chunker(O200K, chunk_size=40)
    chunks = [chunk for _ in range(3) for chunk in chunker.chunk(TEXT, source="same.jsonl")]
    documents = data_of(chunk_page(chunks))["documents"]
    assert len(documents) == 3
    assert all(row[10] == 0 for each in documents for row in each["levels"][0])


def test_texts_that_are_too_long_leave_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts.TextLimit.__init__, "__defaults__", (500,))
    chunks = [*ctx.Chunker(O200K, chunk_size=40).chunk(TEXT)]
    data = data_of(chunk_page(chunks))
    rows = data["documents"][0]["levels"][0]
    cut = [row for row in rows if row[-1]]
    assert 0 < len(cut) < len(rows) == len(chunks)
    assert data["notes"] == [f"the page has no text of {len(cut)} chunks, only their figures"]


def test_wrong_arguments() -> None:
    with pytest.raises(ctx.UsageError, match="a chunk must be"):
        chunk_page(["text"])  # type: ignore[list-item]
    with pytest.raises(ctx.UsageError, match="title must be"):
        chunk_page([], title=5)  # type: ignore[arg-type]
    builder = ChunkPageBuilder([100])
    for chunk in ctx.Chunker(O200K, chunk_size=[100, 30]).chunk(TEXT):
        builder.add(chunk)
    with pytest.raises(ctx.UsageError, match="chunk_sizes has 1 sizes, and chunks have 2"):
        builder.page()
