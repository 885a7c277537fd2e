"""JSONL: a JSON value on each line, one field of which is a text."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record, find_field
from ctxtools.errors import FormatError


def read_records(
    path: str, blocks: Iterable[str], field: str, bad: BadRecords, kept: KeptFields
) -> Iterator[Record]:
    """The records, by their lines. Blank lines are skipped.

    A null is an empty text, as in Parquet. Any other value that is not a string is an error: it is
    unknown what text a model would see for it.

    Args:
        path, blocks, field, bad: as in `read_values`.
        kept: the fields that go along.

    Raises:
        FormatError: a line is not JSON, or has no such field, or it is not a string.
    """
    for number, value, record in _values(path, blocks, field, bad):
        if isinstance(value, str) or (value is None and not bad.skip):
            yield kept.record(number, value or "", record)
            continue
        bad.take(
            FormatError(
                f"{path}: line {number:,}: {field!r} is {kind_of_value(value)}, not a string",
                hint=f"name a field inside it, such as {field}.{_first_key(value)}"
                if isinstance(value, dict | list) and value
                else "name a field that holds a string",
            )
        )


def read_values(
    path: str, blocks: Iterable[str], field: str | None, bad: BadRecords
) -> Iterator[tuple[int, Any]]:
    """The line number, from 1, and the value of a field, of each line that is not blank.

    Args:
        path: for messages.
        blocks: the file, in blocks that may end anywhere.
        field: as `find_field` takes it. None is the whole value of the line.
        bad: takes the lines that are not JSON, or lack the field.

    Raises:
        FormatError: a line is not JSON, or has no such field, and ``bad`` does not skip it.
    """
    return ((number, value) for number, value, _ in _values(path, blocks, field, bad))


def _values(
    path: str, blocks: Iterable[str], field: str | None, bad: BadRecords
) -> Iterator[tuple[int, Any, Any]]:
    """The same, and the value of the whole line."""
    for number, line in _lines(blocks):
        if not line or line.isspace():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            bad.take(
                FormatError(
                    f"{path}: line {number:,}: not JSON ({reason_of(error)})",
                    hint="each line must be one JSON value; --skip-bad-records passes over others, "
                    "and without a field the file is plain text",
                )
            )
            continue
        try:
            value = record if field is None else find_field(record, field)
        except LookupError:
            bad.take(
                FormatError(f"{path}: line {number:,}: no field {field!r}", hint=_describe(record))
            )
            continue
        yield number, value, record


def reason_of(error: Exception) -> str:
    """Why ``json.loads`` did not read a text, in a phrase."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    is_deep = isinstance(error, RecursionError)
    return "it is nested too deeply" if is_deep else "a number has too many digits"


def _lines(blocks: Iterable[str]) -> Iterator[tuple[int, str]]:
    # Not str.splitlines, which also splits at U+2028, which JSON allows in strings.
    number = 1
    parts: list[str] = []  # of a line longer than a block
    for block in blocks:
        first, *others = block.split("\n")
        parts.append(first)
        for other in others:
            yield number, "".join(parts)
            number += 1
            parts = [other]
    yield number, "".join(parts)


def _describe(record: Any) -> str:
    if isinstance(record, dict) and record:
        return f"the line has {', '.join(f'{key!r:.60}' for key in list(record)[:10])}"
    return f"the line is {kind_of_value(record)}, not an object with fields"


def _first_key(value: dict[str, Any] | list[Any]) -> str:
    return f"{next(iter(value)):.60}" if isinstance(value, dict) else "0"


def kind_of_value(value: Any) -> str:
    """What a JSON value is, in words."""
    kinds = {bool: "a boolean", dict: "an object", list: "a list", str: "a string"}
    return "null" if value is None else kinds.get(type(value), "a number")
