"""Tables that callers pass, and the columns of texts in them."""

from collections.abc import Sequence
from typing import Any

from ctxtools.errors import UsageError, import_extra


def as_table(data: Any) -> Any:
    """A pyarrow Table of a table, a record batch, what exports Arrow, or a mapping of lists.

    Raises:
        UsageError: it is none of these.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = import_extra("pyarrow", "a table", "parquet")
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


def strings_of(table: Any, column: str) -> Any:
    """A column of a table: a chunked array of strings, not of a dictionary.

    Raises:
        UsageError: it has no such column, or two of them, or it is not of strings.
    """
    arrow = import_extra("pyarrow", "a table", "parquet")
    names = table.column_names
    if names.count(column) != 1:
        raise no_column(column, names)
    values = plain_values(arrow, table.column(column))
    types = arrow.types
    kind = values.type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)):
        raise no_strings(column, kind)
    return values


def plain_values(arrow: Any, values: Any) -> Any:
    """A column without a dictionary; one of nulls alone, as strings."""
    kind = getattr(values, "type", None)
    if isinstance(kind, arrow.DataType):
        if arrow.types.is_dictionary(kind):
            return values.cast(kind.value_type)
        if arrow.types.is_null(kind):
            return values.cast(arrow.string())
    return values


def no_column(column: str, names: Sequence[str]) -> UsageError:
    """The error of a name that is not that of one column."""
    return UsageError(
        f"two columns {column!r}" if column in names else f"unknown column {column!r}",
        hint=f"the columns are {', '.join(map(str, names)) or 'none'}",
    )


def no_strings(column: str, kind: object) -> UsageError:
    """The error of a column of anything else than strings."""
    hint = "name a column of strings"
    if "binary" in str(kind):
        hint += ", or cast this one to string, if its bytes are UTF-8"
    return UsageError(f"column {column!r} must be of strings, got {kind}", hint=hint)
