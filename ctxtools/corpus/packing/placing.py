"""Placing the documents of a part: by its packing, and the pieces of the parts before it.

Pieces of a length are numbered through all parts of a group, in order. The numbers of a part are
known from the histograms alone, so that each part is placed without the others.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools import _core
from ctxtools._core.types import Overlong
from ctxtools.corpus.lengths import LENGTH, ROWS, histogram_of, pieces_of, total
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.lengths import length_buffer, negative_error

if TYPE_CHECKING:
    import pyarrow

BEFORE = "before"
"""The column of pieces of a length in the parts before."""


class Places(NamedTuple):
    """Where the pieces of a part go, in the order of its documents.

    Attributes:
        documents: the row of each piece's document in the part.
        starts: the first token of each piece in its document.
        lengths: its tokens, including the EOS tokens where its document ends.
        windows: its window.
        offsets: its first token in the window.
        overlong: the documents that are truncated, or in no window because they are dropped.
    """

    documents: memoryview
    starts: memoryview
    lengths: memoryview
    windows: memoryview
    offsets: memoryview
    overlong: memoryview


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How a corpus is packed.

    Attributes:
        window: tokens of a window.
        eos_tokens: tokens after each document.
        separator_tokens: tokens between two pieces of a window.
        overlong: what is done with documents that are longer, EOS included: "split" into full
            windows and a rest, "truncate" to one, which ends with the EOS, "drop", or "raise".
        max_documents: the maximum number of pieces in a window.
        seed: permutes the windows, and the places for each length; None for neither.
    """

    window: int
    eos_tokens: int
    separator_tokens: int
    overlong: Overlong
    max_documents: int
    seed: int | None


@dataclass(frozen=True, slots=True)
class Packing:
    """The windows of one group of parts, which do not mix with others.

    Attributes:
        group: its name; None for that of rows without one.
        parts: the numbers of its parts, in order.
        pieces: the histograms of the pieces of the parts, one after the other, and how many of each
            length there are in the parts before.
        starts: where each part starts in those, and the last one ends.
        sizes: the lengths of all its pieces, ascending.
        first_window: the number of its first window.
        placement: which length is where in its windows.
    """

    group: str | None
    parts: tuple[int, ...]
    pieces: "pyarrow.Table"
    starts: tuple[int, ...]
    sizes: "pyarrow.Array"
    first_window: int
    placement: "_core.Placement"

    def numbers(self, position: int) -> tuple["pyarrow.Array", "pyarrow.Array"]:
        """The numbers of the pieces of a part: for each size, the first, and that after the last;
        both 0 if it has none.

        Args:
            position: of the part among ``parts``.
        """
        compute = import_extra("pyarrow.compute", "a plan", "parquet")
        first, last = self.starts[position], self.starts[position + 1]
        rows = self.pieces.slice(first, last - first).combine_chunks()
        at = compute.index_in(self.sizes, value_set=rows.column(LENGTH))
        before, counts = (
            rows.column(name).combine_chunks().take(at).fill_null(0) for name in (BEFORE, ROWS)
        )
        return before, compute.add(before, counts)

    def counts(self, pieces: "pyarrow.Table") -> "pyarrow.Array":
        """How many pieces of each size a histogram has."""
        compute = import_extra("pyarrow.compute", "a plan", "parquet")
        at = compute.index_in(self.sizes, value_set=pieces.column(LENGTH))
        found: pyarrow.Array = pieces.column(ROWS).combine_chunks().take(at).fill_null(0)
        return found


