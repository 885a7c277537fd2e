"""Libraries in processes of their own: whatever a file makes them do is an error, and no more."""

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from ctxtools.encodings import Encoding, load_encoding
from ctxtools.encodings.engines.isolated import IsolatedBackend
from ctxtools.errors import UnknownTokenError, UsageError, VocabularyError

WORDS = {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "?": 2}, "unk_token": "?"}
SPACES = {"type": "Whitespace"}


def definition(**changed: Any) -> dict[str, Any]:
    return {"version": "1.0", "model": WORDS, "pre_tokenizer": SPACES, **changed}


def load(folder: Path, **changed: Any) -> Encoding:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(definition(**changed)))
    return load_encoding(path)


def split_by(regex: str) -> dict[str, Any]:
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}


def replace(what: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": what}, "content": content}


def added(i: int, content: str, **flags: bool) -> dict[str, Any]:
    names = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": i, "content": content, **dict.fromkeys(names, False), **flags}


BOMB = {"type": "Sequence", "normalizers": [replace("a", "a" * 10)] * 10}
# The kernel does not know it, and would count long words in linear time.
UNKNOWN = {"type": "Replace", "pattern": {"Regex": "(?<=x)y"}, "content": "z"}
LONG_WORDS = {
    "type": "WordPiece",
    "vocab": {"a": 0, "##a": 1, "?": 2},
    "unk_token": "?",
    "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 10**9,
}
# What stops, and the text that it stops at.
STOPPED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a pattern that backtracks": (
        {"pre_tokenizer": split_by("(a+)+$")},
        "a" * 40 + "b",
        "retry-limit",
    ),
    "text that grows without end": ({"normalizer": BOMB}, "aaaa", "too much memory"),
    "a table of characters that is wrong": (
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "CAAAAP////8AAAAAYWJj"}},
        "abc",
        "out of bounds",
    ),
    "no token for what is unknown": (
        {"model": WORDS | {"unk_token": "[UNK]"}},
        "a c",
        "Missing",
    ),
    "work that grows with the cube of a word": (
        {"model": LONG_WORDS, "normalizer": UNKNOWN, "pre_tokenizer": None},
        "a" * 30_000 + "b",
        "takes too long",
    ),
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_stops_the_library_is_an_error(name: str, tmp_path: Path) -> None:
    if name.startswith(("text", "work")) and sys.platform != "linux":
        pytest.skip("this system has no such limits")
    changed, text, message = STOPPED[name]
    encoding = load(tmp_path, **changed)
    with pytest.raises(VocabularyError, match=message) as caught:
        encoding.count(text)
    assert len(str(caught.value)) < 500
    assert encoding.count("") == 0  # by another process, if that one ended


def test_what_is_left_to_chance_is_refused(tmp_path: Path) -> None:
    model = {"type": "BPE", "dropout": 0.5, "vocab": {"a": 0, "aa": 1}, "merges": ["a a"]}
    with pytest.raises(VocabularyError, match=r"at random \(0.5\)") as caught:
        load(tmp_path, model=model)
    assert "null" in (caught.value.hint or "")
    assert load(tmp_path, model=model | {"dropout": 0.0}).count("aaaa") == 2
    alike = [added(3, "X", normalized=True, single_word=True), added(4, "x", normalized=True)]
    with pytest.raises(VocabularyError, match="'X' and 'x' are the same"):
        load(tmp_path, normalizer={"type": "Lowercase"}, added_tokens=alike)
    alike[1]["normalized"] = False
    assert load(tmp_path, normalizer={"type": "Lowercase"}, added_tokens=alike).count("a x") == 2


def test_an_error_does_not_show_what_is_in_a_file(tmp_path: Path) -> None:
    for content in ('{"version": "' + "secret " * 1000 + '"}', '{"added_tokens": "' + "x" * 1000):
        (tmp_path / "t.json").write_text(content)
        with pytest.raises(VocabularyError) as caught:
            load_encoding(tmp_path / "t.json")
        assert len(caught.value.message) < 200 + len(str(tmp_path))


def test_truncation_and_padding_of_a_file_change_nothing(tmp_path: Path) -> None:
    encoding = load(
        tmp_path,
        truncation={"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        padding={
            "strategy": {"Fixed": 50},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "a",
        },
    )
    assert [encoding.count("a " * n) for n in (0, 1, 5, 100)] == [0, 1, 5, 100]


