"""The tiktoken backend: byte-level BPE with one of the known split patterns.

It serves the packaged encodings where the kernel was not compiled. It adds to tiktoken what
DeepSeek and Qwen need (one pattern for three splits, see patterns.py; NFC), and keeps long runs
from its regex engine, which fails on a million spaces.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any
from unicodedata import is_normalized

import tiktoken

from ctxtools._core.fallback.token_index import SummedIndex
from ctxtools._core.types import NextSplit, TokenIndex
from ctxtools.encodings.engines.pieces import PiecewiseBackend, pieces_of
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, Run, SplitPattern
from ctxtools.encodings.normalize import SURROGATE, replace_surrogates
from ctxtools.encodings.normalize import nfc as to_nfc

# Characters. A run of twice this length is taken out of the text; a shorter one is far from the
# million characters at which the regex engine fails.
_STRIDE = 100_000

_BLOCK = 1 << 16  # ids that are decoded at once
_MEMO = 1 << 17  # pretokens whose counts are remembered
_MEMO_LENGTH = 64  # the maximum length of such a pretoken, in characters

_BYTES = {bytes([byte]): byte for byte in range(256)}


class TiktokenBackend(PiecewiseBackend):
    """See Backend.

    Args:
        ranks: token bytes -> rank, every single byte among them. A token's rank is its id.
        pattern: the split pattern.
        nfc: whether a text is normalised to NFC first.
    """

    name = "tiktoken"

    def __init__(self, ranks: dict[bytes, int], pattern: SplitPattern, *, nfc: bool) -> None:
        self._ranks = ranks
        self._regex = pattern.regex
        self._engine = _engine(self._ranks, pattern.regex)
        self._runs = [_LongRun(run) for run in pattern.runs]
        self._nfc = nfc
        self._is_family = pattern.name in SPLIT_PATTERNS
        self.next_split: NextSplit = pattern.next_split
        self.vocabulary_size = max(self._ranks.values()) + 1

    def count_piece(self, text: str) -> int:
        return sum(len(ids) for ids in self._encode_spans(text))

    def encode_piece(self, text: str) -> list[int]:
        return [token for ids in self._encode_spans(text) for token in ids]

    def encode_bytes(self, data: bytes) -> list[int]:
        return self._engine._encode_single_piece(data) if data else []

    def decode(self, ids: Sequence[int]) -> bytes:
        # In blocks: the library ends the process if it has no memory for the length that a sequence
        # says it has.
        remaining, parts = iter(ids), []
        while block := list(islice(remaining, _BLOCK)):
            try:
                parts.append(self._engine.decode_bytes(block))
            except (KeyError, OverflowError):
                known = set(self._ranks.values())
                raise LookupError(next(i for i in block if i not in known)) from None
        return b"".join(parts)

    def index(self, text: str) -> TokenIndex | None:
        clean = replace_surrogates(text) if re.search(SURROGATE, text) else text
        is_changed = len(clean) != len(text) or (self._nfc and not is_normalized("NFC", clean))
        if is_changed or not self._is_family:
            return None
        # Any span of a text in NFC is in NFC, so none is changed before it is counted.
        ends, sums = array("I"), array("I")
        total = start = 0
        for piece in pieces_of(clean, self.next_split):
            for pretoken, (_, end) in self._splitter.pre_tokenize_str(piece):
                total += self._tokens_of[pretoken]
                ends.append(start + end)
                sums.append(total)
            start += len(piece)
        return SummedIndex(
            text,
            ends,
            sums,
            self.count,
            lambda span: [len(self.decode([id])) for id in self.encode(span)],
            lambda span: (end for _, (_, end) in self._splitter.pre_tokenize_str(span)),
            self.next_split,
            self._tokens_of.longest,
        )

    @cached_property
    def _splitter(self) -> Any:
        """The pattern in an engine that reports where pretokens end, with the same classes.

        Its dialect has no possessive counts, which here mean the same as greedy ones, and its ``$``
        is the end of a line.
        """
        from tokenizers import Regex, pre_tokenizers

        regex = self._regex.replace("{1,3}+", "{1,3}").replace(r"\s++$", r"\s++\z")
        return pre_tokenizers.Split(Regex(regex), "isolated")

    @cached_property
    def _tokens_of(self) -> "_TokensOf":
        return _TokensOf(self._one_pretoken, max(map(len, self._ranks)))

    def _encode_spans(self, text: str) -> Iterator[list[int]]:
        if self._nfc:
            text = to_nfc(text)
        done = 0
        for start, end in self._long_runs(text):
            # White space before the run leaves its last character to what follows, and would not
            # if the text ended there: split it as it is split in the whole text.
            split = start - 1 if start and self._runs[0].members[text[start - 1]] else start
            yield self._engine.encode_ordinary(text[done:split])
            yield self._engine.encode_ordinary(text[split:start])
            yield self._one_pretoken.encode_ordinary(text[start:end])
            done = end
        yield self._engine.encode_ordinary(text[done:] if done else text)

    def _long_runs(self, text: str) -> list[tuple[int, int]]:
        """The (start, end) of long pretokens of one class, in order."""
        if len(text) < 2 * _STRIDE:
            return []
        return sorted(found for run in self._runs for found in run.find(text))

    @cached_property
    def _one_pretoken(self) -> tiktoken.Encoding:
        """Encodes any text as a single pretoken."""
        return _engine(self._ranks, r"(?s:.+)")


class _TokensOf(dict[str, int]):
    """Pretoken -> its number of tokens, remembered for short ones.

    Args:
        engine: encodes any text as a single pretoken.
        longest: the length of the longest token, in bytes.
    """

    def __init__(self, engine: tiktoken.Encoding, longest: int) -> None:
        self._engine = engine
        self.longest = longest

    def __missing__(self, pretoken: str) -> int:
        tokens = len(self._engine.encode_ordinary(pretoken))
        if len(pretoken) <= _MEMO_LENGTH:
            if len(self) >= _MEMO:
                self.clear()
            self[pretoken] = tokens
        return tokens


def _engine(ranks: dict[bytes, int], regex: str) -> tiktoken.Encoding:
    return tiktoken.Encoding("", pat_str=regex, mergeable_ranks=ranks, special_tokens={})


class _LongRun:
    """Finds the long runs of one class, by the engine's Unicode tables."""

    def __init__(self, run: Run) -> None:
        self.members = _CharacterClass(run.members)
        self._shortened_before = _CharacterClass(run.shortened_before)
        self._absorbed_before = _CharacterClass(run.absorbed_before)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """The (start, end) of each pretoken that is a run of two strides or more.

        A run so long covers one of the offsets that are probed, so most of the text is not read.
        """
        end = 0
        for probe in range(_STRIDE, len(text), _STRIDE):
            if probe < end or not self.members[text[probe]]:
                continue
            start = probe
            while start > end and self.members[text[start - 1]]:
                start -= 1
            end = probe
            while end < len(text) and self.members[text[end]]:
                end += 1
            follower = text[end : end + 1]
            if end - start < _STRIDE or self._absorbed_before[follower]:
                continue
            yield start, end - 1 if self._shortened_before[follower] else end


class _CharacterClass(dict[str, bool]):
    """Character -> whether it is in a class of the engine's regex dialect."""

    def __init__(self, regex: str) -> None:
        self._engine = _engine(_BYTES, regex)

    def __missing__(self, character: str) -> bool:
        self[character] = bool(self._engine.encode_ordinary(character))
        return self[character]