class Placer:
    """Places the documents of a part, some of them after the other.

    Args:
        number: of the part, for errors.
        packing, position: as of `Packing.numbers`.
        options: of the plan.
    """

    def __init__(
        self, number: int, packing: Packing, position: int, options: WindowOptions
    ) -> None:
        self._number, self._packing, self._options = number, packing, options
        self._next, self._ends = packing.numbers(position)

    def place(self, lengths: Any) -> Places:
        """The window and the offset of each piece of the next documents.

        Args:
            lengths: the tokens of each document, without EOS, as an Arrow column of integers.

        Raises:
            UsageError: they are not those that were counted.
        """
        compute = import_extra("pyarrow.compute", "a plan", "parquet")
        options = self._options
        found = pieces_of(
            histogram_of(lengths), options.window, options.eos_tokens, options.overlong
        )
        counts = self._packing.counts(found.histogram)
        ends = compute.add(self._next, counts)
        is_more = compute.any(compute.greater(ends, self._ends)).as_py()
        if (
            is_more
            or (compute.sum(counts).as_py() or 0) != total(found.histogram)[0]
            or (found.overlong and options.overlong == "raise")
        ):
            raise _other_lengths(self._number, "there are others than were counted")
        places = place(self._number, self._packing, options, lengths, self._next, ends)
        self._next = ends
        return places

    def finish(self) -> None:
        """All documents of the part were placed.

        Raises:
            UsageError: some are missing.
        """
        if not self._next.equals(self._ends):
            raise _other_lengths(self._number, "some are missing")


def place(
    number: int, packing: Packing, options: WindowOptions, lengths: Any, first: Any, ends: Any
) -> Places:
    """The window and the offset of each piece of the documents of a part, or of some.

    Args:
        number: of the part, for errors.
        packing: of its group.
        options: of the plan.
        lengths: the tokens of each of its documents, without EOS.
        first, ends: the numbers of their pieces, as of `Packing.numbers`.

    Raises:
        UsageError: the lengths are not those that were counted.
    """
    arrow = import_extra("pyarrow", "a plan", "parquet")
    view = length_buffer(lengths.fill_null(0) if hasattr(lengths, "fill_null") else lengths)
    try:
        rows: Any = packing.placement.place(
            view,
            length_buffer(first.cast(arrow.uint64())),
            length_buffer(ends.cast(arrow.uint64())),
            eos=options.eos_tokens,
            overlong=options.overlong,
            seed=options.seed,
            first_window=packing.first_window,
        )
    except ValueError as error:
        kind, value = error.args
        if kind == "negative":
            raise negative_error(value, view[value]) from None
        reason = (
            f"that of document {value} is one more than was counted"
            if kind == "uncounted"
            else f"there should be more pieces of {value:,} tokens"
        )
        raise _other_lengths(number, reason) from None
    except OverflowError as error:
        reason = f"they would be split into {error.args[0]:,} pieces"
        raise _other_lengths(number, reason) from None
    return Places._make(memoryview(row) for row in rows)


def with_numbers(pieces: "pyarrow.Table") -> "pyarrow.Table":
    """The histograms of parts, one after the other, with how many pieces of each length there are
    in those before, in time linear in them but for sorting."""
    compute = import_extra("pyarrow.compute", "a plan", "parquet")
    order = compute.sort_indices(pieces, [(LENGTH, "ascending")])  # stable
    lengths, rows = (pieces.column(name).take(order) for name in (LENGTH, ROWS))
    sums = compute.subtract(compute.cumulative_sum(rows), rows)
    firsts = pieces.select([]).append_column(LENGTH, lengths).append_column(BEFORE, sums)
    firsts = firsts.group_by(LENGTH, use_threads=False).aggregate([(BEFORE, "min")])
    at = compute.index_in(lengths, value_set=firsts.column(LENGTH))
    before = compute.subtract(sums, firsts.column(f"{BEFORE}_min").take(at))
    back = compute.sort_indices(order)
    return pieces.append_column(BEFORE, before.take(back))


def column_of(view: memoryview) -> "pyarrow.Array":
    """Integers as a column of 64 bits."""
    arrow = import_extra("pyarrow", "a plan", "parquet")
    kinds = {1: "int8", 2: "int16", 4: "int32", 8: "int64"}
    name = kinds[view.itemsize]
    kind = getattr(arrow, f"u{name}" if view.format.isupper() else name)()
    found = arrow.Array.from_buffers(kind, len(view), [None, arrow.py_buffer(view)])
    column: pyarrow.Array = found.cast(arrow.int64())
    return column


def _other_lengths(number: int, reason: str) -> UsageError:
    return UsageError(
        f"the lengths of part {number} are not those of the plan: {reason}",
        hint="count the corpus again, and plan anew",
    )
