"""Streamed as at once: the same count, however the text is split into blocks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding, list_encodings
from ctxtools.encodings.engines import stream
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS
from tests.oracles import reference
from tests.strategies import HARD, texts, texts_with_surrogates


@given(st.sampled_from(list_encodings()), st.lists(texts, max_size=6), st.integers(1, 9))
def test_any_blocks_give_the_count_of_the_text(name: str, blocks: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_BLOCK", size)
        counter = get_encoding(name).counter()
        for block in blocks:
            counter.feed(block)
            assert counter.count_so_far <= len(reference(name)("".join(blocks)))
        assert counter.finish() == len(reference(name)("".join(blocks)))
        assert counter.finish() == 0


@given(st.lists(st.one_of(texts_with_surrogates, st.just(b"bytes")), max_size=6))
def test_halves_of_a_surrogate_pair_are_joined(blocks: list[str | bytes]) -> None:
    encoding = get_encoding("o200k_base")
    counter = encoding.counter()
    for block in blocks:
        counter.feed(block)
    whole = "".join(each if isinstance(each, str) else each.decode() for each in blocks)
    assert counter.finish() == encoding.count(whole)
    assert counter.finish() == 0


@pytest.mark.parametrize("name", ["o200k_base", "qwen2"])
def test_a_long_text_that_is_not_ascii(name: str) -> None:
    """The kernel counts it while it is converted, a megabyte at a time; the second time at once."""
    generator = random.Random(name)
    words = ["".join(generator.choices(HARD, k=generator.randrange(1, 9))) for _ in range(999)]
    text = "".join(generator.choices([*words, *(["word "] * 999)], k=300_000))
    assert len(text.encode()) > 2 << 20
    count, encoding = len(reference(name)(text)), get_encoding(name)
    for limit in (0, 1000, count - 1, count, count + 1):
        copy = f"{text} "[:-1]  # another object
        fits = count if count <= limit else None
        assert encoding.count_till_limit(copy, limit) == fits
        assert encoding.count_till_limit(copy, limit) == fits
    assert encoding.count(text) == count
    assert encoding.count(text) == count
    assert encoding.count(f"{text}\ud800") == len(reference(name)(f"{text}\ufffd"))


@pytest.mark.parametrize("text", ["word " * 10, "中文，" * 10, "x1" * 10, "a,b\n" * 10])
def test_memory_is_bounded(text: str) -> None:
    backend = TiktokenBackend(SPECS["o200k_base"].ranks(), get_pattern("o200k"), nfc=False)
    counter = backend.counter()
    for _ in range(200):
        counter.feed(text * 1000)
        assert counter._length < 2 * stream._BLOCK + len(text) * 1000
