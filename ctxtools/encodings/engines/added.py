"""Tokens that an engine does not have: found by their spelling, or known by their id alone."""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import inf

from ctxtools._core.edits import EditedIndex
from ctxtools._core.types import NextSplit, TokenIndex
from ctxtools.encodings.engines.backend import Backend, decode_with
from ctxtools.encodings.engines.finder import AddedToken, Finder
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.encodings.files.patterns import HORIZONTAL_SPACE_SPLITS, WHITE_SPACE
from ctxtools.encodings.ids import as_sequence
from ctxtools.encodings.normalize import SURROGATE, replace_surrogates
from ctxtools.encodings.normalize import nfc as to_nfc


class AddedTokensBackend(PiecewiseBackend):
    """See Backend. What is between the added tokens of a text, another engine counts.

    Args:
        engine: counts the text between them.
        tokens: those that are found by their spelling; see finder.py.
        unused: id -> bytes, of tokens that no text has.
        nfc: whether a text is normalised to NFC before the normalised tokens are looked for.
    """

    def __init__(
        self,
        engine: Backend,
        tokens: Iterable[AddedToken],
        unused: Mapping[int, bytes] | None = None,
        *,
        nfc: bool = False,
    ) -> None:
        tokens = [*tokens]
        self.name = engine.name
        self._engine = engine
        self._nfc = nfc
        self._raw = Finder(token for token in tokens if not token.normalized)
        self._normalized = Finder(token for token in tokens if token.normalized)
        self._bytes = {**(unused or {}), **{token.id: token.decoded for token in tokens}}
        # What the engine decodes is then none of these.
        self._are_above = min(self._bytes, default=inf) >= engine.vocabulary_size
        self.vocabulary_size = max([engine.vocabulary_size, *(i + 1 for i in self._bytes)])
        # Where lone surrogates, and pairs of them, are to be seen as what they are counted as.
        self._cleans = any(token.single_word or max(token.spelling) >= "\ufffd" for token in tokens)
        if engine.next_split:
            self.next_split = _next_split(tokens, nfc=nfc)

    def count(self, text: str, threads: int = 1) -> int:
        texts, n = self._raw.texts(self._clean(text))
        if self._normalized:
            segments, texts = texts, []
            for segment in segments:
                found, m = self._normalized.texts(to_nfc(segment) if self._nfc else segment)
                texts += found
                n += m
        if len(texts) == 1:
            return n + self._engine.count(texts[0], threads)
        return n + sum(self._engine.count_batch(texts, threads))

    def count_piece(self, text: str) -> int:
        return self.count(text)

    def encode(self, text: str) -> list[int]:
        return self.encode_piece(text)

    def encode_piece(self, text: str) -> list[int]:
        encode = self._engine.encode
        segments = self._split(text)
        return [*chain.from_iterable([s] if isinstance(s, int) else encode(s) for s in segments)]

    def encode_to_buffer(self, text: str, limit: int | None = None) -> memoryview:
        ids = array("I")
        for segment in self._split(text):
            remaining = None if limit is None else limit - len(ids)
            if remaining == 0:
                break
            if isinstance(segment, int):
                ids.append(segment)
            else:
                ids.frombytes(self._engine.encode_to_buffer(segment, remaining).cast("B"))
        return memoryview(ids).toreadonly()

    def encode_bytes(self, data: bytes) -> list[int]:
        return self._engine.encode_bytes(data)

    def decode(self, ids: Sequence[int]) -> bytes:
        if self._are_above:
            try:
                return self._engine.decode(ids)
            except LookupError:  # one of these, or unknown
                pass
        return decode_with(self._engine.decode, self._bytes, as_sequence(ids))

    def index(self, text: str) -> TokenIndex | None:
        # Where none of the tokens is in the text, none is in a span of it. An engine that would
        # normalise the text has no index of it.
        clean = self._clean(text)
        if len(clean) != len(text) or self._raw.is_in(clean) or self._normalized.is_in(clean):
            return None
        return self._engine.index(text)

    def edited(
        self, index: TokenIndex | EditedIndex, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]] | None:
        # A token that was not there before has some of the new text, or what is on both sides.
        index.slices([start], [end])  # raises where they are no span of the text
        reach = max(self._raw.longest, self._normalized.longest)
        first, last = max(0, start - reach), min(index.length, end + reach)
        before, after = index.slices([first, end], [start, last])
        around = before + text + after
        clean = self._clean(around)
        if len(clean) != len(around) or self._raw.is_in(clean) or self._normalized.is_in(clean):
            return None
        return self._engine.edited(index, start, end, text)

    def _split(self, text: str) -> Iterator[str | int]:
        for segment in self._raw.split(self._clean(text)):
            if isinstance(segment, int):
                yield segment
            else:
                yield from self._normalized.split(to_nfc(segment) if self._nfc else segment)

    def _clean(self, text: str) -> str:
        if self._cleans and re.search(SURROGATE, text):
            return replace_surrogates(text)
        return text


def _next_split(tokens: Sequence[AddedToken], *, nfc: bool) -> NextSplit | None:
    """Finds safe splits next to tokens, or None: there are none.

    They are ``HORIZONTAL_SPACE_SPLITS``, unless one is inside a spelling. A token that takes the
    white space after it must not end there. One that takes what is before it takes none from before
    the split, and a space or a tab is no character of a word; but a token that starts with it
    could be a single word after the split and not in the whole text.
    """
    if any(
        re.search(HORIZONTAL_SPACE_SPLITS, token.spelling)
        or (token.single_word and token.spelling[0] in " \t")
        for token in tokens
    ):
        return None
    stripping = [token for token in tokens if token.rstrip]
    last = {token.spelling[-1] for token in stripping}
    before = f"(?<=[^{WHITE_SPACE}{''.join(map(re.escape, sorted(last)))}])"
    if nfc and any(token.normalized for token in stripping):
        # Of the characters before the split, only these are surely what they are normalised to.
        before += "(?<=[!-~])"
    splits = re.compile(before + r"(?=[ \t])")

    def next_split(text: str, start: int) -> int | None:
        match = splits.search(text, start)
        return match.start() if match else None

    return next_split
