"""Single tokens of an encoding, and where in a text each one is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import UnknownTokenError, UsageError, get_encoding
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.normalize import replace_surrogates

names = st.sampled_from(sorted(SPECS))
words = st.sampled_from(
    ["a ", "世界", "\U0001f9d1\u200d\U0001f680", "நி", "<|endoftext|>", "\ud83d"]
)
texts = st.text(max_size=30) | st.lists(words | st.text(max_size=3), max_size=8).map("".join)


@given(names, texts)
def test_offsets_in_bytes_are_those_of_what_is_decoded(name: str, text: str) -> None:
    encoding = get_encoding(name)
    data = replace_surrogates(text).encode()
    try:
        ids, starts, ends = encoding.encode_with_offsets(text, unit="bytes")
    except UsageError:
        assert encoding.decode_bytes(encoding.encode(text)) != data
        return
    assert ids.tolist() == encoding.encode(text)
    spelled = [encoding.token_bytes(i) for i in ids]
    assert [data[a:b] for a, b in zip(starts, ends, strict=True)] == spelled
    assert [*starts, len(data)] == [0, *ends]


@given(names, texts)
def test_offsets_in_characters_are_those_of_the_bytes(name: str, text: str) -> None:
    """Each token has the characters that have one of its bytes."""
    encoding = get_encoding(name)
    text = replace_surrogates(text)
    try:
        in_bytes = encoding.encode_with_offsets(text, unit="bytes")
    except UsageError:
        with pytest.raises(UsageError, match="before it is split"):
            encoding.encode_with_offsets(text)
        return
    character_of = [n for n, character in enumerate(text) for _ in character.encode()]
    found = encoding.encode_with_offsets(text)
    assert found.starts.tolist() == [character_of[start] for start in in_bytes.starts]
    assert found.ends.tolist() == [character_of[end - 1] + 1 for end in in_bytes.ends]


def test_offsets_count_the_surrogates_of_a_pair() -> None:
    found = get_encoding("o200k_base").encode_with_offsets("a \ud83d\udc4d b \ud83d c")
    assert {1, 4} <= {*found.starts, *found.ends}
    assert found.ends[-1] == 10
    assert [*found.starts[:1]] == [0]


def test_offsets_with_special_tokens() -> None:
    encoding = get_encoding("o200k_base")
    text = "é<|endoftext|>世界"
    ids, starts, ends = encoding.encode_with_offsets(text, allowed_special="all")
    at = ids.tolist().index(199999)
    assert text[starts[at] : ends[at]] == "<|endoftext|>"


def test_offsets_of_text_that_is_normalised() -> None:
    with pytest.raises(UsageError, match="qwen2 changes the text"):
        get_encoding("qwen2").encode_with_offsets("e\u0301")
    assert get_encoding("qwen2").encode_with_offsets("é").ends.tolist() == [1]


@given(names, st.integers(0, 202_000))
def test_tokens_by_id_and_by_bytes(name: str, token_id: int) -> None:
    encoding = get_encoding(name)
    try:
        data = encoding.token_bytes(token_id)
    except UnknownTokenError:
        assert token_id not in SPECS[name].ranks().values()
        return
    assert data == encoding.decode_bytes([token_id])
    same = encoding.token_id(data)
    assert encoding.token_bytes(same) == data
    if token_id < 100_000:
        assert same == token_id


@given(names, st.binary(max_size=6))
def test_token_ids_are_those_of_the_vocabulary(name: str, data: bytes) -> None:
    encoding, expected = get_encoding(name), ranks(name).get(data)
    if expected is not None:
        assert encoding.token_id(data) == expected
    else:
        with pytest.raises(UnknownTokenError, match="has no token"):
            encoding.token_id(data)


_RANKS: dict[str, dict[bytes, int]] = {}


def ranks(name: str) -> dict[bytes, int]:
    if name not in _RANKS:
        _RANKS[name] = SPECS[name].ranks()
    return _RANKS[name]


@pytest.mark.parametrize("spelling", ["<|endoftext|>", "<|endofprompt|>"])
def test_special_tokens_by_their_spelling(spelling: str) -> None:
    encoding = get_encoding("o200k_base")
    special = encoding.special_tokens[spelling]
    assert encoding.token_id(spelling) == encoding.token_id(spelling.encode()) == special
    assert encoding.token_bytes(special) == spelling.encode()


WRONG: list[tuple[str, Any]] = [
    ("token_bytes", -1),
    ("token_bytes", "a"),
    ("token_id", 5),
    ("encode_with_offsets", b"a"),
]


@pytest.mark.parametrize(("name", "argument"), WRONG, ids=str)
def test_wrong_arguments(name: str, argument: Any) -> None:
    with pytest.raises(UsageError, match="must be"):
        getattr(get_encoding("o200k_base"), name)(argument)


def test_an_unknown_unit() -> None:
    with pytest.raises(UsageError, match="unit"):
        get_encoding("o200k_base").encode_with_offsets("a", unit="words")  # type: ignore[arg-type]
