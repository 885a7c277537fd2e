"""Packing a corpus into training windows without moving a document.

Windows are planned by the histogram of all lengths alone. Of that plan each worker finds, for the
documents of its part, the window and the offset in it that each of their pieces has: pieces of a
length are numbered through all parts, and so are the places for it in the windows.

>>> from ctxtools.corpus.lengths import histogram_of
>>> import pyarrow
>>> parts = [pyarrow.array([700, 300, 400]), pyarrow.array([600, 2500])]
>>> plan = plan_windows([histogram_of(part) for part in parts], 1000)
>>> plan.bins, plan.lower_bound, plan.efficiency
(5, 5, 0.9)
>>> [(place.windows.tolist(), place.offsets.tolist()) for place in map(plan.place, (0, 1), parts)]
[([3, 3, 2], [0, 700, 600]), ([2, 0, 1, 4], [0, 0, 0, 0])]
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools import _core
from ctxtools._core.types import Overlong
from ctxtools.corpus.lengths import LENGTH, ROWS, add_histograms, load_histograms, pieces_of, total
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.lengths import length_buffer, negative_error
from ctxtools.packing.training.sequences import make_request

if TYPE_CHECKING:
    import pyarrow


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
        group: its name.
        parts: the numbers of its parts, in order.
        pieces: the histograms of the pieces of the parts, one after the other.
        starts: where each part starts in those, and the last one ends.
        sizes: the lengths of all its pieces, ascending.
        first_window: the number of its first window.
        placement: which length is where in its windows.
    """

    group: str
    parts: tuple[int, ...]
    pieces: "pyarrow.Table"
    starts: tuple[int, ...]
    sizes: "pyarrow.Array"
    first_window: int
    placement: "_core.Placement"

    def slots(self, start: int, end: int, before: memoryview | None = None) -> memoryview:
        """How many pieces of each length the parts ``start`` to ``end`` of this group have.

        Args:
            start, end: numbers among ``parts``.
            before: pieces to add to those.
        """
        arrow = import_extra("pyarrow", "a plan", "parquet")
        compute = import_extra("pyarrow.compute", "a plan", "parquet")
        first, last = self.starts[start], self.starts[end]
        summed = add_histograms([self.pieces.slice(first, last - first)])
        at = compute.index_in(self.sizes, value_set=summed.column(LENGTH))
        counts = summed.column(ROWS).combine_chunks().take(at).fill_null(0)
        if before is not None:
            buffer = arrow.py_buffer(before)
            earlier = arrow.Array.from_buffers(arrow.int64(), len(before), [None, buffer])
            counts = compute.add(counts, earlier)
        return length_buffer(counts.cast(arrow.uint64()))


