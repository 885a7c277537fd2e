"""The promises of a chunker, on texts that are hard to cut."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Document, Encoding, get_encoding
from ctxtools.chunking import Chunk, Chunker, chunker
from ctxtools.chunking.settings import OnOversize, Strategy
from ctxtools.encodings.index import Strength
from ctxtools.encodings.patterns import get_pattern
from ctxtools.encodings.tiktoken import TiktokenBackend
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
    """The chunks, and how many overlaps were shortened; None where a character is too large."""
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
        inner = get_encoding("o200k_base").index(text).boundaries(Strength.WORD, 0, len(text))[0]
        if isinstance(counter, str):
            inner = get_encoding(counter).index(text).boundaries(Strength.WORD, 0, len(text))[0]
        short = short_overlaps(made[0], text, count, overlap, [0, *inner])
        assert short <= made[1]


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
def test_a_stream_gives_the_chunks_of_the_whole(
    blocks: list[str], counter: Counter, size: int, overlap: int, window: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunker, "WINDOW", window)
        patch.setattr(chunker, "_PER_TOKEN", 1)
        made = Chunker(counter, size, overlap, on_oversize="split-tokens")
        whole = list(made.chunk("".join(blocks), source="a"))
        assert list(made.chunk_stream(blocks, source="a")) == whole
        if isinstance(counter, str):
            data = "".join(blocks).encode()
            assert whole == [] or whole[-1].end_byte == len(data)


def test_windows_cut_as_well_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"This is the sentence number {i}, which is the next. " for i in range(3000))
    made = Chunker("o200k_base", 128)
    whole = list(made.chunk(text))
    monkeypatch.setattr(chunker, "WINDOW", 20_000)
    windows = list(made.chunk(text))
    check_contract(windows, text, get_encoding("o200k_base").count, 128)
    assert abs(len(windows) - len(whole)) <= 1


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


def test_the_id_of_a_repeated_chunk_is_that_of_no_other_text() -> None:
    chunks = list(Chunker(len, 6).chunk("Hi. Hi. Hi. Hi.\x001 Hi.\x002"))
    assert [c.text for c in chunks] == ["Hi.", " Hi.", " Hi.", " Hi.\x001", " Hi.\x002"]
    assert len({c.id for c in chunks}) == len(chunks)


def test_text_before_leaves_the_ids_behind_it() -> None:
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
    _, summary = cut(Chunker(o200k, 128), text)
    assert summary.share_of_cuts(Strength.SENTENCE) == 1
    assert summary.fill > 0.9
    assert summary.smallest > 0.8 * 128


def test_a_short_rest_is_shared_out(o200k: Encoding) -> None:
    text = "word " * 1030
    _, summary = cut(Chunker(o200k, 512), text.strip())
    assert summary.smallest > 300


def test_small_chunks_are_avoided(o200k: Encoding) -> None:
    text = "# A\n\n" + "A line of some words. " * 20 + "\n\n# B\n\n" + "Another one. " * 3
    made, _ = cut(Chunker(o200k, 128, min_size=40), text)
    assert all(chunk.token_count >= 40 for chunk in made)


@settings(max_examples=100)
@given(st.integers(1, 400))
def test_chinese_is_cut_behind_its_full_stops(n: int) -> None:
    text = "".join(f"这是第{i}个句子，它很短。" for i in range(n))
    made, summary = cut(Chunker("o200k_base", 64), text)
    assert summary.share_of_cuts(Strength.SENTENCE) == 1
    assert all(chunk.text.endswith("。") for chunk in made)


def test_a_character_above_the_limit_is_an_error_that_says_where(o200k: Encoding) -> None:
    text = "one\ntwo \U00013000 three"
    with pytest.raises(OversizeError, match=r"a\.txt, line 2: .*U\+13000.* has 4 tokens") as error:
        list(Chunker(o200k, 2).chunk(text, source="a.txt"))
    assert "split-tokens" in (error.value.hint or "")


def test_a_character_above_the_limit_can_be_split(o200k: Encoding) -> None:
    text = "one two \U00013000 three"
    made, summary = cut(Chunker(o200k, 2, on_oversize="split-tokens"), text)
    assert all(o200k.count(c.text) == c.token_count <= 2 for c in made)
    assert b"".join(text.encode()[c.start_byte : c.end_byte] for c in made) == text.encode()
    assert "".join(text[c.start_index : c.end_index] for c in made) == text
    parts = [c for c in made if c.end_byte - c.start_byte < 4 and c.text == "\ufffd"]
    assert len(parts) == 2 and summary.split_characters == 1


def test_a_part_of_a_character_is_split_or_named_before_any_chunk() -> None:
    """The smaller of two sizes has no room for a replacement character's three tokens."""
    one_byte_each = Encoding(
        "bytes",
        TiktokenBackend({bytes([b]): b for b in range(256)}, get_pattern("o200k"), nfc=False),
    )
    chunks = Chunker(one_byte_each, (3, 1), on_oversize="split-tokens").chunk("ab\n\U0001f600c")
    with pytest.raises(OversizeError, match=r"line 2: .*U\+1F600.* has 4 tokens"):
        list(chunks)


@pytest.mark.parametrize("length", [29, 34, 35])
def test_what_is_smaller_alone_than_by_the_sums(length: int) -> None:
    """A cut of the larger size inside a pretoken leaves parts that the sums overrate."""
    text = " " + "x" * length
    chunks = list(Chunker("cl100k_base", (3, 1)).chunk(text))
    assert "".join(chunk.text for chunk in chunks if chunk.parent_id) == text
    assert all(chunk.token_count == 1 for chunk in chunks if chunk.parent_id)


