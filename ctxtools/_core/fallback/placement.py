"""Where each piece of a corpus goes, by a packing of the histogram of all lengths alone.

The same as ``kernel/src/pack/placement.rs``, where it is explained.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ctxtools._core.bins import max_pieces
from ctxtools._core.fallback.bin_packing import NONE, Packing, pack
from ctxtools._core.fallback.windows import INTEGERS, WIDE, mix
from ctxtools._core.types import UNLIMITED, Request, split_overlong

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_ROUNDS = 4
_MAX_CAPACITY = 2**63
_MAX_PIECES = 2**62

Columns = tuple[Any, Any, Any, Any, Any, Any, Any]
_FORMATS = ("QL", "QL", "I", "I", "I", "I", "QL")


class Placement:
    """A packing of a corpus; arguments and errors are those of ``_kernel.pyi``."""

    def __init__(
        self, sizes: Any, counts: Any, window: int, *, separator: int, max_documents: int
    ) -> None:
        found, numbers = _row(sizes, "QL"), _row(counts, "QL")
        if max_documents < 1 or not _are_pieces(found, numbers, window, separator):
            raise ValueError("not a histogram of pieces for this window")
        packing, bound = pack(
            [size + separator for size in found],
            numbers,
            window + separator,
            min(max_documents, UNLIMITED),
        )
        self._set(found, numbers, window, separator, packing, bound)

    def _set(
        self,
        sizes: list[int],
        counts: list[int],
        window: int,
        separator: int,
        packing: Packing,
        lower_bound: int,
    ) -> None:
        self._sizes, self._counts = sizes, counts
        self._window, self._separator = window, separator
        self._packing = packing
        self.bins, self.lower_bound = packing.bins, lower_bound
        # of each size: (first slot, first bin, slots of each bin, offset in a bin)
        self._runs: list[list[tuple[int, int, int, int]]] = [[] for _ in sizes]
        slots, first = [0] * len(sizes), 0
        for last, bins in packing.groups:
            start = 0
            for number, items in reversed(list(packing.chain(last))):
                self._runs[number].append((slots[number], first, items, start))
                slots[number] += items * bins
                start += items * (sizes[number] + separator)
            first += bins

    @staticmethod
    def from_columns(
        columns: Columns, window: int, *, separator: int, max_documents: int, lower_bound: int
    ) -> "Placement":
        """A packing that was made before."""
        rows = [_row(column, code) for column, code in zip(columns, _FORMATS, strict=True)]
        sizes, counts, parents, classes, items, last, bins = rows
        are_whole = len(parents) == len(classes) == len(items) and len(last) == len(bins)
        packing = Packing(
            list(zip(parents, classes, items, strict=are_whole)),
            list(zip(last, bins, strict=are_whole)),
        )
        if (
            not are_whole
            or not _are_pieces(sizes, counts, window, separator)
            or not _holds(packing, sizes, counts, window, separator, max_documents)
            or not lower_bound <= packing.bins <= _MASK
        ):
            raise ValueError("not a packing of these pieces")
        made = Placement.__new__(Placement)
        made._set(sizes, counts, window, separator, packing, lower_bound)
        return made

    def columns(self) -> Columns:
        """What `from_columns` takes."""
        nodes, groups = self._packing.nodes, self._packing.groups
        parents, numbers, items = (
            memoryview(array("I", (node[i] for node in nodes))) for i in range(3)
        )
        return (
            memoryview(array("Q", self._sizes)),
            memoryview(array("Q", self._counts)),
            parents,
            numbers,
            items,
            memoryview(array("I", (last for last, _ in groups))),
            memoryview(array("Q", (bins for _, bins in groups))),
        )

    def place(
        self,
        lengths: Any,
        first: Any,
        ends: Any,
        *,
        eos: int,
        overlong: str,
        seed: int | None,
        first_window: int,
    ) -> tuple[memoryview, memoryview, memoryview, memoryview, memoryview, memoryview]:
        """Where the pieces of a part go."""
        slots = _Slots(self._runs, self._sizes, _row(first, "QL"), _row(ends, "QL"))
        end = first_window + self.bins
        if end > _MASK or not slots.are_of(self._counts) or eos >= self._window:
            raise ValueError("not of this packing")
        if seed is not None:
            slots.permute(self._counts, seed)
        view = memoryview(lengths)
        if len(view) and view.format not in INTEGERS:
            raise TypeError("lengths must be a buffer of integers")
        for document, length in enumerate(view):
            if length < 0:
                raise ValueError("negative", document)
        left: list[int] = []
        pieces = _pieces(view, self._window, eos, overlong, left)
        self._check_number(view, eos, overlong)
        longest = min(max(view, default=0) + eos, _MASK)
        wide = max(longest, len(view), self._window, end) >= WIDE
        rows = [array("Q" if wide else "I") for _ in range(5)]
        windows = _permutation(self.bins, seed, 0)
        for document, start, tokens in pieces:
            found = slots.next(tokens)
            if not found:
                raise ValueError("uncounted", document)
            slot, (first_slot, bin, items, offset) = found
            inside = slot - first_slot
            offset += inside % items * (tokens + self._separator)
            window = first_window + windows(bin + inside // items)
            place = (document, start, tokens, window, offset)
            for row, value in zip(rows, place, strict=True):
                row.append(value)
        if missing := slots.left():
            raise ValueError("missing", missing)
        documents, starts, tokens_of, windows_of, offsets = (memoryview(row) for row in rows)
        return documents, starts, tokens_of, windows_of, offsets, memoryview(array("Q", left))

    def _check_number(self, lengths: memoryview, eos: int, overlong: str) -> None:
        count = 0
        for length in lengths:
            if length == 0:
                continue
            if length + eos <= self._window:
                count += 1
            elif overlong == "split":
                if length + eos > _MASK:
                    raise OverflowError(_MASK)
                count += -(-(length + eos) // self._window)
            else:
                count += overlong == "truncate"
        if count > max_pieces(len(lengths)):
            raise OverflowError(min(count, _MASK))


class _Slots:
    """The slots of the pieces of each size in a part, in their order."""

    def __init__(
        self,
        runs: list[list[tuple[int, int, int, int]]],
        sizes: list[int],
        first: list[int],
        ends: list[int],
    ) -> None:
        self._runs, self._next, self._ends = runs, first, ends
        self._classes = {size: number for number, size in enumerate(sizes)}
        self._orders: list[Any] = [int] * len(sizes)

    def are_of(self, counts: list[int]) -> bool:
        """Whether a packing of so many pieces of each size has them."""
        return len(self._next) == len(self._ends) == len(counts) and all(
            first <= end <= count
            for first, end, count in zip(self._next, self._ends, counts, strict=True)
        )

    def permute(self, counts: list[int], seed: int) -> None:
        """Takes the slots of each size in another order."""
        self._orders = [_permutation(count, seed, i) for i, count in enumerate(counts, 1)]

    def left(self) -> int:
        """The first size of which there are more pieces; 0 if there is none."""
        rows = zip(self._classes, self._next, self._ends, strict=True)
        return next((size for size, at, end in rows if at < end), 0)

    def next(self, size: int) -> tuple[int, tuple[int, int, int, int]] | None:
        """The slot of the next piece of a size, and its run; None if there is none."""
        number = self._classes.get(size, -1)
        if number < 0 or self._next[number] >= self._ends[number]:
            return None
        slot = self._orders[number](self._next[number])
        self._next[number] += 1
        runs = self._runs[number]
        return slot, runs[bisect_right(runs, slot, key=lambda run: run[0]) - 1]


def _pieces(
    lengths: memoryview, window: int, eos: int, overlong: str, left: list[int]
) -> Iterator[tuple[int, int, int]]:
    """(document, start, tokens) of each piece, in order; documents that are cut or left go to
    ``left``."""
    request = Request(window, eos)
    for document, length in enumerate(lengths):
        if length == 0:
            continue
        if length + eos <= window:
            yield document, 0, length + eos
        elif overlong == "split":
            for start, tokens in split_overlong(length, request):
                yield document, start, tokens
        elif overlong == "raise":
            raise ValueError("uncounted", document)
        else:
            left.append(document)
            if overlong == "truncate":
                yield document, 0, window


class _Permutation:
    """A bijection of the numbers below a count: a Feistel network, with cycle walking."""

    def __init__(self, count: int, seed: int, number: int) -> None:
        bits = max(0, count - 1).bit_length()
        self._count, self._low_bits = count, bits // 2
        self._key = mix((mix(seed) + number) & _MASK)
        self._low_mask = (1 << self._low_bits) - 1
        self._high_mask = (1 << (bits - self._low_bits)) - 1

    def __call__(self, number: int) -> int:
        number = self._rounds(number)
        while number >= self._count:
            number = self._rounds(number)
        return number

    def _rounds(self, number: int) -> int:
        low, high = number & self._low_mask, number >> self._low_bits
        for turn in range(_ROUNDS):
            key = self._key + turn * _GOLDEN
            if turn % 2 == 0:
                high ^= mix((low + key) & _MASK) & self._high_mask
            else:
                low ^= mix((high + key) & _MASK) & self._low_mask
        return high << self._low_bits | low


def _permutation(count: int, seed: int | None, number: int) -> Any:
    """A function of a number below a count; the number itself without a seed."""
    return int if seed is None else _Permutation(count, seed, number)


def _are_pieces(sizes: Sequence[int], counts: Sequence[int], window: int, separator: int) -> bool:
    """Whether these are a histogram of pieces that a window holds."""
    return (
        window + separator <= _MAX_CAPACITY
        and len(sizes) == len(counts)
        and all(a < b for a, b in pairwise(sizes))
        and (not sizes or (sizes[0] > 0 and sizes[-1] <= window))
        and 0 not in counts
        and sum(counts) <= _MAX_PIECES
    )


def _holds(
    packing: Packing,
    sizes: list[int],
    counts: list[int],
    window: int,
    separator: int,
    max_documents: int,
) -> bool:
    """Whether a packing has all pieces, and no more in a window than that holds."""
    if not all(
        (parent == NONE or parent < at) and number < len(sizes) and items > 0
        for at, (parent, number, items) in enumerate(packing.nodes)
    ):
        return False
    placed = [0] * len(sizes)
    for last, bins in packing.groups:
        if not bins or last >= len(packing.nodes):
            return False
        chain = list(packing.chain(last))
        size = sum((sizes[number] + separator) * items for number, items in chain)
        if size > window + separator or sum(items for _, items in chain) > max_documents:
            return False
        for number, items in chain:
            placed[number] += items * bins
    return placed == counts


def _row(column: Any, formats: str) -> list[int]:
    """A row of a histogram or of a packing."""
    view = memoryview(column)
    if len(view) and (view.format not in {*formats} or view.ndim != 1):
        raise TypeError("a column has another format than it should")
    row: list[int] = view.tolist()
    return row
