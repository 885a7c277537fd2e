"""Which tables hold data, and which of their rows are headers."""

import re
from collections.abc import Sequence

from ctxtools._core.fallback.html.entries import Entry
from ctxtools._core.html.references import unescape
from ctxtools._core.html.tokens import COMMENT, END, START, Token, attributes, tokens
from ctxtools._core.types import Strength

_MAX_ROWS = 24  # that are examined for a header without header cells
_MAX_ROW = 4000  # characters of one of them
_MAX_NAME = 60  # characters of a cell of such a header
_MAX_CAPTION = 200  # characters; a longer one is not repeated with the header
_CELL = re.compile(r"(<t[dh](?=[ \t\n\f\r/>])[^>]*+>)", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*+>")
_DIGITS = "0-9٠-٩۰-۹०-९๐-๙０-９"
_SIGNS = r"!-/:-@\[-^`{-~¡-¿×÷‐-⁞₠-⃏−"
_DIGIT = re.compile(f"[{_DIGITS}]")
_NUMBER = re.compile(rf"[{_SIGNS}]{{0,3}}+\s?+[{_DIGITS}][{_DIGITS}\s.,:/+−–-]*+[^\s]{{0,6}}+")
_NO_WORD = re.compile(r"[^0-9A-Za-z]")
# Words of classes, such as ``tableheader`` and ``headrow``.
_HEADER_CLASS = re.compile(
    r"(?:table|tbl|t|col|column)?head(?:er|ing)?(?:s|cell|row)?", re.ASCII | re.IGNORECASE
)
_BOLD_STYLE = re.compile(r"font-weight\s*+:\s*+(?:bold|[6-9]00)", re.ASCII | re.IGNORECASE)
_BOLD = frozenset({"b", "strong"})


def set_header(table: Entry, text: str, start: int, tag_end: int) -> None:
    """Set what a table repeats: its tag and header rows, with a caption before them if it is short.

    Args:
        table: its children are its caption and rows.
        text: the document.
        start, tag_end: of the table's own start tag.
    """
    rows = [child for child in table.children if child.is_row]
    headers = 0
    while headers < len(rows) and rows[headers].is_header:
        headers += 1
    if not headers and not any(row.is_header for row in rows) and _has_header(rows, text):
        headers = 1
        rows[0].introduces = True
    if not 0 < headers < len(rows):
        return
    for row in rows[1 : headers + 1]:
        row.strength = Strength.NONE
    end = rows[headers - 1].end
    first = max(rows[0].start, tag_end)
    table.repeat = text[start:end]
    if first > tag_end + _MAX_CAPTION:
        table.repeat = text[start:tag_end] + text[first:end]
    table.repeat_from = rows[headers].start


def _has_header(rows: Sequence[Entry], text: str) -> bool:
    """Whether the first row of a table without header cells names the columns.

    It does if its cells have short texts, all different, and markup says that they are headers,
    which it does not say of all other rows; or if they are without digits, and all of what stands
    below one of them is a number.
    """
    if not rows:
        return False
    first, *rest = (_Row(text, row) for row in rows[:_MAX_ROWS])
    if len(first.cells) < 2 or not rest:
        return False
    names = [_plain(cell) for _, cell in first.cells]
    if not all(0 < len(name) <= _MAX_NAME for name in names) or len({*names}) < len(names):
        return False
    if first.is_marked and not all(row.is_marked for row in rest):
        return True
    if any(map(_DIGIT.search, names)):
        return False
    full = (row.cells for row in rest if len(row.cells) == len(names))
    return any(
        all(_NUMBER.fullmatch(_plain(cell)) for _, cell in column)
        for column in zip(*full, strict=True)
    )


class _Row:
    """The markup of a row: before its cells; and of each cell its tag, and what is in it."""

    def __init__(self, text: str, row: Entry) -> None:
        end = min(row.end, row.start + _MAX_ROW)
        self.before, *parts = _CELL.split(text[row.start : end])
        self.cells = [*zip(parts[::2], parts[1::2], strict=True)]

    @property
    def is_marked(self) -> bool:
        """Whether it says that all its cells are headers."""
        start = self.before.rfind("<tr")
        start = start if start >= 0 else self.before.rfind("<TR")
        if start >= 0 and _says_header(self.before[start:]):
            return True
        return bool(self.cells) and all(_says_header(tag) or _is_bold(it) for tag, it in self.cells)


def _says_header(tag: str) -> bool:
    """Whether a start tag says by its class, scope or style that what it contains is a header."""
    given = attributes(tag, 0, len(tag.partition(">")[0]))
    words = _NO_WORD.split(given.get("class", ""))
    scope = given.get("scope", "").lower()
    return (
        any(map(_HEADER_CLASS.fullmatch, words))
        or scope in ("col", "colgroup")
        or _BOLD_STYLE.search(given.get("style", "")) is not None
    )


def _is_bold(cell: str) -> bool:
    """Whether all the text of a cell is bold, and there is some."""
    opened: list[str] = []  # bold elements, and those of the same name inside
    position, has_text = 0, False
    for kind, name, start, end in [*tokens(cell), Token(COMMENT, "", len(cell), len(cell))]:
        if cell[position:start].strip():
            if not opened:
                return False
            has_text = True
        position = end
        is_inside = bool(opened) and opened[-1] == name
        if kind == START and (is_inside or name in _BOLD or _has_bold_style(cell, start, end)):
            opened.append(name)
        elif kind == END and is_inside:
            opened.pop()
    return has_text


def _has_bold_style(text: str, start: int, end: int) -> bool:
    return _BOLD_STYLE.search(attributes(text, start, end).get("style", "")) is not None


def _plain(cell: str) -> str:
    return unescape(_TAG.sub("", cell)).strip()
