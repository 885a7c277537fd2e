"""The units of a document that excerpts are made of: functions, sections, paragraphs; whole lines.

They cover the document and are disjoint. A definition or section of few lines is one unit; a longer
one is divided into what it has inside, and what is plain text at empty lines.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from ctxtools import _core
from ctxtools.chunking.block import Block
from ctxtools.chunking.parsing import parse_as

if TYPE_CHECKING:
    from ctxtools.packing.relevance.spans import Source

_MAX_LINES = 40
_MAX_FUNCTION = 100  # lines: half a function answers little
_SMALL = 8  # lines: two units with fewer each that follow one another are joined
# Statements that import, of the languages in which these are many lines.
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import\b[ \t]*(?:\([^)]{0,600}\)|[^\n]*)"
    r"|import\b[ \t]*(?:\([^)]{0,600}\)|(?:type[ \t]+)?\{[^}]{0,600}\}[^\n]*|[^\n]*)"
    r"|(?:pub(?:\([^)\n]{0,40}\))?[ \t]+)?use[ \t]+(?=([\w:\\]+))\1"  # as one, so that it is linear
    r"(?:\*?;|[ \t]+as[ \t]+\w+;|\{[^;]{0,600};)"
    r"|(?:#[ \t]*include|using)\b[^\n]*)",
    re.MULTILINE,
)
_IMPORTING = ["import", "use ", "use\t", "include", "using"]  # one of which each of them has
_TITLE_LINES = 40  # of comments and decorators before a signature


class Unit(NamedTuple):
    """A span of lines.

    Attributes:
        first: the number of its first line, from 0.
        last: the number of the line after it.
        context: the lines of the signatures and headings that it is inside of, the outermost first.
        title: the line of its own, or -1.
    """

    first: int
    last: int
    context: tuple[int, ...] = ()
    title: int = -1


class Lines:
    """Where the lines of a text start; each ends after its line feed, or with the text."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        if len(lines) > 1 and not lines[-1]:
            lines.pop()
        starts = [0, *accumulate([len(line) + 1 for line in lines[:-1]])]
        self.text, self.starts = text, starts

    def __len__(self) -> int:
        return len(self.starts)

    def of(self, offset: int) -> int:
        """The number of the line that an offset is in."""
        return bisect_right(self.starts, offset) - 1

    def start(self, line: int) -> int:
        """The offset where a line starts; that of the end of the text for the line after it."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def slice(self, first: int, last: int) -> str:
        """The text of some lines."""
        return self.text[self.start(first) : self.start(last)]

    def is_blank(self, line: int) -> bool:
        """Whether a line is empty, or white space."""
        return not self.slice(line, line + 1).strip()


def import_lines(lines: Lines) -> set[int]:
    """The numbers of the lines of code that import."""
    found, end = set[int](), 0
    for offset in _core.find_literals([lines.text], _IMPORTING)[0]:
        first = lines.of(offset)
        if lines.start(first) >= end and (match := _IMPORT.match(lines.text, lines.start(first))):
            end = match.end()
            found.update(range(first, lines.of(end - 1) + 1))
    return found


def plain_units(lines: Lines, size: int = _MAX_LINES) -> list[Unit]:
    """Units of a text whose structure is not known, of up to ``size`` lines, cut at empty ones."""
    return [*_windows(lines, 0, len(lines), (), -1, size)]


def units_of(lines: Lines, source: "Source") -> list[Unit]:
    """The units of a document, by its headings or its format; by empty lines where it has neither.

    Takes time linear in the text.
    """
    if source.headings:
        from ctxtools.chunking.formats.headed import parse_headed  # few documents have any

        blocks = parse_headed(lines.text, source.headings).blocks
    else:
        blocks = parse_as(lines.text, source.path, source.format).blocks
    if not blocks:
        return plain_units(lines)
    return _joined(lines, _divide(lines, blocks, 0, len(lines), (), -1))


def _divide(
    lines: Lines,
    blocks: Sequence[Block],
    first: int,
    last: int,
    context: tuple[int, ...],
    title: int,
) -> Iterator[Unit]:
    """The units of ``first..last``, lines that hold some blocks.

    Args:
        title: the line of what the blocks are in, if a unit has it; else -1.
    """
    at = first
    for block in blocks:
        if not block.title and (not block.children or _size(lines, block) <= _MAX_LINES):
            continue  # with what is around it
        start = max(lines.of(block.start), at)
        end = min(max(lines.of(block.end - 1) + 1, start), last)
        if end <= at:
            continue  # it shares its lines with the block before
        if start > at:
            yield from _windows(lines, at, start, context, _inside(title, at, start))
        own = _title_line(lines, block, start, end) if block.title else -1
        limit = _MAX_FUNCTION if block.kind == "function" else _MAX_LINES
        if end - start <= limit:
            yield Unit(start, end, context, own)
        elif block.children:
            inner = (*context, own) if own >= 0 else context
            yield from _divide(lines, block.children, start, end, inner, own)
        else:
            yield from _windows(lines, start, end, context, own, limit)
        at = end
    if at < last:
        yield from _windows(lines, at, last, context, _inside(title, at, last))


def _size(lines: Lines, block: Block) -> int:
    return lines.of(block.end - 1) - lines.of(block.start) + 1


def _inside(line: int, first: int, last: int) -> int:
    return line if first <= line < last else -1


def _title_line(lines: Lines, block: Block, first: int, last: int) -> int:
    """The line with the title of a block: comments and decorators may be before it."""
    for line in range(first, min(first + _TITLE_LINES, last)):
        words = " ".join(lines.slice(line, line + 1).split()).rstrip(" :{;(,").lstrip("# ")
        if words and (block.title.startswith(words) or words.startswith(block.title)):
            return line
    return first


def _windows(
    lines: Lines,
    first: int,
    last: int,
    context: tuple[int, ...],
    title: int,
    size: int = _MAX_LINES,
) -> Iterator[Unit]:
    """Some lines in units of at most ``size``, cut after empty lines where there are any."""
    while last - first > size:
        end = first + size
        for line in range(end - 1, first + size // 2, -1):
            if lines.is_blank(line):
                end = line + 1
                break
        yield Unit(first, end, context, _inside(title, first, end))
        if title >= first and title not in context:
            context = (*context, title)
        first = end
    if first < last:
        yield Unit(first, last, context, _inside(title, first, last))


def _joined(lines: Lines, units: Iterator[Unit]) -> list[Unit]:
    """The same units, small ones and empty lines joined to those before them."""
    found: list[Unit] = []
    for unit in units:
        before = found[-1] if found else None
        if before and (
            (
                before.context == unit.context
                and max(before.last - before.first, unit.last - unit.first) < _SMALL
            )
            or not lines.slice(unit.first, unit.last).strip()
        ):
            title = before.title if before.title >= 0 else unit.title
            found[-1] = Unit(before.first, unit.last, before.context, title)
        else:
            found.append(unit)
    return found
