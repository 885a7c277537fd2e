"""Windows from a stream: every token once, a bounded buffer, no document waits for ever."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.packing.training.stream import pack_stream


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 40), max_size=60),
    st.integers(2, 30),
    st.integers(1, 20),
    st.integers(0, 1),
    st.integers(0, 2),
    st.none() | st.integers(1, 4),
)
def test_every_token_is_in_one_window(
    lengths: list[int], size: int, buffer: int, eos: int, separator: int, max_documents: int | None
) -> None:
    tokens: Counter[tuple[int, int]] = Counter()
    options: dict[str, Any] = {
        "eos_tokens": eos,
        "separator_tokens": separator,
        "max_documents": max_documents,
    }
    for window in pack_stream(lengths, size, buffer=buffer, **options):
        assert 0 < window.tokens <= size
        assert max_documents is None or len(window.documents) <= max_documents
        for document, start, length in zip(
            window.documents, window.starts, window.lengths, strict=True
        ):
            tokens.update((document, token) for token in range(start, start + length))
    assert tokens == {
        (document, token): 1
        for document, length in enumerate(lengths)
        if length
        for token in range(length + eos)
    }


def test_an_endless_stream_is_read_no_further_than_the_buffer() -> None:
    draw = random.Random(3)
    read = 0

    def lengths() -> Iterator[int]:
        nonlocal read
        while True:
            read += 1
            yield draw.randint(1, 400)

    packed = tokens = oldest = 0
    seen: set[int] = set()
    for number, window in enumerate(islice(pack_stream(lengths(), 1000, buffer=500), 400)):
        packed += len(window.documents)
        tokens += window.tokens
        assert read - packed <= 500
        seen.update(window.documents)
        while oldest in seen:
            seen.remove(oldest)
            oldest += 1
        assert oldest > number, "each window has the document that has waited longest"
    assert tokens / 400_000 > 0.999


def test_a_small_buffer_still_fills_windows() -> None:
    windows = list(pack_stream([10] * 1000, 1000, buffer=1))
    assert [window.tokens for window in windows] == [1000] * 10


def test_documents_that_are_too_long() -> None:
    assert [w.documents.tolist() for w in pack_stream([5, 20, 3], 10, overlong="drop")] == [[0, 2]]
    cut = list(pack_stream([5, 20, 3], 10, overlong="truncate", eos_tokens=1))
    assert [(w.documents.tolist(), w.lengths.tolist()) for w in cut] == [
        ([0, 2], [6, 4]),
        ([1], [10]),
    ]
    with pytest.raises(UsageError, match="document 1 has 20 tokens, more than the window of 10"):
        list(pack_stream([5, 20, 3], 10, overlong="raise"))


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="buffer must be >= 1, got 0"):
        pack_stream([], 10, buffer=0)
    with pytest.raises(UsageError, match="length of document 1 must be >= 0, got -3"):
        list(pack_stream([1, -3], 10))
    with pytest.raises(UsageError, match="length of document 0 must be an integer, got 'a'"):
        list(pack_stream(["a"], 10))  # type: ignore[list-item]
    with pytest.raises(UsageError, match="length of document 1 must be an integer, got True"):
        list(pack_stream([1, True], 10))


def test_a_document_without_an_end_is_cut_as_it_is_needed() -> None:
    """All of its pieces were made before the first window: a billion of these."""
    windows = pack_stream(iter([2**62]), 2**40, buffer=4)
    assert [next(windows).starts.tolist() for _ in range(3)] == [[0], [2**40], [2**41]]


@pytest.mark.parametrize("buffer", [0, -1, 1.5, "many"])
def test_the_buffer_is_a_number_of_documents(buffer: Any) -> None:
    with pytest.raises(UsageError, match="buffer must be"):
        pack_stream([1], 5, buffer=buffer)
