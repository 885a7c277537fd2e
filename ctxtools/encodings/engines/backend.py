"""What an engine must do. What users call is in encoding.py, written once over this interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, Protocol

from ctxtools.errors import FormatError, ReadError, os_reason

if TYPE_CHECKING:
    from ctxtools._core.edits import EditedIndex
    from ctxtools._core.types import NextSplit, TokenIndex
    from ctxtools.encodings.engines.id_lists import IdLists, Shape

Side = Literal["left", "right"]


class ArrowArray(Protocol):
    """One array of Arrow's PyCapsule interface: pyarrow's, Polars', nanoarrow's and so on."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The capsules of the schema and the array."""
        ...


class ArrowStream(Protocol):
    """A column in chunks, or a table of one column, by Arrow's PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The capsule of the stream."""
        ...


ArrowColumn = ArrowArray | ArrowStream


class Counter(Protocol):
    """Counts a text that it is fed in blocks, in bounded memory where it has safe splits."""

    def feed(self, data: str | bytes, /) -> None:
        """Take the text's next characters, any number of them; bytes are whole ones, in UTF-8."""
        ...

    @property
    def count_so_far(self) -> int:
        """The tokens of the text up to the last safe split: at most what ``finish`` will return."""
        ...

    def finish(self) -> int:
        """The number of tokens of all that was fed. The counter is then as new."""
        ...


class Tail(Protocol):
    """Counts a text that grows, of which it holds what more text may change."""

    @property
    def total(self) -> int:
        """The tokens of all that was appended."""
        ...

    def append(self, text: str, /) -> int:
        """Take more of the text; the tokens of all of it. After an error it is as before."""
        ...


class FileCounter(Protocol):
    """Counts files that are plainly text on several threads, while Python does its part."""

    def add(self, paths: Sequence[str], /) -> None:
        """Has some files counted, after those that were added before."""

    def next_counts(self) -> tuple[memoryview, list[memoryview], dict[int, bytes]]:
        """What became of the files that were added first; waits for them.

        Returns:
            Their sizes in bytes, -1 for one that was not counted; for each backend their tokens;
            and number -> first bytes of those that are not plainly text.
        """
        ...


class Backend(Protocol):
    """One engine holding one vocabulary: text -> token ids -> bytes.

    It knows nothing of special tokens (the spelling of one is text) or models. Its methods may be
    called from many threads at once, and release the GIL where the engine can. ``threads`` is how
    many it may use, 0 being one for each core; no result depends on it.

    An engine that can only count and encode one text inherits the rest from pieces.py.
    """

    @property
    def name(self) -> str:
        """The engine: ``"kernel"``, ``"tiktoken"``, ``"tokenizers"`` or ``"sentencepiece"``."""
        ...

    @property
    def next_split(self) -> NextSplit | None:
        """Finds safe splits, or None: this tokenizer's counts do not add up."""
        ...

    @property
    def shares_files(self) -> bool:
        """Whether ``count_files`` counts one large file on several threads."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """One more than the highest id of an ordinary token."""
        ...

    def count(self, text: str, threads: int = 1) -> int:
        """The number of tokens of a text."""
        ...

    def count_till_limit(self, text: str, limit: int) -> int | None:
        """The number of tokens, or None as soon as it is above the limit, which is 0 or more."""
        ...

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        """The number of tokens of each text."""
        ...

    def count_list(self, texts: list[str], threads: int = 1) -> list[int]:
        """As ``count_batch``; what is no ``str`` is a TypeError of any kind."""
        ...

    def count_arrow(self, column: ArrowColumn, threads: int = 1) -> memoryview:
        """The number of tokens of each row (format ``Q``); see ``Encoding.count_arrow``."""
        ...

    def count_files(self, paths: Iterable[str], threads: int = 1) -> list[int | Exception]:
        """The number of tokens of each file of UTF-8, or the OSError or UnicodeError why not."""
        ...

    def counter(self) -> Counter:
        """A counter for text that comes in blocks."""
        ...

    def tail(self) -> Tail:
        """A counter for text that grows, whose total is exact at any time."""
        ...

    def encode(self, text: str) -> list[int]:
        """The token ids of a text."""
        ...

    def encode_to_buffer(self, text: str, limit: int | None = None) -> memoryview:
        """The token ids of a text (format ``I``), at most the first ``limit``."""
        ...

    def encode_batch(self, texts: Iterable[str], threads: int = 1) -> list[list[int]]:
        """The token ids of each text."""
        ...

    def encode_batch_to_arrow(
        self, texts: Iterable[str], shape: Shape, threads: int = 1
    ) -> IdLists:
        """The lists of ids that a shape makes of each text."""
        ...

    def encode_arrow(self, column: ArrowColumn, shape: Shape, threads: int = 1) -> IdLists:
        """As ``encode_batch_to_arrow``, of the rows of a column."""
        ...

    def encode_bytes(self, data: bytes) -> list[int]:
        """The token ids of bytes that are neither normalised nor split, whatever they are.

        Raises:
            ValueError: the engine is not one of byte-level BPE, in which bytes are tokens.
        """
        ...

    def decode(self, ids: Sequence[int]) -> bytes:
        """The bytes of token ids; a LookupError for an id that is not in the vocabulary."""
        ...

    def estimate_length(self, text: str, limit: int, side: Side) -> int | None:
        """About how many characters have ``limit`` tokens; None where only counting tells.

        They are the text's first ones, or its last ones if its left ``side`` is cut off.
        """
        ...

    def index(self, text: str) -> TokenIndex | None:
        """The token index of a text, or None where counts of its spans do not add up."""
        ...

    def edited(
        self, index: TokenIndex | EditedIndex, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]] | None:
        """An additive index of its own, after ``text`` took the place of a span of its text, and
        the fields of the `Edit`; None where the new text has to be indexed as a whole.

        Raises:
            PositionError: not ``0 <= start <= end <= length``.
        """
        ...


def decode_with(
    decode: Callable[[Sequence[int]], bytes], others: Mapping[int, bytes], ids: Sequence[int]
) -> bytes:
    """The bytes of token ids, some of which an engine does not know.

    Args:
        decode: the bytes of ids that the engine knows.
        others: id -> bytes of the others.
        ids: any of both.
    """
    if others.keys().isdisjoint(ids):
        return decode(ids)
    return b"".join(
        b"".join(map(others.__getitem__, run)) if other else decode([*run])
        for other, run in groupby(ids, others.__contains__)
    )


def counts_of_files(paths: Sequence[str], counted: Iterable[int | Exception]) -> list[int]:
    """The tokens of each file.

    Args:
        paths: of the files.
        counted: from `Backend.count_files`.

    Raises:
        ReadError: a file cannot be read.
        FormatError: a file is not UTF-8.
        MemoryError: there is none for a file that can be split nowhere.
    """
    counts = []
    for path, count in zip(paths, counted, strict=True):
        if isinstance(count, OSError):
            raise ReadError(f"{path}: {os_reason(count)}") from count
        if isinstance(count, UnicodeDecodeError):
            raise FormatError(
                f"{path} is not UTF-8", hint="ctxtools.read_documents detects other charsets"
            ) from count
        if isinstance(count, Exception):
            raise count
        counts.append(count)
    return counts
