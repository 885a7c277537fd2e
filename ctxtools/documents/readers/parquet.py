"""Parquet: one column of texts, read in batches. Needs the extra ``ctxtools[parquet]``.

Of some damaged files pyarrow ends its process. So a child process reads the file
(`ctxtools.isolated`), and hands batches over as Arrow's streams, which are validated.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from typing import Any, BinaryIO

from ctxtools import isolated
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record
from ctxtools.documents.readers.parquet_values import as_python, as_strings, not_texts, plain_values
from ctxtools.errors import FormatError, MissingExtraError, import_extra

_BATCH = 8 << 20  # target bytes of text in a batch
_ROWS = 1 << 16  # maximum rows in a batch
_LARGEST = 1 << 26  # bytes of a batch that is handed over, unless one row has more
_MEMORY = 1 << 32  # bytes of the child's address space
_SECONDS = 60  # of CPU time that a batch may take
_LISTS = re.compile(r"\.(?:list\.(?:element|item)|bag\.array_element|array)(\.|$)")


def read_rows(
    path: str, stream: BinaryIO, column: str, bad: BadRecords, kept: KeptFields
) -> Iterator[Record]:
    """The rows with their texts, by their number; a null is an empty text.

    Args:
        path, stream, column, bad: as of `read_column`.
        kept: the columns, or fields in structs and lists, that go along.

    Raises:
        CtxtoolsError: what `read_column` raises.
    """
    row = 0
    for batch in _read_texts(path, stream, column, bad, kept):
        try:
            texts, *others = (as_python(each) for each in batch.columns)
        except UnicodeDecodeError as error:
            raise _unreadable(path, error) from error
        names = batch.schema.names[1:]
        for text, *values in zip(texts, *others, strict=True):
            row += 1
            if text is not None or not bad.skip:
                yield kept.record(row, text or "", dict(zip(names, values, strict=True)))


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
    for batch in _read_texts(path, stream, column, bad):
        texts = batch.column(0)
        good = texts.drop_null() if bad.skip else texts
        any_good = any_good or len(good) > 0
        yield good
    bad.finish(any_good=any_good)


def _read_texts(
    path: str, stream: BinaryIO, column: str, bad: BadRecords, kept: KeptFields | None = None
) -> Iterator[Any]:
    """A column in batches of strings, in which skipped rows are null, and the columns to keep."""
    keep = kept.asked if kept else ()
    request = {"path": path, "column": column, "skip": bad.skip, "keep": keep}
    for header, batch in _batches("texts_job", request, path, stream):
        bad.state = header["bad"]
        if kept:
            kept.names = tuple(header["names"])
        if batch is not None:
            yield batch


def _batches(
    job: str, request: dict[str, Any], path: str, stream: BinaryIO
) -> Iterator[tuple[dict[str, Any], Any]]:
    """What a job of this module returns, in a child, with each batch as Arrow has it."""
    name = f"{__name__}:{job}"
    held = stream.getvalue() if isinstance(stream, BytesIO) else b""
    file = None if isinstance(stream, BytesIO) else stream
    started = isolated.Run(
        name, request, file=file, path=path, data=held, memory=_MEMORY, seconds=_SECONDS
    )
    with closing(started) as run:
        pyarrow = _import()[0]  # meanwhile the child does the same
        try:
            for header, data in run:
                batch = None
                if data:
                    batch = pyarrow.ipc.open_stream(data).read_next_batch()
                    batch.validate(full=True)
                yield header, batch
        except (isolated.Ended, pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise _unreadable(path, error) from error


def _handed_over(batch: Any) -> Iterator[bytes]:
    """A batch as Arrow's streams, of bounded size."""
    import pyarrow

    if batch.nbytes > _LARGEST and len(batch) > 1:
        half = len(batch) // 2
        yield from _handed_over(batch[:half])
        yield from _handed_over(batch[half:])
        return
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    yield sink.getvalue()


