"""Outline: what a document holds, in a few lines, without its text.

For code its signatures, for Markdown and HTML its headings, for JSON its keys and the types of its
values, for CSV its columns, their types and the number of rows.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ctxtools.chunking.block import Block
from ctxtools.chunking.formats import parse_blocks
from ctxtools.errors import FormatError

_MOST_KEYS = 50  # of an object
_MOST_ITEMS = 100  # of an array that are looked at
_DEEPEST = 6  # objects and arrays in each other that are shown
_MOST_ROWS = 1000  # that the types of columns are taken from

# What was read once is not tried in other ways: 20 kB of digits in one cell took 15 seconds.
_NUMBER = re.compile(r"\s*+[+-]?+(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?+\d++)?+\s*+")
_INTEGER = re.compile(r"\s*+[+-]?+\d++\s*+")


def outline(text: str, format: str) -> str:
    """The outline of a document, a line for each thing, indented as they lie in each other.

    Args:
        text: any text.
        format: one of ``FORMATS``.

    Returns:
        Lines, the last of them ended by a line break; "" where there is nothing to show, as of
        plain text.

    Raises:
        FormatError, MissingExtraError, UsageError: see ``parse_blocks``.
    """
    if format in ("json", "jsonl"):
        lines = _json(text, format)
    elif format in ("csv", "tsv"):
        lines = _csv(text, format)
    else:
        blocks = parse_blocks(text, format)
        lines = _headings(blocks, 1) if format in ("markdown", "html") else _signatures(blocks, 0)
    return "".join(f"{line}\n" for line in lines)


def _headings(blocks: Iterable[Block], level: int) -> Iterator[str]:
    for block in blocks:
        if block.kind == "section":
            yield f"{'#' * min(level, 6)} {block.title}".rstrip()
        yield from _headings(block.children, level + (block.kind == "section"))


def _signatures(blocks: Iterable[Block], depth: int) -> Iterator[str]:
    for block in blocks:
        if block.title:
            yield "    " * depth + block.title
        # What a function holds is its own affair.
        if block.kind != "function":
            yield from _signatures(block.children, depth + bool(block.title))


def _json(text: str, format: str) -> Iterator[str]:
    text = text.removeprefix("\ufeff")
    try:
        if format == "json":
            values = [json.loads(text, strict=False)]
            count = ""
        else:
            lines = [line for line in text.split("\n") if line.strip()]
            values = [json.loads(line, strict=False) for line in lines[:_MOST_ITEMS]]
            count = f"{len(lines):,} records of "
    except (ValueError, RecursionError):
        blocks = parse_blocks(text, format)  # which says where the fault is
        if format == "json":
            yield f"{blocks[0].kind}, too deep or large to show"
        else:
            yield f"{len(blocks):,} records"
        return
    first, *others = _schema(values, 0)
    yield count + first
    yield from others


def _schema(values: Sequence[Any], depth: int) -> Iterator[str]:
    """The types of values, and what lies in those that are objects and arrays."""
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value[:_MOST_ITEMS]]
    yield " | ".join(_types(values)) or "nothing"
    if depth == _DEEPEST:
        return
    keys = list(dict.fromkeys(key for value in objects for key in value))
    for key in keys[:_MOST_KEYS]:
        inner = [value[key] for value in objects if key in value]
        optional = "?" if len(inner) < len(objects) else ""
        yield from _entry(f"{' '.join(key[:80].split())}{optional}: ", inner, depth)
    if len(keys) > _MOST_KEYS:
        yield f"  … {len(keys) - _MOST_KEYS:,} more keys"
    if items:
        yield from _entry("each: ", items[:_MOST_ITEMS], depth)


def _entry(name: str, values: Sequence[Any], depth: int) -> Iterator[str]:
    first, *others = _schema(values, depth + 1)
    yield f"  {name}{first}"
    yield from (f"  {line}" for line in others)


def _types(values: Sequence[Any]) -> list[str]:
    names = {bool: "boolean", dict: "object", str: "string", int: "integer", float: "number"}
    types = {names.get(type(value), "null") for value in values if not isinstance(value, list)}
    lengths = [len(value) for value in values if isinstance(value, list)]
    if lengths:
        least, most = min(lengths), max(lengths)
        types.add(f"array of {least:,}" + (f" to {most:,}" if most > least else ""))
    return sorted(types)


def _csv(text: str, format: str) -> Iterator[str]:
    from ctxtools.chunking.formats.csv import delimiter

    blocks = parse_blocks(text, format)
    if not blocks:
        return
    table = blocks[0]
    rows = [text[row.start : row.end] for row in table.children[:_MOST_ROWS]]
    header = table.repeat or text[table.start : table.end]
    yield f"{len(table.children):,} rows"
    separator = delimiter(text, format)
    try:
        # Not csv.reader over the lines of the text: a record is one string here, line breaks and
        # all, which it takes as it is.
        names, *records = (
            next(csv.reader([record], delimiter=separator), []) for record in [header, *rows]
        )
    except (csv.Error, ValueError) as error:
        raise FormatError(f"not CSV: {error}", hint="read it with the format text") from error
    for number, name in enumerate(names):
        values = {_cell_type(record[number]) for record in records if number < len(record)}
        kinds = " | ".join(sorted(values - {""})) or "empty"
        yield f"  {' '.join(name.split())}: {kinds}"


def _cell_type(cell: str) -> str:
    if not cell.strip():
        return ""
    if _INTEGER.fullmatch(cell):
        return "integer"
    return "number" if _NUMBER.fullmatch(cell) else "string"
