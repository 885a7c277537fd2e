"""The promises of a chunker, on texts that are hard to cut."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Document, Encoding, get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Chunk, Chunker, chunker
from ctxtools.chunking.settings import Strategy
from ctxtools.errors import OversizeError
from tests.chunking.contract import check_contract, check_joins, cut, short_overlaps
from tests.strategies import texts

ENCODINGS = ["o200k_base", "cl100k_base", "deepseek_v3", "qwen2"]

Counter = str | Callable[[str], int]


def words(text: str) -> int:
    return len(text.split())


def utf8(text: str) -> int:
    return len(text.encode())


counters = st.sampled_from([*ENCODINGS, len, words, utf8])
long_texts = st.lists(texts, max_size=8).map("".join)
strategies = st.sampled_from(["optimal", "greedy"])


def count_of(counter: Counter) -> Callable[[str], int]:
    return get_encoding(counter).count if isinstance(counter, str) else counter


def chunks_or_none(
    chunks: Chunker, text: str, count: Callable[[str], int], size: int
) -> tuple[list[Chunk], int] | None:
    """The chunks and the number of shortened overlaps; None if a character is too large."""
    try:
        made, summary = cut(chunks, text)
    except OversizeError:
        assert any(count(character) > size for character in text)
        return None
    assert all(count(character) <= size for character in text) or not made
    return made, summary.shortened_overlaps


@given(long_texts, counters, st.integers(2, 64), strategies)
def test_the_contract(text: str, counter: Counter, size: int, strategy: Strategy) -> None:
    count = count_of(counter)
    if made := chunks_or_none(Chunker(counter, size, strategy=strategy), text, count, size):
        check_contract(made[0], text, count, size)
        check_joins(made[0], text)


@settings(max_examples=100)
@given(long_texts, counters, st.integers(2, 64), st.integers(1, 63), strategies)
def test_the_contract_with_overlap(
    text: str, counter: Counter, size: int, overlap: int, strategy: Strategy
) -> None:
    overlap = min(overlap, size - 1)
    count = count_of(counter)
    chunks = Chunker(counter, size, overlap, strategy=strategy)
    if made := chunks_or_none(chunks, text, count, size):
        check_contract(made[0], text, count, size)
        index = get_encoding(counter if isinstance(counter, str) else "o200k_base").index(text)
        sentences = [0, *index.boundaries(Strength.SENTENCE)[0]]
        assert short_overlaps(made[0], text, count, overlap, sentences) <= made[1]


@settings(max_examples=100)
@given(long_texts, st.sampled_from([*ENCODINGS, utf8]), st.integers(1, 9), st.integers(0, 5))
def test_sizes_that_nest(text: str, counter: Counter, size: int, overlap: int) -> None:
    count, sizes = count_of(counter), (4 * size + 8, 2 * size + 6)
    every = list(Chunker(counter, sizes, overlap).chunk(text))
    parents = [chunk for chunk in every if chunk.parent_id is None]
    children = [chunk for chunk in every if chunk.parent_id is not None]
    for chunks, limit in ((parents, sizes[0]), (children, sizes[1])):
        check_contract(chunks, text, count, limit)
        if not overlap:
            check_joins(chunks, text)
    by_id = {chunk.id: chunk for chunk in parents}
    last = None
    for chunk in every:
        if chunk.parent_id is None:
            last = chunk
            continue
        assert last is not None and chunk.parent_id == last.id
        parent = by_id[chunk.parent_id]
        assert parent.start_index <= chunk.start_index < chunk.end_index <= parent.end_index


@settings(max_examples=100)
@given(
    st.lists(texts, max_size=8),
    st.sampled_from([*ENCODINGS, len]),
    st.integers(4, 16),
    st.integers(0, 3),
    st.integers(1, 40),
)
def test_a_stream_gives_the_chunks_of_the_joined_text(
    blocks: list[str], counter: Counter, size: int, overlap: int, window: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunker, "WINDOW", window)
        patch.setattr(chunker, "_PER_TOKEN", 1)
        made = Chunker(counter, size, overlap, on_oversize="split-tokens")
        at_once = list(made.chunk("".join(blocks), source="a"))
        assert list(made.chunk_stream(blocks, source="a")) == at_once
        if isinstance(counter, str):
            data = "".join(blocks).encode()
            assert at_once == [] or at_once[-1].end_byte == len(data)


def test_look_ahead_windows_cut_as_well_as_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"This is the sentence number {i}, which is the next. " for i in range(3000))
    made = Chunker("o200k_base", 128, prefer="fill")
    at_once = list(made.chunk(text))
    monkeypatch.setattr(chunker, "WINDOW", 20_000)
    in_windows = list(made.chunk(text))
    check_contract(in_windows, text, get_encoding("o200k_base").count, 128)
    assert abs(len(in_windows) - len(at_once)) <= 1


@settings(max_examples=100)
@given(long_texts, st.sampled_from(ENCODINGS), st.integers(2, 20))
def test_the_same_again(text: str, name: str, size: int) -> None:
    made = [list(Chunker(name, size, on_oversize="split-tokens").chunk(text)) for _ in range(2)]
    assert made[0] == made[1]


# Ids


def test_an_id_depends_on_text_and_configuration_only() -> None:
    text = "One sentence is here. " * 50
    first = [c.id for c in Chunker("o200k_base", 64).chunk(text, source="a")]
    assert first == [c.id for c in Chunker("o200k_base", 64).chunk(text, source="a")]
    assert len(set(first)) == len(first)
    for other in (
        Chunker("o200k_base", 64).chunk(text, source="b"),
        Chunker("o200k_base", 64, min_size=1).chunk(text, source="a"),
        Chunker("cl100k_base", 64).chunk(text, source="a"),
    ):
        assert not set(first) & {c.id for c in other}


def test_the_id_of_a_repeated_chunk_differs_from_that_of_any_other_text() -> None:
    chunks = list(Chunker(len, 6).chunk("Hi. Hi. Hi. Hi.\x001 Hi.\x002"))
    assert [c.text for c in chunks] == ["Hi.", " Hi.", " Hi.", " Hi.\x001", " Hi.\x002"]
    assert len({c.id for c in chunks}) == len(chunks)


def test_inserted_text_leaves_the_ids_after_it() -> None:
    parts = [f"# Part {i}\n\n" + f"It says {i} things here. " * 17 + "\n\n" for i in range(30)]
    made = Chunker("o200k_base", 128)
    before = {c.id for c in made.chunk("".join(parts))}
    after = {
        c.id
        for c in made.chunk("# New\n\n" + "Quite another text. " * 24 + "\n\n" + "".join(parts))
    }
    assert len(before & after) >= len(before) - 2


# Where the cuts are


def test_cuts_are_at_sentences_and_sizes_even(o200k: Encoding) -> None:
    text = " ".join(f"The sentence of number {i} has a few more words." for i in range(2000))
    _, summary = cut(Chunker(o200k, 128, prefer="fill"), text)
    assert summary.share_of_cuts(Strength.SENTENCE) == 1
    assert summary.fill > 0.9
    assert summary.smallest > 0.8 * 128
    _, summary = cut(Chunker(o200k, 128), text)
    assert summary.share_of_cuts(Strength.SENTENCE) == 1
    assert summary.fill > 0.75
    assert summary.smallest > 0.8 * summary.largest


def test_a_short_rest_is_spread_over_the_chunks(o200k: Encoding) -> None:
    text = "word " * 1030
    _, summary = cut(Chunker(o200k, 512), text.strip())
    assert summary.smallest > 300


def test_small_chunks_are_avoided(o200k: Encoding) -> None:
    text = "# A\n\n" + "A line of some words. " * 20 + "\n\n# B\n\n" + "Another one. " * 3
    made, _ = cut(Chunker(o200k, 128, min_size=40), text)
    assert all(chunk.token_count >= 40 for chunk in made)


@settings(max_examples=100)
@given(st.integers(1, 400))
def test_chinese_is_cut_after_full_width_terminators(n: int) -> None:
    text = "".join(f"这是第{i}个句子，它很短。" for i in range(n))
    made, summary = cut(Chunker("o200k_base", 64), text)
    assert summary.share_of_cuts(Strength.SENTENCE) == 1
    assert all(chunk.text.endswith("。") for chunk in made)


@given(st.text(st.sampled_from("a\u0301 \u212b.é한\u1100\u1161\n"), max_size=80), st.integers(2, 9))
def test_text_that_the_encoding_normalises(text: str, size: int) -> None:
    count = get_encoding("qwen2").count
    if made := chunks_or_none(Chunker("qwen2", size), text, count, size):
        check_contract(made[0], text, count, size)
        check_joins(made[0], text)


@given(st.text(st.characters(), max_size=40), st.integers(8, 20))
def test_lone_surrogates_are_characters(text: str, size: int) -> None:
    made, _ = cut(Chunker("o200k_base", size), text)
    assert "".join(chunk.text for chunk in made) == text
    assert all(chunk.token_count <= size for chunk in made)


def test_an_empty_text_has_no_chunks() -> None:
    assert cut(Chunker("o200k_base"), "")[0] == []
    assert list(Chunker("o200k_base").chunk_stream([])) == []
    assert list(Chunker("o200k_base").chunk_stream(["", ""])) == []


def test_a_document_is_named_by_its_path_and_record() -> None:
    document = Document(path="a.jsonl", text="Some text.", size=10, record=3)
    (chunk,) = Chunker("o200k_base", format="auto").chunk_document(document)
    assert (chunk.source, chunk.text) == ("a.jsonl#3", "Some text.")


def test_a_record_has_the_format_asked_for() -> None:
    document = Document(path="a.jsonl", text="# Title\n\nSome text.", size=20, record=3)
    (chunk,) = Chunker("o200k_base", format="markdown").chunk_document(document)
    assert chunk.headings == ("Title",)


@given(long_texts, st.lists(st.integers(0, 5), max_size=4))
def test_summaries_are_of_the_chunks_that_were_taken(text: str, steps: list[int]) -> None:
    chunks = Chunker("o200k_base", (24, 12), 3).chunk(text)
    taken: list[Chunk] = []
    for step in (*steps, None):
        taken += islice(chunks, step)
        for is_inner, summary in enumerate(chunks.summaries):
            sizes = [c.token_count for c in taken if (c.parent_id is not None) == is_inner]
            assert (summary.chunks, summary.tokens) == (len(sizes), sum(sizes))
            assert summary.smallest == min(sizes, default=0)
            assert summary.largest == max(sizes, default=0)
            assert summary.squares == sum(size * size for size in sizes)
            assert sum(summary.cuts.values()) == max(0, len(sizes) - 1)


def test_summaries_add_up() -> None:
    made = Chunker("o200k_base", 16)
    texts = ["One sentence here. " * 30, "word " * 100, ""]
    chunks, summaries = zip(*(cut(made, text) for text in texts), strict=True)
    total = summaries[0] + summaries[1] + summaries[2]
    sizes = [chunk.token_count for each in chunks for chunk in each]
    assert (total.chunks, total.tokens) == (len(sizes), sum(sizes))
    assert (total.smallest, total.largest) == (min(sizes), max(sizes))
    assert sum(total.cuts.values()) == len(sizes) - 2
    mean = sum(sizes) / len(sizes)
    assert total.standard_deviation == pytest.approx(
        (sum((n - mean) ** 2 for n in sizes) / len(sizes)) ** 0.5
    )
    assert total.fill == pytest.approx(mean / 16)


def test_the_kernel_changes_no_chunk(tmp_path: Path) -> None:
    text = (
        "".join(f"Sentence {i} is “here”. 这是第{i}句。\n\n# H{i}\n" for i in range(200))
        + "a" * 3000
    )
    (tmp_path / "text").write_text(text)
    code = (
        "import sys; from ctxtools import Chunker\n"
        "text = open(sys.argv[1]).read()\n"
        "for name in ('o200k_base', 'qwen2'):\n"
        "    for chunk in Chunker(name, 64, 9).chunk(text): print(chunk.id, chunk.start_index)\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "text")],
            env={**os.environ, "CTXTOOLS_KERNEL": switch},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for switch in ("0", "1")
    ]
    assert printed[0] == printed[1] != ""


def test_the_old_name_of_the_standard_deviation_is_deprecated() -> None:
    chunks = Chunker(len, 4).chunk("one two three")
    assert [*chunks]
    with pytest.warns(DeprecationWarning, match="standard_deviation"):
        assert chunks.summary.spread == chunks.summary.standard_deviation
