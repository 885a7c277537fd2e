"""``vocab.txt`` as `transformers` takes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from ctxtools.encodings import find_encoding, load_encoding
from ctxtools.errors import VocabularyError

TOKENS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "hello",
    "Hello",
    "##s",
    "wor",
    "##ld",
    "日",
    "e",
]
TEXTS = ("Hello worlds", "hellos [MASK]", "日本 é e", "", "  wor\tld\n", "x" * 200)


def write(folder: Path, tokens: list[str], **config: Any) -> Path:
    path = folder / "vocab.txt"
    path.write_text("\n".join(tokens) + "\n", encoding="utf-8")
    if config:
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return path


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"do_lower_case": False},
        {"do_lower_case": True, "strip_accents": False},
        {"tokenize_chinese_chars": False, "do_lower_case": False, "strip_accents": True},
    ],
    ids=str,
)
def test_normalization(tmp_path: Path, config: dict[str, bool]) -> None:
    encoding = load_encoding(write(tmp_path, TOKENS, **config))
    oracle = Tokenizer(models.WordPiece({t: i for i, t in enumerate(TOKENS)}, unk_token="[UNK]"))
    oracle.normalizer = normalizers.BertNormalizer(
        lowercase=config.get("do_lower_case", True),
        strip_accents=config.get("strip_accents"),
        handle_chinese_chars=config.get("tokenize_chinese_chars", True),
    )
    oracle.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    for text in TEXTS:
        assert encoding.encode(text) == oracle.encode(text, add_special_tokens=False).ids
    assert encoding.added_ids == ((2,), (3,))
    assert encoding.encode("hello[MASK]", allowed_special="all") == [5, 4]


def test_names_of_special_tokens(tmp_path: Path) -> None:
    tokens = ["<pad>", "<unk>", "<s>", "</s>", "a"]
    names = {"unk_token": {"content": "<unk>"}, "cls_token": "<s>", "sep_token": "</s>"}
    path = write(tmp_path, tokens)
    with pytest.raises(VocabularyError, match=r"lacks '\[UNK\]', its unk_token") as raised:
        load_encoding(path)
    assert raised.value.hint
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(names))
    encoding = find_encoding(str(tmp_path / "vocab.txt"))
    assert encoding.encode("a b") == [4, 1]
    assert encoding.added_ids == ((2,), (3,))
    assert load_encoding(tmp_path).encode("a") == [4]


def test_carriage_returns_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(b"[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n")
    assert load_encoding(path).encode("a") == [3]
    path.write_bytes(b"[UNK]\n\xff\n")
    with pytest.raises(VocabularyError, match="not UTF-8"):
        load_encoding(path)
