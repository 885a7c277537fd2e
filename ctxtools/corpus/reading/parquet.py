"""Parquet, by row groups."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ctxtools.corpus.inputs import open_filesystem
from ctxtools.corpus.reading.request import BATCH, ROWS, Request
from ctxtools.corpus.units import Unit
from ctxtools.errors import FormatError, import_extra


def row_groups(unit: Unit) -> list[int]:
    """The bytes of each row group of a Parquet file, uncompressed."""
    parquet = import_extra("pyarrow.parquet", "reading Parquet", "parquet")
    filesystem, path, *_ = open_filesystem(unit.input.uri)
    with filesystem.open_input_file(path) as stream:
        metadata = parquet.ParquetFile(stream).metadata
        return [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]


def read_parquet(stream: Any, request: Request) -> Iterator[Any]:
    """The rows of a file or of some row groups; see `ctxtools.corpus.reading.read_tables`.

    Pages are compared with their checksums, where they have them.
    """
    parquet = import_extra("pyarrow.parquet", "reading Parquet", "parquet")
    # Otherwise an entire row group, perhaps the entire file, is in memory at once.
    file = parquet.ParquetFile(
        stream, buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True
    )
    names = request.selected(file.schema_arrow.names)
    first, after = request.unit.row_groups or (0, file.metadata.num_row_groups)
    yield from _joined(_tables(file, stream, range(first, after), names, request))
    if not sum(file.metadata.row_group(number).num_rows for number in range(first, after)):
        yield file.schema_arrow.empty_table().select(names)


def _joined(tables: Iterator[Any]) -> Iterator[Any]:
    """The tables, small ones together: a file may have a million row groups."""
    arrow = import_extra("pyarrow", "reading Parquet", "parquet")
    waiting: list[Any] = []
    rows = size = 0
    for table in tables:
        waiting.append(table)
        rows, size = rows + len(table), size + table.nbytes
        if rows >= ROWS or size >= BATCH:
            yield arrow.concat_tables(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield arrow.concat_tables(waiting)


def _tables(
    file: Any, stream: Any, numbers: range, names: Sequence[str], request: Request
) -> Iterator[Any]:
    arrow = import_extra("pyarrow", "reading Parquet", "parquet")
    row = sum(file.metadata.row_group(number).num_rows for number in range(numbers.start))
    checked = [name for name in names if name == request.text and _is_text(file, name)]
    for number in numbers:
        group, found = file.metadata.row_group(number), 0
        size = max(1, BATCH * group.num_rows // max(1, group.total_byte_size))
        batches = file.iter_batches(
            batch_size=min(ROWS, size), row_groups=[number], columns=names, use_threads=False
        )
        try:
            for batch in batches:
                start = row + found
                found += len(batch)
                table = arrow.Table.from_batches([batch])
                yield request.valid_rows(table, checked, partial(_row_name, start))
            reason = f"it has {found:,} rows, and its footer says {group.num_rows:,}"
        except (arrow.ArrowException, OSError, ValueError) as error:
            if isinstance(error, FormatError | MemoryError):
                raise
            if not _can_be_read(stream, group):
                raise
            reason = str(error).partition("\n")[0]
        if found > group.num_rows:
            raise FormatError(f"{request.uri}: row group {number:,}: {reason}")
        if found < group.num_rows:
            request.pass_over(f"row group {number:,}: {reason}", group.num_rows - found)
        row += group.num_rows


def _row_name(start: int, row: int) -> str:
    return f"row {start + row + 1:,}"


def _is_text(file: Any, name: str) -> bool:
    types = import_extra("pyarrow.types", "reading Parquet", "parquet")
    kind = file.schema_arrow.field(name).type
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _can_be_read(stream: Any, group: Any) -> bool:
    """Whether the bytes of a row group are there: if so, they are corrupt, not out of reach."""
    for number in range(group.num_columns):
        column = group.column(number)
        start = column.dictionary_page_offset or column.data_page_offset
        try:
            stream.seek(start)
            if len(stream.read(column.total_compressed_size)) < column.total_compressed_size:
                return True  # cut off
        except OSError:
            return False
    return True
