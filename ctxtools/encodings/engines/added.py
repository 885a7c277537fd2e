"""Tokens that an engine does not have: found by their spelling, or known by their id alone."""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ctxtools._core.types import TokenIndex
from ctxtools.encodings.engines.backend import Backend, decode_with
from ctxtools.encodings.engines.normalize import nfc as to_nfc
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.files.patterns import HORIZONTAL_SPACE_SPLITS, next_horizontal_space_split


@dataclass(frozen=True, slots=True)
class AddedTokens:
    """Tokens that are found in any text that spells them out.

    Attributes:
        raw: spelling -> id, looked for in the text before it is normalised.
        normalized: spelling -> id, looked for in what is between the raw ones, normalised.
    """

    raw: Mapping[str, int]
    normalized: Mapping[str, int]


class AddedTokensBackend(PiecewiseBackend):
    """See Backend. What is between the added tokens of a text, another engine counts.

    Args:
        engine: counts the text between them.
        added: the tokens that are found by their spelling: the longest of those that start at
            the same position.
        unused: id -> bytes, of tokens that no text has.
        nfc: whether a text is normalised to NFC before the normalised tokens are looked for.
    """

    def __init__(
        self,
        engine: Backend,
        added: AddedTokens,
        unused: Mapping[int, bytes] | None = None,
        *,
        nfc: bool = False,
    ) -> None:
        self.name = engine.name
        self._engine = engine
        self._nfc = nfc
        self._raw, self._normalized = _Finder(added.raw), _Finder(added.normalized)
        spelled = {**added.raw, **added.normalized}
        self._bytes = {**(unused or {}), **{i: token.encode() for token, i in spelled.items()}}
        self.vocabulary_size = max(engine.vocabulary_size, *(i + 1 for i in self._bytes))
        if engine.next_split and not any(map(HORIZONTAL_SPACE_SPLITS.search, spelled)):
            self.next_split = next_horizontal_space_split

    def count(self, text: str, threads: int = 1) -> int:
        segments = [*self._split(text)]
        texts = [each for each in segments if isinstance(each, str)]
        if len(texts) == 1:
            counts = [self._engine.count(texts[0], threads)]
        else:
            counts = self._engine.count_batch(texts, threads)
        return len(segments) - len(texts) + sum(counts)

    def count_piece(self, text: str) -> int:
        return self.count(text)

    def encode(self, text: str) -> list[int]:
        return self.encode_piece(text)

    def encode_piece(self, text: str) -> list[int]:
        encode = self._engine.encode
        segments = self._split(text)
        return [*chain.from_iterable([s] if isinstance(s, int) else encode(s) for s in segments)]

    def encode_to_buffer(self, text: str) -> memoryview:
        ids = array("I")
        for segment in self._split(text):
            if isinstance(segment, int):
                ids.append(segment)
            else:
                ids.frombytes(self._engine.encode_to_buffer(segment).cast("B"))
        return memoryview(ids).toreadonly()

    def decode(self, ids: Sequence[int]) -> bytes:
        return decode_with(self._engine.decode, self._bytes, ids)

    def index(self, text: str) -> TokenIndex | None:
        # Where none of the tokens is in the text, none is in a span of it. An engine that would
        # normalise the text has no index of it.
        if self._raw.is_in(text) or self._normalized.is_in(text):
            return None
        return self._engine.index(text)

    def _split(self, text: str) -> Iterator[str | int]:
        for segment in self._raw.split(text):
            if isinstance(segment, int):
                yield segment
            else:
                yield from self._normalized.split(to_nfc(segment) if self._nfc else segment)


class _Finder:
    """Splits a text at the spellings of some tokens."""

    def __init__(self, tokens: Mapping[str, int]) -> None:
        longest_first = sorted(tokens, key=len, reverse=True)
        self._spellings = re.compile("|".join(map(re.escape, longest_first))) if tokens else None
        self._ids = tokens

    def is_in(self, text: str) -> bool:
        """Whether a text has any of the spellings."""
        return self._spellings is not None and self._spellings.search(text) is not None

    def split(self, text: str) -> Iterator[str | int]:
        """The text between the tokens, and their ids."""
        done = 0
        for match in self._spellings.finditer(text) if self._spellings else ():
            if done < match.start():
                yield text[done : match.start()]
            yield self._ids[match[0]]
            done = match.end()
        if done < len(text) or not done:
            yield text[done:]
