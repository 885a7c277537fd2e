"""The interface of tokenizers, against the library: the same, or an error that says so."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import processors

import ctxtools
from ctxtools import UsageError
from ctxtools.compat.tokenizers import NotCoveredError, Tokenizer
from ctxtools.encodings.export import export_encoding
from tests.encodings.engines.tokenizer_shapes import SHAPES, flagged, with_tokens

FIELDS = ("ids", "type_ids", "attention_mask", "special_tokens_mask")

_CLS, _SEP = ("[CLS]", 3000), ("[SEP]", 3001)
_TEMPLATE = processors.TemplateProcessing(
    single="[CLS] $A:1 [SEP]:1",
    pair="[CLS] $A [SEP] $B:2 [SEP]:2",
    special_tokens=[_CLS, _SEP],
)
POST_PROCESSORS: dict[str, Any] = {
    "none": None,
    "bert": processors.BertProcessing(_SEP, _CLS),
    "roberta": processors.RobertaProcessing(_SEP, _CLS),
    "roberta, trims nothing": processors.RobertaProcessing(_SEP, _CLS, trim_offsets=False),
    "template": _TEMPLATE,
    "byte level": processors.ByteLevel(trim_offsets=False),
    "byte level, trims": processors.ByteLevel(add_prefix_space=False),
    "both": processors.Sequence([processors.ByteLevel(trim_offsets=True), _TEMPLATE]),
}

words = st.sampled_from(
    [
        "a",
        " b",
        "the",
        " abc",
        "  ",
        "\n",
        "日本",
        "é",
        "e\u0301",
        "\U0001f9d1\u200d\U0001f680",
        "12",
    ]
)
special = st.sampled_from(["[CLS]", "<|end|>", "[SEP]"])
texts = st.lists(words | special, max_size=8).map("".join) | st.text(max_size=20)
splits = st.lists(texts, max_size=4)


@cache
def both(shape: str, post_processor: str) -> tuple[Tokenizer, Any]:
    tokens = [flagged(name) for name in ("[CLS]", "[SEP]", "<|end|>")]
    file: dict[str, Any] | None = with_tokens(shape, tokens)
    assert file
    ids = {token["content"]: token["id"] for token in file["added_tokens"]}
    if processor := POST_PROCESSORS[post_processor]:
        state = processor.__getstate__().decode()
        for name, number in (_CLS, _SEP):
            state = state.replace(str(number), str(ids[name]))
        file["post_processor"] = json.loads(state)
    text = json.dumps(file)
    return Tokenizer.from_str(text), tokenizers.Tokenizer.from_str(text)


def assert_same(found: Any, expected: Any, positions: range = range(0)) -> None:
    for field in FIELDS:
        assert getattr(found, field) == getattr(expected, field), field
    try:
        assert found.tokens == expected.tokens
    except NotCoveredError as error:
        assert "Unigram" in error.message
    try:
        offsets = found.offsets
    except NotCoveredError as error:
        assert "offsets" in error.message or "Unigram" in error.message
    else:
        assert offsets == expected.offsets
        for position in positions:
            assert found.token_to_chars(position) == expected.token_to_chars(position)
            for text in range(found.n_sequences):
                tokens = (each.char_to_token(position, text) for each in (found, expected))
                assert len({*tokens}) == 1


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=40)
@given(data=st.data())
def test_texts_and_pairs(shape: str, data: st.DataObject) -> None:
    post_processor = data.draw(st.sampled_from([*POST_PROCESSORS]))
    text, pair, add = data.draw(texts), data.draw(st.none() | texts), data.draw(st.booleans())
    ours, theirs = both(shape, post_processor)
    found, expected = (each.encode(text, pair, add_special_tokens=add) for each in (ours, theirs))
    assert_same(found, expected, range(len(text)))
    assert found.n_sequences == expected.n_sequences
    assert found.sequence_ids == expected.sequence_ids
    for skip in (True, False):
        assert ours.decode(found.ids, skip) == theirs.decode(found.ids, skip)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=40)
@given(data=st.data())
def test_words(shape: str, data: st.DataObject) -> None:
    post_processor = data.draw(st.sampled_from([*POST_PROCESSORS]))
    first, second = data.draw(splits), data.draw(st.none() | splits)
    found, expected = (
        each.encode(first, second, is_pretokenized=True) for each in both(shape, post_processor)
    )
    assert_same(found, expected)
    assert found.word_ids == expected.word_ids
    assert found.sequence_ids == expected.sequence_ids
    for word in range(5):
        assert found.word_to_tokens(word) == expected.word_to_tokens(word)
    for token in range(len(found)):
        assert found.token_to_word(token) == expected.token_to_word(token)
        assert found.token_to_sequence(token) == expected.token_to_sequence(token)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=40)
@given(data=st.data())
def test_truncated_and_padded(shape: str, data: st.DataObject) -> None:
    post_processor = data.draw(st.sampled_from([*POST_PROCESSORS]))
    tokenizers, has_template = both(shape, post_processor), "template" in post_processor
    is_split = data.draw(st.booleans())
    text = splits if is_split else texts
    batch = data.draw(st.lists(text | st.tuples(text, text), max_size=4))
    truncation: dict[str, Any] = {
        "max_length": data.draw(st.integers(6, 16)),
        "stride": data.draw(st.sampled_from([0, 0, 1, 2])),
        "strategy": data.draw(st.sampled_from(["longest_first", "only_first", "only_second"])),
        "direction": data.draw(st.sampled_from(["left", "right"])),
    }
    padding: dict[str, Any] = {
        "direction": data.draw(st.sampled_from(["left", "right"])),
        "pad_id": 5,
        "pad_type_id": 1,
        "pad_token": "[P]",
        "length": data.draw(st.none() | st.integers(1, 12)),
        "pad_to_multiple_of": data.draw(st.none() | st.integers(1, 4)),
    }
    results: list[Any] = []
    for each in tokenizers:
        each.enable_truncation(**truncation)
        each.enable_padding(**padding)
        assert each.truncation == truncation and each.padding == padding
        try:
            results.append(each.encode_batch(batch, is_pretokenized=is_split))
        except UsageError as error:
            assume("stride" not in error.message)  # the library panics
            results.append(error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # it may also panic, for another text of the batch
            results.append(error)
        finally:
            each.no_truncation()
            each.no_padding()
    found, expected = results
    if isinstance(expected, BaseException) or isinstance(found, BaseException):
        assert isinstance(expected, BaseException) and isinstance(found, UsageError), results
        return
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)
        if has_template and padding["direction"] == "right":  # the library loses it in other cases
            assert one.sequence_ids == other.sequence_ids
        for window, others in zip(one.overflowing, other.overflowing, strict=True):
            assert_same(window, others)


def test_what_a_file_says_of_truncation_and_padding_holds() -> None:
    _, theirs = both("wordpiece", "bert")
    theirs.enable_truncation(7, stride=2)
    theirs.enable_padding(length=9, pad_token="[P]")
    try:
        ours = Tokenizer.from_buffer(theirs.to_str().encode())
        assert (ours.truncation, ours.padding) == (theirs.truncation, theirs.padding)
        assert_same(ours.encode("the abc " * 9), theirs.encode("the abc " * 9))
    finally:
        theirs.no_truncation()
        theirs.no_padding()
    assert ours.num_special_tokens_to_add(True) == theirs.num_special_tokens_to_add(True) == 3


@pytest.mark.parametrize("name", ["o200k_base", "qwen2"])
def test_vocabularies_of_packaged_encodings(name: str, tmp_path: Path) -> None:
    file = export_encoding(name, tmp_path / "tokenizer.json")
    ours, theirs = Tokenizer.from_file(file), tokenizers.Tokenizer.from_file(str(file))
    check_vocabularies(ours, theirs, [199_999, 151_643, 10**6])


@pytest.mark.parametrize("shape", SHAPES)
def test_vocabularies(shape: str) -> None:
    check_vocabularies(*both(shape, "none"), [])


def check_vocabularies(ours: Tokenizer, theirs: Any, ids: list[int]) -> None:
    vocabulary = theirs.get_vocab()
    assert ours.get_vocab() == vocabulary
    assert ours.get_vocab_size() == theirs.get_vocab_size()
    for i in (*range(0, len(vocabulary) + 9, 1 + len(vocabulary) // 300), *ids):
        assert ours.id_to_token(i) == theirs.id_to_token(i)
    for token in (*[*vocabulary][::997], "none of them", "é", "<|endoftext|>"):
        assert ours.token_to_id(token) == theirs.token_to_id(token)
    lists = [[1, 2, 0], [10**6, 2]]
    assert ours.decode_batch(lists) == theirs.decode_batch(lists)


def test_over_an_encoding() -> None:
    encoding = ctxtools.get_encoding("o200k_base")
    found = Tokenizer(encoding).encode("a <|endoftext|>")
    assert found.ids == encoding.encode("a <|endoftext|>", allowed_special="all")
    assert found.tokens == ["a", "\u0120", "<|endoftext|>"]


def test_what_is_left_to_the_library() -> None:
    ours, theirs = both("gpt2", "none")
    with pytest.raises(NotCoveredError, match=r"tokenizers\.Tokenizer"):
        _ = ours.encode("a").word_ids
    with pytest.raises(NotImplementedError):
        ours.get_vocab(with_added_tokens=False)
    twice = processors.Sequence([_TEMPLATE, _TEMPLATE]).__getstate__().decode()
    file = json.loads(theirs.to_str()) | {"post_processor": json.loads(twice)}
    with pytest.raises(NotCoveredError, match="several"):
        Tokenizer.from_str(json.dumps(file))


@pytest.mark.parametrize("text", [["a"], ("a", "b", "c")])
def test_another_input_than_what_was_said(text: Any) -> None:
    ours, _ = both("gpt2", "none")
    with pytest.raises(UsageError, match=r"words|pair"):
        ours.encode_batch([text])
    with pytest.raises(UsageError, match="list of its words"):
        ours.encode("a", is_pretokenized=True)


@pytest.mark.parametrize(
    "options",
    [{"max_length": -1}, {"max_length": "8"}, {"max_length": 8, "stride": -1}],
)
def test_truncation_to_no_length(options: dict[str, Any]) -> None:
    ours, _ = both("gpt2", "none")
    with pytest.raises(UsageError, match=r"(max_length|stride) must be"):
        ours.enable_truncation(**options)
    assert ours.truncation is None


@pytest.mark.parametrize(
    "options",
    [{"length": -1}, {"pad_to_multiple_of": 1.5}, {"pad_id": -1}, {"pad_token": None}],
)
def test_padding_with_nothing(options: dict[str, Any]) -> None:
    ours, _ = both("gpt2", "none")
    with pytest.raises(UsageError, match=f"{next(iter(options))} must be"):
        ours.enable_padding(**options)
    assert ours.padding is None


@pytest.mark.parametrize("batch", ["abc", None, [None], [3]])
def test_what_is_no_batch(batch: Any) -> None:
    ours, _ = both("gpt2", "none")
    with pytest.raises(UsageError, match="must be"):
        ours.encode_batch(batch)


def test_what_is_not_in_an_encoding() -> None:
    ours, _ = both("gpt2", "none")
    found = ours.encode("a b")
    for token in (-1, len(found), 10**9):
        assert found.token_to_chars(token) is None
        assert found.token_to_sequence(token) is None
    assert found.char_to_token(-1) is None
    with pytest.raises(UsageError, match="token must be a str"):
        ours.token_to_id(5)  # type: ignore[arg-type]


def test_a_template_without_the_text() -> None:
    _, theirs = both("gpt2", "template")
    file = json.loads(theirs.to_str())
    file["post_processor"]["single"] = file["post_processor"]["single"][:1]
    ours = Tokenizer.from_str(json.dumps(file))
    library = tokenizers.Tokenizer.from_str(json.dumps(file))
    for add in (True, False):
        found, expected = (each.encode("a b", add_special_tokens=add) for each in (ours, library))
        assert_same(found, expected)
