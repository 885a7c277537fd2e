"""Statistics of chunks: how full they are, and at which boundaries they were cut."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from operator import mul
from typing import NamedTuple
from warnings import warn

from ctxtools._core.types import Strength


class LeftOut(NamedTuple):
    """What was left out of documents, of one kind."""

    number: int
    characters: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Statistics of the chunks of one size. Add those of several documents with ``+``.

    Attributes:
        limit: the maximum tokens of a chunk, with those that the tokenizer adds.
        chunks: the number of chunks.
        tokens: their total, overlap and headers included.
        squares: the sum of the squares of their token counts.
        smallest, largest: tokens of the smallest and the largest chunk.
        cuts: the number of cuts between chunks of each strength. The end of a document is not one.
        overlaps: the number of cuts where overlap was asked for.
        shortened_overlaps: those with less overlap than asked for, because the chunk has an atomic
            span that leaves no capacity for more.
        dropped_headers: headers left out in whole or in part, because they exceeded half a chunk
            or the capacity that an atomic span left.
        split_characters: characters that exceed the limit alone, and were split.
        notes: other remarks, such as a document that is not of its format.
        left_out: what is not in any chunk, by its kind: "script", "style", "svg", "data-uri".
        tokens_added: tokens that the tokenizer itself adds to each chunk, which no other figure
            includes but the limit and ``fill``.
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
    tokens_added: int = 0
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Mean tokens of a chunk."""
        return self.tokens / self.chunks if self.chunks else 0.0

    @property
    def fill(self) -> float:
        """Mean utilisation: the share of the limit that is used, from 0 to 1."""
        return (self.mean + self.tokens_added) / self.limit if self.chunks else 0.0

    @property
    def standard_deviation(self) -> float:
        """Standard deviation of the tokens of a chunk."""
        variance = self.squares / self.chunks - self.mean**2 if self.chunks else 0.0
        return sqrt(max(0.0, variance))

    @property
    def spread(self) -> float:
        """Deprecated name of `standard_deviation`."""
        warn("Summary.spread is now Summary.standard_deviation", DeprecationWarning, stacklevel=2)
        return self.standard_deviation

    def _repr_html_(self) -> str:
        """The figures as Jupyter shows them."""
        from ctxtools.jupyter import html_table

        rows = [
            ("tokens", self.tokens),
            ("mean", f"{self.mean:,.1f} ({self.fill:.1%} of the limit)"),
            ("standard deviation", f"{self.standard_deviation:,.1f}"),
            ("smallest", self.smallest),
            ("largest", self.largest),
            *((f"cuts at: {_words(each)}", n) for each, n in self.cuts.items()),
        ]
        caption = f"{self.chunks:,} chunks of at most {self.limit:,} tokens"
        return html_table(caption, ("", "of all chunks"), rows, numbers=(1,))

    def share_of_cuts(self, strength: Strength) -> float:
        """The share of cuts of at least a strength, from 0 to 1; 1 if there are no cuts."""
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
            self.tokens_added,
            {
                kind: LeftOut(*map(sum, zip(*_of(kind, self, other), strict=True)))
                for kind in {**self.left_out, **other.left_out}
            },
        )


def _words(strength: Strength) -> str:
    return strength.name.lower().replace("_", " ")


def _of(kind: str, *summaries: Summary) -> list[LeftOut]:
    return [each.left_out[kind] for each in summaries if kind in each.left_out]


class SummaryBuilder:
    """Builds a summary chunk by chunk.

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
        """Add a chunk."""
        if tokens < self._smallest or not self.chunks:
            self._smallest = tokens
        if tokens > self._largest:
            self._largest = tokens
        self.chunks += 1
        self._tokens += tokens
        self._squares += tokens * tokens

    def add_spans(
        self,
        tokens: Sequence[int],
        strengths: Sequence[int],
        shortened: Sequence[int],
        dropped: Sequence[int],
    ) -> None:
        """Add the next spans of the document, each of which is a chunk: see `add_span`."""
        if not tokens:
            return
        smallest = min(tokens)
        self._smallest = min(self._smallest, smallest) if self.chunks else smallest
        self._largest = max(self._largest, max(tokens))
        self.chunks += len(tokens)
        self._tokens += sum(tokens)
        self._squares += sum(map(mul, tokens, tokens))
        is_first = self._strength is None
        if self._strength is not None:
            self._cuts[self._strength] += 1
        self._shortened += sum(shortened[1:] if is_first else shortened)
        self._dropped += sum(dropped)
        for strength, n in Counter(strengths[:-1]).items():
            self._cuts[strength] += n
        self._strength = strengths[-1]

    def add_span(self, strength: int, shortened: bool, dropped: bool, split: bool) -> None:
        """Add the next span of the document, before its chunks: one, or several if it is split.

        Args:
            strength: of the cut at its end.
            shortened: it has less overlap than was asked for.
            dropped: its header was left out, in whole or in part.
            split: it is a single character that exceeds the limit.
        """
        if self._strength is not None:
            self._cuts[self._strength] += 1
            self._shortened += shortened
        self._strength = strength
        self._dropped += dropped
        self._split += split

    def summary(
        self,
        limit: int,
        notes: tuple[str, ...],
        tokens_added: int,
        left_out: Mapping[str, LeftOut],
    ) -> Summary:
        """The statistics so far."""
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
            tokens_added,
            left_out,
        )


def count_left_out(
    text: str,
    spans: Mapping[str, Sequence[tuple[int, int]]],
    count_batch: Callable[[list[str]], list[int]],
) -> dict[str, LeftOut]:
    """How much of a document was left out, by its kind: the tokens of each span on its own.

    Args:
        text: the document.
        spans: of each kind.
        count_batch: counts the tokens of several texts.
    """
    found = {}
    for kind, each in spans.items():
        if parts := [text[start:end] for start, end in each]:
            found[kind] = LeftOut(len(parts), sum(map(len, parts)), sum(count_batch(parts)))
    return found
