"""A window's chunks: characters above the limit, and overlaps."""

from itertools import pairwise

import pytest

from ctxtools import Encoding, get_encoding
from ctxtools.chunking import Chunker, chunker
from ctxtools.chunking.settings import OnOversize
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.errors import OversizeError
from tests.chunking.contract import cut


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


def test_an_oversize_character_is_split_or_an_error_before_any_chunk() -> None:
    """The smaller of two sizes is less than a replacement character's three tokens."""
    one_byte_each = Encoding(
        "bytes",
        TiktokenBackend({bytes([b]): b for b in range(256)}, get_pattern("o200k"), nfc=False),
    )
    chunks = Chunker(one_byte_each, (3, 1), on_oversize="split-tokens").chunk("ab\n\U0001f600c")
    with pytest.raises(OversizeError, match=r"line 2: .*U\+1F600.* has 4 tokens"):
        list(chunks)


@pytest.mark.parametrize("length", [29, 34, 35])
def test_a_text_with_fewer_tokens_than_its_sums(length: int) -> None:
    """A cut of the larger size inside a pretoken leaves spans that the sums overrate."""
    text = " " + "x" * length
    chunks = list(Chunker("cl100k_base", (3, 1)).chunk(text))
    assert "".join(chunk.text for chunk in chunks if chunk.parent_id) == text
    assert all(chunk.token_count == 1 for chunk in chunks if chunk.parent_id)


@pytest.mark.parametrize("oversize", ["raise", "split-tokens"])
def test_text_without_tokens_is_distinguished_from_an_oversize_character(
    oversize: OnOversize,
) -> None:
    chunks = Chunker(lambda text: 5 * text.count("e"), 1, on_oversize=oversize).chunk("ep\np")
    if oversize == "raise":
        with pytest.raises(OversizeError, match="the character 'e'"):
            list(chunks)
    else:
        assert [chunk.text for chunk in chunks] == ["\ufffd", "p\np"]


def test_text_without_tokens_is_not_a_header_of_a_split_character() -> None:
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


def test_a_block_that_starts_inside_a_cluster_is_not_atomic(o200k: Encoding) -> None:
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


def test_an_overlap_is_met_next_to_a_long_address() -> None:
    """Once it was a line break, since the address was too large."""
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
        shared = text[after.start_index : before.end_index]
        assert shared.startswith("第") and 16 <= count(shared) <= 32


def test_a_shortened_overlap_is_reported_in_any_look_ahead_window() -> None:
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
def test_constant_tokens_of_a_counter_count_once_in_each_chunk(once: int) -> None:
    """Such as a token for the start: it was once counted for each sentence of a chunk."""
    text = "".join(f"Sentence {i} has a few words more. " for i in range(2_000))
    count = get_encoding("o200k_base").count
    _, plain = cut(Chunker(count, 512), text)
    _, marked = cut(Chunker(lambda part: count(part) + once, 512), text)
    assert marked.fill > plain.fill - 0.01


def test_a_function_has_no_tokens_to_split() -> None:
    with pytest.raises(OversizeError):
        list(Chunker(lambda text: 3 * len(text), 2, on_oversize="split-tokens").chunk("a"))