def texts_job(request: dict[str, Any], stream: BinaryIO | None, data: bytes) -> isolated.Frames:
    """The batches of `_read_texts`, in a child."""
    path, column = request["path"], request["column"]
    bad = BadRecords(path, skip=request["skip"])
    pyarrow = _import()[0]
    row = 0
    file, name = _open_column(path, stream or BytesIO(data), column)
    names = file.schema_arrow.names
    keep = [found for each in request["keep"] if (found := _kept_column(file, each))]
    rows = _batch_size(file, [name, *keep])
    header = {"names": names} if request["keep"] else {}
    for batch, others in _aligned(path, file, name, keep, rows):
        values = plain_values(batch.column(0), is_leaf=name not in names)
        texts = as_strings(pyarrow, values, f"{path}: row {{:,}}: {column!r}", row, bad)
        if texts is None:
            raise not_texts(path, column, batch.schema.field(0).type)
        if bad.skip and texts.null_count:
            for at in _nulls(values):
                bad.take(FormatError(f"{path}: row {row + at + 1:,}: {column!r} is null"))
        row += len(values)
        columns, fields = [texts], [""]
        if others is not None:
            columns += others.columns
            fields += others.schema.names
        for part in _handed_over(pyarrow.record_batch(columns, fields)):
            yield header | {"bad": bad.state}, part
    yield header | {"bad": bad.state}, b""


def _aligned(
    path: str, file: Any, name: str, keep: list[str], rows: int
) -> Iterator[tuple[Any, Any]]:
    """The batches of a column, and those of the same rows of others: None if there are none.

    They are read one beside the other, because a field of a struct that is read with a second one
    of the same struct would no longer be the only one in it.
    """
    batches = file.iter_batches(batch_size=rows, columns=[name], use_threads=False)
    if not keep:
        yield from ((batch, None) for batch in batches)
        return
    others = file.iter_batches(batch_size=rows, columns=keep, use_threads=False)
    rest = None
    for batch in batches:
        done = 0
        while done < len(batch):
            while not rest:
                rest = next(others, None)
                if rest is None:
                    raise FormatError(f"{path}: its columns have different numbers of rows")
            part = rest[: len(batch) - done]
            yield batch[done : done + len(part)], part
            done, rest = done + len(part), rest[len(part) :]


def _kept_column(file: Any, name: str) -> str | None:
    """What has to be read for a name: a column, or a field in structs; None if there is none."""
    names = file.schema_arrow.names
    paths = [file.schema.column(i).path for i in range(len(file.schema))]
    if name in names or any(each == name or each.startswith(f"{name}.") for each in paths):
        return name
    keys = name.split(".")  # an item of a list, of which all have to be read
    heads = (".".join(keys[:i]) for i in range(len(keys) - 1, 0, -1))
    return next((head for head in heads if head in names), None)


def _nulls(values: Any) -> Iterator[int]:
    return (at for at, null in enumerate(values.is_null().to_pylist()) if null)


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
    for _, batch in _batches("arrays_job", request, path, stream):
        yield batch.column(0)


def arrays_job(request: dict[str, Any], stream: BinaryIO | None, data: bytes) -> isolated.Frames:
    """The batches of `read_arrays`, in a child."""
    pyarrow = _import()[0]
    file, name = _open_column(request["path"], stream or BytesIO(data), request["column"])
    is_leaf = name not in file.schema_arrow.names
    kind = file.schema_arrow.field(name.split(".")[0] if is_leaf else name).type
    rows = request["integers" if pyarrow.types.is_integer(kind) else "others"]
    for batch in file.iter_batches(batch_size=rows, columns=[name], use_threads=False):
        values = plain_values(batch.column(0), is_leaf=is_leaf)
        for part in _handed_over(pyarrow.record_batch([values], [""])):
            yield {}, part


def column_names(path: str, stream: BinaryIO) -> str:
    """The columns of a file, for the end of a hint; "" if they cannot be read."""
    try:
        ((header, _),) = _batches("names_job", {}, path, stream)
    except (FormatError, MissingExtraError):
        return ""
    return f"; it has {_listed(header['names'])}"


def names_job(request: dict[str, Any], stream: BinaryIO | None, data: bytes) -> isolated.Frames:
    """The columns of a file, in a child."""
    yield {"names": _open(_import()[1], stream or BytesIO(data)).schema_arrow.names}, b""


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


def _batch_size(file: Any, columns: list[str]) -> int:
    """Rows of a batch of about `_BATCH` bytes, by the mean size of the columns' values."""
    size: int = 0
    for i in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(i)
        read = (group.column(j) for j in range(group.num_columns))
        size += sum(c.total_uncompressed_size for c in read if _is_in(c.path_in_schema, columns))
    rows: int = max(1, file.metadata.num_rows)
    return max(1, min(_ROWS, _BATCH * rows // max(1, size)))


def _is_in(path: str, columns: list[str]) -> bool:
    return any(path == column or path.startswith(f"{column}.") for column in columns)


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
