"""Parquet: one column of texts, read in batches. Needs the extra ``ctxtools[parquet]``.

Of some damaged files pyarrow ends its process. So a child process reads the file
(`ctxtools.isolated`), and hands batches over as Arrow's streams, which are validated.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, BinaryIO

from ctxtools import isolated
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, MissingExtraError, import_extra

_BATCH = 8 << 20  # target bytes of text in a batch
_ROWS = 1 << 16  # maximum rows in a batch
_LARGEST = 1 << 26  # bytes of a batch that is handed over, unless one row has more
_MEMORY = 1 << 32  # bytes of the child's address space
_SECONDS = 60  # of CPU time that a batch may take
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
    request = {"path": path, "column": column, "skip": bad.skip}
    for header, texts in _batches("texts_job", request, path, stream):
        bad.state = header["bad"]
        if texts is not None:
            yield texts


def _batches(
    job: str, request: dict[str, Any], path: str, stream: BinaryIO
) -> Iterator[tuple[dict[str, Any], Any]]:
    """What a job of this module returns, in a child, with each batch as an Arrow array."""
    name = f"{__name__}:{job}"
    started = isolated.Run(name, request, file=stream, path=path, memory=_MEMORY, seconds=_SECONDS)
    with closing(started) as run:
        pyarrow = _import()[0]  # meanwhile the child does the same
        try:
            for header, data in run:
                values = None
                if data:
                    values = pyarrow.ipc.open_stream(data).read_next_batch().column(0)
                    values.validate(full=True)
                yield header, values
        except (isolated.Ended, pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise _unreadable(path, error) from error


def _handed_over(values: Any) -> Iterator[bytes]:
    """A batch as Arrow's streams, of bounded size."""
    import pyarrow

    if values.nbytes > _LARGEST and len(values) > 1:
        half = len(values) // 2
        yield from _handed_over(values[:half])
        yield from _handed_over(values[half:])
        return
    batch = pyarrow.record_batch([values], [""])
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    yield sink.getvalue()


def texts_job(request: dict[str, Any], stream: BinaryIO, data: bytes) -> isolated.Frames:
    """The batches of `_read_texts`, in a child."""
    path, column = request["path"], request["column"]
    bad = BadRecords(path, skip=request["skip"])
    pyarrow = _import()[0]
    row = 0
    file, name = _open_column(path, stream, column)
    rows = _batch_size(file, name)
    for batch in file.iter_batches(batch_size=rows, columns=[name], use_threads=False):
        values = _plain(batch.column(0), is_leaf=name not in file.schema_arrow.names)
        texts = _strings(pyarrow, values, f"{path}: row {{:,}}: {column!r}", row, bad)
        if texts is None:
            raise _not_texts(path, column, batch.schema.field(0).type)
        if bad.skip and texts.null_count:
            for at in _nulls(values):
                bad.take(FormatError(f"{path}: row {row + at + 1:,}: {column!r} is null"))
        row += len(values)
        for part in _handed_over(texts):
            yield {"bad": bad.state}, part
    yield {"bad": bad.state}, b""


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
    path: str, stream: BinaryIO, column: str, *, integers: int, others: int
) -> Iterator[Any]:
    """A column of any type in batches, as Arrow arrays.

    Args:
        path, stream, column: as in `read_column`.
        integers: the rows of a batch, if the column is of integers.
        others: the rows of a batch of any other type.

    Raises:
        FormatError: the file is corrupt, or has no such column.
        MissingExtraError: pyarrow is not installed.
    """
    request = {"path": path, "column": column, "integers": integers, "others": others}
    for _, values in _batches("arrays_job", request, path, stream):
        yield values


def arrays_job(request: dict[str, Any], stream: BinaryIO, data: bytes) -> isolated.Frames:
    """The batches of `read_arrays`, in a child."""
    pyarrow = _import()[0]
    file, name = _open_column(request["path"], stream, request["column"])
    is_leaf = name not in file.schema_arrow.names
    kind = file.schema_arrow.field(name.split(".")[0] if is_leaf else name).type
    rows = request["integers" if pyarrow.types.is_integer(kind) else "others"]
    for batch in file.iter_batches(batch_size=rows, columns=[name], use_threads=False):
        for part in _handed_over(_plain(batch.column(0), is_leaf=is_leaf)):
            yield {}, part


def column_names(path: str, stream: BinaryIO) -> str:
    """The columns of a file, for the end of a hint; "" if they cannot be read."""
    try:
        ((header, _),) = _batches("names_job", {}, path, stream)
    except (FormatError, MissingExtraError):
        return ""
    return f"; it has {_listed(header['names'])}"


def names_job(request: dict[str, Any], stream: BinaryIO, data: bytes) -> isolated.Frames:
    """The columns of a file, in a child."""
    yield {"names": _open(_import()[1], stream).schema_arrow.names}, b""


def _unreadable(path: str, error: Exception) -> FormatError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    hint = "the file may be truncated or of another format"
    if "memory" in reason:
        hint += f", or a batch of its rows is more than {_MEMORY >> 30} GB"
    return FormatError(f"{path}: not a readable Parquet file ({reason})", hint=hint)


def _import() -> tuple[Any, Any]:
    purpose = "reading Parquet"
    return (
        import_extra("pyarrow", purpose, "parquet"),
        import_extra("pyarrow.parquet", purpose, "parquet"),
    )


def _open(parquet: Any, stream: BinaryIO) -> Any:
    # Otherwise an entire row group, perhaps the entire file, is in memory at once.
    return parquet.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)


def _open_column(path: str, stream: BinaryIO, column: str) -> tuple[Any, str]:
    """A file, and the name of a column as Parquet has it."""
    file = _open(_import()[1], stream)
    return file, _leaf(path, file, column)


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
