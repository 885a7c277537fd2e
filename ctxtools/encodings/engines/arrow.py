"""The texts of an Arrow column, for engines that take one ``str`` at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ctxtools.errors import FormatError, UsageError, missing_extra

if TYPE_CHECKING:
    from ctxtools.encodings.engines.backend import ArrowArray, ArrowColumn

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


def read_ids(column: ArrowColumn) -> Iterator[memoryview | None]:
    """The ids of each row (format ``I``) of a column of lists of integers; None for null.

    Raises:
        UsageError: it is no Arrow column of such lists, or an id is null or none.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise missing_extra("decoding an Arrow column", "pyarrow", "parquet") from None
    values = _import(pyarrow, column)
    try:
        lists = values.cast(pyarrow.large_list(pyarrow.uint32()))
    except (pyarrow.ArrowException, ValueError):
        raise UsageError(
            f"column must be of lists of token ids, got type {values.type}",
            hint="ids are integers from 0 to 2**32 - 1",
        ) from None
    for chunk in lists.chunks:
        if chunk.flatten().null_count:
            raise UsageError("an id is null", hint="leave it out; a whole row may be null")
        ids = memoryview(chunk.values.buffers()[1] or b"").cast("B").cast("I")
        ends = memoryview(chunk.offsets.buffers()[1]).cast("B").cast("q")[chunk.offsets.offset :]
        ids = ids[chunk.values.offset :]
        for row, is_valid in enumerate(chunk.is_valid().to_pylist()):
            yield ids[ends[row] : ends[row + 1]] if is_valid else None


def as_strings(texts: Iterable[str | None]) -> ArrowArray:
    """Some texts as a pyarrow array of strings; a null for None."""
    import pyarrow

    # A text has a lone surrogate only by ``errors="surrogatepass"``, and Arrow none.
    found = (text and text.encode("utf-8", "replace") for text in texts)
    column: ArrowArray = pyarrow.array(found, pyarrow.large_string())
    return column


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
