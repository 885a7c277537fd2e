"""tekken.json against Mistral's own tokenizer, and files that are none."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ctxtools.encodings import Encoding, load_encoding
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.errors import VocabularyError
from tests.strategies import texts

PATTERN = SPLIT_PATTERNS["tekken"].regex


def tekken(**changed: Any) -> dict[str, Any]:
    """A small file: the 256 bytes, "ab", and one token more than its size says."""
    tokens = [*(bytes([byte]) for byte in range(256)), b"ab", b"cd"]
    vocab = [
        {"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None}
        for rank, token in enumerate(tokens)
    ]
    config = {
        "pattern": PATTERN,
        "num_vocab_tokens": 258,
        "default_vocab_size": 267,
        "default_num_special_tokens": 10,
        "version": "v3",
    }
    special = [{"rank": 1, "token_str": "<s>", "is_control": True}]
    return {"config": config | changed, "vocab": vocab, "special_tokens": special}


def load(folder: Path, file: Any) -> Encoding:
    path = folder / "tekken.json"
    path.write_text(file if isinstance(file, str) else json.dumps(file))
    return load_encoding(path)


def test_ids_follow_those_of_special_tokens(tmp_path: Path) -> None:
    encoding = load(tmp_path, tekken())
    assert encoding.encode("abcd<s>"[:4]) == [266, 109, 110]
    assert encoding.special_tokens == {"<s>": 1}
    assert encoding.count("<s>") == 3
    assert load_encoding(tmp_path).encode("ab") == [266]


def test_files_without_special_tokens_have_those_of_the_first_models(tmp_path: Path) -> None:
    file = tekken(default_num_special_tokens=1000, default_vocab_size=1257)
    del file["special_tokens"]
    encoding = load(tmp_path, file)
    assert encoding.special_tokens["[INST]"] == 3 and encoding.special_tokens["</s>"] == 2


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (tekken(default_vocab_size=1000), "fewer tokens than the file says"),
        (tekken(default_vocab_size=3), "fewer tokens than the file says"),
        (tekken(default_vocab_size="267"), "not a readable tekken.json"),
        (tekken(default_vocab_size=True), "not a readable tekken.json"),
        (tekken(pattern=r"\w+"), "split pattern of this tekken.json is not known"),
        (tekken(pattern=3), "split pattern of this tekken.json is not known"),
        (tekken() | {"vocab": [{"token_bytes": "?"}]}, "not a readable tekken.json"),
        (tekken() | {"vocab": [{"token_bytes": ""}] * 257}, "a token or a rank twice"),
        (tekken() | {"config": None}, "not a readable tekken.json"),
        (tekken() | {"special_tokens": 5}, "not a readable tekken.json"),
        (tekken() | {"special_tokens": [{"rank": 99, "token_str": "x"}]}, "fewer tokens"),
        (json.dumps(tekken())[:2000], "not a readable tekken.json"),
        ('{"token_bytes": ' + "[" * 100_000, "not a readable tekken.json"),
    ],
)
def test_bad_files(tmp_path: Path, file: Any, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        load(tmp_path, file)


@pytest.fixture(scope="module")
def mistral() -> tuple[Encoding, Any]:
    reference = pytest.importorskip(
        "mistral_common.tokens.tokenizers.tekken", reason="Mistral's tokenizer is the reference"
    )
    path = Path(reference.__file__).parents[2] / "data" / "tekken_240911.json"
    return load_encoding(path), reference.Tekkenizer.from_file(path)


@given(texts)
def test_ids_are_those_of_the_reference(mistral: tuple[Encoding, Any], text: str) -> None:
    encoding, reference = mistral
    assert encoding.encode(text) == reference.encode(text, bos=False, eos=False)
