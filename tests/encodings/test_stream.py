"""Streamed as at once: the same count, however the text is parted into blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding, list_encodings, stream
from ctxtools.encodings.patterns import get_pattern
from ctxtools.encodings.specs import SPECS
from ctxtools.encodings.tiktoken import TiktokenBackend
from tests.oracles import reference
from tests.strategies import texts


@given(st.sampled_from(list_encodings()), st.lists(texts, max_size=6), st.integers(1, 9))
def test_any_blocks_give_the_count_of_the_whole(name: str, blocks: list[str], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_BLOCK", block)
        counter = get_encoding(name).counter()
        for part in blocks:
            counter.feed(part)
            assert counter.count_so_far <= len(reference(name)("".join(blocks)))
        assert counter.finish() == len(reference(name)("".join(blocks)))
        assert counter.finish() == 0


@pytest.mark.parametrize("text", ["word " * 10, "中文，" * 10, "x1" * 10, "a,b\n" * 10])
def test_what_is_kept_is_bounded(text: str) -> None:
    backend = TiktokenBackend(SPECS["o200k_base"].ranks(), get_pattern("o200k"), nfc=False)
    counter = backend.counter()
    for _ in range(200):
        counter.feed(text * 1000)
        assert counter._length < 2 * stream._BLOCK + len(text) * 1000
