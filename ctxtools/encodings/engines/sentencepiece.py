"""The SentencePiece backend: serves a ``.model`` file through the library.

Its counts do not add up over splits: a model may normalise its text and put a space before it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.surrogates import replace_surrogates
from ctxtools.errors import VocabularyError, missing_extra


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
        self.vocabulary_size = int(self._processor.vocab_size())

    @property
    def special_tokens(self) -> dict[str, int]:
        """The control tokens of the model, such as ``<s>``, spelling -> id."""
        processor = self._processor
        control = (i for i in range(self.vocabulary_size) if processor.is_control(i))
        return {str(processor.id_to_piece(i)): i for i in control}

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
