"""How far elements reach, by the numbers of their events."""

from collections.abc import Sequence

from ctxtools._core.html.inline_text import is_anchor
from ctxtools._core.html.tree import CLOSE, END_TAG, OPEN, TAG, TEXT, Event


class Extents:
    """The extents of the elements of a page.

    Attributes:
        ends: for each event that opens a structural element, the number of the one that closes it.
    """

    def __init__(self, text: str, events: Sequence[Event]) -> None:
        self._text, self._events = text, events
        self.ends, open_ = [0] * len(events), list[int]()
        for number, event in enumerate(events):
            if event.kind == OPEN:
                open_.append(number)
            elif event.kind == CLOSE:
                self.ends[open_.pop()] = number

    def inline_end(self, i: int) -> int:
        """The number of the end tag of an inline element; -1 if it has none, or another one of its
        name is inside."""
        name, depth = self._events[i].name, 0
        for k in range(i + 1, len(self._events)):
            kind, other, _, _ = self._events[k]
            depth += (kind == OPEN) - (kind == CLOSE)
            if depth < 0 or (kind == TAG and other == name):
                break
            if kind == END_TAG and other == name:
                return k if not depth else -1
        return -1

    def links(self, i: int) -> bool:
        """Whether what follows a text that ends with a bracket could make a link of the two."""
        k = i + 1
        while k < len(self._events):
            kind, name, start, end = self._events[k]
            if kind == TEXT and start < end:
                return self._text[start] in "([:&"
            if kind in (OPEN, CLOSE):
                break
            if kind == TAG and name == "a":
                last = self.inline_end(k)
                if last < 0 or not is_anchor(self._text, self._events[k + 1 : last]):
                    return True
                k = last
            k += 1
        return False

    def skipped(self, i: int) -> int:
        """The number of the last event of an inline element, whatever is in it."""
        name, depth, inner = self._events[i].name, 0, 1
        for k in range(i + 1, len(self._events)):
            kind, other, _, _ = self._events[k]
            depth += (kind == OPEN) - (kind == CLOSE)
            if depth < 0 or (name == "a" and (kind, other) == (TAG, "a")):  # links are not nested
                return k - 1
            if other == name:
                inner += (kind == TAG) - (kind == END_TAG)
                if not inner:
                    return k
        return len(self._events) - 1
