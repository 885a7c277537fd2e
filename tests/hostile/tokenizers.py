"""Tokenizer files, given with ``-e``."""

import json
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
