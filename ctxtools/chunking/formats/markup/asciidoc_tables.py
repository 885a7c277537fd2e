"""Tables of AsciiDoc: their rows, by the number of cells, and whether they have a header."""

import re
from collections.abc import Sequence

from ctxtools.chunking.formats.lines import Lines

_CELL = re.compile(
    r"(?:(?<!\S)(?:(\d{1,3})(?:\.\d{1,3})?\+|(\d{1,3})\*)[<^>.]{0,4}[a-z]?)?(?<!\\)\|"
)
_COLUMNS = re.compile(r"cols=(?:\"([^\"]*+)\"|'([^']*+)'|([^,\]\s]++))")
_REPEATED = re.compile(r"\s*+(\d{1,3})\*")
_OPTION = re.compile(r"[%,=\"']([\w-]++)")
_MAX_ATTRIBUTES = 2000  # characters that are read of them


def rows(lines: Lines, first: int, i: int, end: int) -> tuple[list[tuple[int, int]], bool]:
    """The rows of a table below its header.

    Args:
        lines: of the document.
        first: the line of its attributes and its title, if it has any.
        i: the line of its first delimiter.
        end: the line after its last one.

    Returns:
        (the lines of each row, the last one with the delimiter; whether there is a header).
    """
    texts = lines.texts
    attributes = " ".join(texts[first:i])[:_MAX_ATTRIBUTES]
    filled = [n for n in range(i + 1, end) if texts[n] and texts[n] != texts[i]]
    if not filled:
        return [], False
    by_line = texts[i][0] in ",:" or "format=" in attributes
    begins = filled if by_line else _begins(texts, filled, _columns(attributes))
    if not begins:
        return [], False
    options = {*_OPTION.findall(attributes)}
    header = "header" in options
    if not header and "noheader" not in options:
        # A first row on the line of its own below the delimiter, with an empty line after it.
        header = begins[0] == i + 1 and i + 2 < end and not texts[i + 2]
    found = [*zip(begins, [*begins[1:], end], strict=True)]
    if not header:
        return [(i, found[0][1]), *found[1:]], False
    return (found[1:], True) if len(found) > 1 else ([], False)


def _columns(attributes: str) -> int:
    """The number of columns that attributes say; 0 if they say none."""
    found = _COLUMNS.search(attributes)
    if not found:
        return 0
    total = 0
    for column in re.split(r"[,;]", found[1] or found[2] or found[3] or ""):
        repeated = _REPEATED.match(column)
        total += int(repeated[1]) if repeated else 1
    return total


def _begins(texts: Sequence[str], filled: Sequence[int], columns: int) -> list[int]:
    """The lines on which rows begin: where as many cells are complete as there are columns."""
    begins: list[int] = []
    cells = 0
    for n in filled:
        count = sum(int(cell[1] or cell[2] or 1) for cell in _CELL.finditer(texts[n]))
        if not count:
            continue
        columns = columns or count
        if cells % columns == 0:
            begins.append(n)
        cells += count
    return begins
