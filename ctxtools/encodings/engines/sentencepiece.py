"""The SentencePiece backend: serves a ``.model`` file through the library.

Its counts do not add up over splits: a model may normalise its text and put a space before it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.surrogates import replace_surrogates
from ctxtools.errors import VocabularyError, missing_extra

_MAX_CONFIG = 1 << 24  # bytes


class SentencePieceBackend(PiecewiseBackend):
    """See Backend.

    Args:
        path: a SentencePiece ``.model``.

    Raises:
        MissingExtraError: ``sentencepiece`` is not installed.
        VocabularyError: the file cannot be read as a model.
    """

    name = "sentencepiece"

    def __init__(self, path: Path) -> None:
        self._processor = _load(path)
        self._folder = path.parent
        self.vocabulary_size = int(self._processor.vocab_size())

    @property
    def special_tokens(self) -> dict[str, int]:
        """The control tokens of the model, such as ``<s>``, spelling -> id."""
        processor = self._processor
        control = (i for i in range(self.vocabulary_size) if processor.is_control(i))
        return {str(processor.id_to_piece(i)): i for i in control}

    def added_ids(self) -> AddedIds:
        """What is put around a text: a model does not say so, but a ``tokenizer_config.json`` of
        Hugging Face beside it may (``add_bos_token``, ``add_eos_token``)."""
        config = _config(self._folder / "tokenizer_config.json")
        bos, eos = int(self._processor.bos_id()), int(self._processor.eos_id())
        before = (bos,) if config.get("add_bos_token") is True and bos >= 0 else ()
        after = (eos,) if config.get("add_eos_token") is True and eos >= 0 else ()
        return AddedIds(before, after)

    def count_piece(self, text: str) -> int:
        return len(self.encode_piece(text))

    def encode_piece(self, text: str) -> list[int]:
        try:
            ids = self._processor.encode(text)
        except UnicodeEncodeError:
            ids = self._processor.encode(replace_surrogates(text))
        return list(ids)

    def decode(self, ids: Sequence[int]) -> bytes:
        for i in ids:
            if not 0 <= i < self.vocabulary_size:
                raise LookupError(i)
        return str(self._processor.decode(list(ids))).encode()


def _load(path: Path) -> Any:
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError:
        raise missing_extra(
            f"{path} is a SentencePiece model, which", "sentencepiece", "sentencepiece"
        ) from None
    try:
        return SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise VocabularyError(
            f"{path} cannot be read as a SentencePiece model",
            hint="the file may be truncated, or of another format",
        ) from error


def _config(path: Path) -> dict[str, Any]:
    """The values in a configuration file; none if there is no such file, or it is malformed."""
    try:
        with open(path, "rb") as file:
            config = json.loads(file.read(_MAX_CONFIG))
    except (OSError, ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}
