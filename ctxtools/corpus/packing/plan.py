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
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from ctxtools import _core
from ctxtools._core.types import Overlong
from ctxtools.corpus.lengths import LENGTH, ROWS, add_histograms, load_histograms, pieces_of, total
from ctxtools.corpus.packing.placing import (
    Packing,
    Placer,
    Places,
    WindowOptions,
    place,
    with_numbers,
)
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.lengths import length_buffer
from ctxtools.packing.training.sequences import make_request

if TYPE_CHECKING:
    import pyarrow


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

    def placer(self, number: int) -> Placer:
        """What places the documents of a part, some of them after the other.

        Raises:
            UsageError: there is no such part.
        """
        packing, position = self._home(number)
        return Placer(number, packing, position, self.options)

    def place(self, number: int, lengths: Any) -> Places:
        """The window and the offset of each piece of the documents of a part.

        Takes time linear in those, and in the distinct lengths of its group.

        Args:
            number: of the part.
            lengths: the tokens of each of its documents, without EOS, as `pack_sequences` takes
                them; nulls of an Arrow column are documents without a token.

        Raises:
            UsageError: there is no such part, or its lengths are not those that were counted.
        """
        packing, position = self._home(number)
        first, ends = packing.numbers(position)
        return place(number, packing, self.options, lengths, first, ends)

    def _home(self, number: int) -> tuple[Packing, int]:
        if number not in self._homes:
            raise UsageError(f"the plan has {self.parts} parts, none of number {number}")
        return self._homes[number]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan as Parquet, completely or not at all.

        Raises:
            OSError: it could not be written.
        """
        from ctxtools.corpus.packing.plan_file import save_plan

        save_plan(self, path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> "CorpusPlan":
        """Read a plan that was saved.

        Raises:
            ReadError: the file cannot be read.
            FormatError: it holds no plan.
        """
        from ctxtools.corpus.packing.plan_file import load_plan

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
    groups: Sequence[str | None] | None = None,
    order: Sequence[str | None] | None = None,
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
        order: of the groups, where that is not it.

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
    names: list[str | None] = [""] * len(histograms) if groups is None else list(groups)
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
    for group in dict.fromkeys(names if order is None else [*order, *names]):
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
    group: str | None,
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
    starts = [*accumulate(map(len, tables), initial=0)]
    pieces = with_numbers(arrow.concat_tables([summed.slice(0, 0), *tables]))
    lengths = summed.column(LENGTH).combine_chunks()
    return Packing(group, parts, pieces, tuple(starts), lengths, first_window, placement)
