"""Histograms of lengths: how many rows have how many tokens. They add up over parts."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools._core.types import Overlong
from ctxtools.corpus.manifest import PARTS, digest_of, load_manifest
from ctxtools.errors import FormatError, ReadError, import_extra

if TYPE_CHECKING:
    import pyarrow

LENGTH, ROWS, GROUP = "length", "rows", "group"


def histogram_of(lengths: Any, groups: Any = None) -> "pyarrow.Table":
    """The distinct lengths of a column of integers and how often each is there; nulls are not.

    Args:
        lengths: the column.
        groups: the name of each row's group; the histogram then has that of each group.
    """
    arrow, compute = _import()
    if groups is None:
        counted = compute.value_counts(lengths.drop_null().cast(arrow.int64()))
        return _table(arrow, counted.field("values"), counted.field("counts"))
    rows = arrow.table({GROUP: groups, LENGTH: lengths.cast(arrow.int64())})
    rows = rows.filter(compute.is_valid(rows.column(LENGTH)))
    keys = rows.group_by([GROUP, LENGTH], use_threads=False)
    return keys.aggregate([([], "count_all")]).rename_columns([GROUP, LENGTH, ROWS])


def load_histograms(folder: str | os.PathLike[str]) -> "list[pyarrow.Table]":
    """The histogram of each part of a complete run, in the order of the inputs.

    Raises:
        ReadError: it is not complete, or a histogram is missing.
        FormatError: its files are damaged.
    """
    parquet = import_extra("pyarrow.parquet", "a histogram of lengths", "parquet")
    histograms = []
    for entry in load_manifest(folder).entries:
        name = f"{PARTS}/{entry.part}.parquet"
        path = Path(folder) / name
        try:
            if digest_of(path) not in {file.digest for file in entry.files if file.name == name}:
                raise FormatError(f"{path}: its content is not what was written")
            histograms.append(parquet.read_table(path))
        except OSError as error:
            raise ReadError(f"{path}: cannot be read", hint="run the count again") from error
    return histograms


def histogram_from(lengths: Any, rows: Any) -> "pyarrow.Table":
    """The histogram of distinct lengths that occur so often."""
    arrow, _ = _import()
    return _table(arrow, lengths.cast(arrow.int64()), rows.cast(arrow.int64()))


def add_histograms(histograms: Iterable["pyarrow.Table"]) -> "pyarrow.Table":
    """The sum of histograms, of all groups or of none; shortest length first in each."""
    arrow, _ = _import()
    tables = list(histograms)
    empty = _table(arrow, arrow.array([], arrow.int64()), arrow.array([], arrow.int64()))
    joined = arrow.concat_tables(tables or [empty])
    keys = [name for name in joined.column_names if name != ROWS]
    summed = joined.group_by(keys, use_threads=False).aggregate([(ROWS, "sum")])
    names = [*keys, ROWS]
    found = summed.select([*keys, f"{ROWS}_sum"]).rename_columns(names)
    return found.sort_by([(name, "ascending") for name in keys])


def total(histogram: "pyarrow.Table") -> tuple[int, int]:
    """The rows and the tokens of a histogram."""
    _, compute = _import()
    rows, lengths = histogram.column(ROWS), histogram.column(LENGTH)
    tokens = compute.sum(compute.multiply_checked(rows, lengths)).as_py()
    return compute.sum(rows).as_py() or 0, tokens or 0


class Pieces(NamedTuple):
    """The pieces that documents are packed as.

    Attributes:
        histogram: of their lengths, EOS included.
        empty: documents without a token, of which there is no piece.
        overlong: documents longer than a window.
    """

    histogram: "pyarrow.Table"
    empty: int
    overlong: int


def pieces_of(histogram: "pyarrow.Table", window: int, eos: int, overlong: Overlong) -> Pieces:
    """The pieces of documents with a histogram of lengths, in time linear in that.

    Args:
        histogram: of documents.
        window: tokens of a window.
        eos: tokens after each document, fewer than the window has.
        overlong: what is done with documents that are longer.

    Raises:
        ArithmeticError: they have more than 2**63 tokens or pieces.
    """
    arrow, compute = _import()
    documents = histogram.filter(compute.greater(histogram.column(LENGTH), 0))
    tokens, rows = compute.add(documents.column(LENGTH), eos), documents.column(ROWS)
    is_long = compute.greater(tokens, window)
    short = compute.invert(is_long)
    found = [_table(arrow, tokens.filter(short), rows.filter(short))]
    tokens, rows = tokens.filter(is_long), rows.filter(is_long)
    if overlong == "split":
        # Full windows, then the rest, which has a token of the document itself.
        before = compute.multiply(compute.divide(compute.subtract(tokens, 1), window), window)
        before = compute.min_element_wise(before, compute.subtract(tokens, eos + 1))
        full = compute.divide(before, window)
        rest = compute.subtract(before, compute.multiply(full, window))
        is_last = compute.greater(rest, 0)
        try:
            windows = compute.multiply_checked(full, rows)
        except arrow.ArrowInvalid as error:
            raise ArithmeticError(str(error)) from error
        found += [
            _table(arrow, compute.add(compute.multiply(full, 0), window), windows),
            _table(arrow, rest.filter(is_last), rows.filter(is_last)),
            _table(arrow, compute.subtract(tokens, before), rows),
        ]
    elif overlong == "truncate":
        found.append(_table(arrow, compute.add(compute.multiply(tokens, 0), window), rows))
    all_rows, long_rows = compute.sum(histogram.column(ROWS)), compute.sum(rows).as_py() or 0
    empty = (all_rows.as_py() or 0) - (compute.sum(documents.column(ROWS)).as_py() or 0)
    pieces = add_histograms(found)
    pieces = pieces.filter(compute.greater(pieces.column(ROWS), 0))
    return Pieces(pieces, empty, long_rows)


def _table(arrow: Any, lengths: Any, rows: Any) -> "pyarrow.Table":
    table: pyarrow.Table = arrow.table({LENGTH: lengths, ROWS: rows})
    return table


def _import() -> tuple[Any, Any]:
    purpose = "a histogram of lengths"
    return (
        import_extra("pyarrow", purpose, "parquet"),
        import_extra("pyarrow.compute", purpose, "parquet"),
    )
