"""Tokenizer files, given with ``-e``."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.hostile.builders import Input, file_into

TOKENIZERS: list[Input] = []
tokenizer = file_into(TOKENIZERS)


def tokenizer_json(**changed: Any) -> str:
    """A small byte-level BPE ``tokenizer.json``, and what is changed in it."""
    vocabulary = {chr(c): c for c in range(33, 127)}
    usual: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }
    return json.dumps(usual | changed)


@tokenizer("tokenizer.json")
def model_of_no_kind() -> str:
    return tokenizer_json(model={"type": "\x1b[2J", "vocab": {}})


@tokenizer("tokenizer.json")
def nested_json() -> str:
    return "[" * 100_000 + "]" * 100_000


@tokenizer("vocab.tiktoken")
def ranks_that_are_no_numbers() -> str:
    return "IQ== 0\nIg== \x1b[31m\n"


def ranks_below_zero(here: Path) -> None:
    lines = [f"{base64.b64encode(bytes([i])).decode()} {i}" for i in range(256)]
    (here / "vocab.tiktoken").write_text("\n".join([*lines, "YWI= -1"]))


TOKENIZERS.append(Input("ranks_below_zero", ranks_below_zero, "vocab.tiktoken#qwen2"))


@tokenizer("tokenizer.json")
def ids_below_zero() -> str:
    return byte_level(vocab=BYTES | {"ab": -1})


@tokenizer("tokenizer.json")
def ids_of_many_digits() -> str:
    return byte_level(vocab=BYTES | {"ab": 10**4000})


@tokenizer("tokenizer.json")
def merges_left_out_at_random() -> str:
    return byte_level(dropout=0.5)


@tokenizer("tokenizer.json")
def half_a_character_as_added_token() -> str:
    return byte_level(added_tokens=[added(256, "\ud800")])


@tokenizer("tokenizer.json")
def added_token_of_a_megabyte() -> str:
    return byte_level(added_tokens=[added(256, "W" * 1_000_000), added(257, "\x1b[2J")])


@tokenizer("tokenizer.json")
def pattern_that_backtracks() -> str:
    split = {"type": "Split", "behavior": "Isolated", "invert": False}
    return words(pre_tokenizer=split | {"pattern": {"Regex": "([\\w ,.]+)+(?=9)"}})


@tokenizer("tokenizer.json")
def no_token_for_what_is_unknown() -> str:
    return words(model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "\x1b[2J"})


@tokenizer("tokenizer.json")
def table_of_characters_that_ends_early() -> str:
    return words(normalizer={"type": "Precompiled", "precompiled_charsmap": "CAAAAP////8AAAAAYWJj"})


@tokenizer("tokenizer.json")
def normalizer_that_makes_texts_longer() -> str:
    longer = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 100_000}
    model: dict[str, Any] = {"type": "WordPiece", "vocab": {"?": 0, "a": 1}, "unk_token": "?"}
    model |= {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return words(model=model, normalizer={"type": "Sequence", "normalizers": [longer, longer]})


@tokenizer("tokenizer.json")
def template_of_what_there_is_not() -> str:
    pieces = [{"SpecialToken": {"id": "\x1b[2J", "type_id": 0}}, {"Sequence": {"id": "A"}}]
    template = {"type": "TemplateProcessing", "single": pieces, "pair": pieces}
    return words(post_processor=template | {"special_tokens": {}})


@tokenizer("tokenizer.model")
def model_that_is_no_sentencepiece() -> bytes:
    return b"\x0a\xff\xff\xff\xff\x0f" + bytes(range(256)) * 4


BYTES = {chr(c): i for i, c in enumerate([*range(33, 127), *range(161, 173), *range(174, 324)])}
"""A character for each byte, as byte-level BPE has them."""


def byte_level(**changed: Any) -> str:
    """One that the engines here take, and what is changed in its model, or its added tokens."""
    tokens = changed.pop("added_tokens", [])
    model = {"type": "BPE", "vocab": BYTES | {"ab": 256}, "merges": [["a", "b"]]}
    return tokenizer_json(model=model | changed, added_tokens=tokens)


def words(**changed: Any) -> str:
    """One that the library takes, and what is changed in it."""
    model = {"type": "WordLevel", "vocab": {"a": 0, "?": 1}, "unk_token": "?"}
    return json.dumps({"version": "1.0", "model": model} | changed)


def added(i: int, content: str) -> dict[str, Any]:
    """An added token."""
    flags = ("single_word", "lstrip", "rstrip", "normalized", "special")
    return {"id": i, "content": content, **dict.fromkeys(flags, False)}
