"""Tokenizers that are counted by words, against ``tokenizers``."""

import json
from collections.abc import Callable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import WordPieceTrainer

from ctxtools.chunking import Chunker
from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.load import load_encoding
from tests.core import needs_kernel
from tests.strategies import HARD, texts, texts_with_surrogates

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = (
    "the cat sat on the mat, and International unbelievable words; 中文字 가힣 é ß 2019 0xff don't "
)

NORMALIZERS = {
    "none": None,
    "uncased": normalizers.BertNormalizer(),
    "cased": normalizers.BertNormalizer(lowercase=False),
    "accents": normalizers.BertNormalizer(strip_accents=False, handle_chinese_chars=False),
    "prefixed": normalizers.Prepend("▁"),
    "raw": normalizers.BertNormalizer(clean_text=False, lowercase=False, strip_accents=True),
}
SPLITS = {
    "bert": pre_tokenizers.BertPreTokenizer(),
    "whitespace": pre_tokenizers.Whitespace(),
    "split": pre_tokenizers.WhitespaceSplit(),
    "metaspace": pre_tokenizers.Metaspace(),
    "first": pre_tokenizers.Metaspace(prepend_scheme="first"),
    "marked": pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    ),
    "joined": pre_tokenizers.Metaspace(prepend_scheme="never", split=False),
    "steps": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("merged_with_previous"),
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Punctuation("merged_with_next"),
        ]
    ),
    "delimiter": pre_tokenizers.Sequence(
        [
            pre_tokenizers.CharDelimiterSplit("a"),
            pre_tokenizers.Digits(),
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.Split("b", "merged_with_previous"),
        ]
    ),
    "none": None,
}
KINDS = [
    *(("uncased", split) for split in SPLITS if split != "first"),
    *((normalizer, "bert") for normalizer in NORMALIZERS if normalizer != "uncased"),
    *(("none", split) for split in ("metaspace", "first", "joined", "none")),
    ("prefixed", "whitespace"),
]


