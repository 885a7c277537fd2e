"""The types that the kernel and the fallback share."""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Literal, NamedTuple, Protocol

# (text, start) -> the first offset at or after start (in characters) where the text may be split,
# or None. Both sides of it have, on their own, the tokens that they have in the whole text. Whether
# an offset is one depends on the characters on its two sides alone.
NextCut = Callable[[str, int], int | None]

Overlong = Literal["split", "drop", "raise"]

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


class Strength(IntEnum):
    """How good a place is to cut a text at, by what is before and behind it."""

    NONE = 0  # between two pretokens, or two characters, that nothing separates
    WORD = 1  # white space before or behind
    LINE = 2  # a line break before
    SENTENCE = 3  # the end of a sentence, closing quotes and brackets included
    PARAGRAPH = 4  # an empty line before
    SECTION = 5  # a line break before, a heading behind


class TokenIndex(Protocol):
    """What one pass over a text tells, and what follows from it without counting again.

    Places are in characters of the text, from 0 to ``length``; one that is not in the text is a
    PlaceError. A text whose counts do not add up (``additive`` is false) has the same interface,
    at another cost: each ``count`` counts that part of the text again.
    """

    @property
    def additive(self) -> bool:
        """Whether counts add up over the ends of pretokens. If not, there are no ``sums``, and
        ``measure`` estimates."""
        ...

    @property
    def ends(self) -> memoryview:
        """Where each pretoken ends (format ``I``). Where the tokenizer has none, words and
        punctuation are taken for pretokens."""
        ...

    @property
    def sums(self) -> memoryview:
        """How many tokens there are up to each end (format ``I``).

        Raises:
            UsageError: the index is not additive.
        """
        ...

    @property
    def strengths(self) -> memoryview:
        """How good a place to cut each end is (format ``B``): a `Strength`."""
        ...

    @property
    def length(self) -> int:
        """The number of characters of the text."""
        ...

    @property
    def total(self) -> int:
        """The number of tokens of the text."""
        ...

    def __len__(self) -> int:
        """The number of pretokens."""
        ...

    def count(self, start: int, end: int) -> int:
        """The number of tokens of ``text[start:end]``, exactly as if it were counted on its own.

        Costs a search, and the counting of the pretokens that the two ends are in.
        """
        ...

    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview:
        """``count(start, end)`` of each part (format ``Q``), fastest where they are in order.

        Args:
            starts, ends: of each part, as many of both.

        Raises:
            PlaceError: not ``0 <= start <= end <= length``.
            ValueError: there are more of one than of the other.
        """
        ...

    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]:
        """``text[start:end]`` of each part, fastest where they are in order. Errors as of
        ``counts``."""
        ...

    def positions(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        """Where places are in the text as a file has it, fastest where they are in order.

        Returns:
            (the byte of its UTF-8 where each place is, with three for a lone surrogate; the number
            of line feeds before it), format ``I``.
        """
        ...

    def end(self, start: int, limit: int) -> int:
        """The furthest end of a pretoken up to which the text from ``start`` has at most ``limit``
        tokens: up to the next one it has more. It is ``start`` if there is none."""
        ...

    def end_anywhere(self, start: int, limit: int) -> int:
        """The furthest place up to which the text from ``start`` has at most ``limit`` tokens,
        in a pretoken too; one character, or cluster, more has more tokens.

        The place is between two grapheme clusters; if not even one cluster fits, between two
        characters; if no character fits, ``start``. Costs the counting of a few times what fits,
        a logarithm of times, however long the pretoken.
        """
        ...

    def start_anywhere(self, end: int, limit: int) -> int:
        """The furthest place before ``end`` from which the text has at most ``limit`` tokens up
        to ``end``; between two grapheme clusters, or ``end`` if not even one cluster fits. The
        cost is that of ``end_anywhere``."""
        ...

    def boundaries(
        self, strength: Strength, start: int = 0, end: int | None = None
    ) -> tuple[memoryview, memoryview]:
        """The places in ``start < place < end`` of at least a strength, none in a grapheme cluster.

        Sentences of Chinese and Japanese may end inside a pretoken; all other places are ends of
        pretokens. A place at a line break is behind it, one at a space before it.

        Returns:
            (places, their strengths), formats ``I`` and ``B``, in order.
        """
        ...

    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]:
        """Where the tokens of ``text[start:end]`` end, encoded alone, and how many there are up to
        there: as far as that is between two characters. Costs the encoding of that part.

        Returns:
            (places, numbers of tokens), format ``I``; nothing where the index is not additive.
        """
        ...

    def measure(self, places: Sequence[int]) -> tuple[memoryview, memoryview]:
        """What a part of the text has that starts or ends at each place.

        ``ends[i]`` is ``count(0, places[i])``, and ``starts[i]`` is ``total - count(places[i],
        length)``. So a part that spans a place where it, the text before its end and the text from
        its start are all parted alike (any usual boundary between two words) has exactly
        ``ends[j] - starts[i]`` tokens; the exact figure for any other is ``count``.

        Costs the counting of the pretokens that the places are in, for each place. Where the index
        is not additive, what lies between the places is counted, and added up from the first one.

        Args:
            places: any places, in order.

        Returns:
            (starts, ends), format ``q``.
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
        are dense relative to the limit, the strongest of each span.

        Args:
            start: an offset; it and the end of the text are cut points.
            limit: tokens of a chunk.
            capacity: those of them that remain beside overlap and header.
            boundaries: offsets where blocks of the document start, in order, and their strengths.
            atomic: starts and ends of the spans not to be cut, disjoint and in order.
            forced: offsets that have to be cut points, in order.

        Returns:
            The columns of `CutPoints`.

        Raises:
            PlaceError: an offset is not in the text.
            ValueError: two sequences that belong together differ in length.
        """
        ...

    def overlap_starts(self, places: Sequence[int], overlap: int) -> memoryview:
        """Where the overlap starts that ends at each place: at most ``overlap`` tokens before it.

        That is the first boundary of a WORD or more from which the text has so few tokens up to
        the place. Where that gives less than three quarters of them, as beside a long address or
        in Chinese, it is the first end of a pretoken if that gives more, and then in the same way
        what ``start_anywhere`` says. Costs what the overlaps have.

        Args:
            places: any places, in order.
            overlap: in tokens.

        Returns:
            A place for each (format ``I``).
        """
        ...
