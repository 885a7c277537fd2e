"""The interface of tiktoken, against tiktoken itself: the same results, and errors of its types."""

import pickle
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import pytest
import tiktoken
import tiktoken.load
import tiktoken.model
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools.compat.tiktoken as ours
from ctxtools.compat.tiktoken import load, model, registry
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import CtxtoolsError

SPECIAL = {"<|a|>": 700, "<|b|>": 5000, "<b>": 5, "é": 701}
# Of a family, of none, and one that does not match every character.
PATTERNS = {
    "cl100k": SPLIT_PATTERNS["cl100k"].regex,
    "words": r"\w+|\s+(?!\S)|\s+|[^\w\s]",
    "letters": r"[a-z]+",
}


@cache
def pair(name: str) -> tuple[ours.Encoding, tiktoken.Encoding]:
    """Ours and tiktoken's: of a packaged encoding, or of few ranks."""
    if name in SPECS:
        mine = ours.get_encoding(name)
        same = tiktoken.Encoding(
            name,
            pat_str=mine._pat_str,
            mergeable_ranks=SPECS[name].ranks(),
            special_tokens={**SPECS[name].load_special_tokens()},
        )
        return mine, same
    ranks = {token: i for token, i in SPECS["cl100k_base"].ranks().items() if i < 600}
    arguments: dict[str, Any] = {"mergeable_ranks": ranks, "special_tokens": SPECIAL}
    arguments |= {"name": "few", "pat_str": PATTERNS[name]}
    return ours.Encoding(**arguments), tiktoken.Encoding(**arguments)


NAMES = ["cl100k_base", "o200k_base", "o200k_harmony", *PATTERNS]
pairs = st.sampled_from(NAMES).map(pair)
words = st.sampled_from(
    [
        *(
            "a",
            "b",
            " ",
            "\n",
            "\t",
            "hello",
            " world",
            "'s",
            "é",
            "世界",
            "0",
            "!",
            "\x00",
            "\x85",
        ),
        *("<|endoftext|>", "<|a|>", "<b>", "<|b|>", "<|"),
        *("\U0001f9d1\u200d\U0001f680", "\ud83d", "\udc4d"),
    ]
)
texts = st.lists(words, max_size=7).map("".join) | st.text(max_size=20)
allowed = st.just("all") | st.sets(st.sampled_from([*SPECIAL, "<|endoftext|>", "none"]), max_size=3)
disallowed = st.sampled_from(["all", (), ["<b>", "<|b|>"], {"none"}, "<|b|>"])
special = st.fixed_dictionaries(
    {}, optional={"allowed_special": allowed, "disallowed_special": disallowed}
)
ids = st.lists(st.integers(0, 800) | st.sampled_from([5000, 199999, 10**6, -1, 2**32]), max_size=6)