class CorpusPlan:
    """Which windows there are, and which places each part has in them.

    Attributes:
        options: how the corpus is packed.
        packings: for each group, its windows.
        documents, empty, overlong: documents, those without a token, which are in no window, and
            those longer than a window.
        pieces, tokens: of all windows; tokens with EOS and separators.
        bins: the number of windows.
        lower_bound: no plan has fewer.
    """

    def __init__(
        self,
        options: WindowOptions,
        packings: Sequence[Packing],
        *,
        documents: int,
        empty: int,
        overlong: int,
    ) -> None:
        self.options, self.packings = options, tuple(packings)
        self.documents, self.empty, self.overlong = documents, empty, overlong
        totals = [total(packing.pieces) for packing in self.packings]
        self.pieces = sum(pieces for pieces, _ in totals)
        self.bins = sum(packing.placement.bins for packing in self.packings)
        self.lower_bound = sum(packing.placement.lower_bound for packing in self.packings)
        separators = (self.pieces - self.bins) * options.separator_tokens
        self.tokens = sum(tokens for _, tokens in totals) + separators
        self._homes = {
            number: (packing, position)
            for packing in self.packings
            for position, number in enumerate(packing.parts)
        }
        self._last: tuple[int, memoryview] | None = None  # a part, and the pieces up to its end

    @property
    def window(self) -> int:
        """Tokens of a window."""
        return self.options.window

    @property
    def parts(self) -> int:
        """The number of parts."""
        return len(self._homes)

    @property
    def efficiency(self) -> float:
        """The share of the windows' tokens that is used; 0 where there is no window."""
        return self.tokens / (self.bins * self.window) if self.bins else 0.0

    @property
    def dropped(self) -> int:
        """Documents that are in no window, for they are longer."""
        return self.overlong if self.options.overlong == "drop" else 0

    @property
    def truncated(self) -> int:
        """Documents of which a window holds only the start."""
        return self.overlong if self.options.overlong == "truncate" else 0

    def summary(self) -> dict[str, Any]:
        """The plan's figures, for JSON."""
        return {
            "window": self.window,
            "bins": self.bins,
            "lower_bound": self.lower_bound,
            "efficiency": self.efficiency,
            "tokens": self.tokens,
            "pieces": self.pieces,
            "documents": self.documents,
            "empty": self.empty,
            "dropped": self.dropped,
            "truncated": self.truncated,
            "parts": self.parts,
            "groups": [packing.group for packing in self.packings],
        }

    def part(self, number: int) -> tuple[memoryview, memoryview]:
        """The places of a part: for each length of its group, how many pieces are before it, and
        how many up to its end.

        Takes time linear in the histograms of the parts before it; parts in order, one step each.

        Raises:
            UsageError: there is no such part.
        """
        if number not in self._homes:
            raise UsageError(f"the plan has {self.parts} parts, none of number {number}")
        packing, position = self._homes[number]
        last = self._last
        if last and position and packing.parts[position - 1] == last[0]:
            first = last[1]
        else:
            first = packing.slots(0, position)
        ends = packing.slots(position, position + 1, first)
        self._last = number, ends
        return first, ends

    def place(self, number: int, lengths: Any) -> Places:
        """The window and the offset of each piece of the documents of a part.

        Args:
            number: of the part.
            lengths: the tokens of each of its documents, without EOS, as `pack_sequences` takes
                them; nulls of an Arrow column are documents without a token.

        Raises:
            UsageError: there is no such part, or its lengths are not those that were counted.
        """
        first, ends = self.part(number)
        packing, _ = self._homes[number]
        filled = lengths.fill_null(0) if hasattr(lengths, "fill_null") else lengths
        view = length_buffer(filled)
        options = self.options
        try:
            rows: Any = packing.placement.place(
                view,
                first,
                ends,
                eos=options.eos_tokens,
                overlong=options.overlong,
                seed=options.seed,
                first_window=packing.first_window,
            )
        except ValueError as error:
            kind, value = error.args
            if kind == "negative":
                raise negative_error(value, view[value]) from None
            raise _other_lengths(number, kind, value) from None
        except OverflowError as error:
            raise _other_lengths(number, "pieces", error.args[0]) from None
        return Places._make(memoryview(row) for row in rows)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan as Parquet, completely or not at all.

        Raises:
            OSError: it could not be written.
        """
        from ctxtools.corpus.plan_file import save_plan

        save_plan(self, path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> "CorpusPlan":
        """Read a plan that was saved.

        Raises:
            ReadError: the file cannot be read.
            FormatError: it holds no plan.
        """
        from ctxtools.corpus.plan_file import load_plan

        return load_plan(path)


def plan_windows(
    counted: "str | os.PathLike[str] | Sequence[pyarrow.Table]",
    window: int | str,
    *,
    eos_tokens: int = 0,
    separator_tokens: int = 0,
    overlong: Overlong = "split",
    max_documents: int | None = None,
    seed: int | None = None,
    groups: Sequence[str] | None = None,
) -> CorpusPlan:
    """Plan training windows for a corpus by the lengths of its documents.

    As many windows as `pack_sequences` has of the same lengths.

    Args:
        counted: the folder of a complete run that counts; or the histogram of each part's lengths,
            as of `lengths.histogram_of`. Documents of a part that belong to several groups are
            several parts.
        window: the limit of a window in tokens, 1 or more; also as a size ("8k", "1Mi").
        eos_tokens: tokens after each document, fewer than the window has.
        separator_tokens: tokens between two pieces of a window.
        overlong: what to do with documents that are longer than a window, EOS included: "split",
            "truncate", "drop" or "raise".
        max_documents: the maximum number of pieces in a window.
        seed: permutes windows and documents; without one, documents of a length are in windows in
            their order.
        groups: for each part the group that it belongs to. No window has documents of two groups;
            those of the first that is named come first.

    Raises:
        UsageError: an argument cannot be used; or a document is longer than a window, and
            ``overlong`` is "raise".
        ReadError, FormatError: the folder is not that of a complete run, or is damaged.
    """
    request = make_request(window, eos_tokens, separator_tokens, overlong, max_documents, seed)
    options = WindowOptions(
        request.window,
        request.eos,
        request.separator,
        request.overlong,
        request.max_documents,
        request.seed,
    )
    if isinstance(counted, str | os.PathLike):
        counted = load_histograms(counted)
    histograms = list(counted)
    names = [""] * len(histograms) if groups is None else list(groups)
    if len(names) != len(histograms):
        raise UsageError(f"{len(names)} groups were named for {len(histograms)} parts")
    try:
        all_pieces = [
            pieces_of(each, options.window, options.eos_tokens, overlong) for each in histograms
        ]
    except ArithmeticError as error:
        raise UsageError("documents would be split into too many pieces") from error
    too_long = sum(each.overlong for each in all_pieces)
    if too_long and overlong == "raise":
        raise UsageError(
            f"{too_long:,} documents are longer than the window of {options.window} tokens",
            hint="split, truncate or drop overlong documents, or use a larger window",
        )
    packings: list[Packing] = []
    first_window = 0
    for group in dict.fromkeys(names):
        numbers = tuple(i for i, name in enumerate(names) if name == group)
        tables = [all_pieces[number].histogram for number in numbers]
        packings.append(_make_packing(group, numbers, tables, first_window, options))
        first_window += packings[-1].placement.bins
    return CorpusPlan(
        options,
        packings,
        documents=sum(total(each)[0] for each in histograms),
        empty=sum(each.empty for each in all_pieces),
        overlong=too_long,
    )


def _make_packing(
    group: str,
    parts: tuple[int, ...],
    tables: Sequence["pyarrow.Table"],
    first_window: int,
    options: WindowOptions,
) -> Packing:
    """Pack the pieces of a group's parts.

    Raises:
        UsageError: they are too many.
    """
    arrow = import_extra("pyarrow", "a plan", "parquet")
    summed = add_histograms(tables)
    sizes, counts = (summed.column(name).cast(arrow.uint64()) for name in (LENGTH, ROWS))
    try:
        placement = _core.Placement(
            length_buffer(sizes),
            length_buffer(counts),
            options.window,
            separator=options.separator_tokens,
            max_documents=options.max_documents,
        )
    except ValueError as error:
        raise UsageError(f"{total(summed)[0]:,} pieces are too many for a plan") from error
    starts = [0]
    for table in tables:
        starts.append(starts[-1] + len(table))
    pieces = arrow.concat_tables([summed.slice(0, 0), *tables])
    lengths = summed.column(LENGTH).combine_chunks()
    return Packing(group, parts, pieces, tuple(starts), lengths, first_window, placement)


def _other_lengths(number: int, reason: str, value: int) -> UsageError:
    what = {
        "uncounted": f"that of document {value} is one more than was counted",
        "missing": f"there should be more pieces of {value:,} tokens",
        "pieces": f"they would be split into {value:,} pieces",
    }
    return UsageError(
        f"the lengths of part {number} are not those of the plan: {what[reason]}",
        hint="count the corpus again, and plan anew",
    )
