"""Tables of reStructuredText: grids, simple tables, and those of directives."""

import re
from collections.abc import Sequence

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block
from ctxtools.chunking.formats.lines import Lines, indent_of
from ctxtools.possessive import compile_pattern

# The first line after the header; the lines of each row; the line after the table.
Table = tuple[int, list[tuple[int, int]], int]

_GRID = compile_pattern(r"\+(?:-++\+)++\Z|\+(?:=++\+)++\Z")
_SIMPLE = compile_pattern(r"=++(?: ++=++)++\Z")
_SIMPLE_BORDER = re.compile(r"=[= ]*+\Z")
_ITEM = re.compile(r"\* +-(?: |\Z)")
_ROWS = re.compile(r"\s*+:header-rows:\s*+([0-9]++)")
_HEADER = re.compile(r"\s*+:header:")


def find(lines: Lines, i: int, end: int, indent: int) -> Table | None:
    """The table that starts at a line; None if none does."""
    line = lines.texts[i][indent:]
    if line[0] == "+" and _GRID.match(line):
        return _grid(lines, i, end, indent)
    if line[0] == "=" and _SIMPLE.match(line):
        return _simple(lines, i, end, indent)
    return None


def of_directive(lines: Lines, name: str, i: int, content: int, end: int) -> Table | None:
    """The table of a directive that starts at line ``i``; None if it has another name.

    Args:
        name: of the directive.
        content: the line after its options.
        end: the line after it.
    """
    if name not in ("table", "list-table", "csv-table", "flat-table"):
        return None
    first = lines.next_filled(content, end)
    if first == end:
        return i, [], end
    indent = indent_of(lines.texts[first])
    if name == "table":
        table = find(lines, first, end, indent)
        if not table:
            return i, [], end
        header, rows, _ = table
        return header if header > first else i, rows, end
    options = lines.texts[i + 1 : content]
    counts = [int(found[1][:6]) for line in options if (found := _ROWS.match(line))]
    header_rows = counts[0] if counts else 0
    filled = [n for n in range(first, end) if lines.texts[n]]
    if name == "csv-table":
        begins = filled
    else:
        begins = [n for n in filled if _ITEM.match(lines.texts[n][indent:])]
    if not begins:
        return i, [], end
    rows = [*zip(begins, [*begins[1:], end], strict=True)][header_rows:]
    if not rows:
        return i, [], end
    has_header = header_rows or any(map(_HEADER.match, options))
    return rows[0][0] if has_header else i, rows, end


def blocks(lines: Lines, rows: Sequence[tuple[int, int]], *, has_header: bool) -> list[Block]:
    """The blocks of rows; the first is not parted from the header."""
    return [
        Block(
            lines.starts[first],
            lines.starts[lines.last_filled(first + 1, last)],
            "row",
            Strength.SENTENCE if number or not has_header else Strength.NONE,
            atomic=True,
        )
        for number, (first, last) in enumerate(rows)
    ]


def _grid(lines: Lines, i: int, end: int, indent: int) -> Table | None:
    texts = lines.texts
    borders, header, last = [i], i, i + 1
    while last < end and texts[last][indent : indent + 1] in ("+", "|"):
        if _GRID.match(texts[last], indent):
            borders.append(last)
            if texts[last][indent + 1] == "=" and header == i:
                header = last + 1
        last += 1
    if len(borders) < 2:
        return None
    starts = [border + 1 for border in borders[:-1] if border + 1 >= header]
    if not starts:
        return i, [], last
    rows = [*zip(starts, [*starts[1:], last], strict=True)]
    if header == i:  # the upper border is a part of the first row
        rows[0] = i, rows[0][1]
    return header, rows, last


def _simple(lines: Lines, i: int, end: int, indent: int) -> Table | None:
    texts, borders, last = lines.texts, [i], i + 1
    while last < end and len(borders) < 3:
        line = texts[last]
        if line and indent_of(line) < indent:
            return None
        if _SIMPLE_BORDER.match(line, indent):
            borders.append(last)
            if last + 1 == end or not texts[last + 1]:
                break
        last += 1
    if len(borders) < 2:
        return None
    header = borders[1] + 1 if len(borders) > 2 else i
    first, stop = borders[-2] + 1, borders[-1]
    begins = [n for n in range(first, stop) if texts[n][indent : indent + 1].strip()]
    begins = [n for n in begins if texts[n].strip("- ")]
    if not begins:
        return i, [], borders[-1] + 1
    begins[0] = first if header > i else i
    return header, [*zip(begins, [*begins[1:], borders[-1] + 1], strict=True)], borders[-1] + 1
