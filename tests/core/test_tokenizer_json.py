"""`TokenizerJson` of the kernel and of the fallback: the same of the same files."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools._core.byte_characters import BYTE_OF
from ctxtools._core.fallback import tokenizer_json as fallback
from tests.core import needs_kernel

letters = st.text("abé ", min_size=1, max_size=3)
SCORES = st.one_of(st.integers(-9, 9), st.floats(-1e9, 1e9).filter(lambda score: abs(score) > 1e-9))


def file_of(
    names: list[str], pairs: list[tuple[str, str]], *, ids: list[int] | None = None, lines: bool
) -> bytes:
    vocabulary = dict(zip(names, ids or range(len(names)), strict=False))
    merges: list[Any] = [f"{a} {b}" for a, b in pairs] if lines else [[a, b] for a, b in pairs]
    model = {"type": "BPE", "vocab": vocabulary, "merges": merges, "unk_token": None}
    return json.dumps({"added_tokens": [{"content": '\\"]}'}], "model": model, "x": 1.5}).encode()


def outcome(home: Any, data: bytes, ignore: bool) -> Any:
    try:
        file = home.TokenizerJson(data)
    except ValueError:
        return None
    found = file.byte_level(ignore)
    known = {name: file.id_of(name) for name in ("a", "aa", "b", "é", "nothing")}
    facts = json.loads(file.rest), file.token_count, file.max_id, known
    return *facts, found if found is None else (found[1],)


@needs_kernel
@given(
    pairs=st.lists(st.tuples(letters, letters), max_size=8),
    more=st.lists(letters, max_size=3),
    missing=st.integers(0, 999),
    ignore=st.booleans(),
    ids=st.one_of(st.none(), st.permutations(range(300))),
    lines=st.booleans(),
)
@settings(max_examples=200)
def test_of_any_merges(
    pairs: list[tuple[str, str]],
    more: list[str],
    missing: int,
    ignore: bool,
    ids: list[int] | None,
    lines: bool,
) -> None:
    if lines:  # a space cannot be in a token of a line
        pairs = [(a.replace(" ", "a"), b.replace(" ", "a")) for a, b in pairs]
    names = list(BYTE_OF)
    del names[missing : missing + 1]
    names += [name for a, b in pairs for name in (a, b, a + b)] + more
    data = file_of(list(dict.fromkeys(names)), pairs, ids=ids, lines=lines)
    found, expected = outcome(_core.kernel, data, ignore), outcome(fallback, data, ignore)
    if found and expected and expected[-1] is None:
        found = (*found[:-1], None)  # the kernel's ranks need not be ids
    assert found == expected


@needs_kernel
@given(
    st.lists(
        st.tuples(st.one_of(letters, st.text(max_size=3), st.just(7)), st.one_of(SCORES, letters)),
        unique_by=lambda piece: piece[0],
        max_size=6,
    ),
    st.booleans(),
)
def test_of_any_pieces_with_scores(pieces: list[tuple[str, float]], is_twice: bool) -> None:
    model = {"type": "Unigram", "vocab": pieces * (1 + is_twice), "unk_id": 0}
    data = json.dumps({"model": model}).encode()
    assert outcome(_core.kernel, data, False) == outcome(fallback, data, False)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"model": {"vocab": {"a": -1}}}', b'{"model": {"vocab": {"a": 1.0}}}'],
)
def test_what_is_no_such_file(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a plain tokenizer\.json|an id is none|Expecting"):
        _core.TokenizerJson(data)


@needs_kernel
def test_a_vocabulary_makes_one_tokenizer() -> None:
    from ctxtools._kernel import Tokenizer, TokenizerJson

    found = TokenizerJson(file_of(list(BYTE_OF), [], lines=False)).byte_level(False)
    assert found
    assert Tokenizer(found[0], "cl100k").count("abc") == 3
    with pytest.raises(ValueError, match="before"):
        Tokenizer(found[0], "cl100k")
