"""The tables of an input: a few megabytes of its rows at a time, whatever its size."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from ctxtools.chunking.integrations.tables import no_column
from ctxtools.corpus.inputs import open_filesystem
from ctxtools.corpus.units import Unit
from ctxtools.errors import FormatError, ReadError, UsageError, import_extra

_BATCH = 16 << 20  # target bytes of a table
_ROWS = 1 << 16  # maximum rows in a table
_BLOCK = 8 << 20  # bytes of lines that are parsed at once
_UTF8_MARK = b"\xef\xbb\xbf"


def read_tables(unit: Unit, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The rows of a unit as pyarrow Tables, in order.

    Args:
        unit: a file, or some row groups of one.
        columns: those to read; None for all.

    Raises:
        ReadError: the file is missing or cannot be read.
        FormatError: it is corrupt, or a line is no object of JSON.
        UsageError: it lacks a column.
    """
    uri = unit.input.uri
    filesystem, path, _ = open_filesystem(uri)
    read = _READERS[unit.input.format]
    try:
        with ExitStack() as stack:
            if unit.input.format == "parquet" or (
                unit.input.format == "arrow" and not unit.input.compression
            ):
                stream = stack.enter_context(filesystem.open_input_file(path))
            else:
                compression = unit.input.compression or None
                opened = filesystem.open_input_stream(path, compression=compression)
                stream = stack.enter_context(opened)
            yield from read(stream, unit, columns)
    except (FormatError, UsageError, ReadError):
        raise
    except OSError as error:
        raise ReadError(f"{uri}: {error}") from error
    except Exception as error:
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        if not isinstance(error, arrow.ArrowException | ValueError | EOFError):
            raise
        reason = str(error).partition("\n")[0]
        raise FormatError(
            f"{unit}: {reason}", hint="the file may be truncated or of another format"
        ) from error


def row_groups(unit: Unit) -> list[int]:
    """The bytes of each row group of a Parquet file."""
    parquet = import_extra("pyarrow.parquet", "reading Parquet", "parquet")
    filesystem, path, _ = open_filesystem(unit.input.uri)
    with filesystem.open_input_file(path) as stream:
        metadata = parquet.ParquetFile(stream).metadata
        return [metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)]


def _parquet(stream: Any, unit: Unit, columns: Sequence[str] | None) -> Iterator[Any]:
    arrow = import_extra("pyarrow", "reading Parquet", "parquet")
    parquet = import_extra("pyarrow.parquet", "reading Parquet", "parquet")
    # Otherwise an entire row group, perhaps the entire file, is in memory at once.
    file = parquet.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)
    schema = file.schema_arrow
    names = _named(unit, schema.names, columns)
    first, last = unit.row_groups or (0, file.metadata.num_row_groups)
    groups = [file.metadata.row_group(i) for i in range(first, last)]
    rows = max(1, sum(group.num_rows for group in groups))
    size = max(1, sum(group.total_byte_size for group in groups))
    batch_size = max(1, min(_ROWS, _BATCH * rows // size))
    batches = file.iter_batches(
        batch_size=batch_size, row_groups=[*range(first, last)], columns=names, use_threads=False
    )
    found = 0
    for batch in batches:
        found += len(batch)
        yield arrow.Table.from_batches([batch])
    if found != sum(group.num_rows for group in groups):
        raise FormatError(
            f"{unit}: it has {found:,} rows, and its footer says "
            f"{sum(group.num_rows for group in groups):,}"
        )
    if not found:
        yield schema.empty_table().select(names)


def _arrow(stream: Any, unit: Unit, columns: Sequence[str] | None) -> Iterator[Any]:
    arrow = import_extra("pyarrow", "reading Arrow", "parquet")
    ipc = import_extra("pyarrow.ipc", "reading Arrow", "parquet")
    try:
        file = ipc.open_file(stream)
        batches = (file.get_batch(i) for i in range(file.num_record_batches))
        schema = file.schema
    except (arrow.ArrowInvalid, OSError, AttributeError):
        if not unit.input.compression:
            stream.seek(0)
        file = ipc.open_stream(stream)
        batches, schema = iter(file), file.schema
    names = _named(unit, schema.names, columns)
    yield schema.empty_table().select(names)
    for batch in batches:
        for start in range(0, len(batch), _ROWS):
            part = batch.slice(start, _ROWS)
            part.validate(full=True)
            yield arrow.Table.from_batches([part]).select(names)


def _csv(stream: Any, unit: Unit, columns: Sequence[str] | None) -> Iterator[Any]:
    """All columns are strings, as the file has them."""
    arrow = import_extra("pyarrow", "reading CSV", "parquet")
    csv = import_extra("pyarrow.csv", "reading CSV", "parquet")
    delimiter = "\t" if unit.input.format == "tsv" else ","
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    read = csv.ReadOptions(use_threads=False, block_size=_BLOCK)
    header, data = _header(stream)
    names = csv.read_csv(arrow.py_buffer(header), parse_options=parse).column_names
    wanted = _named(unit, names, columns)
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, arrow.string()),
        strings_can_be_null=False,
        include_columns=wanted,
    )
    reader = csv.open_csv(data, read_options=read, parse_options=parse, convert_options=convert)
    yield reader.schema.empty_table()
    for batch in reader:
        yield arrow.Table.from_batches([batch])


