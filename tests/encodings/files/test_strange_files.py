"""Tokenizer files that a stranger made: what is in them is used as the library does, or refused."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ctxtools.encodings import load_encoding
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.engines.added import AddedTokensBackend
from ctxtools.encodings.files.tokenizer_json import read_byte_level
from ctxtools.errors import CtxtoolsError, UsageError, VocabularyError
from tests.encodings.engines.tokenizer_shapes import BYTE_LEVEL, OTHERS, flagged, with_tokens
from tests.hanging import no_hang

TEXTS = (
    "",
    "a",
    "hello the word ab",
    " a  b\n\n c",
    "<s>hello mask</s> [mask]",
    "é e\u0301 日本語7",
)
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": "<s>", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
    ],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
}
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, 5.0, 2**31, 2**32 - 1, 2**32, 2**63, 2**64),
    *(float("nan"), float("inf"), "", "a", "ab", "5", "a b", "\ud800", "é", "\0", "a" * 5000),
    *("#version: 0.2", "<0x00>", "Isolated", "Removed", "ByteLevel", "NFC", "BPE", "WordPiece"),
    *([], [[]], {}, {"a": 0}, ["a", "b"], [1], {"Regex": "a"}, {"String": "a"}, {"type": "NFKC"}),
    *({"type": "Sequence", "normalizers": []}, {"type": "Sequence", "pretokenizers": []}, TEMPLATE),
)


def nodes(value: Any, choose: random.Random, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of a sample of all values in a JSON value."""
    keys: list[Any] = []
    if isinstance(value, dict | list):
        keys = [*value] if isinstance(value, dict) else [*range(len(value))]
    if len(keys) > 20:
        keys = choose.sample(keys, 10)
    inner = [found for key in keys for found in nodes(value[key], choose, (*path, key))]
    return [path, *inner] if path else inner


def change(file: Any, choose: random.Random) -> None:
    """Take out, double, move or replace one value in a file."""
    found = nodes(file, choose)
    if not found:
        return
    *above, key = choose.choice(found)
    parent = file
    for each in above:
        parent = parent[each]
    how = choose.randrange(6)
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, list):
        parent.append(parent[key])
    elif how == 1:
        parent[str(choose.choice(VALUES))[:99]] = parent[key]
    elif how == 2:
        other = file
        for each in choose.choice(found):
            other = other[each] if isinstance(other, list) or each in other else other
        parent[key] = json.loads(json.dumps(other))
    else:
        parent[key] = json.loads(json.dumps(choose.choice(VALUES)))


@st.composite
def changed(draw: st.DrawFn, shapes: Any) -> bytes:
    special = flagged("<s>"), flagged("hello", special=False, normalized=True, lstrip=True)
    file = with_tokens(draw(st.sampled_from(sorted(shapes))), [*special[: draw(st.integers(0, 2))]])
    assert file is not None
    if draw(st.booleans()):
        file["post_processor"] = json.loads(json.dumps(TEMPLATE))
    if draw(st.booleans()):
        file["model"]["ignore_merges"] = True
    choose = random.Random(draw(st.integers(0, 2**64)))
    for _ in range(draw(st.integers(1, 3))):
        change(file, choose)
    return json.dumps(file).encode()


@given(data=changed(BYTE_LEVEL))
@settings(max_examples=300)
def test_a_changed_file_is_left_to_the_library_or_means_the_same(data: bytes) -> None:
    known = read_byte_level(data)
    if known is None:
        return
    try:
        oracle = Tokenizer.from_buffer(data)
    except BaseException:  # it may panic
        return
    oracle.no_truncation()
    oracle.no_padding()
    oracle.encode_special_tokens = True
    engine = byte_level_engine(known.vocabulary, known.pattern, nfc=known.nfc)
    found = AddedTokensBackend(engine, known.added, known.unused, nfc=known.nfc)
    for text in TEXTS:
        try:
            ids = oracle.encode(text, add_special_tokens=False).ids
            more = len(oracle.encode(text).ids) - len(ids)
        except BaseException:
            continue
        assert found.encode(text) == ids
        assert found.count(text) == len(ids)
        assert more == sum(map(len, known.added_ids))


