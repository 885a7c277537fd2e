"""Added tokens of a ``tokenizer.json``: the same as by ``tokenizers``, whatever their flags."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ctxtools.encodings import Encoding, load_encoding
from ctxtools.encodings.engines.pieces import PIECE
from ctxtools.errors import VocabularyError
from tests.encodings.engines.tokenizer_shapes import BYTE_LEVEL, FLAGS, SHAPES, flagged, with_tokens

SPACES = [" ", "  ", "\n", "\t", "\r\n", "\u3000", "\xa0", "\x85", "\x1c", "\u200b", " \n "]
WORDS = [
    "a",
    "ab",
    "hello",
    "the",
    "A",
    "Ab",
    "é",
    "e\u0301",
    "\u0301",
    "\u212a",
    "日本",
    "12",
    "²",
]
OTHER = [
    "_",
    ".",
    ">",
    "<",
    "<s",
    "s>",
    "|",
    "[",
    "'s",
    "▁",
    "Ġ",
    "\u200d",
    "😀",
    "\ud83d",
    "\ude00",
]
SPELLINGS = [
    *("<s>", "</s>", "<|end|>", "[MASK]", "<s", "s>", "<s><s>", ">a", "a<s>", "<mask>", "é", "ﬁ"),
    *("e\u0301", "ab", "AB", "a", "b c", " ", "  ", "\n", " <s>", "<s> ", "_x", "12", "▁", "Ġa"),
    *("日本", "日", "😀", "\u212a", "<|a|><|b|>", "|><|"),
]

spellings = st.one_of(
    st.sampled_from(SPELLINGS),
    st.text("<s>|a b\n_é", min_size=1, max_size=4),
)


@st.composite
def added_tokens(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(st.lists(spellings, min_size=1, max_size=5, unique=True))
    return [{"content": each, **{flag: draw(st.booleans()) for flag in FLAGS}} for each in chosen]


@st.composite
def texts_with(draw: st.DrawFn, contents: list[str]) -> str:
    pieces = st.one_of(
        st.sampled_from(contents),
        st.sampled_from([*SPACES, *WORDS, *OTHER]),
        st.sampled_from(SPACES),
    )
    return "".join(draw(st.lists(pieces, max_size=10)))


@contextmanager
def loaded(file: dict[str, Any]) -> Iterator[Encoding]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "tokenizer.json")
        path.write_text(json.dumps(file))
        yield load_encoding(path)


def joined(text: str) -> str:
    """A text as UTF-8 can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ids_by_library(file: dict[str, Any], text: str, allowed: set[str] | None = None) -> list[int]:
    """The ids by the library: with all special tokens, or with no others than those allowed."""
    added = file["added_tokens"]
    kept = [t for t in added if allowed is None or not t["special"] or t["content"] in allowed]
    library = Tokenizer.from_str(json.dumps(file | {"added_tokens": kept}))
    number = {library.token_to_id(t["content"]): t["id"] for t in kept}
    ids = library.encode(joined(text), add_special_tokens=False).ids
    return [number.get(i, i) for i in ids]


def ids_without_special(file: dict[str, Any], text: str) -> list[int]:
    library = Tokenizer.from_str(json.dumps(file))
    library.encode_special_tokens = True
    return list(library.encode(joined(text), add_special_tokens=False).ids)


