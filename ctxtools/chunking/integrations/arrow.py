"""Chunks of a column of texts, as an Arrow table. Needs the extra ``ctxtools[parquet]``.

chunk_arrow(column, chunker)                                  a pyarrow, Polars or pandas column
chunk_table(table, chunker)                                   a pyarrow Table or RecordBatch
polars.from_arrow(chunk_table(frame, chunker))                a Polars DataFrame
chunk_table(frame, chunker).to_pandas()                       a pandas DataFrame
dataset.map(chunk_table, batched=True,                        datasets
            remove_columns=dataset.column_names, fn_kwargs={"chunker": chunker})

A stream of datasets is the same; if it has the format "arrow", leave out ``remove_columns``, which
would remove columns of the result: what it returns replaces the batch.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import repeat
from typing import TYPE_CHECKING, Any, overload

from ctxtools.chunking.chunk import Chunk, Row
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.integrations.metadata import free_names
from ctxtools.chunking.integrations.metadata_columns import column_of
from ctxtools.chunking.integrations.plain_texts import PlainTexts, plain_tables
from ctxtools.chunking.integrations.tables import (
    as_table,
    no_column,
    no_strings,
    plain_values,
    strings_of,
)
from ctxtools.encodings.engines.arrow import read_rows
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import FormatError, UsageError, import_extra

if TYPE_CHECKING:
    import pyarrow

    from ctxtools.encodings.engines.backend import ArrowColumn

_RENAMED = "document_"
_ROW = "row"
_BATCH = 1 << 16  # chunks that are Python objects at the same time
_MAX_OTHERS = 1000  # texts that are chunked alone; if there are more, all of them are
# The attributes of a chunk that are columns: all but its metadata, whose names are columns.
_NAMES = tuple(each.name for each in fields(Chunk) if each.name != "metadata")


def chunk_arrow(
    column: "ArrowColumn", chunker: Chunker, *, sources: "ArrowColumn | None" = None
) -> "pyarrow.Table":
    """A table with a row for each chunk of each text of a column.

    Args:
        column: an array, chunked array or series of strings of pyarrow, Polars, DuckDB, pandas or
            any other library with Arrow's PyCapsule interface, or a table of one column. A null has
            no chunks.
        chunker: the chunker to use.
        sources: a column of strings with the path, name or URL of each text.

    Returns:
        The number of the text in the column, from 0, as ``row``, and the columns of `chunk_schema`,
        in the order of the texts. No two chunks have the same id; if texts are equal, and their
        sources, ids depend on the number of such texts before in the column.

    Raises:
        UsageError: they are no columns of strings, or not of the same length.
        FormatError: a text is not UTF-8.
        MissingExtraError: pyarrow is not installed.
        OversizeError: as `Chunker.chunk`.
    """
    arrow = _import()
    schema = chunk_schema()
    schema = schema.insert(0, arrow.field(_ROW, arrow.int64(), nullable=False))
    column = _in_memory(arrow, column)
    sources = sources if sources is None else _in_memory(arrow, sources)
    plain = plain_tables(arrow, schema, column, sources, chunker)
    if plain and len(plain.others) <= _MAX_OTHERS:
        return _with_others(arrow, schema, plain, column, sources, chunker)
    texts = read_rows(column)
    named = repeat(None) if sources is None else read_rows(sources)
    batches: list[Any] = []
    numbers: list[int] = []
    rows: list[Row] = []
    for number, row in _rows(texts, named, chunker):
        numbers.append(number)
        rows.append(row)
        if len(rows) == _BATCH:
            batches.append(_table(arrow, [numbers, *_columns(rows)], schema))
            numbers, rows = [], []
    if sources is not None and next(named, _END) is not _END:
        raise _uneven()
    batches.append(_table(arrow, [numbers, *_columns(rows)], schema))
    return arrow.concat_tables(batches)


@overload
def chunk_table(
    data: dict[str, Any], chunker: Chunker, column: str = ..., *, source_column: str | None = ...
) -> dict[str, list[Any]]: ...
@overload
def chunk_table(
    data: Any, chunker: Chunker, column: str = ..., *, source_column: str | None = ...
) -> "pyarrow.Table": ...
def chunk_table(
    data: Any, chunker: Chunker, column: str = "text", *, source_column: str | None = None
) -> Any:
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

    Returns:
        A dict of lists for a ``dict``, which is what ``IterableDataset.map`` gives and takes, with
        the values that are repeated as they are. A pyarrow Table for anything else.

    Raises:
        UsageError: not a table, or it lacks these columns, or they are not of strings.
        MissingExtraError: pyarrow is not installed.
        OversizeError: as `Chunker.chunk`.
    """
    if type(data) is dict:
        return _chunk_lists(data, chunker, column, source_column)
    arrow = _import()
    table = as_table(data)
    texts = strings_of(table, column)
    sources = None if source_column is None else strings_of(table, source_column)
    found = chunk_arrow(texts, chunker, sources=sources)
    rows, result = found.column(_ROW), found.drop_columns([_ROW])
    others = [name for name in table.column_names if name not in (column, source_column)]
    if twice := {name for name in others if others.count(name) > 1}:
        raise UsageError(
            f"columns of the same name: {', '.join(sorted(twice))}",
            hint="rename these columns of the table, or leave them out",
        )
    columns = {name: table.column(name) for name in others}
    for name, values in free_names(columns, result.column_names, _RENAMED).items():
        result = result.append_column(name, _repeated(arrow, values, rows))
    return result


