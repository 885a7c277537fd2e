"""Parquet: one column of texts, read in batches. Needs the extra ``ctxtools[parquet]``."""

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, MissingExtraError, import_extra

_BATCH = 8 << 20  # target bytes of text in a batch
_ROWS = 1 << 16  # maximum rows in a batch
_LISTS = re.compile(r"\.(?:list\.(?:element|item)|bag\.array_element|array)(\.|$)")


def read_rows(
    path: str, stream: BinaryIO, column: str, bad: BadRecords
) -> Iterator[tuple[int, str]]:
    """The row number, from 1, and the text of each row; a null is an empty text.

    Arguments and errors are those of `read_column`.
    """
    row = 0
    for batch in _read_texts(path, stream, column, bad):
        try:
            values = batch.to_pylist()
        except UnicodeDecodeError as error:
            raise _unreadable(path, error) from error
        for value in values:
            row += 1
            if value is not None or not bad.skip:
                yield row, value or ""


def read_column(path: str, stream: BinaryIO, column: str, bad: BadRecords) -> Iterator[Any]:
    """A column in batches: Arrow arrays of strings.

    Args:
        path: for messages.
        stream: the open file.
        column: the name of a column, or names joined by dots for a field of a struct, also of the
            structs in a list: ``messages.content``, or as Parquet has it,
            ``messages.list.element.content``. The texts of a list are joined by line breaks.
            Bytes are read as UTF-8.
        bad: takes rows that are null or not UTF-8, if those are to be skipped.

    Raises:
        FormatError: the file is corrupt, or has no such column, or it is not a column of texts.
        MissingExtraError: pyarrow is not installed.
    """
    any_good = False
    for texts in _read_texts(path, stream, column, bad):
        good = texts.drop_null() if bad.skip else texts
        any_good = any_good or len(good) > 0
        yield good
    bad.finish(any_good=any_good)


def _read_texts(path: str, stream: BinaryIO, column: str, bad: BadRecords) -> Iterator[Any]:
    """A column in batches of strings, in which skipped rows are null."""
    pyarrow, parquet = _import()
    row = 0
    try:
        file = _open(parquet, stream)
        name = _leaf(path, file, column)
        for batch in file.iter_batches(batch_size=_batch_size(file, name), columns=[name]):
            values = _plain(batch.column(0), is_leaf=name not in file.schema_arrow.names)
            texts = _strings(pyarrow, values, f"{path}: row {{:,}}: {column!r}", row, bad)
            if texts is None:
                raise _not_texts(path, column, batch.schema.field(0).type)
            if bad.skip and texts.null_count:
                for at in _nulls(values):
                    bad.take(FormatError(f"{path}: row {row + at + 1:,}: {column!r} is null"))
            row += len(values)
            yield texts
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _nulls(values: Any) -> Iterator[int]:
    return (at for at, null in enumerate(values.is_null().to_pylist()) if null)


def _plain(values: Any, *, is_leaf: bool) -> Any:
    """A column without dictionaries; of a field in structs, the field's values."""
    from pyarrow import compute, types

    while is_leaf and types.is_struct(values.type) and values.type.num_fields == 1:
        values = compute.struct_field(values, 0)  # the only one that was read
    return values.dictionary_decode() if types.is_dictionary(values.type) else values


def _strings(pyarrow: Any, values: Any, where: str, before: int, bad: BadRecords) -> Any:
    """Values as strings; None if they are not texts.

    Args:
        pyarrow: the module.
        values: an array.
        where: the start of an error, with room for the number of the row.
        before: the rows before these.
        bad: takes rows that are not UTF-8.
    """
    types = pyarrow.types
    kind = values.type
    if types.is_null(kind):
        return values.cast(pyarrow.string())
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return values
    if _is_binary(types, kind):
        try:
            return values.cast(pyarrow.large_binary()).cast(pyarrow.large_string())
        except pyarrow.ArrowInvalid:
            found = [_decoded(v, where, before + i, bad) for i, v in enumerate(values.to_pylist())]
            return pyarrow.array(found, pyarrow.large_string())
    inner = kind
    while _is_list(types, inner) or (types.is_struct(inner) and inner.num_fields == 1):
        inner = inner.value_type if _is_list(types, inner) else inner.field(0).type
    is_text = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    if inner is kind or not (is_text or types.is_null(inner) or _is_binary(types, inner)):
        return None
    texts: list[str | None] = []
    for row, value in enumerate(values.to_pylist(), start=before):
        found = [_decoded(leaf, where, row, bad) for leaf in _leaves(value)]
        texts.append(
            None if value is None else "\n".join(each for each in found if each is not None)
        )
    return pyarrow.array(texts, pyarrow.large_string())


def _decoded(value: bytes | str | None, where: str, row: int, bad: BadRecords) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        if bad.skip:
            bad.take(FormatError(f"{where.format(row + 1)} is not UTF-8 ({error.reason})"))
            return None
        bad.replaced += 1
        return value.decode("utf-8", "replace")


def _leaves(value: Any) -> Iterator[bytes | str]:
    """The texts in lists and structs, in order."""
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif value is not None:
        yield value


def _is_list(types: Any, kind: Any) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _is_binary(types: Any, kind: Any) -> bool:
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _not_texts(path: str, column: str, kind: Any) -> FormatError:
    inner = kind
    while hasattr(inner, "value_type"):
        inner = inner.value_type
    fields = [inner.field(i).name for i in range(getattr(inner, "num_fields", 0))]
    if hasattr(inner, "item_type"):  # a map
        fields = ["key_value.key", "key_value.value"]
    hint = "name a column of strings"
    if fields:
        hint = f"name a field inside it: {' or '.join(f'{column}.{each}' for each in fields[:8])}"
    return FormatError(f"{path}: column {column!r} is of type {kind}", hint=hint)


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
    try:
        file = _open(parquet, stream)
        name = _leaf(path, file, column)
        is_leaf = name not in file.schema_arrow.names
        kind = file.schema_arrow.field(name.split(".")[0] if is_leaf else name).type
        for batch in file.iter_batches(batch_size=rows(kind), columns=[name]):
            yield _plain(batch.column(0), is_leaf=is_leaf)
    except (pyarrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


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


def _leaf(path: str, file: Any, column: str) -> str:
    """The name of a column as Parquet has it: a top-level one, or the path of a leaf."""
    names = file.schema_arrow.names
    leaves = [file.schema.column(i).path for i in range(len(file.schema))]
    if column in names or column in leaves:
        return column
    # The levels that Parquet has for a list are no names that anybody gave.
    inside = [_LISTS.sub(r"\1", leaf) for leaf in leaves]
    wanted = _LISTS.sub(r"\1", column)
    if wanted in inside:
        return str(leaves[inside.index(wanted)])
    if any(each.startswith(f"{column}.") for each in inside):
        return column
    shown = [*names, *(each for each in inside if each not in names)]
    raise FormatError(f"{path}: no column {column!r}", hint=f"it has {_listed(shown)}")


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
