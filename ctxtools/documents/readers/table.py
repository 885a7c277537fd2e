"""CSV and TSV (RFC 4180): one column of texts, record by record."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record
from ctxtools.errors import FormatError

_SHOWN = 40  # characters of a name in messages
_DELIMITERS = ",;\t|"
_LONGEST = 1 << 30  # characters of a field; Python's limit of 131,072 is less than a text may have


def read_cells(
    path: str,
    blocks: Iterable[str],
    column: str,
    bad: BadRecords,
    kept: KeptFields,
    delimiter: str | None = None,
) -> Iterator[Record]:
    """The records with their texts in a column, by their number, from 1 after the header.

    Args:
        path: for messages.
        blocks: the file, in blocks that may end anywhere.
        column: the name of a column in the header, which is the first record.
        bad: takes records that lack the column.
        kept: the columns that go along.
        delimiter: between fields; None takes the one that the header has, of , ; tab and |.

    Raises:
        FormatError: there is no such column, or a quoted field is not closed.
    """
    csv.field_size_limit(max(_LONGEST, csv.field_size_limit()))
    lines = _lines(blocks)
    first = next(lines, "")
    if delimiter is None:
        delimiter = _delimiter(first, column)
    records = csv.reader(_chained(first, lines), delimiter=delimiter, strict=True)
    number = 0
    try:
        header = next(records, [])
        at = _index(path, header, column)
        names = {name.strip(): i for i, name in reversed([*enumerate(header)])}
        for record in records:
            if not record:
                continue  # an empty line
            number += 1
            if at < len(record):
                yield kept.record(number, record[at], _values(record, names) if kept else None)
                continue
            bad.take(
                FormatError(
                    f"{path}: record {number:,} (line {records.line_num:,}) has {len(record)} of "
                    f"{len(header)} columns",
                    hint="--skip-bad-records passes over such records",
                )
            )
    except csv.Error as error:
        raise FormatError(
            f"{path}: record {number + 1:,}, up to line {records.line_num:,}: {error}",
            hint="a field with quotes in it is in quotes, and those in it are doubled",
        ) from error


def _delimiter(header: str, column: str) -> str:
    """The delimiter with which a header has a column; the most frequent one if none has it."""
    for each in _DELIMITERS:
        with suppress(csv.Error):  # what is wrong with it is found when it is read
            if column in map(str.strip, next(csv.reader([header], delimiter=each), [])):
                return each
    return max(_DELIMITERS, key=header.count)


def _values(record: list[str], names: dict[str, int]) -> dict[str, str]:
    return {name: record[i] for name, i in names.items() if i < len(record)}


def _index(path: str, header: list[str], column: str) -> int:
    if column in header:
        return header.index(column)
    stripped = [each.strip() for each in header]
    if column in stripped:
        return stripped.index(column)
    names = [each if len(each) <= _SHOWN else f"{each[:_SHOWN]}…" for each in header[:20]]
    more = f" and {len(header) - 20:,} more" if len(header) > 20 else ""
    shown = (", ".join(map(repr, names)) or "no header") + more
    raise FormatError(f"{path}: no column {column!r}", hint=f"it has {shown}")


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(blocks: Iterable[str]) -> Iterator[str]:
    """Lines with their ends, which are LF, CR LF, or CR in a file that has no others."""
    end = ""  # none yet
    parts: list[str] = []  # of a line that may be longer than a block
    for block in blocks:
        if not end:
            seen = parts[-1][-1:] + block if parts else block
            if "\n" in seen:
                end = "\n"
            elif "\r" in seen[:-1]:
                end, parts, block = "\r", [], "".join([*parts, block])
        if not end:
            parts.append(block)
            continue
        first, *others = block.split(end)
        parts.append(first)
        for other in others:
            parts.append("\n")
            yield "".join(parts)
            parts = [other]
    if rest := "".join(parts):
        yield rest
