"""The SentencePiece backend: serves a ``.model`` file through the library.

Its counts do not add up over splits: a model may normalise its text and put a space before it.
"""

from importlib.util import find_spec
from pathlib import Path

from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.engines.isolated import IsolatedBackend
from ctxtools.encodings.files.configuration import read_configuration
from ctxtools.errors import missing_extra


class SentencePieceBackend(IsolatedBackend):
    """See Backend.

    Args:
        data: the content of a SentencePiece ``.model``.
        path: where it is.

    Raises:
        MissingExtraError: ``sentencepiece`` is not installed.
        VocabularyError: the file cannot be read as a model.
    """

    name = "sentencepiece"

    def __init__(self, data: bytes, path: Path) -> None:
        if find_spec("sentencepiece") is None:
            raise missing_extra(
                f"{path} is a SentencePiece model, which", "sentencepiece", "sentencepiece"
            )
        super().__init__("sentencepiece", data, str(path))
        self._folder = path.parent

    def added_ids(self) -> AddedIds:
        """See `configured_ids`."""
        return configured_ids(self._folder, self._facts["bos"], self._facts["eos"])


def configured_ids(folder: Path, bos: int, eos: int) -> AddedIds:
    """What is put around a text: a model does not say so, but a ``tokenizer_config.json`` of
    Hugging Face beside it may (``add_bos_token``, ``add_eos_token``).

    Args:
        folder: where the model is.
        bos: the id of the piece that starts a text; -1 if there is none.
        eos: the same of its end.
    """
    config = read_configuration(folder / "tokenizer_config.json")
    before = (bos,) if config.get("add_bos_token") is True and bos >= 0 else ()
    after = (eos,) if config.get("add_eos_token") is True and eos >= 0 else ()
    return AddedIds(before, after)
