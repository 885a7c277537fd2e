"""JSON Lines: an object on each line, whose fields are columns.

pyarrow parses a block of lines; one that it cannot is parsed line by line here, which finds the
lines that are wrong. pyarrow takes lines with two objects, and ``null``, for rows, reads texts that
look like dates as dates, and integers above 64 bits as floats: all of these are parsed here.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ctxtools.chunking.integrations.tables import no_column
from ctxtools.corpus.reading.request import BLOCK, Request
from ctxtools.corpus.reading.values import array_of, several_types
from ctxtools.documents.readers.jsonl import kind_of_value, reason_of
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import FormatError, UsageError, import_extra

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_LINE = re.compile(rb"\n(?=[^{])")
_HINT = "--keep names the fields that go along, which have one type each"
_HINT_OF_LINE = f"--skip-bad-records leaves such records out; {_HINT}"
_EXACT = 2.0**53  # from there on floats are not all integers


def read_jsonl(stream: Any, request: Request) -> Iterator[Any]:
    """The rows of a file; see `ctxtools.corpus.reading.read_tables`."""
    blocks = _Blocks(request)
    for block in _lines(stream):
        if block.strip():
            yield blocks.table(block)
        blocks.line += block.count(b"\n")
    yield blocks.end()


def _lines(stream: Any) -> Iterator[bytes]:
    """A stream in blocks of complete lines."""
    rest = [b""]
    is_first = True
    while data := stream.read(BLOCK):
        if is_first:
            data, is_first = data.removeprefix(_UTF8_MARK), False
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, data[:end]])
            rest = []
        rest.append(data[end:])
    if last := b"".join(rest):
        yield last


def _records_of(block: bytes) -> tuple[bytes, int] | None:
    """The lines that are not blank, and how many; None if one does not begin with an object."""
    if block.startswith(b"{") and not _OTHER_LINE.search(block):
        # Of a line without an end, pyarrow finds the types apart from the others.
        ended = block if block.endswith(b"\n") else block + b"\n"
        return ended, ended.count(b"\n")
    lines = [line for line in block.split(b"\n") if line.strip()]
    if any(not line.lstrip().startswith(b"{") for line in lines):
        return None
    return b"\n".join([*lines, b""]), len(lines)


class _Blocks:
    """The blocks of a file, and what is known of its fields.

    Attributes:
        line: the number of the first line of the next block.
    """

    def __init__(self, request: Request) -> None:
        self._arrow = import_extra("pyarrow", "reading JSONL", "parquet")
        self._request = request
        text = request.text
        self._strings: dict[str, Any] = {} if text is None else {text: self._arrow.string()}
        self._flat = dict(self._strings)  # the types of wanted fields that hold no objects
        self._seen: dict[str, None] = {}  # the fields so far, in the order of the lines
        self._has_rows = False
        self.line = 1

    def table(self, block: bytes) -> Any:
        """The rows of a block of lines."""
        records = _records_of(block)
        table = self._parsed(*records) if records else None
        if table is None:
            table = self._by_line(block)
        if self._request.columns is not None:
            for field in table.schema:
                if not _holds(self._arrow, field.type, self._is_open):
                    self._flat[field.name] = field.type
        self._has_rows = self._has_rows or len(table) > 0
        if self._has_rows and self._request.text is not None:
            self._check_seen([self._request.text])
        return table

    def end(self) -> Any:
        """A table without rows, at the end of the file.

        Raises:
            UsageError: no line has a field that is to be read.
        """
        columns = self._request.columns
        names = [*self._strings] if columns is None else [*columns]
        if self._has_rows:
            self._check_seen(names)
        none = self._arrow.null()
        return self._arrow.schema(
            [(name, self._flat.get(name) or self._strings.get(name) or none) for name in names]
        ).empty_table()

    def _check_seen(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self._seen:
                error = no_column(name, [*self._seen])
                raise UsageError(f"{self._request.uri}: {error.message}", hint=error.hint)

    def _is_open(self, kind: Any) -> bool:
        """Whether other lines may have more of a type: further fields, or any type at all."""
        return bool(self._arrow.types.is_struct(kind) or self._arrow.types.is_null(kind))

    def _parsed(self, data: bytes, count: int) -> Any:
        """The rows by pyarrow; None if it cannot, or would change a value."""
        columns = self._request.columns
        is_known = columns is not None and all(name in self._flat for name in columns)
        types = self._flat if is_known else self._strings
        try:
            table = self._read(data, types, ignores=is_known)
            if not is_known and (dates := self._dates(table.schema)):
                self._strings |= dates
                table = self._read(data, self._strings)
            if len(table) != count:
                return None
            self._see(table, data, types)
            table = self._selected(table)
            table.validate(full=True)
        except (self._arrow.ArrowInvalid, UnicodeDecodeError):
            return None
        return None if self._is_rounded(table) else table

    def _read(self, data: bytes, types: dict[str, Any], *, ignores: bool = False) -> Any:
        reader = import_extra("pyarrow.json", "reading JSONL", "parquet")
        options = reader.ReadOptions(use_threads=False, block_size=len(data) + 1)
        parse = reader.ParseOptions(
            explicit_schema=self._arrow.schema(types.items()),
            unexpected_field_behavior="ignore" if ignores else "infer",
            newlines_in_values=False,
        )
        buffer = self._arrow.BufferReader(data)
        return reader.read_json(buffer, read_options=options, parse_options=parse)

    def _dates(self, schema: Any) -> dict[str, Any]:
        """Fields that pyarrow took for dates, and their types with strings instead."""
        columns = self._request.columns
        return {
            field.name: _with_strings(self._arrow, field.type)
            for field in schema
            if (columns is None or field.name in columns)
            and _holds(self._arrow, field.type, self._arrow.types.is_timestamp)
        }

    def _see(self, table: Any, data: bytes, asked: dict[str, Any]) -> None:
        """Note the fields of a block; of those that were asked for, if a line has them."""
        if not self._seen:
            self._seen |= dict.fromkeys(json.loads(data.split(b"\n", 1)[0]))
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name not in asked or column.null_count < len(table):
                self._seen.setdefault(name)
        if any(name not in self._seen for name in asked):
            for line in data.split(b"\n"):
                self._seen |= dict.fromkeys(json.loads(line)) if line else {}

    def _selected(self, table: Any) -> Any:
        """The columns to read, in order; null where no line of the block has a field."""
        arrow, columns = self._arrow, self._request.columns
        if columns is None:
            return table.select([name for name in self._seen if name in table.column_names])
        nulls = arrow.nulls(len(table))
        return arrow.table(
            [table.column(name) if name in table.column_names else nulls for name in columns],
            names=[*columns],
        )

    def _is_rounded(self, table: Any) -> bool:
        """Whether a column has floats that may have been larger integers."""
        compute = import_extra("pyarrow.compute", "reading JSONL", "parquet")
        floats = (each for each in table.columns if self._arrow.types.is_floating(each.type))
        largest = (compute.max(compute.abs(each)).as_py() for each in floats)
        return any(each is not None and each >= _EXACT for each in largest)

    def _by_line(self, block: bytes) -> Any:
        """The rows of a block, parsed line by line; those that are wrong are bad records."""
        records: dict[int, dict[str, Any]] = {}  # by the number of the line
        for number, line in enumerate(block.split(b"\n"), self.line):
            if line.strip() and (record := self._record(line, number)) is not None:
                records[number] = record
        try:
            return self._table_of(records)
        except FormatError:
            good = self._of_one_type(records)
            if len(good) == len(records):
                raise
        return self._table_of(good)

    def _table_of(self, records: dict[int, dict[str, Any]]) -> Any:
        """Records as rows.

        Raises:
            FormatError: a field has values of several types.
        """
        seen = self._seen | {name: None for record in records.values() for name in record}
        columns = self._request.columns
        names = [*seen] if columns is None else [*columns]
        arrays = []
        for name in names:
            values = [record.get(name) for record in records.values()]
            try:
                arrays.append(array_of(values, self._strings.get(name)))
            except FormatError as error:
                reason = several_types(values, [*records])
                if not reason:
                    line = [*records][self._first_wrong(name, values)]
                    reason = f"line {line:,} has another type: {error.message}"
                raise FormatError(
                    f"{self._request.uri}: field {name!r}: {reason}", hint=_HINT
                ) from None
        self._seen = seen
        return self._arrow.table(arrays, names=names)

    def _first_wrong(self, name: str, values: Sequence[Any]) -> int:
        """The first value that has no type in common with those before."""
        kind = self._strings.get(name)
        return bisect_left(range(len(values)), True, key=lambda n: not _fits(values[: n + 1], kind))

    def _of_one_type(self, records: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """The records without those whose values have several types inside, which are bad."""
        columns = self._request.columns
        good: dict[int, dict[str, Any]] = {}
        for number, record in records.items():
            for name in record if columns is None else columns:
                try:
                    array_of([record.get(name)])
                except FormatError as error:
                    reason = f"line {number:,}: field {name!r}: {error.message}"
                    self._request.pass_over(reason, hint=_HINT_OF_LINE)
                    break
            else:
                good[number] = record
        return good

    def _record(self, line: bytes, number: int) -> dict[str, Any] | None:
        """The object of a line; None if it is bad."""
        found = _object(line, self._request.text)
        if isinstance(found, str):
            self._request.pass_over(f"line {number:,} {found}")
            return None
        return found


def _object(line: bytes, text: str | None) -> dict[str, Any] | str:
    """The object of a line, or what is wrong with it."""
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {reason_of(error)}"
    if not isinstance(record, dict):
        return "is no object of JSON"
    if text is not None and not isinstance(value := record.get(text), str | None):
        return f"has {kind_of_value(value)} as {text!r}, not a string"
    return {replace_surrogates(name): value for name, value in record.items()}


def _fits(values: Sequence[Any], kind: Any) -> bool:
    """Whether values have a type in common."""
    try:
        array_of(values, kind)
    except FormatError:
        return False
    return True


def _holds(arrow: Any, kind: Any, is_one: Callable[[Any], bool]) -> bool:
    """Whether a type, or one inside it, is of a kind."""
    fields = [kind.field(number) for number in range(kind.num_fields)]
    return is_one(kind) or any(_holds(arrow, field.type, is_one) for field in fields)


def _with_strings(arrow: Any, kind: Any) -> Any:
    """A type with strings for timestamps."""
    if arrow.types.is_timestamp(kind):
        return arrow.string()
    if arrow.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return arrow.struct([(each.name, _with_strings(arrow, each.type)) for each in fields])
    if arrow.types.is_list(kind):
        return arrow.list_(_with_strings(arrow, kind.value_type))
    return kind