def outcome(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return call(*arguments, **options)
    except Exception as error:
        return error


def assert_same(mine: Any, theirs: Any) -> None:
    if isinstance(theirs, Exception):
        assert isinstance(mine, type(theirs)), repr(mine)
    else:
        assert mine == theirs


@given(pairs, texts, special)
def test_texts_to_ids(both: tuple[Any, Any], text: str, options: dict[str, Any]) -> None:
    mine, theirs = both
    for name in ("encode", "encode_to_numpy"):
        found, expected = (outcome(getattr(each, name), text, **options) for each in both)
        if name == "encode_to_numpy" and not isinstance(expected, Exception):
            assert found.dtype == expected.dtype
            found, expected = found.tolist(), expected.tolist()
        assert_same(found, expected)
    assert mine.encode_ordinary(text) == theirs.encode_ordinary(text)
    assert_same(
        outcome(mine.encode_batch, [text, "a"], num_threads=2, **options),
        outcome(theirs.encode_batch, [text, "a"], num_threads=2, **options),
    )
    assert mine.encode_ordinary_batch([text, "a"]) == theirs.encode_ordinary_batch([text, "a"])


@given(pairs, st.binary(max_size=12) | texts.map(lambda text: text.encode("utf-8", "ignore")))
def test_bytes_to_ids(both: tuple[Any, Any], data: bytes) -> None:
    mine, theirs = both
    assert mine._encode_bytes(data) == theirs._encode_bytes(data)
    if data:
        assert mine._encode_single_piece(data) == theirs._encode_single_piece(data)
    assert_same(*(outcome(each.encode_single_token, data) for each in both))


@settings(max_examples=30)
@given(
    st.sampled_from([pair(name) for name in PATTERNS]),
    st.lists(words.filter(lambda word: len(word) < 7), max_size=3).map("".join),
    special,
)
def test_tokens_that_may_change(both: tuple[Any, Any], text: str, options: dict[str, Any]) -> None:
    found, expected = (outcome(each.encode_with_unstable, text, **options) for each in both)
    if not isinstance(expected, Exception):
        stable, completions = expected
        expected = stable, sorted(completions)
    assert_same(found, expected)


@given(pairs, ids, texts)
def test_ids_to_texts(both: tuple[Any, Any], tokens: list[int], text: str) -> None:
    theirs = both[1]
    for given_ids in (tokens, theirs.encode(text, disallowed_special=())):
        for name in ("decode", "decode_bytes", "decode_tokens_bytes", "decode_with_offsets"):
            assert_same(*(outcome(getattr(each, name), given_ids) for each in both))
        for name in ("decode_batch", "decode_bytes_batch"):
            assert_same(*(outcome(getattr(each, name), [given_ids, [5]]) for each in both))


@pytest.mark.parametrize("name", NAMES)
def test_vocabularies(name: str) -> None:
    mine, theirs = pair(name)
    assert repr(mine) == repr(theirs)
    for attribute in ("n_vocab", "max_token_value", "special_tokens_set", "_special_tokens"):
        assert getattr(mine, attribute) == getattr(theirs, attribute)
    assert mine.token_byte_values() == theirs.token_byte_values()
    assert mine._mergeable_ranks == theirs._mergeable_ranks
    assert_same(*(outcome(lambda each=each: each.eot_token) for each in (mine, theirs)))
    for i in [*range(0, mine.n_vocab, 97), *SPECIAL.values(), mine.n_vocab, mine.n_vocab - 1]:
        assert_same(*(outcome(each.decode_single_token_bytes, i) for each in (mine, theirs)))
        assert mine.is_special_token(i) == theirs.is_special_token(i)


@pytest.mark.parametrize("name", ["o200k_base", "words"])
def test_pickled_encodings(name: str) -> None:
    mine, _ = pair(name)
    copy = pickle.loads(pickle.dumps(mine))
    text = "hello <|b|> <|endoftext|>"
    assert copy.encode(text, allowed_special="all") == mine.encode(text, allowed_special="all")
    assert (copy.name, copy.n_vocab) == (mine.name, mine.n_vocab)


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("encode", (5,), {}),
    ("encode", ("a",), {"allowed_special": ["<|a|>"]}),
    ("encode_ordinary", (b"a",), {}),
    ("encode_batch", (["a", None],), {}),
    ("encode_batch", (["a"],), {"num_threads": 0}),
    ("encode_single_token", ("\ud83d",), {}),
    ("encode_single_token", ("hello world",), {}),
    ("decode", (["a"],), {}),
    ("decode", (5,), {}),
    ("decode", ([128],), {"errors": "strict"}),
    ("decode_batch", ([[5]],), {"num_threads": 0}),
    ("is_special_token", ("a",), {}),
]


