"""The promises on counts, for every packaged encoding, against the reference tokenizers."""

import random
import re
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.engines import pieces
from ctxtools.encodings.engines.backend import Side
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import (
    FormatError,
    ReadError,
    SpecialTokenError,
    UnknownTokenError,
    UsageError,
)
from tests.oracles import reference, tiktoken_encoding
from tests.strategies import hard_texts, texts, texts_with_surrogates

encodings = st.sampled_from(list_encodings()).map(get_encoding)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make even a short text long enough to be split."""
    monkeypatch.setattr(pieces, "PIECE", 3)


@given(encodings, texts)
def test_the_ids_are_those_of_the_reference(encoding: Encoding, text: str) -> None:
    expected = reference(encoding.name)(text)
    assert encoding.encode(text) == expected
    assert encoding.count(text) == len(expected)


@pytest.mark.usefixtures("small_pieces")
@given(encodings, texts)
def test_a_text_in_pieces_has_the_same_tokens(encoding: Encoding, text: str) -> None:
    expected = reference(encoding.name)(text)
    assert encoding.encode(text) == expected
    assert encoding.count(text) == len(expected)


@pytest.mark.parametrize("length", [250, 20_000])
def test_a_long_word_again_and_others_like_it(length: int, encoding: Encoding) -> None:
    word = "".join(random.Random(length).choices("abcdefghijkmnopqrstuvwxyz", k=length))
    middle = length // 2
    for _ in range(3):
        for text in (word, word[1:], word[:middle] + "l" + word[middle + 1 :], f"{word} {word}"):
            assert encoding.count(text) == len(reference(encoding.name)(text))


def test_every_character_in_every_position(encoding: Encoding) -> None:
    """The engine's classes are the reference's for all of Unicode, assigned or not."""
    characters = [c for c in map(chr, range(0x110000)) if not "\ud800" <= c <= "\udfff"]
    random.Random(1).shuffle(characters)
    for start in range(0, len(characters), 4096):
        text = "".join(f"{c}a{c} {c}1{c}\n" for c in characters[start : start + 4096 : 8])
        assert encoding.count(text) == len(reference(encoding.name)(text))


@given(encodings, texts_with_surrogates)
def test_surrogates_count_as_tiktoken_has_them(encoding: Encoding, text: str) -> None:
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert encoding.encode(text) == reference(encoding.name)(clean)


@given(encodings, texts)
def test_decode_is_the_inverse_of_encode(encoding: Encoding, text: str) -> None:
    if encoding.name == "qwen2":
        assert encoding.encode(encoding.decode(encoding.encode(text))) == encoding.encode(text)
    else:
        assert encoding.decode(encoding.encode(text)) == text


@pytest.mark.parametrize("character", [" ", "=", "中"])
def test_a_text_of_the_longest_tokens_is_compared_with_a_limit(
    encoding: Encoding, character: str
) -> None:
    for length in range(0, 700, 3):
        count = len(reference(encoding.name)(character * length))
        for limit in (count - 1, count, count + 1):
            fits = encoding.count_till_limit(character * length, max(0, limit))
            assert fits == (count if count <= max(0, limit) else None)


def test_a_special_token_is_text_by_default(encoding: Encoding) -> None:
    for spelling in encoding.special_tokens:
        assert encoding.encode(spelling) == reference(encoding.name)(spelling)


def test_an_allowed_special_token_is_one_token(encoding: Encoding) -> None:
    for spelling, i in encoding.special_tokens.items():
        ids = encoding.encode(f"a{spelling} b", allowed_special={spelling})
        assert ids == [*encoding.encode("a"), i, *encoding.encode(" b")]
        assert encoding.count(f"a{spelling} b", allowed_special={spelling}) == len(ids)
        if spelling != "<|reserved_200018|>":  # also <|endofprompt|>, in tiktoken as well
            assert encoding.decode(ids) == f"a{spelling} b"


@pytest.mark.parametrize("name", ["o200k_base", "o200k_harmony", "cl100k_base"])
@given(parts=st.lists(st.one_of(hard_texts, st.sampled_from(["<|endoftext|>", "<|endofprompt|>"]))))
def test_special_tokens_are_found_as_tiktoken_finds_them(name: str, parts: list[str]) -> None:
    text, encoding = "".join(parts), get_encoding(name)
    oracle = tiktoken_encoding(name)
    assert encoding.special_tokens == oracle._special_tokens
    assert encoding.encode(text, allowed_special="all") == oracle.encode(
        text, allowed_special="all"
    )


_SPECIAL = ["<|endoftext|>", "<|endofprompt|>"]
special_texts = st.lists(st.one_of(hard_texts, st.sampled_from(_SPECIAL))).map("".join)


@given(text=special_texts, limit=st.integers(0, 12), allowed=st.sets(st.sampled_from(_SPECIAL)))
def test_every_method_takes_allowed_special_tokens(
    text: str, limit: int, allowed: set[str]
) -> None:
    encoding = get_encoding("o200k_base")
    ids = tiktoken_encoding("o200k_base").encode(
        text, allowed_special=allowed, disallowed_special=()
    )
    n = len(ids)
    assert encoding.encode(text, allowed_special=allowed) == ids
    assert encoding.encode_to_buffer(text, allowed_special=allowed).tolist() == ids
    assert encoding.encode_batch([text], allowed_special=allowed) == [ids]
    assert encoding.count(text, allowed) == n
    assert encoding.count_batch([text, ""], allowed_special=allowed) == [n, 0]
    assert encoding.count_till_limit(text, limit, allowed_special=allowed) == (
        n if n <= limit else None
    )
    assert encoding.fits(text, limit, allowed_special=allowed) == (n <= limit)
    index = encoding.index(text, allowed_special=allowed)
    assert (index.total, index.count(0, len(text))) == (n, n)
    counter = encoding.counter(allowed_special=allowed)
    for character in text:
        counter.feed(character)
    assert counter.finish() == n
    kept = encoding.truncate(text, limit, allowed_special=allowed)
    counts = [encoding.count(text[:length], allowed) for length in range(len(text) + 1)]
    assert len(kept) == max(i for i, count in enumerate(counts) if count <= limit)


def test_files_with_special_tokens(tmp_path: Path, o200k: Encoding) -> None:
    text = "one two <|endoftext|>, three<|endoftext|>\n" * 20_000
    (tmp_path / "a").write_text(text)
    count = o200k.count(text, "all")
    assert count == len(o200k.encode(text, allowed_special="all")) == o200k.count(text, "all", 3)
    assert o200k.count_files([tmp_path / "a"], allowed_special="all") == [count]
    assert o200k.count_files([tmp_path / "a"]) == [o200k.count(text)] > [count]


def test_an_unknown_special_token(o200k: Encoding) -> None:
    with pytest.raises(SpecialTokenError, match=re.escape("o200k_base has no special token '<x>'")):
        o200k.count("<x>", allowed_special={"<x>"})


@given(encodings, texts, st.integers(0, 40))
def test_limits(encoding: Encoding, text: str, limit: int) -> None:
    count = len(reference(encoding.name)(text))
    assert encoding.fits(text, limit) == (count <= limit)
    assert encoding.count_till_limit(text, limit) == (count if count <= limit else None)


def test_a_limit_is_met_early(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, seen = SPECS["o200k_base"], []
    backend = TiktokenBackend(spec.ranks(), get_pattern(spec.pattern), nfc=False)
    count = backend.count_piece
    monkeypatch.setattr(backend, "count_piece", lambda text: seen.append(len(text)) or count(text))
    assert not Encoding("", backend).fits("many words " * 500_000, 1000)
    assert sum(seen) < 500_000


@given(encodings, texts, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_truncate_is_the_longest_text_that_fits(
    encoding: Encoding, text: str, limit: int, side: Side
) -> None:
    kept = [text[:n] if side == "right" else text[len(text) - n :] for n in range(len(text) + 1)]
    longest = next(k for k in reversed(kept) if len(reference(encoding.name)(k)) <= limit)
    assert encoding.truncate(text, limit, side=side) == longest


@pytest.mark.usefixtures("small_pieces")
@given(encodings, texts, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_truncate_over_many_pieces(encoding: Encoding, text: str, limit: int, side: Side) -> None:
    kept = [text[:n] if side == "right" else text[len(text) - n :] for n in range(len(text) + 1)]
    longest = next(k for k in reversed(kept) if len(reference(encoding.name)(k)) <= limit)
    assert encoding.truncate(text, limit, side=side) == longest


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("text", ["x" * 50_000, "中" * 50_000, " " * 50_000, "QUJD" * 10_000])
def test_truncate_without_boundaries(text: str, side: Side, o200k: Encoding) -> None:
    kept = o200k.truncate(text, 100, side=side)
    more = text[: len(kept) + 1] if side == "right" else text[-len(kept) - 1 :]
    assert o200k.count(kept) <= 100 < o200k.count(more)


def test_bad_arguments(o200k: Encoding) -> None:
    with pytest.raises(UsageError, match="unknown side 'top'"):
        o200k.truncate("text", 1, side="top")  # type: ignore[arg-type]
    limited: list[Any] = [o200k.truncate, o200k.fits, o200k.count_till_limit]
    for call in limited:
        for limit, problem in ((-1, ">= 0, got -1"), (1.5, "an integer, got 1.5"), ("8k", "'8k'")):
            with pytest.raises(UsageError, match=f"limit must be .*{problem}"):
                call("text", limit)
    with pytest.raises(UsageError, match="threads must be >= 0, got -1"):
        o200k.count_batch(["text"], threads=-1)
    with pytest.raises(UsageError, match="threads must be >= 0, got -1"):
        o200k.count("text", threads=-1)


def test_a_str_is_not_several_texts(o200k: Encoding) -> None:
    for call in (o200k.count_batch, o200k.count_files):
        with pytest.raises(
            UsageError, match=r"must be a list of str, got str\n\nhint: pass a list"
        ):
            call("text")
    with pytest.raises(UsageError, match="allowed_special must be a list of str, got str"):
        o200k.count("text", allowed_special="<|endoftext|>")


def test_a_number_is_not_several_texts(o200k: Encoding) -> None:
    numbers: Any = 4
    for call in (o200k.count_batch, o200k.count_files):
        with pytest.raises(UsageError, match="must be a list of str, got int"):
            call(numbers)
    with pytest.raises(UsageError, match="must be a list of str, got int") as caught:
        o200k.count("text", numbers)
    assert caught.value.hint == "to set the number of threads, write threads=4"


@pytest.mark.parametrize("name", ["count", "encode", "encode_to_buffer", "index"])
@pytest.mark.parametrize("text", [None, 5, b"text"])
def test_a_text_of_the_wrong_type(name: str, text: object, o200k: Encoding) -> None:
    """These were errors of the engine, each in its words."""
    with pytest.raises(UsageError, match=f"text must be a str, got {type(text).__name__}"):
        getattr(o200k, name)(text)
    for method in (o200k.fits, o200k.truncate):
        with pytest.raises(UsageError, match="text must be a str"):
            method(text, 1)  # type: ignore[arg-type]


def test_threads_that_are_no_number(o200k: Encoding) -> None:
    calls: list[Any] = [o200k.count, o200k.count_batch, o200k.encode_batch]
    for call in calls:
        with pytest.raises(UsageError, match="threads must be an integer, got '2'"):
            call(["text"] if "batch" in call.__name__ else "text", threads="2")


def test_one_of_many_texts_of_the_wrong_type(o200k: Encoding) -> None:
    texts: Any = ["text", 1]
    for call in (o200k.count_batch, o200k.encode_batch):
        for some in (texts, iter(texts)):
            with pytest.raises(UsageError, match="text 1 must be a str, got int"):
                call(some)


def test_what_is_no_id(o200k: Encoding) -> None:
    ids: Any
    for ids, message in (
        ("ab", "ids must be a list of int, got str"),
        (5, "ids must be a list of int, got int"),
        ([1.5], "each id must be an integer, got 1.5"),
    ):
        with pytest.raises(UsageError, match=message):
            o200k.decode(ids)
    with pytest.raises(UsageError, match="unknown errors 'foo'"):
        o200k.decode([1], errors="foo")


def test_arguments_of_count_by_position(o200k: Encoding) -> None:
    assert o200k.count("<|endoftext|>", ["<|endoftext|>"], 2) == 1


@pytest.mark.parametrize("bad", [-1, 199998, 200000, 2**31, 2**40])
def test_an_unknown_id(bad: int, o200k: Encoding) -> None:
    with pytest.raises(UnknownTokenError, match=str(bad)):
        o200k.decode([1, bad])


@pytest.mark.parametrize("threads", [0, 1, 2, 7])
def test_any_number_of_threads_gives_the_same(
    threads: int, encoding: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctxtools.encodings.encoding._LONG", 10_000)
    monkeypatch.setattr("ctxtools.encodings.encoding._CONVERTED", 100_000)
    rng = random.Random(3)
    texts = ["".join(rng.choices("ab cd\n中文9,", k=rng.randrange(400))) for _ in range(150)]
    counts = [len(reference(encoding.name)(text)) for text in texts]
    assert encoding.count_batch(texts, threads=threads) == counts
    joined = "\n".join(texts) * 12
    assert encoding.count(joined, threads=threads) == len(reference(encoding.name)(joined))


def test_count_files(tmp_path: Path, encoding: Encoding) -> None:
    text = "# A heading\r\n\r\nfile text, 中文字 and \U0001f468 in it.\n" * 9000
    (tmp_path / "plain").write_bytes(text.encode())
    (tmp_path / "bom").write_bytes(text.encode("utf-8-sig"))
    (tmp_path / "empty").touch()
    paths = [tmp_path / name for name in ("plain", "bom", "empty")]
    count = len(reference(encoding.name)(text))
    assert encoding.count_files(paths) == [count, count, 0]


def test_count_files_says_which_file_is_bad(tmp_path: Path, o200k: Encoding) -> None:
    (tmp_path / "latin").write_bytes("café".encode("latin-1"))
    with pytest.raises(FormatError, match="latin is not UTF-8"):
        o200k.count_files([tmp_path / "latin"])
    with pytest.raises(ReadError, match="gone: no such file"):
        o200k.count_files([tmp_path / "gone"])


@given(encodings, texts)
def test_ids_in_a_buffer(encoding: Encoding, text: str) -> None:
    ids = encoding.encode_to_buffer(text)
    assert (ids.format, ids.itemsize, ids.readonly) == ("I", 4, True)
    assert ids.tolist() == encoding.encode(text)
    buffers = (array(code, ids) for code in "iIqlQ")
    for buffer in (ids, tuple(ids), memoryview(array("q", ids))[::-1][::-1], *buffers):
        assert encoding.decode_bytes(buffer) == encoding.decode_bytes(ids.tolist())


def test_special_tokens_in_a_buffer(o200k: Encoding) -> None:
    text = "one<|endoftext|> two<|endofprompt|>"
    ids = o200k.encode_to_buffer(text, allowed_special="all")
    assert ids.tolist() == o200k.encode(text, allowed_special="all")
    assert o200k.decode(ids) == text


@pytest.mark.parametrize("code", "iIqQ")
def test_ids_in_a_buffer_that_no_token_has(code: str, o200k: Encoding) -> None:
    bad = [1, 2**31 - 1] if code in "iI" else [1, 2**40]
    with pytest.raises(UnknownTokenError, match=f"no token with the id {bad[1]}"):
        o200k.decode(array(code, bad))


@given(text=hard_texts, max_length=st.none() | st.integers(2, 20))
def test_a_buffer_with_what_the_tokenizer_adds(text: str, max_length: int | None) -> None:
    plain = get_encoding("o200k_base")
    added = AddedIds((7,), (8, 9))
    encoding = Encoding("added", plain.backend, find_added_ids=lambda: added)
    ids = encoding.encode(text)
    cut = encoding.encode_to_buffer(text, max_length=max_length)
    assert cut.tolist() == (ids if max_length is None else ids[:max_length])
    if max_length is not None and max_length < 3:
        with pytest.raises(UsageError, match="max_length must be >= 3, got 2"):
            encoding.encode_to_buffer(text, add_special_tokens=True, max_length=max_length)
        return
    found = encoding.encode_to_buffer(text, add_special_tokens=True, max_length=max_length)
    rest = ids if max_length is None else ids[: max_length - 3]
    assert (found.format, found.readonly) == ("I", True)
    assert found.tolist() == [7, *rest, 8, 9]


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_batches(threads: int, encoding: Encoding) -> None:
    texts = [f"text {i}, 中文<|endoftext|>" * (i % 5) for i in range(100)]
    ids = encoding.encode_batch(texts, threads=threads)
    assert ids == [reference(encoding.name)(text) for text in texts]
    assert encoding.decode_batch(ids, threads=threads) == texts
    with pytest.raises(UsageError, match="texts must be a list of str, got str"):
        encoding.encode_batch("text")
    special = encoding.encode_batch(["<|endoftext|>"], allowed_special="all", threads=threads)
    assert len(special[0]) == 1 or "<|endoftext|>" not in encoding.special_tokens


def test_special_tokens_between_others_are_decoded(encoding: Encoding) -> None:
    i = min(encoding.special_tokens.values())
    spelling = next(s for s, number in encoding.special_tokens.items() if number == i)
    ids = [i, *encoding.encode("one"), i, i, *encoding.encode(" two")]
    assert encoding.decode(ids) == f"{spelling}one{spelling}{spelling} two"


@pytest.mark.parametrize("side", ["left", "right"])
def test_truncating_a_huge_text_reads_little_of_it(side: Side, o200k: Encoding) -> None:
    """With the kernel, no more than the result is counted, however long the text is."""
    text = "Some words, 12345 and 中文。\n\n" * 100_000
    seen: list[int] = []
    backend = o200k.backend

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(backend, name)

        def count(self, text: str, threads: int = 1) -> int:
            seen.append(len(text))
            return backend.count(text, threads)

    kept = Encoding("", Watched()).truncate(text, 1000, side=side)  # type: ignore[arg-type]
    longer = text[: len(kept) + 1] if side == "right" else text[-len(kept) - 1 :]
    assert o200k.count(kept) <= 1000 < o200k.count(longer)
    if backend.name == "kernel":
        assert max(seen) < 2 * len(kept) < len(text) // 100
