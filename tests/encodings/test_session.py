"""Running totals, with the kernel and without it, against a count of the whole text."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.encodings.engines.backend import Backend
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.errors import SpecialTokenError, UsageError
from tests.core.engines import NAMES, tiktoken
from tests.strategies import HARD, texts, texts_with_surrogates


class _Unknown(PiecewiseBackend):
    """An engine of which nothing is known but what it counts."""

    name = "unknown"

    def __init__(self, engine: Backend) -> None:
        self.encode_piece = engine.encode  # type: ignore[method-assign]
        self.count_piece = engine.count  # type: ignore[method-assign]
        self.decode = engine.decode
        self.vocabulary_size = engine.vocabulary_size

    def encode_piece(self, text: str) -> list[int]:
        raise NotImplementedError

    def count_piece(self, text: str) -> int:
        raise NotImplementedError


encodings = st.sampled_from(
    [
        *map(get_encoding, list_encodings()),
        *(Encoding(name, tiktoken(name)) for name in NAMES if name in {"o200k_base", "qwen2"}),
        Encoding("unknown", _Unknown(get_encoding("o200k_base").backend)),
    ]
)
runs = st.tuples(st.sampled_from(HARD), st.integers(1, 200)).map(lambda run: run[0] * run[1])
spelled = st.sampled_from([*"<|endoftext|>", "<|endoftext", "|>", "<|endoftext|>", "\ud83d"])
additions = st.lists(st.one_of(texts, st.sampled_from(HARD), texts_with_surrogates, runs, spelled))


@settings(max_examples=200)
@given(encodings, additions, st.sampled_from(["", "all"]))
def test_the_total_is_the_count_of_the_whole(
    encoding: Encoding, additions: list[str], allowed: str
) -> None:
    special = "all" if allowed and encoding.special_tokens else ()
    first, *others = additions or [""]
    session, text = encoding.session(first, allowed_special=special), first
    assert session.total == encoding.count(text, allowed_special=special)
    for more in others:
        text, before = text + more, session.total
        added = session.append(more)
        assert session.total == encoding.count(text, allowed_special=special)
        assert session.total == before + added


@settings(max_examples=50)
@given(encodings, st.one_of(texts, texts_with_surrogates, runs))
def test_a_text_may_come_by_characters(encoding: Encoding, text: str) -> None:
    session = encoding.session()
    for number, character in enumerate(text, 1):
        session.append(character)
        assert session.total == encoding.count(text[:number])


@pytest.mark.parametrize("name", list_encodings())
def test_a_long_conversation(name: str) -> None:
    encoding = get_encoding(name)
    messages = ["".join(HARD[number % 7 :: 7]) + "word, 文字。" * 20 for number in range(300)]
    session = encoding.session("".join(messages))
    for message in messages:
        session.append(message)
    assert session.total == encoding.count("".join(messages * 2))


def test_what_an_addition_says(o200k: Encoding) -> None:
    session = o200k.session("The cat sat")
    assert session.append(" on the mat.") == 4
    assert session.append("") == 0
    assert repr(session) == "<Session of 7 tokens>"
    # " 1" and "2" join: more text, no more tokens.
    assert o200k.session("of 1").append("2") == 0


def test_halves_of_a_surrogate_pair_are_joined(o200k: Encoding) -> None:
    session = o200k.session("a \ud83d")
    assert session.total == o200k.count("a \ufffd")
    session.append("")
    session.append("\ude00")
    assert session.total == o200k.count("a 😀")
    session.append("\ude00")
    assert session.total == o200k.count("a 😀\ufffd")


def test_errors_leave_the_total_as_it_was(o200k: Encoding) -> None:
    session = o200k.session("text")
    with pytest.raises(UsageError, match="text must be a str, got bytes"):
        session.append(b"a")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="text must be a str, got int"):
        o200k.session(1)  # type: ignore[arg-type]
    with pytest.raises(SpecialTokenError):
        o200k.session("", allowed_special={"<none>"})
    assert session.total == 1
    assert session.append("s") == o200k.count("texts") - 1


def test_threads_share_a_session(o200k: Encoding) -> None:
    session = o200k.session()
    with ThreadPoolExecutor(4) as pool:
        added = [*pool.map(session.append, [" one two three"] * 400)]
    assert session.total == sum(added) == o200k.count(" one two three" * 400)
