"""Spans of Markdown that are not to be cut: code, links, images and tags in paragraphs.

They are found in one pass that cares less than a parser for what is nested in what: a span that a
parser would not find does no harm. (Parsers of CommonMark in Python do not say where they are.)
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from ctxtools._core.html.tokens import markup_end
from ctxtools.possessive import compile_pattern

_MARK = re.compile(r"\\[^\n]|`++|!?+\[|\]|<(?=[A-Za-z/!?])|\n[ \t]*+\r?\n")
_TICKS = re.compile(r"`++")
_EMPTY_LINE = re.compile(r"\n[ \t]*+\r?\n")
_TARGET = compile_pattern(
    r"\((?:[^()\\\n]|\n(?![ \t]*+\r?\n)|\\[^\n]?+|\([^()\n]*+\))*+\)|\[[^\[\]\\\n]*+\]"
)
_SPACE = re.compile(r"\s")
_SHORT = 40  # characters of a span that is not cut anyway if it has no white space
_MAX_LENGTH = 4000  # characters of a span; a longer one fits into few chunks


def inline_spans(text: str, segments: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans of a document, in no order; one may contain others.

    Args:
        text: the document.
        segments: where it is neither code nor HTML: (start, end).
    """
    found = [span for start, end in segments for span in _Scan(text, start, end).spans()]
    return [
        (start, end)
        for start, end in found
        if end - start <= _MAX_LENGTH and (end - start > _SHORT or _SPACE.search(text, start, end))
    ]


class _Scan:
    """One pass over ``text[start:end]``."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.paragraph_end = -1
        self.ticks: dict[int, list[int]] = {}  # length: where runs of that many start

    def spans(self) -> list[tuple[int, int]]:
        """The spans, in the order of their ends."""
        text, end = self.text, self.end
        found: list[tuple[int, int]] = []
        brackets: list[int] = []  # open ones
        position, no_tag_before = self.start, -1
        while mark := _MARK.search(text, position, end):
            first, position = mark.span()
            kind, last = text[first], -1
            if kind == "`":
                last = self._code_end(first, position)
            elif kind == "<" and first >= no_tag_before:
                stop = self._paragraph_end(first)
                last = markup_end(text, first, stop)
                if last < 0:  # nor do others in this paragraph end
                    no_tag_before = stop
            elif kind == "]" and brackets:
                opened = brackets.pop()
                if target := _TARGET.match(text, position, end):
                    first, last = opened, target.end()
            elif kind == "[" or kind == "!":
                brackets.append(first)
            elif kind == "\n":
                brackets.clear()
                position -= 1  # it may start another empty line
            if last > 0:
                found.append((first, last))
                position = last
        return found

    def _code_end(self, start: int, end: int) -> int:
        """The end of the code that backticks from ``start`` to ``end`` open; -1 if they do not."""
        if not self.ticks:
            self.ticks = defaultdict(list)
            for run in _TICKS.finditer(self.text, self.start, self.end):
                self.ticks[run.end() - run.start()].append(run.start())
        runs = self.ticks.get(end - start, [])
        number = bisect_right(runs, start)
        if number == len(runs) or runs[number] > self._paragraph_end(start):
            return -1
        return runs[number] + end - start

    def _paragraph_end(self, offset: int) -> int:
        """The next empty line."""
        if self.paragraph_end < offset:
            found = _EMPTY_LINE.search(self.text, offset, self.end)
            self.paragraph_end = found.start() if found else self.end
        return self.paragraph_end
