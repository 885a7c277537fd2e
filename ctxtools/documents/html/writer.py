"""Writing a text made of a document, with where each of its spans is from."""

from array import array
from typing import NamedTuple


class Segments(NamedTuple):
    """Spans of a view, one after the other, and where each is from; all arrays have equal lengths.

    Attributes:
        starts: where each starts in the view.
        firsts, lasts: the span of the document that it was made of.
        orders: twice the offset in the document that it belongs to; one less if it belongs to what
            is before that.
    """

    starts: "array[int]"
    firsts: "array[int]"
    lasts: "array[int]"
    orders: "array[int]"


class Writer:
    """Writes the text of a view, and keeps where each of its spans is from.

    Args:
        source: the document.

    Attributes:
        length: characters written.
        last: the last one.
        segments: where they are from.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.length = 0
        self.last = ""
        self._parts: list[str] = []
        self.segments = Segments(array("Q"), array("Q"), array("Q"), array("q"))
        self._copied = -1  # the end of the document's span that was copied last, if nothing follows

    def copy(self, start: int, end: int, text: str | None = None) -> None:
        """Write a span of the document.

        Args:
            start, end: of the span.
            text: what is written in its place, a character for each.
        """
        if start >= end:
            return
        if self._copied == start:
            self.segments.lasts[-1] = end
            self._add(self.source[start:end] if text is None else text)
        else:
            self.put(self.source[start:end] if text is None else text, start, end)
        self._copied = end

    def put(self, text: str, start: int, end: int) -> None:
        """Write a text that stands for a span of the document."""
        self._segment(start, end, 2 * start)
        self._add(text)

    def separate(self, text: str) -> None:
        """Write what belongs to what is before it, such as a line break."""
        end = self.segments.lasts[-1] if self.segments.lasts else 0
        self._segment(end, end, 2 * end - 1)
        self._add(text)

    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    def _segment(self, start: int, end: int, order: int) -> None:
        starts, firsts, lasts, orders = self.segments
        starts.append(self.length)
        firsts.append(start)
        lasts.append(end)
        orders.append(order)
        self._copied = -1

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)
        self.last = text[-1:]