@pytest.mark.parametrize(("name", "arguments", "options"), WRONG, ids=str)
def test_errors(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    found, expected = (
        outcome(getattr(each, name), *arguments, **options) for each in pair("cl100k_base")
    )
    assert isinstance(expected, Exception)
    assert_same(found, expected)


@pytest.mark.parametrize("count", [256 + 4, 300])
def test_the_number_of_tokens_is_compared(count: int) -> None:
    ranks = {bytes([byte]): byte for byte in range(256)}
    arguments: dict[str, Any] = {"pat_str": ".", "mergeable_ranks": ranks}
    arguments |= {"special_tokens": {f"<{i}>": i for i in range(256, 260)}}
    assert_same(
        *(
            outcome(lambda make=make: make("few", explicit_n_vocab=count, **arguments).n_vocab)
            for make in (ours.Encoding, tiktoken.Encoding)
        )
    )


@pytest.mark.parametrize("pattern", ["[", "(a"])
def test_patterns_that_cannot_be_used(pattern: str) -> None:
    ranks = {bytes([byte]): byte for byte in range(256)}
    arguments: dict[str, Any] = {"pat_str": pattern, "mergeable_ranks": ranks}
    for make in (ours.Encoding, tiktoken.Encoding):
        with pytest.raises(ValueError):
            make("few", special_tokens={}, **arguments)


def test_names_of_models_are_those_of_tiktoken() -> None:
    assert model.MODEL_TO_ENCODING == tiktoken.model.MODEL_TO_ENCODING
    prefixes = tiktoken.model.MODEL_PREFIX_TO_ENCODING
    assert [*model.MODEL_PREFIX_TO_ENCODING.items()] == [*prefixes.items()]
    assert ours.encoding_for_model("gpt-4o").name == "o200k_base"
    assert ours.encoding_name_for_model("ft:gpt-4o-mini") == "o200k_base"
    with pytest.raises(KeyError):
        ours.encoding_name_for_model("llama")


def test_names_of_encodings() -> None:
    assert {*tiktoken.list_encoding_names()} | {*SPECS} <= {*ours.list_encoding_names()}
    assert ours.get_encoding("o200k_base") is ours.get_encoding("o200k_base")
    for name in ("none", 5):
        with pytest.raises(ValueError, match=r"unknown encoding|must be a str"):
            ours.get_encoding(name)  # type: ignore[arg-type]


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(registry, "ENCODINGS", {})
    with pytest.raises(OSError, match="not downloaded"):
        ours.get_encoding("p50k_edit")
    with pytest.raises(OSError, match="nothing is downloaded"):
        load.load_tiktoken_bpe("https://example.org/a.tiktoken")


def test_encodings_of_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = ModuleType("tiktoken_ext.mine")
    ranks = {bytes([byte]): byte for byte in range(256)}
    plugin.ENCODING_CONSTRUCTORS = {  # type: ignore[attr-defined]
        "mine": lambda: {
            "name": "mine",
            "pat_str": ".",
            "mergeable_ranks": ranks,
            "special_tokens": {"<|endoftext|>": 256},
        }
    }
    monkeypatch.setitem(sys.modules, plugin.__name__, plugin)
    monkeypatch.setattr(registry, "iter_modules", lambda *_: [(None, plugin.__name__, False)])
    registry._constructors.cache_clear()
    try:
        assert "mine" in ours.list_encoding_names()
        assert ours.get_encoding("mine").encode("ab") == [97, 98]
        with pytest.raises(ValueError, match="mine"):
            ours.get_encoding("mind")
    finally:
        registry._constructors.cache_clear()
        registry.ENCODINGS.pop("mine", None)


def test_files_of_ranks(tmp_path: Any) -> None:
    path = str(tmp_path / "few.tiktoken")
    ranks = {b"a": 0, b"\xff": 2}
    load.dump_tiktoken_bpe(ranks, path)
    assert load.load_tiktoken_bpe(path) == tiktoken.load.load_tiktoken_bpe(path) == ranks
    with pytest.raises(ValueError, match="SHA-256"):
        load.load_tiktoken_bpe(path, "0" * 64)
    (tmp_path / "broken").write_text("YQ== 0\nYQ==\n")
    with pytest.raises(ValueError, match="line 2"):
        load.load_tiktoken_bpe(str(tmp_path / "broken"))


def test_errors_are_those_of_ctxtools_too() -> None:
    with pytest.raises(CtxtoolsError, match=r"(?s)<\|endoftext\|>.*hint: allowed_special"):
        ours.get_encoding("o200k_base").encode("<|endoftext|>")
