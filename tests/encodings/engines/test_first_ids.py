"""The first ids of a text, by every engine: those of the whole text, cut off."""

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.from_files import load_tokenizer_json
from tests.encodings.engines.tokenizer_shapes import SHAPES, flagged, with_tokens
from tests.strategies import texts


@cache
def encoding(shape: str) -> Encoding:
    file = with_tokens(shape, [flagged("<|end|>"), flagged("mask", special=False)])
    return load_tokenizer_json(json.dumps(file).encode(), shape)


@pytest.mark.parametrize("shape", SHAPES)
@given(
    text=st.lists(texts | st.sampled_from(["mask", "<|end|>"]), max_size=5).map(" ".join),
    times=st.sampled_from([1, 1, 1500]),
    share=st.floats(0, 1.2),
)
def test_the_first_ids(shape: str, text: str, times: int, share: float) -> None:
    text = text[:20] * times
    all_ids = encoding(shape).encode_to_buffer(text, allowed_special="all")
    length = int(len(all_ids) * share)
    first = encoding(shape).encode_to_buffer(text, allowed_special="all", max_length=length)
    assert (first.format, first.readonly) == ("I", True)
    assert first.tolist() == all_ids[:length].tolist()
