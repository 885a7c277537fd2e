"""Where literals occur in texts: the fallback against the kernel, both against plain searches."""

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from tests.core import needs_kernel
from tests.core.texts import TEXTS

PARTS = st.lists(
    st.sampled_from(["data", ":", "DATA:", "İ", "ſ", "\u212a", '"image/', "é", "\n", "\ud800"])
)
LITERALS = st.lists(st.text("da:DtA/ki.*", min_size=1, max_size=3), max_size=4)
CASES = st.lists(st.one_of(TEXTS, PARTS.map("".join)), max_size=40)


@needs_kernel
@given(CASES, LITERALS, st.booleans(), st.integers(0, 3))
def test_the_fallback_finds_the_same(
    texts: list[str], literals: list[str], ignore_case: bool, threads: int
) -> None:
    fallback = import_module("ctxtools._core.fallback.search.literals").texts_with
    arguments = texts, literals, ignore_case, threads
    assert _core.texts_with(*arguments) == fallback(*arguments)


@needs_kernel
@given(CASES, LITERALS, st.integers(0, 3))
def test_the_fallback_finds_them_at_the_same_offsets(
    texts: list[str], literals: list[str], threads: int
) -> None:
    fallback = import_module("ctxtools._core.fallback.search.literals").find_literals
    assert _core.find_literals(texts, literals, threads) == fallback(texts, literals, threads)


@given(CASES, st.sampled_from(["data", ":", "DATA:", "aa"]))
def test_offsets_are_those_of_a_plain_search(texts: list[str], literal: str) -> None:
    found = _core.find_literals(texts, [literal])
    for text, offsets in zip(texts, found, strict=True):
        assert all(text.startswith(literal, offset) for offset in offsets)
        assert len(offsets) == text.count(literal)


@pytest.mark.parametrize(
    "text", ["é data data", "\ud800 data", "\ud83d\ude00 data", "x" * 70_000 + "é\ud800data"]
)
def test_offsets_are_in_characters(text: str) -> None:
    assert _core.find_literals([text], ["data"])[0][0] == text.index("data")


@given(CASES, LITERALS)
def test_they_are_those_of_a_plain_search(texts: list[str], literals: list[str]) -> None:
    found = [i for i, text in enumerate(texts) if any(each in text for each in literals)]
    assert _core.texts_with(texts, literals) == found


def test_case_is_that_of_ascii() -> None:
    texts = ["DATA", "data", "\u212aelvin", "ſ"]
    assert _core.texts_with(texts, ["dAta", "k", "s"], True) == [0, 1]


@pytest.mark.parametrize("literal", ["", "é"])
def test_a_literal_is_some_ascii(literal: str) -> None:
    with pytest.raises(ValueError, match="a literal has to be some ASCII characters"):
        _core.texts_with(["a"], [literal])
    with pytest.raises(ValueError, match="a literal has to be some ASCII characters"):
        _core.find_literals(["a"], [literal])
