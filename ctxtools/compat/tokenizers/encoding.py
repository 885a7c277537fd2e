"""The tokens of a text, or of a pair, in columns of the same length."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import chain
from typing import Literal

from ctxtools.compat.tokenizers.not_covered import NotCoveredError

Direction = Literal["left", "right"]
Offsets = list[tuple[int, int]]


@dataclass(frozen=True)
class Encoding:
    """The tokens of a text, or of a pair of them.

    Attributes:
        ids: the token ids.
        type_ids: of each token, as the post-processor says; mostly 0 in the first text and 1 in the
            second.
        special_tokens_mask: 1 where the tokenizer or padding has added a token, else 0.
        attention_mask: 0 where padding has, else 1.
        sequence_ids: of each token, 0 or 1 for the text that it is of; None where it was added
            (the library calls padding 0 where there is no post-processor).
        n_sequences: the number of texts, 1 or 2.
        overflowing: the further windows of a text that was truncated.
    """

    ids: list[int]
    type_ids: list[int]
    special_tokens_mask: list[int]
    attention_mask: list[int]
    sequence_ids: list[int | None]
    _find_tokens: Callable[[], list[str]] = field(repr=False, compare=False)
    _find_offsets: Callable[[], Offsets] = field(repr=False, compare=False)
    _words: list[int | None] | None = field(default=None, repr=False)
    n_sequences: int = 1
    overflowing: "list[Encoding]" = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tokens(self) -> list[str]:
        """How the vocabulary spells each token."""
        return self._find_tokens()

    @cached_property
    def offsets(self) -> Offsets:
        """The start and end of each token in its text, in characters; (0, 0) for those added.

        Raises:
            NotCoveredError: it is not byte-level BPE, or the text is changed (NFC) before it is
                split.
        """
        return self._find_offsets()

    @property
    def word_ids(self) -> list[int | None]:
        """The number of the word that each token is of; None where it was added.

        Raises:
            NotCoveredError: the text was not split into words by the caller.
        """
        if self._words is None:
            raise NotCoveredError("the words of a text that is not split already")
        return self._words

    @property
    def words(self) -> list[int | None]:
        """The older name of ``word_ids``."""
        return self.word_ids

    def token_to_sequence(self, token_index: int) -> int | None:
        """The number of the text that a token is of."""
        return self.sequence_ids[token_index] if 0 <= token_index < len(self) else None

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """The start and end of a token in its text, in characters; None where it was added."""
        in_text = self.token_to_sequence(token_index) is not None
        return self.offsets[token_index] if in_text else None

    def token_to_word(self, token_index: int) -> int | None:
        """The number of the word that a token is of."""
        in_text = self.token_to_sequence(token_index) is not None
        return self.word_ids[token_index] if in_text else None

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The number of the first token that has a character; None if none has."""
        columns = zip(self.sequence_ids, self.offsets, strict=True)
        for number, (sequence, (start, end)) in enumerate(columns):
            if sequence == sequence_index and start <= char_pos < end:
                return number
        return None

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The number of a word's first token, and of that after its last; None if it has none."""
        columns = zip(self.sequence_ids, self.word_ids, strict=True)
        found = [
            number
            for number, (sequence, word) in enumerate(columns)
            if sequence == sequence_index and word == word_index
        ]
        return (found[0], found[-1] + 1) if found else None

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The start and end of a word's tokens, in characters; None if it has none."""
        if (tokens := self.word_to_tokens(word_index, sequence_index)) is None:
            return None
        first, end = tokens
        return self.offsets[first][0], self.offsets[end - 1][1]

    def char_to_word(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The number of the word that has a character; None if none has."""
        token = self.char_to_token(char_pos, sequence_index)
        return None if token is None else self.token_to_word(token)

    def typed(self, type_id: int, *, windows: bool) -> "Encoding":
        """With another type of all tokens, and of those of the overflowing windows if wanted."""
        overflowing = self.overflowing
        if windows:
            overflowing = [each.typed(type_id, windows=False) for each in overflowing]
        return replace(self, type_ids=[type_id] * len(self), overflowing=overflowing)

    def windows(self, length: int, stride: int, direction: Direction) -> "Encoding":
        """The first window of a length, the others overflowing; neighbours share ``stride``."""
        if length >= len(self):
            return self
        if length == 0:
            return replace(self._slice(0, 0), overflowing=[self])
        first, *others = (
            self._slice(*each) for each in _spans(len(self), length, stride, direction)
        )
        return replace(first, overflowing=others)

    def _slice(self, start: int, end: int) -> "Encoding":
        return Encoding(
            self.ids[start:end],
            self.type_ids[start:end],
            self.special_tokens_mask[start:end],
            self.attention_mask[start:end],
            self.sequence_ids[start:end],
            lambda: self.tokens[start:end],
            lambda: self.offsets[start:end],
            None if self._words is None else self._words[start:end],
            self.n_sequences,
        )

    def padded(self, padding: "Padding", length: int) -> "Encoding":
        """This and what overflows, filled up to a length."""
        missing = max(0, length - len(self))
        pads = Encoding(
            [padding.pad_id] * missing,
            [padding.pad_type_id] * missing,
            [1] * missing,
            [0] * missing,
            [None] * missing,
            lambda: [padding.pad_token] * missing,
            lambda: [(0, 0)] * missing,
            [None] * missing,
        )
        filled = _joined((self, pads) if padding.direction == "right" else (pads, self))
        overflowing = [each.padded(padding, length) for each in self.overflowing]
        return replace(filled, overflowing=overflowing)


@dataclass(frozen=True, slots=True)
class Padding:
    """How texts are filled up; see ``Tokenizer.enable_padding``."""

    length: int | None = None
    pad_to_multiple_of: int | None = None
    pad_id: int = 0
    pad_token: str = "[PAD]"
    pad_type_id: int = 0
    direction: Direction = "right"

    def fill(self, encodings: Iterable[Encoding]) -> list[Encoding]:
        """All of them, at the length that is set, or at that of the longest."""
        encodings = [*encodings]
        length = self.length or max(map(len, encodings), default=0)
        if multiple := self.pad_to_multiple_of:
            length = -(-length // multiple) * multiple
        return [each.padded(self, length) for each in encodings]


def join(parts: Sequence[Encoding]) -> Encoding:
    """One encoding of several, one after another; what overflows has each window of each part."""
    return reduce(_join_two, parts) if parts else _joined(())


def _join_two(left: Encoding, right: Encoding) -> Encoding:
    others = [
        _joined((one, other)) for one in left.overflowing for other in (right, *right.overflowing)
    ]
    others += [_joined((left, other)) for other in right.overflowing]
    return replace(_joined((left, right)), overflowing=others)


def _joined(parts: Sequence[Encoding]) -> Encoding:
    words = [each._words for each in parts if each._words is not None]
    return Encoding(
        [*chain.from_iterable(each.ids for each in parts)],
        [*chain.from_iterable(each.type_ids for each in parts)],
        [*chain.from_iterable(each.special_tokens_mask for each in parts)],
        [*chain.from_iterable(each.attention_mask for each in parts)],
        [*chain.from_iterable(each.sequence_ids for each in parts)],
        lambda: [*chain.from_iterable(each.tokens for each in parts)],
        lambda: [*chain.from_iterable(each.offsets for each in parts)],
        [*chain.from_iterable(words)] if len(words) == len(parts) else None,
        max((each.n_sequences for each in parts), default=1),
    )


def _spans(total: int, length: int, stride: int, direction: Direction) -> Iterable[tuple[int, int]]:
    """The start and end of each window, from the side that is kept."""
    step = length - stride
    if direction == "right":
        for start in range(0, total, step):
            yield start, min(start + length, total)
            if start + length >= total:
                return
    else:
        for end in range(total, 0, -step):
            yield max(0, end - length), end
            if end <= length:
                return
