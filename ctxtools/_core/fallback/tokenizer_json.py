"""What is large in a ``tokenizer.json``: the vocabulary, and the merges of BPE."""

import codecs
import json
from itertools import accumulate, pairwise
from typing import Any

from ctxtools._core.byte_characters import BYTE_OF, token_bytes
from ctxtools._core.fallback.merges import Merges

_CHARACTERS = "".join(sorted(BYTE_OF, key=BYTE_OF.__getitem__))
_MAX_ID = (1 << 32) - 2
_MAX_TOKEN = 1 << 16  # characters
_MAX_TOKENS = (1 << 24) - 1
_MAX_HALVES = 1 << 26  # characters of tokens that are cut in two at each offset


class TokenizerJson:
    """A file, of which the small members are read by whoever asks for them.

    Args:
        data: its content.

    Attributes:
        rest: the file, in which ``model.vocab`` and ``model.merges`` are empty.
        token_count: of the vocabulary.
        max_id: the highest id of the vocabulary; None if that is empty.

    Raises:
        ValueError: it is not a plain ``tokenizer.json``: it is malformed, or its vocabulary is
            neither an object with ids nor a list of distinct tokens with scores.
    """

    def __init__(self, data: bytes) -> None:
        try:
            file = json.loads(data)
            model = file["model"]
            vocabulary = model["vocab"]
            self._has_scores = type(vocabulary) is list and bool(vocabulary)
            self._ids: dict[str, int] = _ids(vocabulary) if type(vocabulary) is list else vocabulary
            self._merges: list[Any] = model.get("merges", [])
            if not all(type(i) is int and 0 <= i < 1 << 32 for i in self._ids.values()):
                raise ValueError("an id is none")
            model["vocab"] = type(vocabulary)()
            if "merges" in model:
                model["merges"] = []
            self.rest = json.dumps(file)
        except (AttributeError, KeyError, RecursionError, TypeError) as error:
            raise ValueError("not a plain tokenizer.json") from error
        self.token_count = len(self._ids)
        self.max_id = max(self._ids.values(), default=None)

    def id_of(self, token: str) -> int | None:
        """The id of a token of the vocabulary."""
        return self._ids.get(token)

    def byte_level(self, ignore_merges: bool) -> tuple[dict[bytes, int], dict[int, bytes]] | None:
        """The vocabulary of byte-level BPE, in which ids used as ranks do the same as the merges.

        Args:
            ignore_merges: whether a pretoken that is a token becomes that token, whether merges
                make it or not.

        Returns:
            Token bytes -> id, and id -> bytes of the tokens that no text has. None where the ids
            are not such ranks, two tokens have the same id, or a byte has no token.
        """
        ids = self._ids
        if self._has_scores or not _are_ids(ids):
            return None
        merges = Merges(ids, _CHARACTERS)
        try:
            # A merge is a pair or a line of merges.txt, of which the library skips those of a
            # version: such a line is no pair.
            if not merges.add(
                m.split(" ") if isinstance(m, str) and m[:8] != "#version" else m
                for m in self._merges
            ):
                return None
        except (KeyError, TypeError, ValueError):
            return None
        known, unused = set(merges.made), {}
        halves = 0
        for token, i in ids.items():
            if i in known:
                continue
            # Such a token is used only for an entire pretoken, and only if the model says so.
            if ignore_merges and token and BYTE_OF.keys() >= set(token):
                halves += len(token) ** 2
                if halves > _MAX_HALVES or not merges.is_never_made(token):
                    return None
                known.add(i)
            else:
                unused[i] = token_bytes(token)
        return _ranks({token: i for token, i in ids.items() if i in known}), unused


def _ids(pieces: list[Any]) -> dict[str, int]:
    """The ids of a list of pieces with scores: their positions in it."""
    ids = {piece: i for i, (piece, _) in enumerate(pieces)}
    are_scores = all(type(score) in (int, float) for _, score in pieces)
    if len(ids) < len(pieces) or not are_scores or not all(type(piece) is str for piece in ids):
        raise ValueError("not a plain tokenizer.json")
    return ids


def _are_ids(ids: dict[str, int]) -> bool:
    """Whether a vocabulary has distinct ids for its tokens, and a token for each byte."""
    return (
        len(ids) <= _MAX_TOKENS
        and all(i <= _MAX_ID for i in ids.values())
        and len(set(ids.values())) == len(ids)
        and max(map(len, ids), default=0) <= _MAX_TOKEN
        and ids.keys() >= set(_CHARACTERS)
    )


def _ranks(ids: dict[str, int]) -> dict[bytes, int]:
    """Token bytes -> id. All tokens are translated at once, which is many times faster."""
    encoded, _ = codecs.charmap_encode("".join(ids), "strict", codecs.charmap_build(_CHARACTERS))
    offsets = accumulate(map(len, ids), initial=0)
    return {encoded[a:b]: i for (a, b), i in zip(pairwise(offsets), ids.values(), strict=True)}
