"""The headings of a PDF: by its outline, where it has one, else by the size of letters."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.documents.readers.extraction.pdf.lines import Line

_MAX_TITLE = 200  # characters
_MAX_LINES = 3  # of a heading
_LARGER = 1.12  # times the size of the text
_MAX_SHARE = 0.3  # of all characters that may be headings
_MAX_OUTLINE = 10_000  # entries
_LEVELS = 6
_EDGE = 2  # lines at the top and at the bottom of a page
_REPEATED = 4  # times that make a line a running head


class Lines:
    """The lines of all pages: where they are in the text, and how large."""

    def __init__(self) -> None:
        self.starts, self.ends = array("Q"), array("Q")
        self.sizes, self.bold = array("f"), bytearray()

    def add(self, lines: Sequence[Line], breaks: Sequence[str], offset: int) -> str:
        """The text of a page, which starts at an offset, of its lines and what is before each."""
        parts = list[str]()
        for before, line in zip(breaks, lines, strict=True):
            offset += len(before)
            self.starts.append(offset)
            offset += len(line.text)
            self.ends.append(offset)
            self.sizes.append(line.size)
            self.bold.append(line.is_bold)
            parts += (before, line.text)
        return "".join(parts)


def headings_of(
    text: str, pages: Sequence[int], lines: Lines, document: Any
) -> tuple[Heading, ...]:
    """The headings of a document, in order.

    Args:
        text: all of it.
        pages: the offsets at which its pages start.
        lines: of all pages.
        document: pdfium's.
    """
    outline = [*islice(document.get_toc(max_depth=_LEVELS), _MAX_OUTLINE)]
    found = {each.start: each for each in _by_outline(text, pages, lines, outline)}
    if 2 * len(found) >= len(outline) > 0:
        return _apart(found[start] for start in sorted(found))
    return _apart(_by_size(text, pages, lines))


def _by_outline(
    text: str, pages: Sequence[int], lines: Lines, outline: Sequence[Any]
) -> Iterator[Heading]:
    """The lines that are the titles of an outline, on the pages that it names."""
    after = 0
    page_before = -1
    for entry in outline:
        destination = entry.get_dest()
        page = destination.get_index() if destination else None
        title = " ".join(entry.get_title().split())
        if page is None or not 0 <= page < len(pages) or not _key(title):
            continue
        start = pages[page]
        end = pages[page + 1] if page + 1 < len(pages) else len(text)
        if page != page_before:
            after = bisect_left(lines.starts, start)
        page_before = page
        last = bisect_right(lines.starts, end - 1)
        if span := _matching(text, lines, range(after, last), _key(title)):
            after = span[1] + 1
            at, to = lines.starts[span[0]], lines.ends[span[1]]
            yield Heading(at, to, min(entry.level + 1, _LEVELS), " ".join(text[at:to].split()))


def _matching(text: str, lines: Lines, numbers: range, title: str) -> tuple[int, int] | None:
    """The first lines, of some, that are a title, but for a number before it."""
    for first in numbers:
        found = ""
        for last in range(first, min(first + _MAX_LINES, numbers.stop)):
            found += _key(text[lines.starts[last] : lines.ends[last]])
            if not found or len(found) > len(title) + 12:
                break
            if _unnumbered(found) == _unnumbered(title):
                # The number of the page may be the line before.
                is_number = first < last and text[lines.starts[first] : lines.ends[first]].isdigit()
                return first + is_number, last
    return None


def _by_size(text: str, pages: Sequence[int], lines: Lines) -> Iterator[Heading]:
    """Lines in letters that are larger than most, or bold where few are."""
    weights = Counter[float]()
    bold = characters = 0
    for start, end, size, is_bold in zip(
        lines.starts, lines.ends, lines.sizes, lines.bold, strict=True
    ):
        weights[_rounded(size)] += end - start
        characters += end - start
        bold += (end - start) * is_bold
    if not characters:
        return
    ((body, _),) = weights.most_common(1)
    larger = sum(weight for size, weight in weights.items() if size > _LARGER * body)
    if larger > _MAX_SHARE * characters:
        return
    takes_bold = bold < _MAX_SHARE / 2 * characters
    seen, edges = Counter[str](), _edges(pages, lines)
    candidates = list[tuple[float, int, int]]()
    number = 0
    while number < len(lines.starts):
        size, first = _size(text, lines, number, body, takes_bold), number
        number += 1
        if not size:
            continue
        while (
            number < len(lines.starts)
            and number - first < _MAX_LINES
            and _size(text, lines, number, body, takes_bold) == size
            and text[lines.ends[number - 1] : lines.starts[number]] == "\n"
        ):
            number += 1
        candidates.append((size, first, number - 1))
        if first in edges:
            seen[_unchanging(_title(text, lines, first, number - 1))] += 1
    levels = sorted({size for size, _, _ in candidates}, reverse=True)
    for size, first, last in candidates:
        title = _title(text, lines, first, last)
        times = seen[_unchanging(title)]
        is_running = times >= _REPEATED and 3 * times >= len(pages)
        if len(title) <= _MAX_TITLE and re.search(r"[^\W\d_]", title) and not is_running:
            level = min(levels.index(size) + 1, _LEVELS)
            yield Heading(lines.starts[first], lines.ends[last], level, title)


def _edges(pages: Sequence[int], lines: Lines) -> set[int]:
    """The numbers of the lines at the top and at the bottom of pages, where running heads are."""
    firsts = (bisect_left(lines.starts, page) for page in (*pages, lines.ends[-1]))
    return {first + at for first in firsts for at in range(-_EDGE, _EDGE)}


def _size(text: str, lines: Lines, number: int, body: float, takes_bold: bool) -> float:
    """The size of a line that may be a heading; 0.0 if it is none."""
    size = _rounded(lines.sizes[number])
    if size > _LARGER * body:
        return size
    if not (takes_bold and lines.bold[number] and size >= body):
        return 0.0
    line = text[lines.starts[number] : lines.ends[number]]
    is_title = len(line) <= 80 and line[-1] not in ".,;:" and (line[0].isupper() or line[0] in _NUM)
    return size if is_title else 0.0


_NUM = "123456789§"


def _rounded(size: float) -> float:
    """To half points, in which sizes of one font differ."""
    return round(2 * size) / 2


def _title(text: str, lines: Lines, first: int, last: int) -> str:
    return " ".join(text[lines.starts[first] : lines.ends[last]].split())


def _unchanging(title: str) -> str:
    """A title without numbers, which in a running head change from page to page."""
    return re.sub(r"\d+", "", title)


def _key(title: str) -> str:
    """Letters and digits alone: outlines and pages differ in white space and dashes."""
    return re.sub(r"\W+", "", title).casefold()


def _unnumbered(key: str) -> str:
    return re.sub(r"\A(?:chapter|section|appendix)?[\d]+(?=\D)", "", key)


def _apart(headings: Iterable[Heading]) -> tuple[Heading, ...]:
    """Headings that do not overlap."""
    found = list[Heading]()
    for heading in headings:
        if not found or heading.start >= found[-1].end:
            found.append(heading)
    return tuple(found)
