"""Blocks of code: each line as it is written."""

import re
from collections.abc import Sequence

from ctxtools._core.html.inline_text import image_text
from ctxtools._core.html.references import unescape
from ctxtools._core.html.tree import TAG, TEXT, Event
from ctxtools.documents.html.lines import Lines

_SPECIAL = re.compile(r"\r?\n|&\#?\w{1,31}+;?+")


def write_verbatim(text: str, events: Sequence[Event], lines: Lines, fence: str) -> None:
    """Write the text of a block of code, without empty lines at its end.

    Args:
        text: the document.
        events: those in the block.
        lines: where to.
        fence: what is before it on a line of its own, and after it but for the language; "" if
            nothing is.
    """
    _Verbatim(text, lines, fence).write(events)


class _Verbatim:
    def __init__(self, text: str, lines: Lines, fence: str) -> None:
        self.text, self.lines, self.fence = text, lines, fence
        self.is_open = False
        self.breaks: list[tuple[int, int]] = []  # line breaks before the next text

    def write(self, events: Sequence[Event]) -> None:
        text = self.text
        for number, (kind, name, start, end) in enumerate(events):
            if kind == TEXT:
                position = start
                for found in _SPECIAL.finditer(text, start, end):
                    first, last = found.span()
                    self._copy(position, first)
                    position = last
                    if text[first] == "&":
                        self._begin(first)
                        self.lines.writer.put(unescape(found[0]), first, last)
                    elif number or first > start:  # the first one belongs to the tag
                        self.breaks.append((first, last))
                self._copy(position, end)
            elif kind == TAG and name == "br":
                self.breaks.append((start, end))
            elif kind == TAG and name == "img" and (alt := image_text(text, start, end)):
                self._begin(start)
                self.lines.writer.put(alt, start, end)
        if self.is_open and self.fence:
            ticks = "`" * (len(self.fence) - len(self.fence.lstrip("`")))
            self.lines.writer.separate(f"\n{self.lines.rest}{ticks}")

    def _copy(self, start: int, end: int) -> None:
        if start < end:
            self._begin(start)
            self.lines.writer.copy(start, end)

    def _begin(self, at: int) -> None:
        """Text follows."""
        lines, writer = self.lines, self.lines.writer
        if not self.is_open:
            self.is_open = True
            first = self.breaks[0][0] if self.breaks else at
            lines.begin(first)
            if self.fence:
                writer.put(f"{self.fence}\n{lines.rest}", first, first)
        for start, end in self.breaks:
            if end == start + 1:
                writer.copy(start, end)
            else:
                writer.put("\n", start, end)
            if lines.rest:
                writer.put(lines.rest, end, end)
        self.breaks.clear()
