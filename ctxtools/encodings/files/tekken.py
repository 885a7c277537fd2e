"""Mistral's ``tekken.json``: a byte-level vocabulary, its special tokens and its split pattern.

An id is a rank after those of the special tokens, as in ``mistral-common``. Only as many ranks
count as the file says; it has more.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, SplitPattern
from ctxtools.encodings.files.vocabulary import check_ranks
from ctxtools.errors import VocabularyError

_MARK = b'"token_bytes"'
_HEAD = 1 << 20  # bytes in which the first token's bytes are
# Of files that do not list them, which are those of the first models (tekken.py of mistral-common).
_SPECIAL = (
    *("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    *("[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]"),
    *("[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
    "[TOOL_CONTENT]",
)


class Tekken(NamedTuple):
    """A tokenizer in a tekken.json.

    Attributes:
        ranks: token bytes -> id.
        special_tokens: spelling -> id.
        pattern: how a text is split.
    """

    ranks: dict[bytes, int]
    special_tokens: Mapping[str, int]
    pattern: SplitPattern


def is_tekken(data: bytes) -> bool:
    """Whether a JSON file is a tekken.json, by its beginning."""
    return _MARK in data[:_HEAD]


def read_tekken(data: bytes) -> Tekken:
    """The tokenizer in a tekken.json.

    Raises:
        VocabularyError: it is corrupt, or splits texts in a way that is not known here.
    """
    import base64
    import json

    try:
        file = json.loads(data)
        config = file["config"]
        offset = _number(config["default_num_special_tokens"])
        size = _number(config["default_vocab_size"]) - offset
        tokens = [base64.b64decode(each["token_bytes"], validate=True) for each in file["vocab"]]
        listed = file.get("special_tokens") or [
            {"rank": rank, "token_str": name} for rank, name in enumerate(_SPECIAL)
        ]
        special = {str(each["token_str"]): _number(each["rank"]) for each in listed}
        regex = config["pattern"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise VocabularyError(
            "the file is not a readable tekken.json", hint="it may be truncated; fetch it again"
        ) from None
    if not 0 < size <= len(tokens) or max(special.values(), default=0) >= max(offset, 1):
        raise VocabularyError("the vocabulary has fewer tokens than the file says")
    ranks = {token: offset + rank for rank, token in enumerate(tokens[:size])}
    check_ranks(ranks, size)
    pattern = next((each for each in SPLIT_PATTERNS.values() if each.regex == regex), None)
    if pattern is None:
        raise VocabularyError(
            "the split pattern of this tekken.json is not known here",
            hint="the model's repository may have a tokenizer.json",
        )
    return Tekken(ranks, special, pattern)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 31:
        raise ValueError(value)
    return value
