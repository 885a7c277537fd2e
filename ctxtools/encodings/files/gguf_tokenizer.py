"""The tokenizer in a GGUF file, as the file that it was made of.

A GGUF file holds the vocabulary of a ``tokenizer.json``, a SentencePiece ``.model`` or a
``vocab.txt``, with a few settings. From these the original is made again, as far as the file
determines it, and counts are those of the original: ``llama.cpp``'s own tokenizer differs from it
in places (its split patterns are copies, its BERT lower-cases always). What a file does not say:
the normalizer of byte-level BPE (that of the family is taken), the white space that added tokens
take with them (none), and whether WordPiece lower-cases (it does if no token has a capital).

The names of split patterns (``tokenizer.ggml.pre``) are in gguf_splits.py.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.files.byte_level_json import JsonSplits, byte_level_json, splits_of
from ctxtools.encodings.files.gguf_splits import SPLITS_OF_PRE
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, get_pattern
from ctxtools.encodings.files.wordpiece import bert_json
from ctxtools.errors import UsageError, VocabularyError

_T = TypeVar("_T")

_PREFIX = "tokenizer.ggml."
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = range(1, 7)
_BPE, _UNIGRAM = 2, 1  # model types of SentencePiece


class GgufTokenizer(NamedTuple):
    """A tokenizer in a GGUF file.

    Attributes:
        kind: ``"tokenizer.json"`` or ``"sentencepiece"``.
        data: the file that it was made of, made again.
        added_ids: what is put around a text.
    """

    kind: str
    data: bytes
    added_ids: AddedIds


def is_wanted(key: str) -> bool:
    """Whether the value of a key is of the tokenizer."""
    return key.startswith(_PREFIX)


def read_tokenizer(metadata: Mapping[str, Any], pattern: str | None) -> GgufTokenizer:
    """The tokenizer that the metadata of a file describe.

    Args:
        metadata: key -> value; see gguf.py.
        pattern: the name of the split pattern of byte-level BPE, if it is not to be that which the
            file names.

    Raises:
        VocabularyError: there is none, it is corrupt, or of a kind that is not known here.
        UsageError: its split pattern is not known here, or ``pattern`` is none.
    """
    model = metadata.get(f"{_PREFIX}model")
    if not isinstance(model, str):
        raise VocabularyError(
            "the GGUF file has no tokenizer",
            hint="of a model in several files the first one has it; adapters have none",
        )
    values = _Values(metadata)
    if model == "gpt2":
        return GgufTokenizer("tokenizer.json", _byte_level(values, pattern), _added_ids(values))
    if model == "bert":
        return GgufTokenizer("tokenizer.json", _bert(values), AddedIds())
    if model in ("llama", "t5"):
        kind = _BPE if model == "llama" else _UNIGRAM
        return GgufTokenizer("sentencepiece", _sentencepiece(values, kind), _added_ids(values))
    raise VocabularyError(
        f"the GGUF file has a tokenizer of the kind {model!r:.40}, which is not known here",
        hint="the model's repository may have a tokenizer.json",
    )


class _Values:
    """What a file says of its tokenizer."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._metadata = metadata
        self.tokens = self.texts("tokens")
        types = self.numbers("token_type", int)
        self.types = types or [_NORMAL] * len(self.tokens)
        if not self.tokens or len(self.types) != len(self.tokens):
            raise VocabularyError(
                f"the GGUF file has {len(self.tokens)} tokens and types of {len(self.types)}"
            )

    def get(self, name: str, kind: type[_T]) -> _T | None:
        value = self._metadata.get(_PREFIX + name)
        return value if type(value) is kind else None

    def texts(self, name: str) -> list[str]:
        value = self._metadata.get(_PREFIX + name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise VocabularyError(f"{_PREFIX}{name} of the GGUF file is no list of texts in UTF-8")
        return value

    def numbers(self, name: str, kind: type[_T]) -> list[_T]:
        value = self._metadata.get(_PREFIX + name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(type(each) is kind for each in value):
            raise VocabularyError(f"{_PREFIX}{name} of the GGUF file is no list of numbers")
        return value

    def token_of(self, name: str) -> int | None:
        """The id of a token such as ``bos``."""
        i = self.get(f"{name}_token_id", int)
        return i if i is not None and 0 <= i < len(self.tokens) else None

    def of_type(self, *types: int) -> Iterator[tuple[int, str]]:
        """The tokens of some types, with their ids."""
        numbered = enumerate(zip(self.tokens, self.types, strict=True))
        return ((i, token) for i, (token, kind) in numbered if kind in types)


def _added_ids(values: _Values) -> AddedIds:
    sides = (
        (i,)
        if values.get(f"add_{name}_token", bool) and (i := values.token_of(name)) is not None
        else ()
        for name in ("bos", "eos")
    )
    return AddedIds(*sides)


def _byte_level(values: _Values, named: str | None) -> bytes:
    splits = _splits(values.get("pre", str), named)
    added = [
        (token, i, kind == _CONTROL)
        for kind in (_CONTROL, _USER_DEFINED)
        for i, token in values.of_type(kind)
    ]
    vocab = {token: i for i, token in enumerate(values.tokens)}
    if len(vocab) < len(values.tokens):
        raise VocabularyError("the GGUF file has a token twice")
    return byte_level_json(vocab, values.texts("merges"), splits, added)


def _splits(pre: str | None, named: str | None) -> JsonSplits:
    if named is not None:
        return splits_of(get_pattern(named))
    if splits := SPLITS_OF_PRE.get(pre or ""):
        return splits
    unknown = f"the split pattern {pre!r:.40}, which is not known here"
    raise UsageError(
        f"the GGUF file names {unknown if pre else 'no split pattern'}",
        hint="name the split pattern after a #: model.gguf#llama3 (in Python, pattern='llama3'); "
        f"the patterns are {', '.join(SPLIT_PATTERNS)}",
    )


def _bert(values: _Values) -> bytes:
    """WordPiece: words have a mark at their start in the file, and what continues them has none."""
    tokens = [
        token if kind != _NORMAL else token[1:] if token[:1] == "\u2581" else f"##{token}"
        for token, kind in zip(values.tokens, values.types, strict=True)
    ]
    names = {
        "cls_token": values.token_of("cls") or values.token_of("bos"),
        "sep_token": values.token_of("seperator") or values.token_of("eos"),
        **{f"{name}_token": values.token_of(name) for name in ("unknown", "padding", "mask")},
    }
    special = {name: tokens[i] for name, i in names.items() if i is not None}
    special["unk_token"] = special.pop("unknown_token", "[UNK]")
    special["pad_token"] = special.pop("padding_token", "[PAD]")
    capital = re.compile("[A-Z]").search
    lower = not any(capital(token) for _, token in values.of_type(_NORMAL))
    return bert_json(tokens, special | {"do_lower_case": lower})


def _sentencepiece(values: _Values, model_type: int) -> bytes:
    """A SentencePiece ``.model``; its format: sentencepiece_model.proto."""
    scores = values.numbers("scores", float)
    if len(scores) != len(values.tokens):
        raise VocabularyError("the GGUF file does not have a score for each token")
    data = bytearray()
    for token, score, kind in zip(values.tokens, scores, values.types, strict=True):
        piece = _text(1, token) + b"\x15" + struct.pack("<f", score) + _number(3, kind)
        data += _message(1, piece)
    has_bytes = sum(kind == _BYTE for kind in values.types) == 256
    ids = (("unknown", 40), ("bos", 41), ("eos", 42), ("padding", 43))
    trainer = _number(3, model_type) + _number(35, has_bytes)
    for name, field in ids:
        i = values.token_of(name)
        trainer += _number(field, (1 << 64) - 1 if i is None else i)
    named = (("unknown", 45), ("bos", 46), ("eos", 47), ("padding", 48))
    trainer += b"".join(
        _text(field, values.tokens[i])
        for name, field in named
        if (i := values.token_of(name)) is not None
    )
    flags = ((3, "add_space_prefix", True), (4, "remove_extra_whitespaces", model_type == _UNIGRAM))
    normalizer = _text(1, "identity")
    if charsmap := values.numbers("precompiled_charsmap", int):
        normalizer += _message(2, bytes(each & 255 for each in charsmap))
    for field, name, default in flags:
        value = values.get(name, bool)
        normalizer += _number(field, default if value is None else value)
    normalizer += _number(5, True)
    return bytes(data + _message(2, trainer) + _message(3, normalizer))


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())