@pytest.mark.parametrize("oversize", ["raise", "split-tokens"])
def test_what_has_no_tokens_is_not_taken_for_a_part_of_what_has_too_many(
    oversize: OnOversize,
) -> None:
    chunks = Chunker(lambda text: 5 * text.count("e"), 1, on_oversize=oversize).chunk("ep\np")
    if oversize == "raise":
        with pytest.raises(OversizeError, match="the character 'e'"):
            list(chunks)
    else:
        assert [chunk.text for chunk in chunks] == ["\ufffd", "p\np"]


def test_what_has_no_tokens_is_no_header_of_a_part_of_a_character() -> None:
    text = "# T\n\ne"
    chunker_ = Chunker(
        lambda text: 5 * text.count("e"),
        2,
        format="markdown",
        header=True,
        on_oversize="split-tokens",
    )
    *_, last = chunker_.chunk(text)
    assert (last.text, last.header) == ("\ufffd", "")
    with pytest.raises(OversizeError, match="the character 'e'"):
        list(
            Chunker(lambda text: 5 * text.count("e"), 2, format="markdown", header=True).chunk(text)
        )


def test_a_block_that_starts_inside_a_cluster_is_not_kept_whole(o200k: Encoding) -> None:
    """What is before it was taken for it, and not cut, whatever its size."""
    text = "1\u20e3\U0001f91d"
    made, _ = cut(Chunker(o200k, 3, format="tsx"), text)
    assert [chunk.text for chunk in made] == ["1\u20e3", "\U0001f91d"]


@pytest.mark.parametrize("character", "\ufad6\u0344\u0f73\u2adc\U0001d15e")
def test_a_character_that_is_normalised_is_split_into_its_bytes(character: str) -> None:
    """Its tokens are those of another text, which do not join to it."""
    made = [*Chunker("qwen2", 1, on_oversize="split-tokens").chunk(f"a{character}b")]
    parts = [chunk for chunk in made if chunk.text == "\ufffd"]
    assert len(parts) == len(character.encode())
    assert b"".join(f"a{character}b".encode()[c.start_byte : c.end_byte] for c in made) == (
        f"a{character}b".encode()
    )


def test_an_overlap_is_met_beside_a_long_address() -> None:
    """Once it was a line break, since the address as a whole was too large."""
    address = "https://example.com/" + "/".join(f"part{i}-{i * 7919}" for i in range(40))
    text = "".join(f"Sentence number {i}. See {address}{i}\n\n" for i in range(20))
    made, _ = cut(Chunker("o200k_base", 400, 64), text)
    count = get_encoding("o200k_base").count
    for before, after in pairwise(made):
        assert count(text[after.start_index : before.end_index]) >= 60


@pytest.mark.parametrize("name", ["qwen2", "deepseek_v3"])
def test_an_overlap_is_met_in_chinese(name: str) -> None:
    text = "".join(f"第{i}个分句没有空格也没有句号，" for i in range(400)) + "e\u0301"
    made, _ = cut(Chunker(name, 128, 32), text)
    count = get_encoding(name).count
    for before, after in pairwise(made):
        assert 24 <= count(text[after.start_index : before.end_index]) <= 32


def test_an_overlap_that_is_less_is_told_of_in_any_window() -> None:
    """A window once started where the shorter overlap did, and took that for all there is."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"  # not to be cut
    text = "".join(f"{family} and word {i} " for i in range(200))
    index, overlap = get_encoding("o200k_base").index(text), 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunker, "WINDOW", 100)
        patch.setattr(chunker, "_PER_TOKEN", 1)
        made, summary = cut(Chunker("o200k_base", 14, overlap), text)
    wanted = index.overlap_starts([chunk.end_index for chunk in made[:-1]], overlap)
    joins = zip(pairwise(made), wanted, strict=True)
    short = [b.start_index > start or b.start_index == a.end_index for (a, b), start in joins]
    assert 0 < sum(short) == summary.shortened_overlaps


@pytest.mark.parametrize("once", [1, 2])
def test_what_a_counter_adds_to_each_text_is_a_part_of_each_chunk_once(once: int) -> None:
    """A mark of the start, say: it was once counted for each sentence of a chunk."""
    text = "".join(f"Sentence {i} has a few words more. " for i in range(2_000))
    count = get_encoding("o200k_base").count
    _, plain = cut(Chunker(count, 512), text)
    _, marked = cut(Chunker(lambda part: count(part) + once, 512), text)
    assert marked.fill > plain.fill - 0.01


def test_a_function_has_no_tokens_to_split() -> None:
    with pytest.raises(OversizeError):
        list(Chunker(lambda text: 3 * len(text), 2, on_oversize="split-tokens").chunk("a"))


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


def test_nothing_of_nothing() -> None:
    assert cut(Chunker("o200k_base"), "")[0] == []
    assert list(Chunker("o200k_base").chunk_stream([])) == []
    assert list(Chunker("o200k_base").chunk_stream(["", ""])) == []


def test_a_document_is_named_by_its_path_and_record() -> None:
    document = Document(path="a.jsonl", text="Some text.", size=10, record=3)
    (chunk,) = Chunker("o200k_base", format="auto").chunk_document(document)
    assert (chunk.source, chunk.text) == ("a.jsonl#3", "Some text.")


def test_a_record_has_the_format_that_was_named() -> None:
    document = Document(path="a.jsonl", text="# Title\n\nSome text.", size=20, record=3)
    (chunk,) = Chunker("o200k_base", format="markdown").chunk_document(document)
    assert chunk.headings == ("Title",)


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
    assert total.spread == pytest.approx((sum((n - mean) ** 2 for n in sizes) / len(sizes)) ** 0.5)
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
