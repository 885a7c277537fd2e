"""The texts of an Arrow column, for engines that take one ``str`` at a time."""

from collections.abc import Iterator
from typing import Any

from ctxtools.encodings.engines.backend import ArrowColumn
from ctxtools.errors import FormatError, UsageError, missing_extra

_BATCH = 1 << 12  # rows that are Python objects at the same time


def read_column(column: ArrowColumn) -> Iterator[str]:
    """As `read_rows`; a null is an empty text."""
    return (row or "" for row in read_rows(column))


def read_rows(column: ArrowColumn) -> Iterator[str | None]:
    """The text of each row.

    Args:
        column: what has Arrow's PyCapsule interface; see ``Encoding.count_arrow``.

    Raises:
        UsageError: it is not an Arrow column of strings.
        FormatError: a row is not UTF-8.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise missing_extra(
            "an Arrow column, without the compiled kernel,", "pyarrow", "parquet"
        ) from None
    values = _import(pyarrow, column)
    types = pyarrow.types
    kind = values.type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise UsageError(
            f"column must be of strings, got type {kind}",
            hint="cast it to strings, or name another column",
        )
    for start in range(0, len(values), _BATCH):
        try:
            rows = values.slice(start, _BATCH).to_pylist()
        except UnicodeDecodeError as error:
            raise FormatError(f"the column cannot be read: {error}") from None
        yield from rows


def validate(column: ArrowColumn) -> None:
    """Check of a column of pyarrow that its buffers are as long as it says.

    Arrow's C interface has no sizes of them, so that after it nothing can. It takes no time that
    depends on the rows. Another library's column is as that library made it.

    Raises:
        ValueError: it is malformed.
    """
    if type(column).__module__.partition(".")[0] == "pyarrow":
        check: Any = getattr(column, "validate", None)
        if check:
            check()


def _import(pyarrow: Any, column: ArrowColumn) -> Any:
    """The column as a pyarrow ChunkedArray; of a table, the only column."""
    if not (hasattr(column, "__arrow_c_array__") or hasattr(column, "__arrow_c_stream__")):
        raise UsageError(
            f"column must be an Arrow array or stream, got {type(column).__name__}",
            hint="pass a column of pyarrow, Polars, DuckDB or pandas; count_batch takes a list",
        )
    try:
        values = pyarrow.chunked_array(column)
        values.validate(full=True)
    except (pyarrow.ArrowException, ValueError) as error:
        raise FormatError(f"the column cannot be read: {error}") from None
    if pyarrow.types.is_struct(values.type) and values.type.num_fields == 1:
        return pyarrow.chunked_array(
            [chunk.field(0) for chunk in values.chunks], values.type.field(0).type
        )
    return values