SPACE = flagged("\n", lstrip=True, rstrip=True)
AMBIGUOUS = {
    "in what another took": ([SPACE], "\n\na\n \n"),
    "in what another took, normalised": ([SPACE | {"normalized": True}], "a\n \n\n"),
    "of two that are spelled alike": (
        [flagged("he", special=False), flagged("he", special=False, normalized=True)],
        "the he",
    ),
}


@pytest.mark.parametrize("shape", BYTE_LEVEL)
@pytest.mark.parametrize("name", AMBIGUOUS)
def test_added_tokens_of_which_the_library_does_not_find_each(
    name: str, shape: str, tmp_path: Path
) -> None:
    tokens, text = AMBIGUOUS[name]
    file = with_tokens(shape, [token | {"special": False} for token in tokens])
    assert file is not None
    for token, wanted in zip(file["added_tokens"], tokens, strict=True):
        token["lstrip"] = wanted["lstrip"]
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(file))
    oracle = Tokenizer.from_file(str(path))
    ids = oracle.encode(text, add_special_tokens=False).ids
    encoding = load_encoding(path)
    assert encoding.count(text) == len(ids)
    assert [*encoding.encode(text)] == ids


@given(data=changed(BYTE_LEVEL | OTHERS))
@settings(max_examples=15)
def test_whatever_a_file_says_is_counted_or_an_error_of_ours(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("changed") / "tokenizer.json"
    path.write_bytes(data)
    try:
        encoding = load_encoding(path)
        for text in TEXTS:
            ids = encoding.encode(text)
            assert encoding.count(text) == len(ids)
            encoding.decode(ids)
            encoding.count(text, allowed_special="all")
    except CtxtoolsError:
        pass


def byte_level(more: list[str], **changes: Any) -> dict[str, Any]:
    file = with_tokens("gpt2", [])
    assert file is not None
    vocabulary = {name: i for name, i in file["model"]["vocab"].items() if len(name) == 1}
    for name in more:
        vocabulary.setdefault(name, len(vocabulary))
    file["model"] |= {"vocab": vocabulary, "merges": [], "ignore_merges": True}
    return file | changes


def added(names: list[str], first: int) -> list[dict[str, Any]]:
    return [flagged(name, special=False) | {"id": first + i} for i, name in enumerate(names)]


def words(n: int, length: int) -> list[str]:
    choose = random.Random(n)
    return ["".join(choose.choices("abc", k=length)) for _ in range(n)]


LARGE: dict[str, tuple[dict[str, Any], str]] = {
    "long tokens that no merge makes": (byte_level(words(200, 20_000)), "abc"),
    "a long token": (byte_level(["a" * 70_000]), "a" * 100_000),
    "a long added token": (
        byte_level([], added_tokens=added(["a" * 1_000_000, "b"], 256)),
        "a" * 100_000,
    ),
    "added tokens that start alike": (
        byte_level([], added_tokens=added(["a" * n + "b" for n in range(1, 1500)], 256)),
        "a" * 50_000,
    ),
    "added tokens that start in many ways": (
        byte_level([], added_tokens=added([chr(0x4E00 + n) + "xyz" for n in range(20_000)], 256)),
        "".join(map(chr, range(0x4E00, 0x9C00))) * 10,
    ),
    "a merge very often": (byte_level(["ab"]), "ab" * 100),
}
LARGE["a merge very often"][0]["model"]["merges"] = ["a b"] * 300_000


@pytest.mark.parametrize("name", LARGE)
def test_large_files_take_time_in_proportion(name: str, tmp_path: Path) -> None:
    file, text = LARGE[name]
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(file))
    oracle = Tokenizer.from_file(str(path)).encode(text, add_special_tokens=False)
    with no_hang():
        assert load_encoding(path).count(text) == len(oracle)


@pytest.mark.parametrize(
    ("model", "tokens", "message"),
    [
        ({"ab": -1}, [], r"model.vocab\['ab'\] must be from 0 to 2\^32 - 1, got -1"),
        ({"ab": 10**400}, [], r"model.vocab\['ab'\] must be from 0 to 2\^32 - 1, got 1000"),
        ({"ab": True}, [], r"model.vocab\['ab'\]"),
        ({"\ud800": 256}, [], r"model.vocab has half a character"),
        ({}, [flagged("\ud800") | {"id": 256}], r"added_tokens\[0\] has half a character"),
    ],
)
def test_an_error_names_the_token(
    model: dict[str, Any], tokens: list[Any], message: str, tmp_path: Path
) -> None:
    file = byte_level([], added_tokens=tokens)
    file["model"]["vocab"] |= model
    (tmp_path / "t.json").write_text(json.dumps(file))
    with pytest.raises(VocabularyError, match=message) as caught:
        load_encoding(tmp_path / "t.json")
    assert len(caught.value.message) < 200 + len(str(tmp_path))