@cache
def library(kind: tuple[str, str]) -> Tokenizer:
    """A small tokenizer of a kind, trained here."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = NORMALIZERS[kind[0]]
    if kind[1] != "none":
        tokenizer.pre_tokenizer = SPLITS[kind[1]]
    trainer = WordPieceTrainer(
        vocab_size=400, special_tokens=SPECIAL, show_progress=False, limit_alphabet=120
    )
    tokenizer.train_from_iterator([WORDS * 3, "".join(HARD), *HARD], trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.encode_special_tokens = True
    return tokenizer


@pytest.fixture(scope="module")
def encodings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Encoding]:
    folder = tmp_path_factory.mktemp("tokenizers")
    return {kind: saved(library(kind), folder / f"{'-'.join(kind)}.json") for kind in KINDS}


def saved(tokenizer: Tokenizer, path: Path) -> Encoding:
    tokenizer.save(str(path))
    return load_encoding(path)


def reference(kind: tuple[str, str], text: str) -> list[int]:
    return list(library(kind).encode(text, add_special_tokens=False).ids)


repeated = st.tuples(texts, st.integers(1, 3)).map(lambda part: part[0] * part[1])
kinds = st.sampled_from(KINDS)


@needs_kernel
@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_the_kernel_counts(kind: tuple[str, str], encodings: Any) -> None:
    assert encodings[kind].backend.name == "kernel"


@given(kind=kinds, text=repeated)
def test_ids_are_those_of_the_library(kind: tuple[str, str], text: str, encodings: Any) -> None:
    encoding, expected = encodings[kind], reference(kind, text)
    assert encoding.encode(text) == expected
    assert encoding.encode_to_buffer(text).tolist() == expected
    assert encoding.count(text) == len(expected)


@given(kind=kinds, batch=st.lists(texts, max_size=9))
def test_a_batch_is_its_texts(kind: tuple[str, str], batch: list[str], encodings: Any) -> None:
    expected = [len(reference(kind, text)) for text in batch]
    assert encodings[kind].count_batch(batch) == expected
    assert encodings[kind].count_batch(batch * 3, threads=2) == expected * 3


@given(kind=kinds, text=texts_with_surrogates)
def test_lone_surrogates_are_replaced(kind: tuple[str, str], text: str, encodings: Any) -> None:
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert encodings[kind].encode(text) == reference(kind, clean)


@given(kind=kinds, text=repeated, data=st.data())
def test_a_span_of_an_index_is_counted_as_a_text(
    kind: tuple[str, str], text: str, data: st.DataObject, encodings: Any
) -> None:
    encoding = encodings[kind]
    index = encoding.index(text)
    a, b = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    assert index.count(a, b) == encoding.count(text[a:b])
    assert index.total == encoding.count(text)
    limit = data.draw(st.integers(0, 9))
    end = index.end(a, limit)
    assert end == a or encoding.count(text[a:end]) <= limit
    if index.additive:
        assert index.sums.tolist() == [encoding.count(text[:end]) for end in index.ends]


@given(kind=kinds, blocks=st.lists(texts, max_size=9))
def test_a_stream_is_counted_as_a_text(
    kind: tuple[str, str], blocks: list[str], encodings: Any
) -> None:
    counter = encodings[kind].counter()
    for block in blocks:
        counter.feed(block)
    assert counter.finish() == len(reference(kind, "".join(blocks)))


@given(kind=kinds, additions=st.lists(st.one_of(texts, texts_with_surrogates), max_size=9))
def test_a_session_is_counted_as_a_text(
    kind: tuple[str, str], additions: list[str], encodings: Any
) -> None:
    session, text = encodings[kind].session(), ""
    for more in additions:
        session.append(more)
        text += more
        assert session.total == encodings[kind].count(text)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_a_large_text_is_counted_in_pieces(
    kind: tuple[str, str], encodings: Any, tmp_path: Path
) -> None:
    encoding = encodings[kind]
    part = WORDS + "".join(HARD)
    text = part * (3_000_000 // len(part.encode()))
    expected = len(encoding.encode_to_buffer(text))
    assert encoding.count(text, threads=1) == encoding.count(text, threads=2) == expected
    path = tmp_path / "large.txt"
    path.write_text(text * 2, encoding="utf-8-sig")
    twice = encoding.count(text * 2)
    for threads in (1, 2):
        (ids,) = encoding.encode_batch([text], threads=threads)
        assert len(ids) == expected
        assert encoding.count_files([path], threads=threads) == [twice]
    counter = encoding.counter()
    for start in range(0, len(text), 100_001):
        counter.feed(text[start : start + 100_001])
    assert counter.finish() == expected


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_every_character(kind: tuple[str, str], encodings: Any) -> None:
    """Classes and tables of characters, each between others."""
    characters = [chr(i) for i in chain(range(0xD800), range(0xE000, 0x110000))]
    batch = [
        "".join(f"a{c}b {c}中{c} " for c in characters[i : i + 64]) for i in range(0, 70_000, 64)
    ]
    ours = encodings[kind].count_batch(batch)
    theirs = library(kind).encode_batch_fast(batch, add_special_tokens=False)
    assert ours == [len(found.ids) for found in theirs]


@needs_kernel
def test_words_after_marks_of_spaces_are_not_split(tmp_path: Path) -> None:
    """Each piece was marked as one that follows a space; what a later step splits off was not."""
    marked = pre_tokenizers.Metaspace(prepend_scheme="always")
    for later in (
        pre_tokenizers.CharDelimiterSplit("-"),
        pre_tokenizers.Punctuation(),
        pre_tokenizers.Digits(individual_digits=True),
    ):
        encoding, ids = of_characters(pre_tokenizers.Sequence([marked, later]), tmp_path)
        assert encoding.backend.name == "kernel"
        for text in ("a-", "a-b", "a1b c-", "-1-a"):
            assert encoding.encode(text) == ids(text)


def test_a_span_that_ends_without_tokens_is_cut(tmp_path: Path) -> None:
    removed = pre_tokenizers.Split("\ufe0f", "removed")
    encoding, ids = of_characters(removed, tmp_path)
    text = "abcabcabc\ufe0f"
    chunks = list(Chunker(encoding, 3).chunk(text))
    assert "".join(text[chunk.start_index : chunk.end_index] for chunk in chunks) == text
    assert all(len(ids(chunk.text)) == chunk.token_count <= 3 for chunk in chunks)


def of_characters(
    split: pre_tokenizers.PreTokenizer, folder: Path
) -> tuple[Encoding, Callable[[str], list[int]]]:
    """A tokenizer whose tokens are characters, and the library's ids."""
    vocabulary = {c: i for i, c in enumerate(["[UNK]", *"▁abc-1"])}
    vocabulary |= {f"##{c}": i for i, c in enumerate("▁abc-1", len(vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = split
    return saved(tokenizer, folder / "tokenizer.json"), lambda text: list(
        tokenizer.encode(text).ids
    )


@pytest.mark.parametrize("kind", [("uncased", "bert"), ("none", "none")], ids="-".join)
@pytest.mark.parametrize(
    "unit", ["a", "中", " ", "\u0301", "a\u0301", "\0", "#", "é ", "\U0010ffff"]
)
def test_long_inputs(kind: tuple[str, str], unit: str, encodings: Any) -> None:
    text = unit * (200_000 // len(unit))
    assert encodings[kind].encode(text) == reference(kind, text)


def test_added_tokens_and_what_is_put_around(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_str(library(("uncased", "bert")).to_str())
    tokenizer.add_tokens(
        [AddedToken("<new>", normalized=False), AddedToken("[x]", normalized=False)]
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    encoding = load_encoding(tmp_path / "tokenizer.json")
    text = "The [x] cat<new>[SEP] sat[CLS]"
    tokenizer.encode_special_tokens = True
    assert encoding.encode(text) == tokenizer.encode(text, add_special_tokens=False).ids
    assert encoding.encode(text, add_special_tokens=True) == tokenizer.encode(text).ids
    tokenizer.encode_special_tokens = False
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert encoding.encode(text, allowed_special="all") == ids
    assert encoding.decode(ids) == tokenizer.decode(ids, skip_special_tokens=False)
    assert encoding.vocabulary_size == tokenizer.get_vocab_size()
    assert encoding.tokens_added == 2


@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}},
        {"pre_tokenizer": {"type": "UnicodeScripts"}},
        {
            "pre_tokenizer": {
                "type": "Split",
                "pattern": {"Regex": "a"},
                "behavior": "Isolated",
                "invert": False,
            }
        },
        {
            "pre_tokenizer": {
                "type": "Metaspace",
                "replacement": "▁",
                "prepend_scheme": "first",
                "split": True,
            }
        },
    ],
    ids=["normalizer", "scripts", "regex", "first"],
)
def test_what_is_not_known_exactly_the_library_counts(
    change: dict[str, Any], tmp_path: Path
) -> None:
    file = json.loads(library(("uncased", "bert")).to_str()) | change
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(file))
    encoding = load_encoding(path)
    assert encoding.backend.name == "tokenizers"
    tokenizer = Tokenizer.from_str(json.dumps(file))
    tokenizer.encode_special_tokens = True
    assert encoding.encode(WORDS) == tokenizer.encode(WORDS, add_special_tokens=False).ids
