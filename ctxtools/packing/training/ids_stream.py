"""Packing a stream of documents with their ids into training windows, in bounded memory."""

import random
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from ctxtools._core.types import Overlong, Request
from ctxtools.checks import check_integer, check_list
from ctxtools.errors import UsageError
from ctxtools.packing.training.assembly import (
    Assembly,
    Ignorable,
    Layout,
    Tokens,
    check_ignorable,
    token_list,
)
from ctxtools.packing.training.columns import columns_of_rows, ids_of
from ctxtools.packing.training.plan import TrainingWindow
from ctxtools.packing.training.sequences import make_request
from ctxtools.packing.training.stream import Pool

_SAMPLES = 64  # documents that are looked at to find their columns

_Document = tuple[int, Any]  # its number, and what was given


def pack_ids_stream(
    documents: Iterable[Any],
    window: int | str,
    *,
    buffer: int = 16_384,
    seed: int | None = None,
    column: str = "input_ids",
    eos: Tokens = None,
    separator: Tokens = None,
    pad: int | None = None,
    overlong: Overlong = "split",
    max_documents: int | None = None,
    convert: Callable[["array[Any]"], Any] | None = None,
    columns: Iterable[str] | None = None,
    labels: bool = True,
    ignore: Collection[Ignorable] = (),
    loss_mask: str | None = None,
    fills: Mapping[str, int | float] | None = None,
) -> Iterator[dict[str, Any]]:
    """Training windows for a stream of documents, with their tokens, as `PackedDataset` has them.

    Windows are those of `pack_stream`: each as soon as the buffer is full. The columns of the
    documents are found by the first of them.

    >>> for made in pack_ids_stream([[5, 6, 7], [8, 9], [3]], window=8, eos=0, pad=0, convert=list):
    ...     made["input_ids"], made["cu_seqlens"]
    ([5, 6, 7, 0, 8, 9, 0, 0], [0, 4, 7, 8])
    ([3, 0, 0, 0, 0, 0, 0, 0], [0, 2, 8])

    Args:
        documents: lists of ids, or mappings with one; read no further than the buffer needs.
        window, max_documents: as in `pack_sequences`.
        buffer: documents held before a window is made; more if they do not fill two windows.
        seed: shuffles the documents: half of the buffer holds some of which any is next. The same
            seed gives the same windows. None keeps the order.
        overlong: what to do with documents that are longer than a window, EOS included: "split",
            "truncate", "drop" or "raise".
        column, eos, separator, pad, convert, columns, labels, ignore, loss_mask, fills: as in
            `PackedDataset`.

    Raises:
        UsageError: an argument cannot be used; and during the iteration, a document has no ids, or
            not as many values in a column; or is longer than a window, and ``overlong`` is "raise".
    """
    eos, separator = token_list("eos", eos), token_list("separator", separator)
    request = make_request(window, len(eos), len(separator), overlong, max_documents, None)
    buffer = check_integer("buffer", buffer, 1)
    check_ignorable(ignore)
    token_list("pad", pad)
    if columns is not None:
        check_list("columns", columns)
        columns = [*columns]
    if not isinstance(documents, Iterable):
        raise UsageError(f"documents must be iterable, got {type(documents).__name__}")
    numbered = enumerate(documents)
    first = list(islice(numbered, min(buffer, _SAMPLES)))
    rows = [row if isinstance(row, Mapping) else {} for _, row in first]
    found = columns_of_rows(rows, column, columns, fills, loss_mask)
    layout = Layout(eos, separator, pad, found, labels, frozenset(ignore), loss_mask)
    source: Iterator[_Document] = chain(first, numbered)
    if seed is not None:
        source = _shuffled(source, buffer // 2, random.Random(check_integer("seed", seed, 0)))
        buffer -= buffer // 2
    held = _Held(request, layout, column)
    return (
        {
            name: convert(values) if convert and isinstance(values, array) else values
            for name, values in made.items()
        }
        for made in _windows(source, held, buffer)
    )


def _windows(source: Iterator[_Document], held: "_Held", buffer: int) -> Iterator[dict[str, Any]]:
    pool = Pool(held.request)
    for number, row in source:
        for start, tokens in pool.pieces(number, held.length(number, row)):
            held.keep(number, row)
            pool.add(number, start, tokens)
            while pool.held >= buffer and pool.tokens >= 2 * pool.capacity:
                yield held.assembled(pool.take_window())
    for window in pool.drain():
        yield held.assembled(window)


class _Held:
    """The documents of which a piece is in no window yet."""

    def __init__(self, request: Request, layout: Layout, column: str) -> None:
        self.request = request
        self._layout, self._column = layout, column
        self._documents: dict[int, Any] = {}
        self._left: dict[int, int] = {}  # tokens that are in no window

    def length(self, number: int, row: Any) -> int:
        """How many ids a document has."""
        return len(ids_of(number, row, self._column)[0])

    def keep(self, number: int, row: Any) -> None:
        """Hold a document until all of its pieces are in windows."""
        if number not in self._documents:
            self._documents[number] = row
            self._left[number] = self._end(self.length(number, row)) + self.request.eos

    def assembled(self, window: TrainingWindow) -> dict[str, Any]:
        """A window with the tokens of its pieces."""
        assembly = Assembly(self._layout)
        pieces = zip(window.documents, window.starts, window.lengths, strict=True)
        for number, start, length in pieces:
            ids, row = ids_of(number, self._documents[number], self._column)
            end, stop = self._end(len(ids)), start + length
            assembly.add(number, ids, row, slice(start, min(stop, end)), is_last=stop > end)
            self._left[number] -= length
            if not self._left[number]:
                del self._left[number], self._documents[number]
        return assembly.finish(window, self.request.window)

    def _end(self, length: int) -> int:
        """How many ids of a document go into windows."""
        if self.request.overlong == "truncate":
            return min(length, self.request.window - self.request.eos)
        return length


def _shuffled(
    documents: Iterator[_Document], size: int, chance: random.Random
) -> Iterator[_Document]:
    """The documents in another order, of which no more than ``size`` are held."""
    held = list(islice(documents, size))
    for document in documents:
        if held:
            at = chance.randrange(len(held))
            document, held[at] = held[at], document
        yield document
    chance.shuffle(held)
    yield from held
