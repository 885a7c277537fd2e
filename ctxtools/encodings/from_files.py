"""From a tokenizer file of each kind to its encoding."""

import os
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools import _core
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.engines.backend import Backend
from ctxtools.encodings.files.configuration import read_configuration
from ctxtools.encodings.files.tekken import is_tekken, read_tekken
from ctxtools.errors import ReadError, UsageError, VocabularyError, os_reason
from ctxtools.regular_file import open_regular

if TYPE_CHECKING:
    from ctxtools.encodings.files.tokenizer_json import ByteLevel

# Of two that name the same, the later one counts.
_CONFIGURATIONS = ("special_tokens_map.json", "tokenizer_config.json")


def load_sentencepiece(
    data: bytes, path: Path, find_added_ids: Callable[[], AddedIds] | None = None
) -> Encoding:
    """The encoding in a SentencePiece model.

    One of BPE is counted in the kernel, where it is known exactly. One of Unigram is counted by the
    library: its sums are rounded in single precision, so that which of two ways that are about as
    good is taken may depend on all of the text before.

    Args:
        data: its content.
        path: where it is.
        find_added_ids: what is put around a text, if not what a configuration beside it says.

    Raises:
        MissingExtraError: ``sentencepiece`` is not installed.
        VocabularyError: it cannot be read.
    """
    from ctxtools.encodings.engines.sentencepiece import SentencePieceBackend, configured_ids

    if _core.kernel:
        from ctxtools.encodings.engines.kernel import SentencePieceKernel

        try:
            kernel = SentencePieceKernel(data, partial(SentencePieceBackend, data, path))
        except (OverflowError, ValueError):
            pass  # malformed, or not known exactly: the library says how, or counts
        else:
            find = find_added_ids or partial(configured_ids, path.parent, kernel.bos, kernel.eos)
            return Encoding(str(path), kernel, kernel.special_tokens, find_added_ids=find)
    model = SentencePieceBackend(data, path)
    find = find_added_ids or model.added_ids
    return Encoding(str(path), model, model.special_tokens, find_added_ids=find)


def load_vocab_txt(data: bytes, path: Path, within: str | os.PathLike[str] | None) -> Encoding:
    """The encoding in BERT's ``vocab.txt``, with the configuration beside it.

    Raises:
        VocabularyError: it is corrupt, or lacks a special token.
    """
    from ctxtools.encodings.files.wordpiece import read_vocab_txt

    config: dict[str, object] = {}
    for name in _CONFIGURATIONS:
        config |= read_configuration(path.parent / name, within=within)
    try:
        return load_tokenizer_json(read_vocab_txt(data, config), str(path))
    except VocabularyError as error:
        raise VocabularyError(f"{path}: {error.message}", hint=error.hint) from None


def load_gguf(path: Path, pattern: str | None, within: str | os.PathLike[str] | None) -> Encoding:
    """The encoding in a GGUF file: that of the tokenizer that it was made of, as far as it says.

    Raises:
        VocabularyError: it cannot be read, has no tokenizer, or one that is not known here.
        UsageError: its split pattern is not known here.
    """
    from ctxtools.encodings.files.gguf import read_metadata
    from ctxtools.encodings.files.gguf_tokenizer import is_wanted, read_tokenizer

    try:
        descriptor, _ = open_regular(path, within=within)
        with open(descriptor, "rb", buffering=0) as file:
            metadata = read_metadata(file, is_wanted)
    except ReadError as error:
        raise VocabularyError(error.message, hint=error.hint) from error
    except OSError as error:
        raise VocabularyError(f"{path}: {os_reason(error)}") from error
    except VocabularyError as error:
        raise VocabularyError(f"{path}: {error.message}", hint=error.hint) from None
    try:
        found = read_tokenizer(metadata, pattern)
    except (UsageError, VocabularyError) as error:
        raise type(error)(f"{path}: {error.message}", hint=error.hint) from None
    if found.kind == "sentencepiece":
        return load_sentencepiece(found.data, path, lambda: found.added_ids)
    added = found.added_ids
    return load_tokenizer_json(found.data, str(path), added if any(added) else None)


def load_json(data: bytes, name: str) -> Encoding:
    """The encoding in a ``tekken.json`` or a ``tokenizer.json``."""
    return load_tekken(data, name) if is_tekken(data) else load_tokenizer_json(data, name)


def load_tekken(data: bytes, name: str) -> Encoding:
    """The encoding in a ``tekken.json``.

    Raises:
        VocabularyError: it is corrupt, or its split pattern is not known here.
    """
    try:
        found = read_tekken(data)
        backend = byte_level_engine(found.ranks, found.pattern, nfc=found.pattern.nfc)
    except VocabularyError as error:
        raise VocabularyError(f"{name}: {error.message}", hint=error.hint) from None
    return Encoding(name, backend, found.special_tokens)


def load_tokenizer_json(data: bytes, name: str, added: AddedIds | None = None) -> Encoding:
    """The encoding in a ``tokenizer.json``, by the kernel or the library.

    Args:
        data: the file's content.
        name: of the encoding.
        added: what is put around a text, if the file does not say that.

    Raises:
        VocabularyError: it is corrupt.
        MissingExtraError: the library is needed and not installed.
    """
    from ctxtools.encodings.files.tokenizer_json import read_byte_level

    if known := read_byte_level(data):
        try:
            engine = byte_level_engine(known.vocabulary, known.pattern, nfc=known.nfc)
        except VocabularyError as error:
            raise VocabularyError(f"{name}: {error.message}", hint=error.hint) from None
        backend = engine
        if known.added or known.unused:
            backend = _finding(engine, known, frozenset())
        special_tokens = {name: token.id for name, token in known.special_tokens.items()}
        finding = partial(_finding, engine, known)
        return Encoding(
            name, backend, special_tokens, finding, lambda: added or known.added_ids, lambda: engine
        )
    from ctxtools.encodings.engines.huggingface import HuggingFaceBackend
    from ctxtools.encodings.files.word_models import read_word_model

    if words := read_word_model(data):
        from ctxtools.encodings.engines.words import WordsBackend

        counting = WordsBackend(words, partial(HuggingFaceBackend, data, name))
        special_tokens = {name: token.id for name, token in words.special_tokens.items()}
        find_added_ids = counting.added_ids if added is None else lambda: added
        return Encoding(
            name,
            counting.finding(()),
            special_tokens,
            counting.finding,
            find_added_ids,
            lambda: counting,
        )
    library = HuggingFaceBackend(data, name)
    bare = partial(_without_added_tokens, data, name)
    find_added_ids = library.added_ids if added is None else lambda: added
    return Encoding(name, library, library.special_tokens, library.finding, find_added_ids, bare)


def _without_added_tokens(data: bytes, name: str) -> Backend:
    """The engine of a tokenizer file as if that added no tokens to its vocabulary."""
    import json

    from ctxtools.encodings.engines.huggingface import HuggingFaceBackend

    file = json.loads(data) | {"added_tokens": [], "post_processor": None}
    return HuggingFaceBackend(json.dumps(file).encode(), name)


def _finding(engine: Backend, known: "ByteLevel", allowed: Collection[str]) -> Backend:
    """An engine that finds the tokens that a file adds, of the special ones those that are allowed.

    Args:
        engine: counts what is between them.
        known: what the file says.
        allowed: names of special tokens.
    """
    from ctxtools.encodings.engines.added import AddedTokensBackend

    special = (token for name, token in known.special_tokens.items() if name in allowed)
    tokens = [*known.added, *special]
    return AddedTokensBackend(engine, tokens, known.unused, nfc=known.nfc)