def _header(stream: Any) -> tuple[bytes, Any]:
    """The first record of a CSV file, and all of the file once more."""
    arrow = import_extra("pyarrow", "reading CSV", "parquet")
    start = stream.read(_BLOCK)
    end = start.find(b"\n") + 1
    while end and start.count(b'"', 0, end) % 2:  # the line break is in quotes
        end = start.find(b"\n", end) + 1
    return start[: end or len(start)], arrow.PythonFile(_Joined(start, stream), mode="r")


class _Joined:
    """A stream again from its start, of which some bytes were read."""

    def __init__(self, start: bytes, rest: Any) -> None:
        self._start, self._rest = start, rest
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        found, self._start = self._start[:size], self._start[size:]
        return found or bytes(self._rest.read(size))

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def _jsonl(stream: Any, unit: Unit, columns: Sequence[str] | None) -> Iterator[Any]:
    arrow = import_extra("pyarrow", "reading JSONL", "parquet")
    json = import_extra("pyarrow.json", "reading JSONL", "parquet")
    line = 1
    for block in _lines(stream):
        options = json.ReadOptions(use_threads=False, block_size=len(block) + 1)
        parse = json.ParseOptions(newlines_in_values=False)
        try:
            if not block.strip():
                continue
            table = json.read_json(
                arrow.BufferReader(block), read_options=options, parse_options=parse
            )
        except arrow.ArrowInvalid as error:
            raise _bad_line(unit, block, line, error) from error
        yield table.select(_named(unit, table.column_names, columns))
        line += block.count(b"\n")


def _lines(stream: Any) -> Iterator[bytes]:
    """A stream in blocks of whole lines."""
    rest = [b""]
    is_first = True
    while data := stream.read(_BLOCK):
        if is_first:
            data, is_first = data.removeprefix(_UTF8_MARK), False
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, data[:end]])
            rest = []
        rest.append(data[end:])
    if last := b"".join(rest):
        yield last


def _bad_line(unit: Unit, block: bytes, first: int, error: Exception) -> FormatError:
    """The error of the line that is no object of JSON; of the block, if each is one."""
    from json import loads

    for number, line in enumerate(block.split(b"\n"), first):
        if not line.strip():
            continue
        try:
            value = loads(line)
        except (ValueError, RecursionError) as problem:
            return FormatError(f"{unit.input.uri}: line {number:,} is not JSON: {problem}")
        if not isinstance(value, dict):
            return FormatError(f"{unit.input.uri}: line {number:,} is no object of JSON")
    return FormatError(
        f"{unit.input.uri}: lines {first:,} and following: {error}",
        hint="if a field has values of several types, write it with one type in all lines",
    )


def _named(unit: Unit, names: Sequence[str], columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return [*names]
    for name in columns:
        if list(names).count(name) != 1:
            error = no_column(name, names)
            raise UsageError(f"{unit.input.uri}: {error.message}", hint=error.hint)
    return [*columns]


_READERS = {"parquet": _parquet, "arrow": _arrow, "csv": _csv, "tsv": _csv, "jsonl": _jsonl}