def chunks_to_table(
    chunks: Iterable[Chunk], *, metadata: Sequence[str] | None = None
) -> "pyarrow.Table":
    """A table of chunks with a column for each attribute, of the types of `chunk_schema`.

    Each name in their ``metadata`` is a further column, of the type of its values. Objects, and
    values of several types, become strings: those that are none as JSON. If it has the name of an
    attribute, such as ``id``, it is renamed to ``document_id``.

    Arrow strings cannot hold lone surrogates: each becomes U+FFFD, which has as many tokens.

    Args:
        chunks: any number of chunks.
        metadata: the names in their ``metadata`` that have a column; None for all.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _import()
    rows = list(chunks)
    # Not from_pylist: a dictionary per chunk takes twice as long.
    columns = [[getattr(chunk, name) for chunk in rows] for name in _NAMES]
    table = _table(arrow, columns, chunk_schema())
    if metadata is None:
        metadata = [*dict.fromkeys(name for chunk in rows for name in chunk.metadata)]
    named = {str(name): name for name in metadata}
    for new, name in free_names(named, table.column_names, _RENAMED).items():
        values = [chunk.metadata.get(name) for chunk in rows]
        table = table.append_column(new, column_of(values))
    return table


def chunk_schema() -> "pyarrow.Schema":
    """The schema of a table of chunks: strings, 64-bit integers, and ``headings`` as a list.

    It has all attributes of `Chunk` but ``metadata``, whose names are columns of their own.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _import()
    integer, string = arrow.int64(), arrow.string()
    types: dict[Any, tuple[Any, bool]] = {
        str: (string, False),
        str | None: (string, True),
        int: (integer, False),
        int | None: (integer, True),
        tuple[str, ...]: (arrow.list_(string), False),
    }
    return arrow.schema(
        [arrow.field(each.name, *types[each.type]) for each in fields(Chunk) if each.name in _NAMES]
    )


_END = object()


def _with_others(
    arrow: Any, schema: Any, plain: PlainTexts, column: Any, sources: Any, chunker: Chunker
) -> Any:
    """The chunks of plain texts in one table, with those of texts that are chunked alone."""
    if not plain.others:
        return arrow.concat_tables([*plain.tables, schema.empty_table()])
    others = set(plain.others)
    named = repeat("") if sources is None else (source or "" for source in read_rows(sources))
    found = []
    for number, (text, source) in enumerate(zip(read_rows(column), named, strict=False)):
        if number in others:
            rows = [*chunker.chunk(text or "", source=source).rows()]
            table = _table(arrow, [[number] * len(rows), *_columns(rows)], schema)
            found.append((number, table))
    table = arrow.concat_tables([*plain.with_others(found), schema.empty_table()])
    names = _ROW, "id", "parent_id"
    ids, parents = DistinctIds().of_columns(*(table.column(name).to_pylist() for name in names))
    for name, values in (("id", ids), ("parent_id", parents)):
        number = schema.get_field_index(name)
        table = table.set_column(number, schema.field(name), [arrow.array(values, arrow.string())])
    return table


