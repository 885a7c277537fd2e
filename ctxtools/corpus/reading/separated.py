"""CSV and TSV with a header (RFC 4180). All columns are strings, as the file has them.

A field with nothing in it is null, and an empty text if it is quoted: what pyarrow, PostgreSQL and
DuckDB write for both.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from ctxtools.corpus.reading.request import BLOCK, Request
from ctxtools.errors import FormatError, import_extra

_END = "ctxtools: end of the file"  # the fields of a record that is appended to the file


def read_separated(stream: Any, request: Request) -> Iterator[Any]:
    """The rows of a file; see `ctxtools.corpus.reading.read_tables`."""
    arrow = import_extra("pyarrow", "reading CSV", "parquet")
    csv = import_extra("pyarrow.csv", "reading CSV", "parquet")
    uneven = _Uneven(request)
    delimiter = "\t" if request.unit.input.format == "tsv" else ","
    parse = csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, invalid_row_handler=uneven.take
    )
    header, start = _header(stream)
    if not header.strip():
        raise FormatError(
            f"{request.uri}: no header", hint="the first line names the columns of a table"
        )
    names = csv.read_csv(arrow.py_buffer(header + b"\n"), parse_options=parse).column_names
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, arrow.string()),
        include_columns=request.selected(names),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        check_utf8=False,
    )
    end = f"\n{delimiter.join([_END] * len(names))}\n"
    data = arrow.PythonFile(_Joined(start, stream, end.encode()), mode="r")
    read = csv.ReadOptions(use_threads=False, block_size=BLOCK)
    try:
        reader = csv.open_csv(data, read_options=read, parse_options=parse, convert_options=convert)
        yield reader.schema.empty_table()
        row = 0
        for batch in _without_end(reader, request):
            table = arrow.Table.from_batches([batch])
            yield request.valid_rows(table, {*table.column_names}, partial(uneven.name, row))
            row += len(batch)
    except arrow.ArrowInvalid as error:
        if "straddling object" in str(error):
            raise FormatError(
                f"{request.uri}: a record has more than {BLOCK:,} bytes",
                hint="a quote may not be closed",
            ) from error
        raise uneven.error or error from None


class _Uneven:
    """Records with more or fewer fields than the header."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._passed: list[int] = []
        self.error: FormatError | None = None

    def take(self, row: Any) -> str:
        """What pyarrow is to do with a record; it would hide an error that is raised here."""
        number = row.number - 1
        columns = f"{row.actual_columns} of {row.expected_columns} columns"
        try:
            self._request.pass_over(f"record {number:,} has {columns}")
        except FormatError as error:
            self.error = error
            return "error"
        self._passed.append(number)
        return "skip"

    def name(self, start: int, row: int) -> str:
        """What a record is called: by its number in the file, from 1 after the header.

        Args:
            start: the rows before those of a table.
            row: the number of one in that.
        """
        found = start + row + 1
        for passed in self._passed:
            found += passed <= found
        return f"record {found:,}"


def _without_end(reader: Any, request: Request) -> Iterator[Any]:
    """The batches of a file, without the record that was appended to it."""
    last: Any = None
    for batch in reader:
        if last is not None and len(batch):
            yield last
        last = batch if len(batch) or last is None else last
    fields = [column[-1].as_py() for column in last.columns] if last is not None else []
    if any(field != _END for field in fields):
        raise FormatError(
            f"{request.uri}: the last record: a quote is not closed",
            hint="a field with quotes in it is in quotes, and those in it are doubled",
        )
    if last is not None:
        yield last.slice(0, len(last) - 1)


def _header(stream: Any) -> tuple[bytes, bytes]:
    """The first record of a CSV file, and all that was read of it."""
    start = stream.read(BLOCK)
    end = start.find(b"\n") + 1
    while end and start.count(b'"', 0, end) % 2:  # the line break is in quotes
        end = start.find(b"\n", end) + 1
    return start[: end or len(start)], start


class _Joined:
    """A stream again from its start, of which some bytes were read, and what follows it.

    A read returns as many bytes as it is asked for, while there are any: pyarrow takes what the
    first one returns for a block of complete records.
    """

    def __init__(self, start: bytes, rest: Any, end: bytes) -> None:
        self._next, self._rest, self._end = start, rest, end
        self.closed = False

    def read(self, size: int) -> bytes:
        while len(self._next) < size:
            more = bytes(self._rest.read(size - len(self._next)))
            if not more:
                more, self._end = self._end, b""
            if not more:
                break
            self._next += more
        found, self._next = self._next[:size], self._next[size:]
        return found

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
