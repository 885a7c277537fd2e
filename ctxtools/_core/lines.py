"""The lines of a text, with offsets: what parsers of line-based formats start from."""

import re
from typing import NamedTuple

# Python's splitlines breaks at form feeds and more besides, which the offsets of lines do not.
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")
_TAB = 8  # columns between tab stops
_STRIPPED = " \t\v\f"


class Lines(NamedTuple):
    """The lines of a text.

    Attributes:
        texts: of each line what is on it, without its line break and white space before that.
        starts: the offset of each line, and that of the end of the text: line i is
            ``text[starts[i]:starts[i + 1]]``, its line break included.
    """

    texts: list[str]
    starts: list[int]

    def next_filled(self, number: int, end: int) -> int:
        """The first line from ``number`` on with something on it; ``end`` if there is none."""
        texts = self.texts
        while number < end and not texts[number]:
            number += 1
        return number

    def last_filled(self, start: int, end: int) -> int:
        """The number after the last of the lines ``start..end`` with something on it."""
        texts = self.texts
        while end > start and not texts[end - 1]:
            end -= 1
        return end

    def deeper(self, number: int, end: int, indent: int) -> int:
        """The line after those from ``number`` on that are empty or indented deeper."""
        texts = self.texts
        while number < end and (not texts[number] or indent_of(texts[number]) > indent):
            number += 1
        return number


def lines_of(text: str, start: int = 0) -> Lines:
    """The lines of ``text[start:]``, which end with LF, CR LF or CR; none if that is empty."""
    if text.find("\r", start) < 0:
        whole = (text[start:] if start else text).split("\n")
        if not whole[-1]:
            whole.pop()
        offset, starts = start, [start]
        for line in whole:
            offset += len(line) + 1
            starts.append(offset)
        starts[-1] = len(text)
        return Lines([line.rstrip(_STRIPPED) for line in whole], starts)
    found = [match.span() for match in _LINE.finditer(text, start) if match.end() > match.start()]
    texts = [text[first:last].rstrip("\r\n \t\v\f") for first, last in found]
    return Lines(texts, [*(first for first, _ in found), len(text)])


def indent_of(line: str) -> int:
    """The columns of white space at the start of a line."""
    stripped = line.lstrip(" ")
    width = len(line) - len(stripped)
    if stripped[:1] != "\t":
        return width
    for character in stripped:
        if character == "\t":
            width += _TAB - width % _TAB
        elif character == " ":
            width += 1
        else:
            break
    return width