def _rows(
    texts: Iterable[str | None], sources: Iterator[str | None], chunker: Chunker
) -> Iterator[tuple[int, Row]]:
    """The rows of the chunks of some texts, with the number of each text."""
    distinct = DistinctIds()
    for number, text in enumerate(texts):
        source: Any = next(sources, _END)
        if source is _END:
            raise _uneven()
        if text is not None:
            chunks = chunker.chunk(text, source=source or "")
            for row in distinct.of_rows(chunks.rows()):
                yield number, row


def _chunk_lists(
    data: dict[str, Any], chunker: Chunker, column: str, source_column: str | None
) -> dict[str, list[Any]]:
    """`chunk_table` of a dict of lists, or of what has items as lists have."""
    texts = _items(data, column)
    sources = iter(_items(data, source_column)) if source_column is not None else repeat(None)
    numbers: list[int] = []
    rows: list[Row] = []
    for number, row in _rows(texts, sources, chunker):
        numbers.append(number)
        rows.append(row)
    result: dict[str, list[Any]] = dict(zip(_NAMES, map(list, _columns(rows)), strict=True))
    result["headings"] = [list(each) for each in result["headings"]]
    others = {name: each for name, each in data.items() if name not in (column, source_column)}
    if uneven := [name for name, each in others.items() if len(each) != len(texts)]:
        raise UsageError(
            f"column {uneven[0]!r} has {len(others[uneven[0]]):,} rows, and {column!r} has "
            f"{len(texts):,}"
        )
    for name, values in free_names(others, result, _RENAMED).items():
        result[name] = [values[number] for number in numbers]
    return result


def _items(data: Mapping[str, Any], column: str) -> Any:
    """The values of a column, all of them strings or None."""
    values = data.get(column)
    if values is None:
        raise no_column(column, list(data))
    for value in values:
        if not (value is None or isinstance(value, str)):
            raise no_strings(column, type(value).__name__)
    return values


def _columns(rows: list[Row]) -> Sequence[Sequence[Any]]:
    """The columns of rows of chunks, without their metadata."""
    return [*zip(*rows, strict=True)][: len(_NAMES)] or [()] * len(_NAMES)


def _table(arrow: Any, columns: Iterable[Sequence[Any]], schema: Any) -> Any:
    arrays = [
        _array(arrow, values, field.type) for values, field in zip(columns, schema, strict=True)
    ]
    return arrow.table(arrays, schema=schema)


def _array(arrow: Any, values: Sequence[Any], kind: Any) -> Any:
    try:
        return arrow.array(values, kind)
    except UnicodeEncodeError:
        return arrow.array([_without_surrogates(value) for value in values], kind)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(replace_surrogates, value))
    return None if value is None else replace_surrogates(value)


def _in_memory(arrow: Any, values: Any) -> Any:
    """A column that may be read twice, as `plain_values`."""
    if not isinstance(values, arrow.Array | arrow.ChunkedArray) and hasattr(
        values, "__arrow_c_stream__"
    ):
        try:
            values = arrow.chunked_array(values)
        except (arrow.ArrowException, ValueError) as error:
            raise FormatError(f"the column cannot be read: {error}") from None
    return plain_values(arrow, values)


def _repeated(arrow: Any, values: Any, rows: Any) -> Any:
    """The values at row numbers."""
    try:
        return values.take(rows)
    except arrow.ArrowNotImplementedError:  # string views, which Polars exports
        items = values.to_pylist()
        return arrow.array([items[row] for row in rows.to_pylist()], values.type)


def _uneven() -> UsageError:
    return UsageError("sources has another number of rows than the column of texts")


def _import() -> Any:
    return import_extra("pyarrow", "a table of chunks", "parquet")
