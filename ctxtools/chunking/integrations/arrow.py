"""Chunks of a column of texts, as an Arrow table. Needs the extra ``ctxtools[parquet]``.

chunk_table(table, chunker)                                   a pyarrow Table or RecordBatch
polars.from_arrow(chunk_table(frame, chunker))                a Polars DataFrame
chunk_table(frame, chunker).to_pandas()                       a pandas DataFrame
dataset.map(chunk_table, batched=True,                        datasets
            remove_columns=dataset.column_names, fn_kwargs={"chunker": chunker})
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import repeat
from typing import TYPE_CHECKING, Any

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import UsageError, import_extra

if TYPE_CHECKING:
    import pyarrow

_RENAMED = "document_"


def chunk_table(
    data: Any, chunker: Chunker, column: str = "text", *, source_column: str | None = None
) -> "pyarrow.Table":
    """A table with a row for each chunk of the text of each row.

    It has a column for each attribute of `Chunk`, followed by the other columns of the input, whose
    values are repeated. If one of these has the name of an attribute, such as ``id``, it is renamed
    to ``document_id``. A null has no chunks. No two chunks of a table have the same id; if rows
    have the same text and source, ids depend on the number of such rows before in the table (or
    batch).

    Args:
        data: a Table, a RecordBatch, anything that exports Arrow's C interface (DataFrames of
            Polars and pandas), or a mapping from names to lists (as from ``datasets``).
        chunker: the chunker to use.
        column: the name of the column of texts.
        source_column: the name of a column of strings with the path or name of each text.

    Raises:
        UsageError: not a table, or it lacks these columns, or they are not of strings.
        MissingExtraError: pyarrow is not installed.
        OversizeError: as `Chunker.chunk`.
    """
    arrow = _import()
    table = _as_table(arrow, data)
    texts = _strings(arrow, table, column)
    sources = _strings(arrow, table, source_column) if source_column else repeat(None, len(table))
    rows: list[int] = []
    chunks: list[Chunk] = []
    distinct = DistinctIds()
    for row, (text, source) in enumerate(zip(texts, sources, strict=True)):
        if text is None:
            continue
        before = len(chunks)
        chunks += distinct.of(chunker.chunk(text, source=source or ""))
        rows += [row] * (len(chunks) - before)
    result = chunks_to_table(chunks)
    others = [name for name in table.column_names if name not in (column, source_column)]
    for name, new in zip(others, _names(others, result.column_names), strict=True):
        result = result.append_column(new, _repeated(arrow, table.column(name), rows))
    return result


def chunks_to_table(chunks: Iterable[Chunk]) -> "pyarrow.Table":
    """A table of chunks with a column for each attribute, of the types of `chunk_schema`.

    Arrow strings cannot hold lone surrogates: each becomes U+FFFD, which has as many tokens.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _import()
    rows = list(chunks)
    schema = chunk_schema()
    # Not from_pylist: a dictionary per chunk takes twice as long.
    columns = [
        _array(arrow, [getattr(chunk, field.name) for chunk in rows], field.type)
        for field in schema
    ]
    return arrow.table(columns, schema=schema)


def chunk_schema() -> "pyarrow.Schema":
    """The schema of a table of chunks: strings, 64-bit integers, and ``headings`` as a list.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _import()
    types: dict[Any, Any] = {int: arrow.int64(), tuple[str, ...]: arrow.list_(arrow.string())}
    return arrow.schema(
        [
            arrow.field(field.name, types.get(field.type, arrow.string()), field.type == str | None)
            for field in fields(Chunk)
        ]
    )


def _array(arrow: Any, values: list[Any], kind: Any) -> Any:
    try:
        return arrow.array(values, kind)
    except UnicodeEncodeError:
        return arrow.array([_without_surrogates(value) for value in values], kind)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(replace_surrogates, value))
    return None if value is None else replace_surrogates(value)


def _as_table(arrow: Any, data: Any) -> Any:
    if isinstance(data, arrow.Table):
        return data
    if isinstance(data, arrow.RecordBatch):
        return arrow.Table.from_batches([data])
    try:
        return arrow.table(data if hasattr(data, "__arrow_c_stream__") else dict(data))
    except (TypeError, ValueError) as error:  # pyarrow's own errors are both
        raise UsageError(
            f"data must be a table, got {type(data).__name__}, which Arrow cannot read: {error}",
            hint="pass a table, a record batch, a DataFrame or a mapping from names to lists",
        ) from error


def _strings(arrow: Any, table: Any, column: str) -> Iterator[str | None]:
    """The values of a column, batch by batch."""
    names = table.column_names
    if names.count(column) != 1:
        raise UsageError(
            f"unknown column {column!r}" if column not in names else f"two columns {column!r}",
            hint=f"the columns are {', '.join(names) or 'none'}",
        )
    values = table.column(column)
    kind = values.type
    if arrow.types.is_dictionary(kind):
        kind = kind.value_type
    types = arrow.types
    known = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    if not (known or types.is_null(kind)):
        raise UsageError(
            f"column {column!r} must be of strings, got {values.type}",
            hint="name a column of strings",
        )
    return (value for batch in values.chunks for value in batch.to_pylist())


def _repeated(arrow: Any, values: Any, rows: Sequence[int]) -> Any:
    """The values at row numbers."""
    try:
        return values.take(arrow.array(rows, arrow.int64()))
    except arrow.ArrowNotImplementedError:  # string views, which Polars exports
        items = values.to_pylist()
        return arrow.array([items[row] for row in rows], values.type)


def _names(others: Sequence[str], taken: Sequence[str]) -> list[str]:
    """The names of the repeated columns, renamed where a chunk has an attribute of that name."""
    names = [_RENAMED + name if name in taken else name for name in others]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(
            f"columns of the same name: {', '.join(sorted(twice))}",
            hint="rename these columns of the table, or leave them out",
        )
    return names


def _import() -> Any:
    return import_extra("pyarrow", "a table of chunks", "parquet")
