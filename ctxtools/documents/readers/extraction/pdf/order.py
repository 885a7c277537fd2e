"""The order in which the lines of a page are read, and where its paragraphs end."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from ctxtools.documents.readers.extraction.pdf.lines import Line

_DISORDERED = 0.2  # of the lines that go up though they are below one another
_FEW = 3
_MAX_LINES = 2000  # of a page that is put in order
_APART = 1.35  # times the usual distance of lines, between paragraphs
_HEADING_APART = 1.2  # times that for the size of their letters, between headings
_LARGER = 1.15  # times the size of the lines beside it, of a heading


def in_reading_order(lines: list[Line]) -> list[Line]:
    """The lines of a page in reading order.

    Programs draw a page in the order in which it is read, columns too; that order is kept, since it
    is better than what can be guessed. Where many lines are above the ones that are drawn before
    them, the page is cut into columns and rows instead (G. Nagy and S. Seth, "Hierarchical
    representation of optically scanned documents", ICPR 1984).
    """
    if all(line.left == line.right for line in lines):
        return lines
    up = sum(b.base >= a.top and _share_column(a, b) for a, b in pairwise(lines))
    if up < _FEW or up < _DISORDERED * len(lines) or len(lines) > _MAX_LINES:
        return lines
    return [*_cut(lines)]


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """What comes before each line: a line break, or two where a paragraph starts."""
    steps = [before.base - line.base for before, line in pairwise(lines)]
    down = sorted(step for step, line in zip(steps, lines, strict=False) if step > line.size / 2)
    # Most lines of a page are in paragraphs; in a double-spaced one all are far apart.
    apart = _APART * down[len(down) // 4] if down else inf
    usual = sorted(line.size for line in lines)[len(lines) // 2] if lines else 0.0
    breaks = [""]
    for step, (before, line) in zip(steps, pairwise(lines), strict=True):
        small, large = sorted((before.size, line.size))
        differ = large > _LARGER * small and abs(step) > small / 2
        # The lines of a heading are farther apart, as its letters are larger.
        far = step > max(apart, _HEADING_APART / _APART * apart * small / usual)
        breaks.append("\n\n" if far or differ else "\n")
    return breaks if lines else []


def _share_column(a: Line, b: Line) -> bool:
    shared = min(a.right, b.right) - max(a.left, b.left)
    return shared > 0.5 * min(a.right - a.left, b.right - b.left)


def _cut(lines: list[Line]) -> Iterator[Line]:
    """The lines from left to right where a gap divides columns, else from top to bottom."""
    waiting = [lines]
    while waiting:
        lines = waiting.pop()
        if len(lines) < 2:
            yield from lines
        elif columns := _divided([(each.left, each.right, each) for each in lines], columns=True):
            waiting += reversed(columns)
        elif rows := _divided([(-each.top, -each.base, each) for each in lines], columns=False):
            waiting += reversed(rows)
        else:
            yield from sorted(lines, key=lambda each: (-each.top, each.left))


def _divided(
    spans: list[tuple[float, float, Line]], *, columns: bool
) -> tuple[list[Line], list[Line]] | None:
    """Lines on the two sides of the widest gap that no line crosses; None if there is none."""
    spans.sort(key=lambda each: each[0])
    widest, at, reached = 0.0, 0, spans[0][1]
    for number, (start, end, line) in enumerate(spans):
        gap = start - reached
        enough = not columns or (gap > line.size / 2 and min(number, len(spans) - number) >= _FEW)
        if number and gap > widest and enough:
            widest, at = gap, number
        reached = max(reached, end)
    if not at:
        return None
    lines = [line for _, _, line in spans]
    return lines[:at], lines[at:]