def test_any_text_in_any_number_of_threads(tmp_path: Path) -> None:
    encoding = load(tmp_path)
    oracle = Tokenizer.from_str(json.dumps(definition()))
    texts = ["", "a", "a b c", "\0 a", "é \U0001f600", "a " * 5000] * 300
    expected = [len(oracle.encode(text)) for text in texts]
    for threads in (1, 4):
        assert encoding.count_batch(texts, threads=threads) == expected
    assert encoding.count_batch(iter(texts[:3]), threads=2) == expected[:3]
    assert encoding.count_batch([]) == []
    assert encoding.encode_batch(texts[:6], threads=3) == [
        oracle.encode(text).ids for text in texts[:6]
    ]
    assert encoding.encode("\ud83d\ude00 \ud800") == oracle.encode("\U0001f600 \ufffd").ids
    counted = list[int]()
    several = [
        threading.Thread(target=lambda: counted.append(encoding.count("a b"))) for _ in range(20)
    ]
    for each in several:
        each.start()
    for each in several:
        each.join()
    assert counted == [2] * 20
    for wrong in (1, b"a", None):
        with pytest.raises(UsageError, match="text must be a str"):
            encoding.count(wrong)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="must be a str"):
            encoding.count_batch(["a", wrong])  # type: ignore[list-item]
    for i in (-1, 3, 2**32, 2**70):
        with pytest.raises(UnknownTokenError):
            encoding.decode([0, i])


def test_a_process_that_was_ended_is_started_again(tmp_path: Path) -> None:
    encoding = load(tmp_path)
    for process in processes(encoding):
        process.kill()
        process.wait()
    assert encoding.count("a b a") == 3


def test_an_encoding_that_is_gone_leaves_no_process(tmp_path: Path) -> None:
    encoding = load(tmp_path)
    [process] = processes(encoding)
    del encoding
    assert process.wait(60) is not None


def test_a_program_that_cannot_start_python_needs_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    tokens = [added(3, "<s>", special=True)]
    encoding = load(tmp_path, added_tokens=tokens)
    assert not processes(encoding)
    assert encoding.count_batch(["a b", ""], threads=3) == [2, 0]
    assert encoding.encode("a<s>", allowed_special="all") == [0, 3]
    with pytest.raises(UnknownTokenError):
        encoding.decode([9])
    with pytest.raises(VocabularyError, match="at random"):
        load(tmp_path, model={"type": "BPE", "dropout": 0.5, "vocab": {}, "merges": []})


def processes(encoding: Encoding) -> list[subprocess.Popen[bytes]]:
    assert isinstance(encoding.backend, IsolatedBackend)
    children = [each.run._child for each in encoding.backend._isolated._libraries]
    return [child.process for child in children if child]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_fork_has_a_process_of_its_own(tmp_path: Path) -> None:
    encoding = load(tmp_path)
    before = [each.pid for each in processes(encoding)]
    child = os.fork()
    if not child:
        counted = encoding.count("a b b")
        others = {each.pid for each in processes(encoding)}.isdisjoint(before)
        os._exit(0 if counted == 3 and others else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert encoding.count("a b b a") == 4
    assert [each.pid for each in processes(encoding)] == before
    assert pickle.loads(pickle.dumps(encoding)).count("a b") == 2


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "a half": lambda data: data[: len(data) // 2],
    "no start": lambda data: data[100:],
    "zeros": lambda data: data[:200] + bytes(200) + data[400:],
    "a length that is too large": lambda data: b"\x0a\xff\xff\xff\xff\x0f" + data,
    "twice": lambda data: data + data,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_sentencepiece_model(name: str, model: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(DAMAGES[name](model))
    try:
        encoding = load_encoding(path)
        assert encoding.count("the fox") >= 0
        encoding.decode(range(min(encoding.vocabulary_size, 50)))
    except (VocabularyError, UnknownTokenError):
        pass


@pytest.fixture(scope="module")
def model() -> bytes:
    from io import BytesIO

    sentencepiece = pytest.importorskip("sentencepiece")
    written = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["the quick brown fox jumps over the lazy dog"] * 50),
        model_writer=written,
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return written.getvalue()
