"""The interface of tokenizers, against the library: the same, or an error that says so."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import UsageError
from ctxtools.compat.tokenizers import Tokenizer
from ctxtools.encodings.export import export_encoding

NAMES = ["o200k_base", "qwen2"]


words = st.sampled_from(
    ["a", " b", "  ", "\n", "世界", "é", "e\u0301", "\U0001f9d1\u200d\U0001f680", "1234"]
)
special = st.sampled_from(["<|endoftext|>", "<|im_start|>", "<think>", "<｜User｜>"])
texts = st.lists(words | special, max_size=8).map("".join) | st.text(max_size=20)
FIELDS = ("ids", "tokens", "type_ids", "attention_mask", "special_tokens_mask")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tokenizers")
    return {name: export_encoding(name, folder / f"{name}.json") for name in NAMES}


@cache
def pair(path: Path) -> tuple[Tokenizer, Any]:
    return Tokenizer.from_file(path), tokenizers.Tokenizer.from_file(str(path))


def assert_same(found: Any, expected: Any) -> None:
    for field in FIELDS:
        assert getattr(found, field) == getattr(expected, field), field
    try:
        assert found.offsets == expected.offsets
    except UsageError as error:
        assert "before it is split" in error.message


@pytest.mark.parametrize("name", NAMES)
@given(texts)
def test_texts(files: dict[str, Path], name: str, text: str) -> None:
    ours, theirs = pair(files[name])
    found, expected = ours.encode(text), theirs.encode(text)
    assert_same(found, expected)
    for skip in (True, False):
        assert ours.decode(found.ids, skip) == theirs.decode(found.ids, skip)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", ["left", "right"])
@settings(max_examples=40)
@given(st.lists(texts, max_size=4), st.integers(1, 8), st.none() | st.integers(1, 12))
def test_truncated_and_padded(
    files: dict[str, Path],
    name: str,
    direction: Any,
    batch: list[str],
    limit: int,
    length: int | None,
) -> None:
    both = pair(files[name])
    for each in both:
        each.enable_truncation(limit, direction=direction)
        each.enable_padding(
            direction=direction,
            pad_id=5,
            pad_type_id=1,
            pad_token="[P]",
            length=length,
            pad_to_multiple_of=4 if length is None else None,
        )
    try:
        found, expected = (each.encode_batch(batch) for each in both)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    finally:
        for each in both:
            each.no_truncation()
            each.no_padding()


@pytest.mark.parametrize("name", NAMES)
def test_vocabularies(files: dict[str, Path], name: str) -> None:
    ours, theirs = pair(files[name])
    vocabulary = theirs.get_vocab()
    assert ours.get_vocab() == vocabulary
    assert ours.get_vocab_size() == theirs.get_vocab_size()
    for i in (*range(0, 130_000, 613), 199_999, 151_643, 10**6):
        assert ours.id_to_token(i) == theirs.id_to_token(i)
    for token in (*[*vocabulary][::997], "none of them", "é", "<|endoftext|>"):
        assert ours.token_to_id(token) == theirs.token_to_id(token)
    ids = [[1, 2, 3], [10**6, 4]]
    assert ours.decode_batch(ids) == theirs.decode_batch(ids)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("encode", ("a", "b")),
        ("encode", (["a"], None, True)),
        ("encode_batch", ([("a", "b")],)),
        ("enable_truncation", (5, 2)),
        ("num_special_tokens_to_add", (True,)),
    ],
    ids=str,
)
def test_what_is_left_to_the_library(
    files: dict[str, Path], name: str, arguments: tuple[Any, ...]
) -> None:
    ours, _ = pair(files["o200k_base"])
    with pytest.raises(NotImplementedError, match=r"tokenizers\.Tokenizer"):
        getattr(ours, name)(*arguments)
