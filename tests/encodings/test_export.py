"""Encodings written for other tools: these read them, and make the same tokens."""

import json
from functools import cache
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ctxtools import UnknownEncodingError, UsageError, export_encoding, get_encoding, load_encoding
from ctxtools.encodings.files.specs import SPECS

# o200k_harmony has the vocabulary of o200k_base.
NAMES = [name for name in SPECS if name != "o200k_harmony"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported")


@cache
def written(name: str, folder: Path) -> Path:
    return export_encoding(name, folder / f"{name}.json")


@pytest.mark.parametrize("name", NAMES)
def test_a_tokenizer_json_is_read_by_tokenizers(name: str, exported: Path) -> None:
    tokenizer = Tokenizer.from_file(str(written(name, exported)))
    encoding = get_encoding(name)
    special = list(encoding.special_tokens)
    texts = [
        "",
        "It's ok.\n\n  x \t\n ",
        "漢字かな한글 e\u0301🇩🇪",
        "a\r\n\r\nb   ",
        "1234567",
        "Ünï'S",
    ]
    texts += [" ".join(special[:40]), f"a{special[0]}b"]
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        assert ids == encoding.encode(text, allowed_special="all")
    assert {spelling: tokenizer.token_to_id(spelling) for spelling in special} == dict(
        encoding.special_tokens
    )


@given(text=st.text(max_size=40))
def test_cl100k_base_has_the_same_tokens_in_both(exported: Path, text: str) -> None:
    """Its pattern is spelled differently there."""
    tokenizer = Tokenizer.from_file(str(written("cl100k_base", exported)))
    text = text.encode("utf-8", "replace").decode()
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert ids == get_encoding("cl100k_base").encode(text)


def test_a_file_is_loaded_as_what_it_was_exported_from(exported: Path) -> None:
    loaded, packaged = load_encoding(written("qwen2", exported)), get_encoding("qwen2")
    assert loaded.backend.name == packaged.backend.name
    assert loaded.special_tokens == packaged.special_tokens
    assert loaded.encode("Häuser <|im_start|>") == packaged.encode("Häuser <|im_start|>")


def test_of_two_spellings_of_an_id_the_one_that_it_is_decoded_to_is_written(tmp_path: Path) -> None:
    path = export_encoding("o200k_harmony", tmp_path / "tokenizer.json")
    added = {
        token["content"]: token["id"] for token in json.loads(path.read_bytes())["added_tokens"]
    }
    special = get_encoding("o200k_harmony").special_tokens
    assert added["<|endofprompt|>"] == 200018
    assert added.items() <= special.items()
    assert {*added.values()} == {*special.values()}


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_tiktoken_finds_what_is_in_its_cache(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    monkeypatch.setattr("requests.get", None)  # what tiktoken would download by
    path = export_encoding(name)
    assert path.parent == folder
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})
    assert tiktoken.get_encoding(name).encode("some text") == get_encoding(name).encode("some text")


def test_ranks(tmp_path: Path) -> None:
    path = export_encoding("deepseek_v3", tmp_path / "ranks.tiktoken")
    loaded = load_encoding(path, pattern="deepseek")
    assert loaded.encode("Häuser") == get_encoding("deepseek_v3").encode("Häuser")


def test_what_cannot_be_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(UnknownEncodingError, match="unknown encoding 'o300k'"):
        export_encoding("o300k", tmp_path / "a.json")
    with pytest.raises(UsageError, match="qwen2 is not an encoding of tiktoken"):
        export_encoding("qwen2")
    with pytest.raises(UsageError, match="not known by this name"):
        export_encoding("qwen2", tmp_path / "a.bin")
    with pytest.raises(UsageError, match="needs a path"):
        export_encoding("o200k_base", format="tokenizer.json")
    with pytest.raises(FileNotFoundError):
        export_encoding("o200k_base", tmp_path / "no" / "a.tiktoken")
    assert not [*tmp_path.iterdir()]
