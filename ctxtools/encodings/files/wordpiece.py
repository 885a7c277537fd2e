"""``vocab.txt``: the vocabulary of WordPiece, as BERT has it, as a ``tokenizer.json``.

A line is a token, and its number, from 0, is the id. How a text is normalized, and which tokens are
special, a ``tokenizer_config.json`` and a ``special_tokens_map.json`` beside it may say; without
them it is as ``transformers.BertTokenizer`` takes it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.errors import VocabularyError

_NAMES = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
_MAX_CHARACTERS = 100  # of a word that is not unknown as a whole


def read_vocab_txt(data: bytes, config: Mapping[str, Any]) -> bytes:
    """A ``tokenizer.json`` of the same tokenizer.

    Args:
        data: the content of the vocab.txt.
        config: the values of the configuration files beside it.

    Raises:
        VocabularyError: it is not UTF-8, lacks a special token, or has a token twice.
    """
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise VocabularyError(
            f"the vocab.txt is not UTF-8 (byte {error.start})",
            hint="it may be truncated, or of another format",
        ) from None
    if lines and not lines[-1]:
        lines.pop()
    return bert_json([line.removesuffix("\r") for line in lines], config)


def bert_json(tokens: Sequence[str], config: Mapping[str, Any]) -> bytes:
    """A ``tokenizer.json`` of WordPiece with these tokens, in the order of their ids.

    Args:
        tokens: those that continue a word start with ``##``.
        config: names of special tokens (``unk_token`` and others) and ``do_lower_case``,
            ``strip_accents`` and ``tokenize_chinese_chars``, as ``BertTokenizer`` takes them.

    Raises:
        VocabularyError: there is a special token not or a token twice.
    """
    ids = {token: i for i, token in enumerate(tokens)}  # of two the last one counts, as there
    names = {name: _content(config.get(name), default) for name, default in _NAMES.items()}
    for name in ("unk_token", "cls_token", "sep_token"):
        if names[name] not in ids:
            raise VocabularyError(
                f"the vocabulary lacks {names[name]!r:.40}, its {name}",
                hint="a tokenizer_config.json or special_tokens_map.json may name another",
            )
    added: list[dict[str, Any]] = [
        {
            "id": ids[token],
            "content": token,
            "special": True,
            "normalized": False,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
        }
        for token in dict.fromkeys(names.values())
        if token in ids
    ]
    cls, sep = names["cls_token"], names["sep_token"]

    def piece(token: str, kind: int) -> dict[str, Any]:
        return {"SpecialToken": {"id": token, "type_id": kind}}

    def text(name: str, kind: int) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": kind}}

    single = [piece(cls, 0), text("A", 0), piece(sep, 0)]
    file = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": sorted(added, key=lambda token: token["id"]),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": _flag(config.get("tokenize_chinese_chars"), True),
            "strip_accents": _flag(config.get("strip_accents"), None),
            "lowercase": _flag(config.get("do_lower_case"), True),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, text("B", 1), piece(sep, 1)],
            "special_tokens": {
                token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in (cls, sep)
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": names["unk_token"],
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": _MAX_CHARACTERS,
            "vocab": ids,
        },
    }
    return json.dumps(file).encode()


def _content(value: Any, default: str) -> str:
    """The spelling of a token in a configuration: a text, or an object that has it."""
    if isinstance(value, Mapping):
        value = value.get("content")
    return value if isinstance(value, str) else default


def _flag(value: Any, default: bool | None) -> bool | None:
    return value if isinstance(value, bool) else default