@pytest.mark.parametrize("fault", [["b", "no score"], ["\ud800", -1.0]])
def test_an_error_of_pieces_names_no_id(fault: list[Any], tmp_path: Path) -> None:
    model = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.0], fault]}
    (tmp_path / "t.json").write_text(json.dumps({"model": model}))
    with pytest.raises(VocabularyError) as caught:
        load_encoding(tmp_path / "t.json")
    assert "the id of" not in caught.value.message


# Ranks


def ranks(*more: bytes, first: int = 0) -> bytes:
    lines = [base64.b64encode(bytes([i])) + b" %d" % (i + first) for i in range(256)]
    return b"\n".join([*lines, *more]) + b"\n"


WRONG_RANKS: dict[str, tuple[bytes, str]] = {
    "below zero": (ranks(b"YWI= -1"), "line 257 is not"),
    "above 32 bits": (ranks(b"YWI= 4294967296"), "must be at most 4294967294"),
    "the last of 32 bits": (ranks(b"YWI= 4294967295"), "must be at most 4294967294"),
    "above 64 bits": (ranks(b"YWI= 18446744073709551616"), "line 257 is not"),
    "of many digits": (ranks(b"YWI= " + b"9" * 5000), "line 257 is not"),
    "a fraction": (ranks(b"YWI= 1.5"), "line 257 is not"),
    "with a sign": (ranks(b"YWI= +5"), "line 257 is not"),
    "with an underscore": (ranks(b"YWI= 1_000"), "line 257 is not"),
    "no number": (ranks(b"YWI= true"), "line 257 is not"),
    "no base64": (ranks(b"Y\xff= 300"), "line 257 is not"),
    "twice": (ranks(b"YWI= 255"), "twice"),
    "a token twice": (ranks(b"AA== 256"), "twice"),
    "a byte less": (ranks().partition(b"\n")[2], "0x00"),
    "an empty token": (ranks(b"==== 256"), "line 257 is not|1 to 65536 bytes, got 0"),
    "a long token": (
        ranks(base64.b64encode(bytes(65537)) + b" 256"),
        "1 to 65536 bytes, got 65537",
    ),
}


@pytest.mark.parametrize("name", WRONG_RANKS)
def test_wrong_ranks(name: str, tmp_path: Path) -> None:
    data, message = WRONG_RANKS[name]
    path = tmp_path / "vocab.tiktoken"
    path.write_bytes(data)
    with pytest.raises(VocabularyError, match=message) as caught:
        load_encoding(path, pattern="qwen2")
    assert str(path) in caught.value.message and len(caught.value.message) < 300


def test_ranks_may_have_gaps_and_be_large(tmp_path: Path) -> None:
    path = tmp_path / "vocab.tiktoken"
    path.write_bytes(ranks(b"YWI= 4294967294", first=1000))
    encoding = load_encoding(path, pattern="qwen2", special_tokens={"<s>": 7})
    assert encoding.encode("ab<s>", allowed_special="all") == [4294967294, 7]
    assert encoding.decode([4294967294, 7, 1065]) == "ab<s>A"


@pytest.mark.parametrize(
    "special",
    [{"": 1}, {"\ud800": 1}, {"a": -1}, {"a": 2**32}, {"a": 1.5}, {"a": "5"}, {5: 5}, ["a"], 5],
)
def test_special_tokens_that_are_none(special: Any, tmp_path: Path) -> None:
    path = tmp_path / "vocab.tiktoken"
    path.write_bytes(ranks())
    with pytest.raises(UsageError):
        load_encoding(path, pattern="qwen2", special_tokens=special)
    with pytest.raises(UsageError):
        load_encoding(path, pattern=["qwen2"])  # type: ignore[arg-type]
