"""An Encoding over the kernel and over the fallback: the same texts, and the same errors."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import Encoding
from ctxtools.errors import CtxtoolsError
from tests.core import needs_kernel
from tests.core.engines import NAMES, compiled, tiktoken
from tests.core.test_parity import outcome
from tests.core.test_token_index import hard


def encodings(name: str) -> tuple[Encoding, Encoding]:
    return Encoding(name, compiled(name)), Encoding(name, tiktoken(name))


@needs_kernel
@pytest.mark.parametrize("side", ["left", "right"])
@given(st.sampled_from(NAMES), hard, st.integers(-1, 40))
def test_truncated_texts(side: str, name: str, text: str, limit: int) -> None:
    ours, theirs = encodings(name)
    assert outcome(ours.truncate, text, limit, side=side) == outcome(
        theirs.truncate, text, limit, side=side
    )


WRONG: list[tuple[str, tuple[Any, ...]]] = [
    *(("count_batch", (texts,)) for texts in (["a", 1], ["a", b"b"], "a", None, 5)),
    *(("encode_batch", (texts,)) for texts in (["a", 1], "a", None)),
    *((name, (text,)) for name in ("count", "encode", "index") for text in (None, b"a")),
    *((name, ("a", limit)) for name in ("fits", "truncate") for limit in (-1, 1.5, "8k", None)),
    *(("decode", (ids,)) for ids in ("ab", 5, None, [1.5], ["a"], [-1], [10**6], [1, 2**40])),
]


@needs_kernel
@pytest.mark.parametrize(("name", "arguments"), WRONG, ids=str)
def test_errors_of_encodings(name: str, arguments: tuple[Any, ...]) -> None:
    ours, theirs = (outcome(getattr(each, name), *arguments) for each in encodings("o200k_base"))
    assert ours == theirs
    assert issubclass(ours[0], CtxtoolsError)


@needs_kernel
def test_bytes_that_are_not_text() -> None:
    """A token may end inside a character."""
    ours, theirs = encodings("o200k_base")
    ids = [ours.encode("\U0001f9d1\u200d\U0001f680")[0]]
    for errors in ("replace", "ignore", "strict", "foo"):
        expected = outcome(theirs.decode, ids, errors=errors)
        assert outcome(ours.decode, ids, errors=errors) == expected


@needs_kernel
@given(
    st.sampled_from(NAMES),
    st.binary(max_size=40) | hard.map(lambda text: text.encode("utf-8", "ignore")),
)
def test_bytes_that_are_not_split(name: str, data: bytes) -> None:
    assert compiled(name).encode_bytes(data) == tiktoken(name).encode_bytes(data)


@needs_kernel
def test_many_bytes_that_are_not_text() -> None:
    """Merging does not rely on characters, nor on there being few of them."""
    for data in (b"\xe4\xb8" * 40_000, bytes(range(256)) * 300, "世界".encode()[1:] * 20_000):
        assert compiled("o200k_base").encode_bytes(data) == tiktoken("o200k_base").encode_bytes(
            data
        )