def check(file: dict[str, Any], text: str, subset: set[str]) -> None:
    library = Tokenizer.from_str(json.dumps(file))
    with loaded(file) as encoding:
        whole = ids_by_library(file, text)
        assert encoding.encode(text, allowed_special="all") == whole
        assert encoding.count(text, allowed_special="all") == len(whole)
        assert encoding.decode(whole) == library.decode(whole, skip_special_tokens=False)
        counter = encoding.counter(allowed_special="all")
        for character in joined(text):
            counter.feed(character)
        assert counter.finish() == len(whole)
        a, b = len(text) // 3, 2 * len(text) // 3
        of_span = len(ids_by_library(file, text[a:b]))
        assert encoding.index(text, allowed_special="all").count(a, b) == of_span
        ids = ids_without_special(file, text)
        assert encoding.encode(text) == ids
        assert encoding.count(text) == len(ids)
        assert encoding.decode(ids) == library.decode(ids, skip_special_tokens=False)
        if subset:
            some = ids_by_library(file, text, subset)
            assert encoding.encode(text, allowed_special=subset) == some
            assert encoding.count(text, allowed_special=subset) == len(some)


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data(), tokens=added_tokens())
@settings(max_examples=40)
def test_tokens_with_any_flags_are_those_of_the_library(
    shape: str, data: st.DataObject, tokens: list[dict[str, Any]]
) -> None:
    file = with_tokens(shape, tokens)
    assume(file)
    assert file
    special = [t["content"] for t in file["added_tokens"] if t["special"]]
    subset = set(data.draw(st.lists(st.sampled_from(special)))) if special else set()
    check(file, data.draw(texts_with([t["content"] for t in tokens])), subset)


