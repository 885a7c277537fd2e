"""What stays of a text's tokens whatever follows it: ``encode_with_unstable``.

The last pretoken of a text may grow, so its tokens are unstable; so are tokens of white space right
before it, which a pattern may split elsewhere once something follows. Instead of these there may be
any sequence of tokens of which all but the last are inside the unstable bytes and the last one
reaches their end, or beyond. As in tiktoken, those are found by trying, at each offset in the
unstable bytes, each token that starts with what follows the offset.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from ctxtools.encodings import Encoding
from ctxtools.encodings.files.patterns import pattern_of
from ctxtools.encodings.normalize import nfc

_SPACES = b" \n\t"


class Unstable:
    """Encodes texts that may go on, and bytes that may end inside a character.

    Args:
        encoding: the encoding.
        pat_str: its split pattern.
        ranks: the bytes of each of its tokens -> id.
    """

    def __init__(self, encoding: Encoding, pat_str: str, ranks: Mapping[bytes, int]) -> None:
        self._encoding, self._backend = encoding, encoding.backend
        self._pattern = pattern_of(pat_str)
        self._ranks = ranks

    def encode(
        self, text: str, allowed_special: Collection[str]
    ) -> tuple[list[int], list[list[int]]]:
        """See ``Encoding.encode_with_unstable``."""
        stable, unstable = self._split(text, allowed_special)
        return stable, sorted(map(list, {*self._completions(unstable)}))

    def encode_bytes(self, data: bytes) -> list[int]:
        """The ids of bytes, of which those before the first that is not UTF-8 are split."""
        try:
            return self._backend.encode(data.decode())
        except UnicodeDecodeError as error:
            stable, unstable = self._split(data[: error.start].decode(), ())
            return stable + self._backend.encode_bytes(unstable + data[error.start :])

    def _split(self, text: str, allowed_special: Collection[str]) -> tuple[list[int], bytes]:
        """The ids that stay, and the bytes of the others."""
        ids = self._encoding.encode(text, allowed_special=allowed_special)
        pretoken = self._last_pretoken(text[_end_of_last(allowed_special, text) :])
        last = len(self._backend.encode_bytes(pretoken.encode()))
        if last and self._is_space(ids[-last]):
            while last < len(ids) and self._is_space(ids[-last - 1]):
                last += 1
        stable = len(ids) - last
        return ids[:stable], self._backend.decode(ids[stable:])

    def _last_pretoken(self, text: str) -> str:
        if self._pattern.nfc:
            text = nfc(text)
        if not text:
            return ""
        if index := self._backend.index(text):
            ends = index.ends
            return text[ends[-2] if len(ends) > 1 else 0 :]
        import regex

        found = [match.group() for match in regex.finditer(self._pattern.regex, text)]
        return found[-1] if found else ""

    def _completions(self, unstable: bytes) -> Iterator[tuple[int, ...]]:
        if not unstable:
            return
        for token in self._starting_with(unstable):
            yield (self._ranks[token],)
        for split in range(1, len(unstable)):
            before, after = unstable[:split], unstable[split:]
            for ids in self._encoded(before + token for token in self._starting_with(after)):
                yield self._reaching(ids, len(unstable))
        # White space at the end may be split off by what follows: \s+(?!\S).
        last = unstable.decode("utf-8", "replace")[-1]
        length = len(last.encode())
        if 1 <= length < len(unstable) and last.isspace():
            encode = self._backend.encode_bytes
            yield (*encode(unstable[:-length]), *encode(unstable[-length:]))

    def _starting_with(self, start: bytes) -> Iterator[bytes]:
        tokens = self._sorted
        for n in range(bisect_left(tokens, start), len(tokens)):
            if not tokens[n].startswith(start):
                return
            yield tokens[n]

    def _encoded(self, candidates: Iterable[bytes]) -> Iterator[Sequence[int]]:
        """The ids of each: split if it is UTF-8, else not."""
        texts = []
        for candidate in candidates:
            try:
                texts.append(candidate.decode())
            except UnicodeDecodeError:
                yield self._backend.encode_bytes(candidate)
        yield from self._backend.encode_batch(texts)

    def _reaching(self, ids: Sequence[int], length: int) -> tuple[int, ...]:
        """The first ids, up to that with which they have so many bytes."""
        reached = 0
        for n, i in enumerate(ids, 1):
            reached += len(self._bytes[i])
            if reached >= length:
                return tuple(ids[:n])
        return tuple(ids)

    def _is_space(self, token_id: int) -> bool:
        return not self._bytes.get(token_id, b"-").strip(_SPACES)

    @cached_property
    def _bytes(self) -> dict[int, bytes]:
        return {i: token for token, i in self._ranks.items()}

    @cached_property
    def _sorted(self) -> list[bytes]:
        return sorted(self._ranks)


def _end_of_last(tokens: Collection[str], text: str) -> int:
    """Where the last of some special tokens in a text ends; 0 if there is none."""
    spellings = map(re.escape, sorted(tokens, key=len, reverse=True))
    found = re.finditer("|".join(spellings), text) if tokens else ()
    return max((match.end() for match in found), default=0)
