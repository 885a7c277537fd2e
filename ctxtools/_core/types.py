"""The types that the kernel and the fallback share."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, Literal, NamedTuple, Protocol

from ctxtools._core.cut_types import CutOptions, CutRules, Numbers

# (text, start) -> the first safe split at or after start (an offset in characters), or None. The
# text on each side of one has, on its own, the tokens that it has in the whole text. Whether an
# offset is one depends on the characters on its two sides alone.
NextSplit = Callable[[str, int], int | None]

Overlong = Literal["split", "truncate", "drop", "raise"]

UNLIMITED = 2**32 - 1  # documents of a training window, where there is no limit


class Request(NamedTuple):
    """How to pack documents into training windows; see `ctxtools.packing.pack_sequences`."""

    window: int
    eos: int = 0
    separator: int = 0
    max_documents: int = UNLIMITED
    overlong: Overlong = "split"
    seed: int | None = None


def split_overlong(length: int, request: Request) -> Iterator[tuple[int, int]]:
    """(start, tokens) of the pieces of a document that is split: full windows, then the rest.

    The last piece has at least one token of the document, not only the EOS tokens after it.
    """
    tokens = length + request.eos
    last = min((tokens - 1) // request.window * request.window, length - 1)
    for start in range(0, last, request.window):
        yield start, min(request.window, last - start)
    yield last, tokens - last


class Packed(NamedTuple):
    """Training windows as arrays; see `ctxtools.packing.Plan`."""

    offsets: memoryview
    documents: memoryview
    starts: memoryview
    lengths: memoryview
    overlong: memoryview  # documents that were truncated or dropped
    empty: memoryview
    lower_bound: int


class Strength(IntEnum):
    """How well a text can be cut at an offset, by what is before and after it."""

    NONE = 0  # between two pretokens, or two characters, that nothing separates
    WORD = 1  # white space before or after
    CLAUSE = 2  # a comma, semicolon, colon or dash before
    LINE = 3  # a line break before
    SENTENCE = 4  # the end of a sentence, closing quotes and brackets included
    SENTENCE_LINE = 5  # the end of a sentence, then a line break
    PARAGRAPH = 6  # an empty line before, or the end of a page (a form feed)
    SECTION = 7  # a line break before, a heading after


class TextMap(Protocol):
    """What is known of a text without counting its tokens.

    Offsets are in characters of the text, from 0 to ``length``; one outside the text raises
    PositionError. Its segments are words and punctuation, or a tokenizer's pretokens.
    """

    @property
    def ends(self) -> memoryview:
        """Where each segment ends (format ``I``)."""
        ...

    @property
    def strengths(self) -> memoryview:
        """The `Strength` of the boundary at each end (format ``B``)."""
        ...

    @property
    def text(self) -> str:
        """What it is the map of."""

    @property
    def length(self) -> int:
        """The number of characters of the text."""
        ...

    def __len__(self) -> int:
        """The number of segments."""
        ...

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        """``text[start:end]`` of each span, fastest where they are in order.

        Raises:
            PositionError: not ``0 <= start <= end <= length``.
            UsageError: the two differ in length.
        """
        ...

    def positions(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        """Where offsets are in the text as a file has it, fastest where they are in order.

        Returns:
            (the byte of its UTF-8 at each offset, with three for a lone surrogate; the number of
            line feeds before it), format ``I``.
        """
        ...

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        """The boundaries in ``start < offset < end`` of at least a strength, none of them inside a
        grapheme cluster.

        Inside a segment may only be those of Chinese and Japanese, and after a rare line break such
        as ``\\f``. A boundary at a line break is after it, one at a space before it.

        Returns:
            (offsets, their strengths), formats ``I`` and ``B``, in order.
        """
        ...

    def cluster_ends(self, start: int, end: int) -> memoryview:
        """Where each grapheme cluster of ``text[start:end]`` ends (format ``I``)."""
        ...

    def is_inside_cluster(self, offset: int) -> bool:
        """Whether an offset is inside a grapheme cluster."""
        ...

    def cohesion(
        self, offsets: Sequence[int], reach: int, weight: float = 1.0
    ) -> "memoryview[float]":
        """How much more alike the words on the two sides of each offset are than on those of the
        other offsets: the z-score, from -3 to 3, of the cosine of both sides.

        A word is a run of letters, marks and digits in lower case, cut to five characters; in
        Chinese and Japanese, each character with the one after it. It weighs the logarithm to base
        2, rounded down, of the words of the text to its occurrences.

        Args:
            offsets: any; time is linear in the text where they are in order.
            reach: the words that start before an offset, and from it on, that are compared; at
                most 4,096.
            weight: what the z-scores are multiplied with.

        Returns:
            A z-score for each (format ``d``); 0 where a side has no words that weigh anything.
        """
        ...


class TokenIndex(TextMap, Protocol):
    """What one pass over a text tells, and what follows from it without counting again.

    Offsets and limits may be any integers. A number of tokens above 2**62 is taken for that.

    A text whose counts do not add up (``additive`` is false) has the same interface, at another
    cost: each ``count`` counts that span of the text again, and the segments are words.
    """

    @property
    def additive(self) -> bool:
        """Whether counts add up over the ends of pretokens. If not, there are no ``sums``, and
        ``measure`` estimates."""
        ...

    @property
    def sums(self) -> memoryview:
        """The token sum at each end: the tokens of the text up to there (format ``I``).

        Raises:
            UsageError: the index is not additive.
        """
        ...

    @property
    def total(self) -> int:
        """The number of tokens of the text."""
        ...

    def count(self, start: int, end: int) -> int:
        """The number of tokens of ``text[start:end]``, exactly as if it were counted on its own.

        Costs a search, and the counting of the pretokens that the two ends are in.
        """
        ...

    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview:
        """``count(start, end)`` of each span (format ``Q``), fastest where they are in order.

        Raises:
            PositionError: not ``0 <= start <= end <= length``.
            UsageError: the two differ in length.
        """
        ...

    def end(self, start: int, limit: int) -> int:
        """The last end of a pretoken up to which the text from ``start`` has at most ``limit``
        tokens: up to the next one it has more. ``start`` if there is none."""
        ...

    def end_anywhere(self, start: int, limit: int) -> int:
        """The last offset up to which the text from ``start`` has at most ``limit`` tokens, inside
        a pretoken too; one character, or cluster, more has more tokens.

        It is between two grapheme clusters; if not even one cluster fits, between two characters;
        if no character fits, ``start``. Costs the counting of a few times what fits, a logarithm
        of times, however long the pretoken.
        """
        ...

    def start_anywhere(self, end: int, limit: int) -> int:
        """The first offset from which the text up to ``end`` has at most ``limit`` tokens; between
        two grapheme clusters, or ``end`` if not even one cluster fits. The cost is that of
        ``end_anywhere``."""
        ...

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        """Where the tokens of ``text[start:end]`` end, encoded on its own, as far as that is
        between two characters. Costs the encoding of that span.

        Returns:
            (offsets, the token sums there), format ``I``; nothing where the index is not additive.
        """
        ...

    def measure(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]:
        """The token sums at offsets, for spans that start there and for spans that end there.

        ``sums_to[i]`` is ``count(0, offsets[i])``, and ``sums_from[i]`` is ``total -
        count(offsets[i], length)``. A span has exactly ``sums_to[j] - sums_from[i]`` tokens if it
        contains an offset where it, the text up to its end and the text from its start are all
        split (any usual boundary between two words); ``count`` is exact for every span.

        Takes time to count the pretokens that contain the offsets. If the index is not additive,
        the spans between the offsets are counted, and summed from the first one.

        Args:
            offsets: in order.

        Returns:
            (sums_from, sums_to), format ``q``.
        """
        ...

    def overlap_starts(
        self, offsets: Sequence[int], overlap: int, rules: CutRules = ...
    ) -> memoryview:
        """Where the overlap of at most ``overlap`` tokens starts that ends at each offset.

        That is the first good boundary from which the text up to the offset has at most that many
        tokens: the end of a sentence, or whatever ``rules.overlap_strengths`` say; if there is
        none, the first end of a clause, and failing that of a word. If words leave less than three
        quarters of ``overlap``, as next to a long address or in Chinese, it may be the end of any
        pretoken, and failing that the result of ``start_anywhere``. Takes time to count the
        overlaps.

        Args:
            offsets: where the overlaps end.
            overlap: their maximum tokens.
            rules: of these count ``boundaries``, ``overlap_strengths`` and ``walls``; by default
                none.

        Returns:
            An offset for each (format ``I``).
        """
        ...

    def cut_points(
        self, start: int, forced: Sequence[int], rules: CutRules, options: CutOptions
    ) -> tuple[memoryview, memoryview, "memoryview[float]", memoryview, memoryview, memoryview]:
        """Where the text from ``start`` on may be cut into chunks.

        There are enough cut points that every limit can be met, and so few that choosing among
        them is linear in the text for every limit: see ``fallback/chunk/cut_points.py``.

        Args:
            start: an offset; it and the end of the text are cut points.
            forced: offsets that have to be cut points, in order.
            rules: what the document's structure tells.
            options: of these count ``limit``, ``capacity`` and ``penalties``.

        Returns:
            The columns of `CutPoints`.

        Raises:
            PositionError: an offset is not in the text.
            UsageError: two sequences that belong together differ in length, or a limit is below 1.
        """
        ...

    def cut(
        self, start: int, parents: Numbers, rules: CutRules, options: CutOptions
    ) -> tuple[Any, ...]:
        """Cuts the text from ``start`` on into spans, each at most the limit by the token sums.

        Args:
            start: where the first span starts without its overlap.
            parents: the consecutive spans to cut, up to the end of the text: where each starts,
                which no overlap reaches beyond, and where it ends.
            rules: what the document's structure tells.
            options: limit, costs and strategy.

        Returns:
            The columns of `Spans`.

        Raises:
            PositionError: an offset is not in the text.
            UsageError: two sequences that belong together differ in length, or a limit is below 1.
            ValueError: no cuts keep the limit.
        """
        ...
