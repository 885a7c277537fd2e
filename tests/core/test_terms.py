"""Where words occur in texts: the fallback against the kernel, and both against a plain search."""

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from tests.core import needs_kernel
from tests.core.texts import TEXTS

WORDS = ["a", "b", "http", "server2", "loadencoding", "encoding", "文件", "件系", "统", "é", "ab"]
IDENTIFIERS = st.lists(
    st.sampled_from(
        [
            "load",
            "Encoding",
            "HTTP",
            "Server2",
            "_",
            "__",
            " ",
            "\n",
            "a",
            "B",
            "é",
            "文",
            "件",
            "系",
        ]
    )
).map("".join)

LONG = IDENTIFIERS.map(lambda text: 9 * f"{text}Server2 ")  # of more than 64 bytes


def columns(*arguments: Any) -> list[list[int]]:
    return [column.tolist() for column in _core.count_terms(*arguments)]


@needs_kernel
@given(st.lists(st.one_of(TEXTS, IDENTIFIERS, LONG), max_size=4), st.integers(1, 4))
def test_the_fallback_finds_the_same(texts: list[str], lines: int) -> None:
    fallback = import_module("ctxtools._core.fallback.search.terms").count_terms
    arguments = texts, WORDS, [*range(len(WORDS) - 1), 0], lines
    assert columns(*arguments) == [column.tolist() for column in fallback(*arguments)]


def test_words_of_identifiers() -> None:
    texts = ["getHTTPServer2Go load_encoding\nLoadEncoding", "", "文件系统 x"]
    words = ["http", "server2", "loadencoding", "encoding", "文件", "统"]
    ends, lengths, *found = columns(texts, words, [0, 1, 2, 3, 4, 5], 1, 2)
    assert (ends, lengths) == ([2, 3, 4], [6, 2, 0, 5])
    expected = [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3), (0, 1, 2), (0, 1, 3), (2, 0, 4)]
    assert [*zip(*found, strict=True)] == [(*each, 1) for each in [*expected, (2, 0, 5)]]


@given(st.lists(st.lists(st.sampled_from(["red", "apple", "blue"]), max_size=9)), st.integers(1, 3))
def test_counts_are_those_of_a_plain_search(rows: list[list[str]], lines: int) -> None:
    text = "\n".join(" ".join(row) for row in rows)
    words = ["apple", "red", "green"]
    ends, lengths, _, segments, terms, counts = columns([text], words, [0, 1, 2], lines)
    found = dict(zip(zip(segments, terms, strict=True), counts, strict=True))
    groups = [
        [w for row in rows[i : i + lines] for w in row] for i in range(0, max(len(rows), 1), lines)
    ]
    assert ends == [len(lengths)] and lengths == [len(group) for group in groups]
    assert found == {
        (segment, term): n
        for segment, group in enumerate(groups)
        for term, word in enumerate(words)
        if (n := group.count(word))
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([""], ["a"], [0], 0), "lines must be at least 1, got 0"),
        (([""], ["a"], [], 1), "1 words have 0 terms"),
    ],
)
def test_what_cannot_be_counted(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.count_terms(*arguments)
