"""Tokens beside an engine's own: found in a text by their spelling, or known by their id alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from ctxtools._core.types import TokenIndex
from ctxtools.encodings.engines.backend import Backend, decode_beside
from ctxtools.encodings.engines.normalize import nfc as to_nfc
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.files.patterns import WHITE_SPACE
from ctxtools.encodings.files.tokenizer_json import AddedTokens

# A place to cut a text in every family, and in no token that has no such place itself.
_CUT = re.compile(rf"(?<=[^{WHITE_SPACE}])(?=[ \t])")


class AddedTokensBackend(PiecewiseBackend):
    """See Backend. What is between the added tokens of a text, another engine counts.

    Args:
        engine: counts a text by one of the families of patterns.py.
        added: the tokens that are found by their spelling: of two that start at one place, the
            longer one.
        unused: id -> bytes, of tokens that no text has.
        nfc: whether a text is normalised to NFC before the normalised tokens are looked for.
    """

    def __init__(
        self, engine: Backend, added: AddedTokens, unused: Mapping[int, bytes], *, nfc: bool
    ) -> None:
        self.name = engine.name
        self._engine = engine
        self._nfc = nfc
        self._raw, self._normalized = _Finder(added.raw), _Finder(added.normalized)
        spelled = {**added.raw, **added.normalized}
        self._bytes = {**unused, **{i: token.encode() for token, i in spelled.items()}}
        self.vocabulary_size = max(engine.vocabulary_size, *(i + 1 for i in self._bytes))
        if not any(_CUT.search(token) for token in spelled):
            self.next_cut = _next_cut

    def count_piece(self, text: str) -> int:
        count = self._engine.count
        return sum(1 if isinstance(part, int) else count(part) for part in self._parts(text))

    def encode_piece(self, text: str) -> list[int]:
        encode = self._engine.encode
        parts = self._parts(text)
        return [*chain.from_iterable([p] if isinstance(p, int) else encode(p) for p in parts)]

    def decode(self, ids: Sequence[int]) -> bytes:
        return decode_beside(self._engine.decode, self._bytes, ids)

    def index(self, text: str) -> TokenIndex | None:
        # Where none of the tokens is in the text, none is in a part of it. An engine that would
        # normalise the text has no index of it.
        if self._raw.is_in(text) or self._normalized.is_in(text):
            return None
        return self._engine.index(text)

    def _parts(self, text: str) -> Iterator[str | int]:
        for part in self._raw.parts(text):
            if isinstance(part, int):
                yield part
            else:
                yield from self._normalized.parts(to_nfc(part) if self._nfc else part)


class _Finder:
    """Parts a text at the spellings of some tokens."""

    def __init__(self, tokens: Mapping[str, int]) -> None:
        longest_first = sorted(tokens, key=len, reverse=True)
        self._spellings = re.compile("|".join(map(re.escape, longest_first))) if tokens else None
        self._ids = tokens

    def is_in(self, text: str) -> bool:
        """Whether a text has any of the spellings."""
        return self._spellings is not None and self._spellings.search(text) is not None

    def parts(self, text: str) -> Iterator[str | int]:
        """What is between the tokens, and their ids."""
        done = 0
        for match in self._spellings.finditer(text) if self._spellings else ():
            if done < match.start():
                yield text[done : match.start()]
            yield self._ids[match[0]]
            done = match.end()
        yield text[done:] if done else text


def _next_cut(text: str, start: int) -> int | None:
    match = _CUT.search(text, start)
    return match.start() if match else None
