"""What came of a text that was cut: how full the chunks are, and where the cuts are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from ctxtools._core.types import Strength


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of the chunks of one size. Summaries of several documents can be added.

    Attributes:
        limit: the most tokens that a chunk may have.
        chunks: how many there are.
        tokens: theirs together, overlap and headers included.
        squares: the sum of the squares of their tokens.
        smallest, largest: the tokens of the smallest and of the largest chunk.
        cuts: how many cuts between chunks are of each strength. The end of a document is no cut.
        overlaps: joins of two chunks of which an overlap was asked.
        shortened_overlaps: those of them that got less, for there was no room for more beside
            what cannot be cut.
        dropped_headers: headers that were left out, or a part of them, since they were larger
            than half a chunk or than the room beside what cannot be cut.
        split_characters: characters that alone are above the limit, and were cut.
        notes: what else there is to tell: a document that is not of its format.
    """

    limit: int
    chunks: int = 0
    tokens: int = 0
    squares: int = 0
    smallest: int = 0
    largest: int = 0
    cuts: Mapping[Strength, int] = field(default_factory=dict)
    overlaps: int = 0
    shortened_overlaps: int = 0
    dropped_headers: int = 0
    split_characters: int = 0
    notes: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """The mean number of tokens of a chunk."""
        return self.tokens / self.chunks if self.chunks else 0.0

    @property
    def fill(self) -> float:
        """The mean share of the limit that a chunk has, from 0 to 1."""
        return self.mean / self.limit

    @property
    def spread(self) -> float:
        """The standard deviation of the chunks' tokens."""
        variance = self.squares / self.chunks - self.mean**2 if self.chunks else 0.0
        return sqrt(max(0.0, variance))

    def share_of_cuts(self, strength: Strength) -> float:
        """The share of cuts that are at least so strong, from 0 to 1; 1 where there are none."""
        total = sum(self.cuts.values())
        strong = sum(n for each, n in self.cuts.items() if each >= strength)
        return strong / total if total else 1.0

    def __add__(self, other: "Summary") -> "Summary":
        cuts = {s: self.cuts.get(s, 0) + other.cuts.get(s, 0) for s in Strength}
        return Summary(
            self.limit,
            self.chunks + other.chunks,
            self.tokens + other.tokens,
            self.squares + other.squares,
            min((s.smallest for s in (self, other) if s.chunks), default=0),
            max(self.largest, other.largest),
            {strength: n for strength, n in cuts.items() if n},
            self.overlaps + other.overlaps,
            self.shortened_overlaps + other.shortened_overlaps,
            self.dropped_headers + other.dropped_headers,
            self.split_characters + other.split_characters,
            tuple(dict.fromkeys(self.notes + other.notes)),
        )


class Tally:
    """A summary that grows chunk by chunk.

    Args:
        overlapping: whether overlap was asked for.
    """

    def __init__(self, *, overlapping: bool) -> None:
        self.chunks = 0
        self._overlapping = overlapping
        self._tokens = self._squares = self._smallest = self._largest = 0
        self._cuts = [0] * len(Strength)
        self._strength: int | None = None  # of the cut at the end of the last chunk
        self._shortened = self._dropped = self._split = 0

    def add(self, tokens: int) -> None:
        """The next chunk, of so many tokens."""
        if tokens < self._smallest or not self.chunks:
            self._smallest = tokens
        if tokens > self._largest:
            self._largest = tokens
        self.chunks += 1
        self._tokens += tokens
        self._squares += tokens * tokens

    def join(self, strength: int, shortened: bool, dropped: bool, split: bool) -> None:
        """The next stretch of the document, before its chunks.

        Args:
            strength: of the cut at its end.
            shortened: it has less overlap than was asked for.
            dropped: a header was left out.
            split: it is one character, and is split.
        """
        if self._strength is not None:
            self._cuts[self._strength] += 1
            self._shortened += shortened
        self._strength = strength
        self._dropped += dropped
        self._split += split

    def summary(self, limit: int, notes: tuple[str, ...]) -> Summary:
        """The figures so far."""
        cuts = sum(self._cuts)
        return Summary(
            limit,
            self.chunks,
            self._tokens,
            self._squares,
            self._smallest,
            self._largest,
            {strength: n for strength in Strength if (n := self._cuts[strength])},
            cuts if self._overlapping else 0,
            self._shortened,
            self._dropped,
            self._split,
            notes,
        )
