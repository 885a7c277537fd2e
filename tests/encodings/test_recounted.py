"""The index of a text whose counts do not add up."""

from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools._core.types import Strength, TokenIndex
from ctxtools.encodings import Encoding
from ctxtools.encodings.engines.huggingface import HuggingFaceBackend
from ctxtools.encodings.recounted import RecountedIndex
from ctxtools.errors import UsageError
from tests.core.test_boundaries import SENTENCES, STORY
from tests.core.test_token_index import insides, limits, marked
from tests.oracles import deepseek
from tests.strategies import texts_with_surrogates


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> Encoding:
    """A tokenizer of which nothing is known, since the library serves it."""
    path: Path = tmp_path_factory.mktemp("index") / "tokenizer.json"
    path.write_text(deepseek().to_str(), encoding="utf-8")
    return Encoding("unknown", HuggingFaceBackend(path.read_bytes(), str(path)))


@given(texts_with_surrogates | marked, limits, st.data())
def test_a_recounted_index(text: str, limit: int, data: st.DataObject) -> None:
    def count(span: str) -> int:  # a token for each two characters, and one for all
        return len(span) // 2 + 1 if span else 0

    index: TokenIndex = RecountedIndex(text, count)
    assert (index.additive, index.total, index.length) == (False, count(text), len(text))
    offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=5).map(sorted))
    for start in offsets:
        assert index.count(start, len(text)) == count(text[start:])
        end = index.end(start, limit)
        assert count(text[start:end]) <= limit
        following = next((e for e in index.ends if e > end), None)
        assert following is None or count(text[start:following]) > limit
        assert count(text[start : index.end_anywhere(start, limit)]) <= limit
    overlaps = index.overlap_starts(offsets, limit)
    assert all(count(text[s:p]) <= limit for s, p in zip(overlaps, offsets, strict=True))
    assert not insides(text) & set(index.boundaries(Strength.NONE)[0])
    sums_from, sums_to = index.measure(offsets)
    assert sums_from == sums_to == array("q", [
        sum(count(text[a:b]) for a, b in pairwise(offsets[: i + 1]))
        for i in range(len(offsets))
    ])  # fmt: skip


def test_which_indexes_are_additive(unknown: Encoding, encoding: Encoding) -> None:
    assert encoding.index("é").additive
    assert encoding.index("q\u0323").additive  # in NFC, though a mark might have joined it
    assert encoding.index("e\u0301").additive == (encoding.name != "qwen2")
    assert not encoding.index("\ud83d\ude00").additive
    assert encoding.index("a\ud83d b").additive
    assert not unknown.index("text").additive
    with pytest.raises(UsageError, match="do not add up"):
        _ = unknown.index("text").sums


def test_an_unknown_tokenizer_has_boundaries(unknown: Encoding) -> None:
    offsets, strengths = unknown.index(STORY).boundaries(Strength.LINE)
    spans = [STORY[a:b] for a, b in pairwise([0, *offsets])]
    assert list(zip(strengths, spans, strict=True)) == SENTENCES[:-1]  # what is after the last


@given(st.lists(st.sampled_from([" the", " of", " tokenization", "s"]), max_size=60))
def test_an_overlap_has_each_word_that_fits(words: list[str]) -> None:
    """More text may have fewer tokens, as for tokenizers that begin a text with a mark."""

    def count(span: str) -> int:
        tokens = span.replace(" tokenization", "  ").replace(" the", " ")
        return len(tokens) + (span[:1] not in ("", " "))

    text = "".join(words)
    index = RecountedIndex(text, count)
    boundaries = [0, *index.boundaries(Strength.WORD)[0]]
    (start,) = index.overlap_starts([len(text)], 8)
    assert count(text[start:]) <= 8
    longer = [place for place in boundaries if place < start][-2:]
    assert all(count(text[place:]) > 8 for place in longer)
