"""How a vocabulary spells its tokens."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Protocol

from ctxtools._core.byte_characters import BYTE_OF
from ctxtools.encodings import Encoding
from ctxtools.errors import UnknownTokenError

_CHARACTER_OF = {byte: character for character, byte in BYTE_OF.items()}


class Vocabulary(Protocol):
    """The tokens of a model, without those that are added to it."""

    def spelling(self, token_id: int) -> str | None:
        """How a token is spelled; None if there is none of the id."""

    def find(self, token: str) -> int | None:
        """The id of a token; None if there is none."""

    def __iter__(self) -> Iterator[int]:
        """All ids."""


class ByteLevelVocabulary:
    """That of an encoding, in the characters that stand for bytes."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._known: dict[int, str | None] = {}

    def spelling(self, token_id: int) -> str | None:
        if token_id not in self._known:
            try:
                data = self._encoding.token_bytes(token_id)
            except UnknownTokenError:
                self._known[token_id] = None
            else:
                self._known[token_id] = "".join(map(_CHARACTER_OF.__getitem__, data))
        return self._known[token_id]

    def find(self, token: str) -> int | None:
        try:
            found = self._encoding.token_id(bytes(map(BYTE_OF.__getitem__, token)))
        except (KeyError, UnknownTokenError):
            return None
        return found if self.spelling(found) == token else None

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._encoding.vocabulary_size))


class ListedVocabulary:
    """That of a ``tokenizer.json``, as it is written there."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        self._ids = ids

    @cached_property
    def _spellings(self) -> dict[int, str]:
        return {i: token for token, i in self._ids.items()}

    def spelling(self, token_id: int) -> str | None:
        return self._spellings.get(token_id)

    def find(self, token: str) -> int | None:
        return self._ids.get(token)

    def __iter__(self) -> Iterator[int]:
        return iter(self._spellings)


def listed_vocabulary(model: Any) -> ListedVocabulary:
    """That of a model: its value in a ``tokenizer.json``."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):  # Unigram: pairs of a token and its score
        vocabulary = {token: number for number, (token, _) in enumerate(vocabulary)}
    return ListedVocabulary(vocabulary)
