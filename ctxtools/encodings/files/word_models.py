"""Recognising a ``tokenizer.json`` that the kernel counts by words: WordPiece, BPE of characters,
Unigram.

A file with anything in it that is not known exactly is left to the library, and so is every such
file where there is no kernel.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctxtools import _core
from ctxtools.encodings.added_ids import AddedIds, added_ids
from ctxtools.encodings.engines.finder import AddedToken

if TYPE_CHECKING:
    from ctxtools.encodings.engines.kernel import Tokenizer

_MODELS = {"WordPiece", "BPE", "Unigram"}
_DECODERS = {
    *("BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse", "Metaspace", "Replace", "Sequence"),
    *("Strip", "WordPiece"),
}
_PROCESSORS = {"BertProcessing", "RobertaProcessing", "TemplateProcessing"}


@dataclass(frozen=True, slots=True)
class WordModel:
    """What a recognised file says.

    Attributes:
        tokenizer: the kernel's, of the file without its added tokens.
        special_tokens: the special tokens, by the name that the file gives them.
        added: tokens that are not special and yet are found by their spelling.
        vocabulary_size: one more than the highest id.
        finds: whether special tokens may be found here too; else the library has to.
        added_ids: what it puts around a text; None if that is more than tokens.
    """

    tokenizer: "Tokenizer"
    special_tokens: Mapping[str, AddedToken]
    added: list[AddedToken]
    vocabulary_size: int
    finds: bool
    added_ids: AddedIds | None


def read_word_model(data: bytes) -> WordModel | None:
    """What a ``tokenizer.json`` says, or None: it is of another kind, or of no kind.

    Args:
        data: the file's content.
    """
    if not _core.kernel:
        return None
    try:
        return _read(data)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return None  # malformed, or not known exactly: the library says how, or counts


def _read(data: bytes) -> WordModel | None:
    from ctxtools.encodings.engines.kernel import tokenizer_by_words
    from ctxtools.encodings.files.tokenizer_json import added_tokens

    large = _core.TokenizerJson(data)
    file: dict[str, Any] = json.loads(large.rest)
    kind = file["model"].get("type", "BPE")
    decoder, processor = file.get("decoder"), file.get("post_processor")
    if kind not in _MODELS or (decoder and decoder["type"] not in _DECODERS):
        return None
    if processor and processor["type"] not in _PROCESSORS:
        return None
    try:
        around = added_ids(processor)
    except ValueError:
        around = None
    added = added_tokens(file.get("added_tokens") or [], large, nfc=False)
    if added is None:
        return None
    special, plain = added
    # The library looks for normalized tokens in the normalized text. And what is put before the
    # first word of a text is not put before one that follows a token.
    is_text = file.get("normalizer") is None
    has_first = '"first"' in json.dumps(file.get("pre_tokenizer"))

    def are_found(tokens: Iterable[AddedToken]) -> bool:
        return not has_first and (is_text or not any(token.normalized for token in tokens))

    if plain and not are_found(plain):
        return None
    finds = are_found(special.values())
    ids = [token.id for token in (*special.values(), *plain)]
    return WordModel(
        tokenizer_by_words(kind, large, large.rest),
        special,
        plain,
        1 + max([large.max_id or 0, *ids]),
        finds,
        around,
    )
