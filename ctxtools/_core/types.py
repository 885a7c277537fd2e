"""The types that the kernel and the fallback share."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, Literal, NamedTuple, Protocol

# (text, start) -> the first safe split at or after start (an offset in characters), or None. The
# text on each side of one has, on its own, the tokens that it has in the whole text. Whether an
# offset is one depends on the characters on its two sides alone.
NextSplit = Callable[[str, int], int | None]

Overlong = Literal["split", "drop", "raise"]
Strategy = Literal["optimal", "greedy"]

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
    dropped: memoryview
    empty: memoryview
    lower_bound: int


class BlockKind(IntEnum):
    """The kinds of Markdown blocks, numbered as in ``kernel/src/chunk/markdown.rs``.

    A heading's number is HEADING plus its level; that of a block inside another one has INSIDE
    added to it.
    """

    PARAGRAPH = 0
    LIST = 1
    ITEM = 2
    INNER_ITEM = 3
    QUOTE = 4
    TABLE = 5
    ROW = 6
    CODE = 7
    HTML = 8
    RULE = 9
    HEADING = 10
    INSIDE = 32


class Strength(IntEnum):
    """How well a text can be cut at an offset, by what is before and after it."""

    NONE = 0  # between two pretokens, or two characters, that nothing separates
    WORD = 1  # white space before or after
    LINE = 2  # a line break before
    SENTENCE = 3  # the end of a sentence, closing quotes and brackets included
    PARAGRAPH = 4  # an empty line before
    SECTION = 5  # a line break before, a heading after


class CutPoints(NamedTuple):
    """Where a text may be cut, in order.

    The tokens between the cut points i and j are ``sums_to[j] - sums_from[i]``: the sums of a span
    that starts at a cut point, and of one that ends there, differ where the tokenizer would not
    split the text.

    Attributes:
        offsets: in characters of the text (format ``I``).
        strengths: how good a cut there is: a `Strength` each (format ``B``).
        sums_from: tokens before each cut point, for a span that starts there (format ``q``).
        sums_to: tokens before each cut point, for a span that ends there (format ``q``).
        oversize: offsets of the characters that alone exceed the limit (format ``I``). The size of
            each is stated as the limit, so that it gets a chunk for itself.
    """

    offsets: memoryview
    strengths: memoryview
    sums_from: memoryview
    sums_to: memoryview
    oversize: memoryview


class CutOptions(NamedTuple):
    """How to cut a text: see `TokenIndex.cut`.

    Attributes:
        limit: the maximum tokens of a span, its overhead included.
        capacity: those of them that are left after overlap and header.
        overlap: tokens of the text before it that each span starts with.
        min_size: a smaller span costs one more.
        penalties: the cost of a cut of each `Strength`.
        evenness: what an empty span would cost more than a full one.
        strategy: "optimal", all cuts chosen together; or "greedy", one after the other.
    """

    limit: int
    capacity: int
    overlap: int
    min_size: int
    penalties: Sequence[float]
    evenness: float
    strategy: Strategy


class Spans(NamedTuple):
    """The spans that a text is cut into, in order: a column for each fact.

    Attributes:
        starts: where each starts, overlap included, in characters (format ``I``).
        body_starts: where it starts without the overlap (format ``I``).
        ends: where it ends (format ``I``).
        strengths: the `Strength` of the cut at its end (format ``B``).
        texts: ``text[start:end]``.
        tokens: the tokens of that text (format ``Q``). Empty where the index is not additive.
        spare: the tokens that its body leaves of the limit, by the token sums (format ``q``).
        oversize: it is one character above the limit (format ``?``).
        shortened: its overlap is less than was asked for, since its parent starts there (``?``).
        start_bytes, end_bytes: start and end in the text's UTF-8 (format ``I``).
        lines: the number of line feeds before its start (format ``I``).
    """

    starts: memoryview
    body_starts: memoryview
    ends: memoryview
    strengths: memoryview
    texts: list[str]
    tokens: memoryview
    spare: memoryview
    oversize: "memoryview[bool]"
    shortened: "memoryview[bool]"
    start_bytes: memoryview
    end_bytes: memoryview
    lines: memoryview


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

        Sentences of Chinese and Japanese may end inside a segment; all others are ends of
        segments. A boundary at a line break is after it, one at a space before it.

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

    def overlap_starts(self, offsets: Sequence[int], overlap: int) -> memoryview:
        """Where the overlap of at most ``overlap`` tokens starts that ends at each offset.

        That is the first boundary of a WORD or stronger from which the text up to the offset has at
        most that many tokens. If that is less than three quarters of ``overlap``, as next to a long
        address or in Chinese, it is the first end of a pretoken if that gives more, and failing
        that the result of ``start_anywhere``. Takes time to count the overlaps.

        Returns:
            An offset for each (format ``I``).
        """
        ...

    def cut_points(
        self,
        start: int,
        limit: int,
        capacity: int,
        boundaries: tuple[Sequence[int], Sequence[int]],
        atomic: tuple[Sequence[int], Sequence[int]],
        forced: Sequence[int],
    ) -> tuple[memoryview, memoryview, memoryview, memoryview, memoryview]:
        """Where the text from ``start`` on may be cut into chunks.

        There are enough cut points that every limit can be met, and so few that choosing among
        them is linear in the text for every limit: ends of sentences and stronger; where those are
        far apart, lines and words; where not even a word fits, offsets inside it; and where they
        are dense relative to the limit, the strongest of each granule.

        Args:
            start: an offset; it and the end of the text are cut points.
            limit: tokens of a chunk, 1 or more.
            capacity: those of them that are left after overlap and header.
            boundaries: offsets where blocks of the document start, in order, and their strengths.
            atomic: starts and ends of the spans not to be cut, disjoint and in order.
            forced: offsets that have to be cut points, in order.

        Returns:
            The columns of `CutPoints`.

        Raises:
            PositionError: an offset is not in the text.
            UsageError: two sequences that belong together differ in length, or a limit is below 1.
        """
        ...

    def cut(
        self,
        start: int,
        parents: tuple[Sequence[int], Sequence[int]],
        boundaries: tuple[Sequence[int], Sequence[int]],
        atomic: tuple[Sequence[int], Sequence[int]],
        overheads: tuple[Sequence[int], Sequence[int]],
        options: CutOptions,
    ) -> tuple[Any, ...]:
        """Cuts the text from ``start`` on into spans, each at most the limit by the token sums.

        Args:
            start: where the first span starts without its overlap.
            parents: the consecutive spans to cut, up to the end of the text: where each starts,
                which no overlap reaches beyond, and where it ends.
            boundaries, atomic: as of ``cut_points``.
            overheads: offsets in order, and the tokens that come with each span that starts there
                or later: overlap and header.
            options: limit, costs and strategy.

        Returns:
            The columns of `Spans`.

        Raises:
            PositionError: an offset is not in the text.
            UsageError: two sequences that belong together differ in length, or a limit is below 1.
            ValueError: no cuts keep the limit.
        """
        ...
