"""A plan of training windows: which pieces of which documents each of them holds."""

import json
import os
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import index
from typing import TYPE_CHECKING, Any
from warnings import warn

from ctxtools.atomic import atomic_write
from ctxtools.documents.filetypes import is_jsonl
from ctxtools.errors import PositionError, UsageError, import_extra

if TYPE_CHECKING:
    import pyarrow

PARQUET_KEY = b"ctxtools"  # of the plan's figures, in a Parquet file's metadata


@dataclass(frozen=True, slots=True, repr=False)
class TrainingWindow:
    """One training window: pieces of documents, one after the other.

    Attributes:
        documents: the number of each piece's document, from 0.
        starts: the first token of each piece in its document; 0 except for later pieces of a
            document that was split.
        lengths: the tokens of each piece, including the EOS tokens where its document ends.
        separator_tokens: tokens between two pieces.
    """

    documents: memoryview
    starts: memoryview
    lengths: memoryview
    separator_tokens: int = 0

    def __reduce__(self) -> Any:
        return _for_pickle(self)

    def __repr__(self) -> str:
        return f"<TrainingWindow of {len(self.documents)} pieces: {self.tokens} tokens>"

    @property
    def tokens(self) -> int:
        """All tokens of the training window."""
        return sum(self.lengths) + self.separator_tokens * max(0, len(self.lengths) - 1)

    def spans(self) -> list[int]:
        """The tokens of each piece, including the separator after it."""
        if not len(self.lengths):
            return []
        *others, last = self.lengths
        return [*(length + self.separator_tokens for length in others), last]

    def cu_seqlens(self) -> "array[int]":
        """Where each piece starts in the window, and the last one ends: 32-bit integers, as
        variable-length attention takes them. A separator belongs to the piece before it.

        Raises:
            UsageError: the window has 2**31 tokens or more.
        """
        ends = [0]
        for span in self.spans():
            ends.append(ends[-1] + span)
        try:
            return array("i", ends)
        except OverflowError:
            raise UsageError(
                f"a window of {ends[-1]} tokens needs offsets of more than 32 bits",
                hint="use a smaller window, or compute them from the lengths",
            ) from None

    def position_ids(self) -> "array[int]":
        """The position of each token in its piece (32-bit integers): from 0 in every piece, so that
        documents do not see each other's positions."""
        positions = array("i")
        for span in self.spans():
            positions.extend(range(span))
        return positions


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """Which pieces of documents go into which training window.

    Training window ``i`` holds the pieces ``offsets[i]`` to ``offsets[i + 1]`` of the other arrays
    (compressed sparse rows). All arrays are buffers that numpy sees without a copy:
    ``numpy.asarray(plan.documents)``.

    The EOS tokens after a document belong to it: one of 100 tokens with ``eos_tokens=1`` is a
    piece of length 101, whose last token is the EOS.

    Attributes:
        window: the limit of a window in tokens.
        offsets: of each window's pieces, and the number of all pieces (format ``Q``).
        documents: the number of each piece's document, from 0 (format ``I``, or ``Q`` if one of
            documents, starts and lengths needs it).
        starts: the first token of each piece in its document.
        lengths: the tokens of each piece.
        dropped: documents longer than a window, where those are dropped (format ``Q``).
        empty: documents without a token, which are in no window (format ``Q``).
        lower_bound: of the number of windows of any plan: Martello and Toth's L2. Where only a few
            documents fit into a window it may be far below the best plan.
        eos_tokens: tokens after each document.
        separator_tokens: tokens between two pieces of a window.
        truncated: documents longer than a window of which only the beginning is in one, where those
            are truncated (format ``Q``): ``window - eos_tokens`` of their tokens, and their EOS.
    """

    window: int
    offsets: memoryview
    documents: memoryview
    starts: memoryview
    lengths: memoryview
    dropped: memoryview
    empty: memoryview
    lower_bound: int
    eos_tokens: int = 0
    separator_tokens: int = 0
    truncated: memoryview = field(default_factory=lambda: memoryview(array("Q")))

    def __reduce__(self) -> Any:
        return _for_pickle(self)

    def __repr__(self) -> str:
        return (
            f"<Plan of {self.bins} windows of {self.window} tokens: {len(self.documents)} pieces>"
        )

    @property
    def bins(self) -> int:
        """The number of windows."""
        return len(self.offsets) - 1

    @property
    def bins_above_bound(self) -> int:
        """By how many windows the plan exceeds the lower bound."""
        return self.bins - self.lower_bound

    @property
    def gap(self) -> int:
        """Deprecated: use ``bins_above_bound``."""
        warn("Plan.gap is now Plan.bins_above_bound", DeprecationWarning, stacklevel=2)
        return self.bins_above_bound

    @property
    def tokens(self) -> int:
        """The tokens of all windows, EOS and separators included, in time linear in the pieces."""
        return sum(self.lengths) + self.separator_tokens * (len(self.lengths) - self.bins)

    @property
    def efficiency(self) -> float:
        """The share of the windows' tokens that is used; 0 where there is no window."""
        return self.tokens / (self.bins * self.window) if self.bins else 0.0

    def __len__(self) -> int:
        return self.bins

    def __getitem__(self, number: int) -> TrainingWindow:
        """One window by its number, from 0; a negative number counts from the end.

        Raises:
            PositionError: the plan has no such window.
        """
        number = index(number)
        if not -self.bins <= number < self.bins:
            raise PositionError(f"window {number} is outside a plan of length {self.bins}")
        number %= self.bins
        pieces = slice(self.offsets[number], self.offsets[number + 1])
        rows = (self.documents[pieces], self.starts[pieces], self.lengths[pieces])
        return TrainingWindow(*rows, self.separator_tokens)

    def __iter__(self) -> Iterator[TrainingWindow]:
        return (self[number] for number in range(self.bins))

    def summary(self) -> dict[str, Any]:
        """The plan's figures, for JSON."""
        return {
            "window": self.window,
            "bins": self.bins,
            "lower_bound": self.lower_bound,
            "gap": self.bins_above_bound,
            "efficiency": self.efficiency,
            "tokens": self.tokens,
            "pieces": len(self.documents),
            "eos_tokens": self.eos_tokens,
            "separator_tokens": self.separator_tokens,
            "truncated": len(self.truncated),
            "dropped": len(self.dropped),
            "empty": len(self.empty),
        }

    def to_arrow(self) -> "pyarrow.Table":
        """A table with a row for each window: lists of documents, starts and lengths.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        pyarrow = import_extra(
            "pyarrow", "a plan in Parquet", "parquet", alternative="write .jsonl"
        )

        def column(values: memoryview) -> Any:
            kind = pyarrow.uint32() if values.itemsize == 4 else pyarrow.uint64()
            return pyarrow.Array.from_buffers(kind, len(values), [None, pyarrow.py_buffer(values)])

        ends = pyarrow.py_buffer(self.offsets)
        offsets = pyarrow.Array.from_buffers(pyarrow.int64(), len(self.offsets), [None, ends])
        rows = {"documents": self.documents, "starts": self.starts, "lengths": self.lengths}
        lists = [pyarrow.LargeListArray.from_arrays(offsets, column(row)) for row in rows.values()]
        table = pyarrow.table(lists, names=list(rows))
        return table.replace_schema_metadata({PARQUET_KEY: json.dumps(self._facts())})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan, completely or not at all, with a row for each window: as Parquet, or as
        JSONL if the name ends in .jsonl. `load_plan` reads both.

        Raises:
            MissingExtraError: it is to be Parquet, and pyarrow is not installed.
            OSError: it could not be written.
        """
        if is_jsonl(path):
            with atomic_write(path) as text:
                text.writelines(self.json_lines())
            return
        table = self.to_arrow()
        from pyarrow import parquet

        with atomic_write(path, "wb") as file:
            parquet.write_table(table, file, compression="zstd")

    def json_lines(self) -> Iterator[str]:
        """Each window as a line of JSON: its ``documents``, ``starts`` and ``lengths``.

        The first line also has what `load_plan` needs, as ``plan``: the figures of all windows,
        and their number as ``bins``. A plan without a window has one line, with no pieces.
        """
        figures = {"plan": {"bins": self.bins, **self._facts()}}
        empty = memoryview(array("I"))
        for window in self if self.bins else [TrainingWindow(empty, empty, empty)]:
            row = {
                "documents": window.documents.tolist(),
                "starts": window.starts.tolist(),
                "lengths": window.lengths.tolist(),
            }
            yield json.dumps(row | figures, separators=(",", ":")) + "\n"
            figures = {}

    def _facts(self) -> dict[str, Any]:
        """What a saved plan needs beside the pieces of its windows."""
        return {
            "window": self.window,
            "lower_bound": self.lower_bound,
            "eos_tokens": self.eos_tokens,
            "separator_tokens": self.separator_tokens,
            "truncated": self.truncated.tolist(),
            "dropped": self.dropped.tolist(),
            "empty": self.empty.tolist(),
        }


def _for_pickle(value: Plan | TrainingWindow) -> Any:
    """A copy for another process, such as a data loader's worker: memoryviews cannot be pickled."""
    values: Any = [getattr(value, each.name) for each in fields(value)]
    arrays = [
        array(each.format, each.tobytes()) if isinstance(each, memoryview) else each
        for each in values
    ]
    return _from_pickle, (type(value), arrays)


def _from_pickle(kind: type[Plan | TrainingWindow], arrays: list[Any]) -> Plan | TrainingWindow:
    values: Any = [memoryview(each) if isinstance(each, array) else each for each in arrays]
    return kind(*values)
