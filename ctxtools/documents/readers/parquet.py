"""Parquet: one column of texts, read in batches. Needs the extra ``ctxtools[parquet]``."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from ctxtools.errors import FormatError, MissingExtraError, import_extra

_BATCH = 8 << 20  # target bytes of text in a batch
_ROWS = 1 << 16  # maximum rows in a batch


def read_rows(path: str, stream: BinaryIO, column: str) -> Iterator[tuple[int, str]]:
    """The row number, from 1, and the text of each row; a null is an empty text.

    Arguments and errors are those of `read_column`.
    """
    row = 0
    for batch in read_column(path, stream, column):
        try:
            values = batch.to_pylist()
        except UnicodeDecodeError as error:
            raise _unreadable(path, error) from error
        for value in values:
            row += 1
            yield row, value or ""


def read_column(path: str, stream: BinaryIO, column: str) -> Iterator[Any]:
    """A column in batches: Arrow arrays of strings.

    Args:
        path: for messages.
        stream: the open file.
        column: the name of a column of strings, or names joined by dots for a field of a struct.

    Raises:
        FormatError: the file is corrupt, or has no such column, or it is not a column of strings.
        MissingExtraError: pyarrow is not installed.
    """
    pyarrow, parquet = _import()
    try:
        file = _open(parquet, stream)
        keys = _keys(path, file, column)
        batches = file.iter_batches(batch_size=_batch_size(file, column), columns=[column])
        for batch in batches:
            values = _strings(pyarrow, batch.column(0), keys)
            if values is None:
                raise FormatError(
                    f"{path}: column {column!r} is of type {batch.schema.field(0).type}",
                    hint="name a column of strings",
                )
            yield values
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def read_arrays(
    path: str, stream: BinaryIO, column: str, rows: Callable[[Any], int]
) -> Iterator[Any]:
    """A column of any type in batches, as Arrow arrays.

    Args:
        path, stream, column: as in `read_column`.
        rows: the rows of a batch, for the type of the column.

    Raises:
        FormatError: the file is corrupt, or has no such column.
        MissingExtraError: pyarrow is not installed.
    """
    pyarrow, parquet = _import()
    from pyarrow import compute

    try:
        file = _open(parquet, stream)
        keys = _keys(path, file, column)
        kind = file.schema_arrow.field(column.split(".")[0] if keys else column).type
        for batch in file.iter_batches(batch_size=rows(kind), columns=[column]):
            values = batch.column(0)
            for key in keys:
                if not pyarrow.types.is_struct(values.type):
                    break
                values = compute.struct_field(values, key)
            yield values
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _strings(pyarrow: Any, values: Any, keys: list[str]) -> Any:
    """The strings in an array or in a field of its structs; None if they are not strings."""
    from pyarrow import compute

    types = pyarrow.types
    for key in keys:
        if not types.is_struct(values.type):
            return None
        values = compute.struct_field(values, key)
    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if types.is_null(values.type):
        values = values.cast(pyarrow.string())
    kind = values.type
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return values if is_text else None


def column_names(stream: BinaryIO) -> str:
    """The columns of a file, for the end of a hint; "" if they cannot be read."""
    try:
        pyarrow, parquet = _import()
    except MissingExtraError:
        return ""
    try:
        return f"; it has {_listed(_open(parquet, stream).schema_arrow.names)}"
    except (pyarrow.ArrowException, OSError):
        return ""


def _unreadable(path: str, error: Exception) -> FormatError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return FormatError(
        f"{path}: not a readable Parquet file ({reason})",
        hint="the file may be truncated or of another format",
    )


def _import() -> tuple[Any, Any]:
    purpose = "reading Parquet"
    return (
        import_extra("pyarrow", purpose, "parquet"),
        import_extra("pyarrow.parquet", purpose, "parquet"),
    )


def _open(parquet: Any, stream: BinaryIO) -> Any:
    # Otherwise an entire row group, perhaps the entire file, is in memory at once.
    return parquet.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)


def _keys(path: str, file: Any, column: str) -> list[str]:
    """The struct fields to follow within a top-level column."""
    names = file.schema_arrow.names
    if column in names:
        return []
    leaves = [file.schema.column(i).path for i in range(len(file.schema))]
    if column not in leaves:
        raise FormatError(f"{path}: no column {column!r}", hint=f"it has {_listed(names)}")
    return column.split(".")[1:]


def _batch_size(file: Any, column: str) -> int:
    """Rows of a batch of about `_BATCH` bytes, by the mean size of the column's values."""
    size: int = 0
    for i in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(i)
        columns = (group.column(j) for j in range(group.num_columns))
        size += sum(c.total_uncompressed_size for c in columns if c.path_in_schema == column)
    rows: int = max(1, file.metadata.num_rows)
    return max(1, min(_ROWS, _BATCH * rows // max(1, size)))


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
