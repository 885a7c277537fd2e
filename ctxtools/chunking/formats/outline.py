"""Outline: a summary of a document's structure in a few lines, without its text.

Code is reduced to its signatures, Markdown and HTML to headings, JSON to keys and the types of
values, CSV to columns, their types and the number of rows.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from ctxtools.chunking.block import Block
from ctxtools.chunking.formats import parse_blocks
from ctxtools.chunking.formats.headed import parse_headed
from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.possessive import compile_pattern

_MAX_KEYS = 50  # shown of an object
_MAX_ITEMS = 100  # inspected of an array
_MAX_DEPTH = 6  # of nested objects and arrays shown
_MAX_LEADING = 40  # lines of comments and decorators before a signature
_MAX_ROWS = 1000  # inspected for the types of columns

# Possessive: with backtracking, 20 kB of digits in one cell took 15 seconds.
_NUMBER = compile_pattern(r"\s*+[+-]?+(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?+\d++)?+\s*+")
_DUNDER = re.compile(r"__\w+__")  # `__all__` says nothing without its value
_INTEGER = re.compile(r"\s*+[+-]?+\d++\s*+")


def outline(
    text: str, format: str, headings: Sequence[Heading] = (), *, line_numbers: bool = False
) -> str:
    """The outline of a document: one line per item, indented by nesting.

    Args:
        text: any text.
        format: its format.
        headings: of plain text, where the format of its file tells them.
        line_numbers: put before each line the number of the document's line that it stands for,
            and a tab; the outlines of data stand for no line.

    Returns:
        Lines, each with a line break; "" if there is nothing to show, as in plain text without
        headings.

    Raises:
        FormatError, MissingExtraError, UsageError: see ``parse_blocks``.
    """
    if format in ("json", "jsonl"):
        lines = _json(text, format)
    elif format in ("csv", "tsv"):
        lines = _csv(text, format)
    else:
        is_headed = format == "text" and headings
        blocks = parse_headed(text, headings).blocks if is_headed else parse_blocks(text, format)
        items = _titles(blocks, 1, 0)
        lines = _numbered(items, text) if line_numbers else (line for line, _ in items)
    return "".join(f"{line}\n" for line in lines)


def _numbered(items: Iterable[tuple[str, Block]], text: str) -> Iterator[str]:
    """Items with the numbers of their lines; blocks come in the order of the text."""
    number, counted = 1, 0
    for line, block in items:
        start = max(_title_start(block, text), counted)
        number += text.count("\n", counted, start)
        counted = start
        yield f"{number}\t{line}"


def _title_start(block: Block, text: str) -> int:
    """Where the title is: a definition may start with comments and decorators."""
    start = block.start
    for _ in range(_MAX_LEADING):
        end = text.find("\n", start, block.end)
        line = " ".join(text[start : end if end >= 0 else block.end].split()).rstrip(" :{;(,")
        if line and (block.title.startswith(line) or line.startswith(block.title)):
            return start
        if end < 0:
            break
        start = end + 1
    return block.start


def _titles(blocks: Iterable[Block], level: int, depth: int) -> Iterator[tuple[str, Block]]:
    """Headings with their level, and signatures indented by what they are in."""
    for block in blocks:
        is_section = block.kind == "section"
        if is_section:
            yield f"{'#' * min(level, 6)} {block.title}".rstrip(), block
        elif block.title and not _DUNDER.fullmatch(block.title):
            yield "    " * depth + block.title, block
        # Nothing inside a function is shown.
        if block.kind != "function":
            inside = depth + (bool(block.title) and not is_section)
            yield from _titles(block.children, level + is_section, inside)


def _json(text: str, format: str) -> Iterator[str]:
    text = text.removeprefix("\ufeff")
    lines = [line for line in text.split("\n") if line.strip()] if format == "jsonl" else [text]
    try:
        try:
            values = _loaded(lines)
        except ValueError:
            from ctxtools.chunking.formats.json import without_comments

            parse_blocks(text, format)  # raises an error that locates the fault
            values = _loaded(map(without_comments, lines[:_MAX_ITEMS]))
    except (ValueError, RecursionError):
        blocks = parse_blocks(text, format)
        if format == "json":
            yield f"{blocks[0].kind}, too deep or large to show"
        else:
            yield f"{len(blocks):,} records"
        return
    first, *others = _schema(values, 0)
    yield (f"{len(lines):,} records of " if format == "jsonl" else "") + first
    yield from others


def _loaded(texts: Iterable[str]) -> list[Any]:
    return [json.loads(text, strict=False) for text in islice(texts, _MAX_ITEMS)]


def _schema(values: Sequence[Any], depth: int) -> Iterator[str]:
    """The types of values, and the schemas of objects and array items among them."""
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value[:_MAX_ITEMS]]
    yield " | ".join(_types(values)) or "nothing"
    if depth == _MAX_DEPTH:
        return
    keys = list(dict.fromkeys(key for value in objects for key in value))
    for key in keys[:_MAX_KEYS]:
        inner = [value[key] for value in objects if key in value]
        optional = "?" if len(inner) < len(objects) else ""
        yield from _entry(f"{' '.join(key[:80].split())}{optional}: ", inner, depth)
    if len(keys) > _MAX_KEYS:
        yield f"  … {len(keys) - _MAX_KEYS:,} more keys"
    if items:
        yield from _entry("each: ", items[:_MAX_ITEMS], depth)


def _entry(name: str, values: Sequence[Any], depth: int) -> Iterator[str]:
    first, *others = _schema(values, depth + 1)
    yield f"  {name}{first}"
    yield from (f"  {line}" for line in others)


def _types(values: Sequence[Any]) -> list[str]:
    names = {bool: "boolean", dict: "object", str: "string", int: "integer", float: "number"}
    types = {names.get(type(value), "null") for value in values if not isinstance(value, list)}
    lengths = [len(value) for value in values if isinstance(value, list)]
    if lengths:
        low, high = min(lengths), max(lengths)
        types.add(f"array of {low:,}" + (f" to {high:,}" if high > low else ""))
    return sorted(types)


def _csv(text: str, format: str) -> Iterator[str]:
    from ctxtools.chunking.formats.csv import Layout

    tables = [block for block in parse_blocks(text, format) if block.kind == "table"]
    if not tables:
        return
    rows = [row for row in tables[0].children if row.kind == "row"]
    layout = Layout(text, format)
    yield f"{len(rows):,} rows"
    records = [layout.fields(text[row.start : row.end]) for row in rows[:_MAX_ROWS]]
    header = layout.fields(text[layout.table_start : layout.header_end])
    names = header or [f"column {n + 1}" for n in range(max(map(len, records), default=0))]
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