EXAMPLES = {
    "a line break goes to the end of a turn": (
        "gpt2", "Hi<|end|>\nYou", [flagged("<|end|>", rstrip=True)]
    ),
    "a space goes to the mask": ("gpt2", "the <mask> end", [flagged("<mask>", lstrip=True)]),
    "GPT-2's special token is normalised": (
        "gpt2", "a<|endoftext|>b", [flagged("<|endoftext|>", normalized=True)]
    ),
    "a rendered chat": (
        "llama3",
        "<|user|>\nhello  the word<|end|>\n<|assistant|>\n the end <|end|>\n",
        [flagged(each, rstrip=True) for each in ("<|user|>", "<|end|>", "<|assistant|>")],
    ),
    "no prefix after a token": ("metaspace first", "a<s>b", [flagged("<s>")]),
    "a prefix after every token": ("metaspace always", "a<s>b", [flagged("<s>")]),
    "no prefix at all": ("metaspace never", "a<s>b", [flagged("<s>")]),
    "the normaliser puts a space before every text": (
        "legacy", "<s>a </s>\n b", [flagged("<s>"), flagged("</s>", rstrip=True)]
    ),
    "the token has been lowered": ("wordpiece", "The [MASK] [mask]", [flagged("[MASK]")]),
    "the token is lowered": (
        "wordpiece", "The [MASK] [mask]", [flagged("[MASK]", normalized=True)]
    ),
    "words of several scripts": (
        "gpt2",
        "<s> a<s> <s>1 _<s> é<s> <s>日 ²<s> \u0301<s> .<s>.",
        [flagged("<s>", single_word=True)],
    ),
    "the longest of those that start first": (
        "qwen2", "<s><s>a</s", [flagged("<s><s>"), flagged("<s>a"), flagged("s>")]
    ),
    "raw ones go first": (
        "qwen2", "e\u0301<s>", [flagged("é<s", normalized=True), flagged("s>")]
    ),
    "normal form": ("qwen2", "ae\u0301b", [flagged("é", normalized=True)]),
    "white space that two of them take": (
        "gpt2", "<s>  a   <s>  b", [flagged("<s>", rstrip=True), flagged("  ", special=False)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    shape, text, tokens = EXAMPLES[name]
    file = with_tokens(shape, tokens)
    assert file
    check(file, text, {tokens[0]["content"]})


@pytest.mark.parametrize("shape", BYTE_LEVEL)
def test_known_shapes_do_not_go_to_the_library(shape: str) -> None:
    file = with_tokens(shape, [flagged("<s>", lstrip=True, single_word=True, normalized=True)])
    assert file
    with loaded(file) as encoding:
        assert encoding.backend.name in ("kernel", "tiktoken")


@given(tokens=added_tokens(), data=st.data(), shape=st.sampled_from([*BYTE_LEVEL]))
@settings(max_examples=150)
def test_a_text_is_split_where_no_token_is_cut(
    tokens: list[dict[str, Any]], data: st.DataObject, shape: str
) -> None:
    file = with_tokens(shape, [token | {"special": False} for token in tokens])
    text = joined(data.draw(texts_with([*(t["content"] for t in tokens), "a ", "b\t"])))
    assume(file)
    assert file
    with loaded(file) as encoding:
        next_split = encoding.backend.next_split
        at = next_split(text, 0) if next_split else None
        while next_split and at is not None:
            assert encoding.encode(text[:at]) + encoding.encode(text[at:]) == encoding.encode(text)
            at = next_split(text, at + 1)


@pytest.mark.parametrize("shape", ["llama3", "metaspace first"])
def test_a_long_text_has_the_same_tokens(shape: str) -> None:
    tokens = [flagged("<|user|>", rstrip=True), flagged("<|end|>", rstrip=True)]
    file = with_tokens(shape, tokens)
    assert file
    turn = "<|user|>\n the word é \n\n hello<|end|> \n"
    # The library counts a text at once, however long it is.
    text = turn * (PIECE // len(turn) + 1000 if shape in BYTE_LEVEL else 1000)
    expected = ids_by_library(file, text)
    with loaded(file) as encoding, TemporaryDirectory() as folder:
        path = Path(folder, "chat.txt")
        path.write_bytes(text.encode())
        assert encoding.encode(text, allowed_special="all") == expected
        assert [*encoding.encode_to_buffer(text, allowed_special="all")] == expected
        assert encoding.count(text, allowed_special="all") == len(expected)
        assert encoding.count_batch([text], allowed_special="all") == [len(expected)]
        assert encoding.count_files([path], allowed_special="all") == [len(expected)]
        assert encoding.fits(text, len(expected), allowed_special="all")
        assert not encoding.fits(text, len(expected) - 1, allowed_special="all")
        counter = encoding.counter(allowed_special="all")
        for start in range(0, len(text), 100_000):
            counter.feed(text[start : start + 100_000])
        assert counter.finish() == len(expected)


def test_a_thousand_tokens_that_start_alike_are_told_apart() -> None:
    tokens = [flagged("a" * n) for n in range(2, 200)] + [flagged(f"<|{n}|>") for n in range(1000)]
    file = with_tokens("llama3", tokens)
    assert file
    check(file, "aaaa " + "a" * 150 + "<|1|><|12|><|123|><|1234|>" + "a" * 250, {"aaa", "<|7|>"})


def test_what_decoding_keeps_beside_a_special_token() -> None:
    file = with_tokens("metaspace first", [flagged("<s>")])
    assert file
    with loaded(file) as encoding:
        assert encoding.decode(encoding.encode("a<s> b", allowed_special="all")) == "a<s> b"


def test_a_text_at_which_the_library_panics_is_an_error() -> None:
    """A token of white space that takes what is before it, after one that took it already."""
    file = with_tokens("words", [flagged("<s>", rstrip=True), flagged(" ")])
    assert file
    file["added_tokens"][1]["lstrip"] = True
    with loaded(file) as encoding, pytest.raises(VocabularyError, match="cannot encode"):
        encoding.count("<s>  a", allowed_special="all")


@pytest.mark.parametrize("shape", ["gpt2", "metaspace first"])
def test_ids_with_gaps_are_those_that_the_library_gives(shape: str) -> None:
    """It numbers added tokens by the size of the vocabulary, whatever ids that has."""
    file = with_tokens(shape, [flagged("<s>", rstrip=True), flagged("<t>"), flagged("he")])
    assert file
    vocabulary = file["model"]["vocab"]
    for token in [*vocabulary][-20:]:
        vocabulary[token] += 2
    library = Tokenizer.from_str(json.dumps(file))
    for token in file["added_tokens"]:
        token["id"] = library.token_to_id(token["content"])
    check(file, "<t> the<s>  he <t><s>", set())
