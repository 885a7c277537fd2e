"""The lines of a page, with where they are and how large their letters are."""

import re
from ctypes import byref, c_double
from itertools import pairwise
from math import hypot
from typing import Any, NamedTuple

_HYPHEN = "\ufffe"  # as pdfium writes a hyphen at which a word goes on in the next line
_JOINED = re.compile(rf"{_HYPHEN}(?=[^\W\d_])")
_UNSEEN = re.compile(r"[\0\xad\ufffe\uffff]")
_BOLD = 600  # the weight of a font, of which 400 is regular
_EVEN = 0.05  # points by which the lines of a paragraph are unevenly apart
_SHORT = 60  # characters of a line that may be a heading
_RISES = 3  # above which the widths of lines are needed


class Line(NamedTuple):
    """A line of a page.

    Attributes:
        text: without white space at its ends.
        left, right: in points, from the lower left corner of the page; the same where all lines
            are one below the other.
        base: of its first letter, in points from there.
        size: of its first letter, in points.
        is_bold: its first and its last letter are.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    is_bold: bool

    @property
    def top(self) -> float:
        """Above its letters."""
        return self.base + self.size


def lines_of(page: Any) -> list[Line]:
    """The lines of a page in the order in which the document draws them.

    Raises:
        PdfiumError: the page is damaged.
    """
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_range()
        return _measured(text_page, text)
    finally:
        text_page.close()


def _measured(text_page: Any, text: str) -> list[Line]:
    from pypdfium2 import raw

    page = text_page.raw
    x, y, matrix = c_double(), c_double(), raw.FS_MATRIX()
    to_x, to_y, to_matrix = byref(x), byref(y), byref(matrix)
    # Characters that pdfium leaves out of the text are in its list of characters.
    is_same = text_page.count_chars() == len(text)
    has_unseen = _UNSEEN.search(text) is not None
    origin_of, matrix_of = raw.FPDFText_GetCharOrigin, raw.FPDFText_GetMatrix
    size_of, weight_of = raw.FPDFText_GetFontSize, raw.FPDFText_GetFontWeight
    lines, ends, start = list[Line](), list[int](), 0
    up, heights = (0.0, 1.0), list[float]()
    paragraph, before, even, size, is_bold = (0.0, 0.0), 0.0, 0, 0.0, False
    for line in text.split("\r\n"):
        if stripped := line.strip():
            first = start + (line.index(stripped[0]) if line[0].isspace() else 0)
            last = first + len(stripped) - 1
            if not is_same:
                first = raw.FPDFText_GetCharIndexFromTextIndex(page, first)
                last = raw.FPDFText_GetCharIndexFromTextIndex(page, last)
            origin_of(page, first, to_x, to_y)
            left, base = x.value, y.value
            # A line that goes on in a paragraph, as several before it do, is as large as these.
            is_even = left == paragraph[0] and abs(before - base - paragraph[1]) < _EVEN
            even = even + 1 if is_even else 0
            goes_on = even > 1
            paragraph, before = (left, before - base), base
            if not goes_on:
                matrix_of(page, first, to_matrix)
                size = size_of(page, first) * (scale := hypot(matrix.c, matrix.d))
                if not lines and scale:
                    up = matrix.c / scale, matrix.d / scale
            if not goes_on or len(stripped) <= _SHORT:
                is_bold = weight_of(page, first) >= _BOLD and weight_of(page, last) >= _BOLD
            shown = _cleaned(stripped) if has_unseen else stripped
            lines.append(Line(shown, left, left, base, size, is_bold))
            heights.append(left * up[0] + base * up[1])
            ends.append(last)
        start += len(line) + 2
    if sum(line.base > before.base for before, line in pairwise(lines)) >= _RISES:
        box = raw.FS_RECTF()
        for number, (found, last) in enumerate(zip(lines, ends, strict=True)):
            raw.FPDFText_GetLooseCharBox(page, last, byref(box))
            lines[number] = found._replace(right=max(found.left, box.right))
    # As pdfium orders text that runs downwards, or the few lines of a page that is turned.
    if all(
        above > below + line.size / 2
        for line, (below, above) in zip(lines, pairwise(heights), strict=False)
    ):
        lines.reverse()
    return lines


def _cleaned(line: str) -> str:
    """A line with words joined that were hyphenated, and without characters that nobody sees.

    As pdftotext does, but for what is no letter: "F-16" keeps its hyphen.
    """
    if _HYPHEN in line:
        line = _JOINED.sub("", line).replace(_HYPHEN, "-")
    return _UNSEEN.sub("", line)
