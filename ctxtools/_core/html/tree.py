"""Events of an HTML document: its elements, well nested, from its tokens.

Only elements that are structure are nested: blocks, parts of tables and lists. Where end tags are
omitted (``</p>``, ``</li>``, ``</td>``, …), misplaced or missing, an element ends where the HTML
standard ends it (https://html.spec.whatwg.org/#parsing-main-inbody); what the standard moves
elsewhere stays. Inline tags are passed on as they come.
"""

import re
from collections import Counter
from collections.abc import Container, Sequence
from typing import NamedTuple

from ctxtools._core.html.elements import (
    CELLS,
    CLOSING_P,
    DRAWINGS,
    HEADINGS,
    IN_HEAD,
    RAW,
    ROLES,
    ROW_GROUPS,
    STRUCTURE,
    UNSTRUCTURED,
)
from ctxtools._core.html.tokens import COMMENT, EMPTY, END, START, Token, attributes

OPEN, CLOSE, TEXT, TAG, END_TAG, OPAQUE = range(6)
"""Kinds: the start of a structural element, and its end (of no length where it has no end tag);
text; a start tag and an end tag that are inline; an element without structure inside, as a whole:
a script, a drawing."""


class Event(NamedTuple):
    """An event; offsets in characters. The name is that of the element, or of the one whose role it
    has: "tr" for ``<div role="row">``."""

    kind: int
    name: str
    start: int
    end: int


_ONCE = frozenset({"html", "head", "body"})

# The element that an end tag ends is not looked for beyond these.
_SCOPE = frozenset({"table", "td", "th", "caption", "html"})
_ITEM_SCOPE = _SCOPE | {"ul", "ol", "menu"}
_TABLE = frozenset({"table"})

# Elements through which an item of a list ends the item before it.
_TRANSPARENT = frozenset({"address", "div", "p"})
_SAME_LIST = {"li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt")}
# part of a table: the parts of the same table that it ends
_ENDED = {
    **dict.fromkeys(CELLS, CELLS | {"caption", "colgroup"}),
    "tr": CELLS | {"caption", "colgroup", "tr"},
    **dict.fromkeys(ROW_GROUPS, CELLS | ROW_GROUPS | {"caption", "colgroup", "tr"}),
    **dict.fromkeys(("caption", "colgroup"), CELLS | ROW_GROUPS | {"caption", "colgroup", "tr"}),
}
_IN_TABLES = frozenset(_ENDED) | {"table"}
_AROUND_ROWS = ROW_GROUPS | {"table"}

_ROLE = re.compile("role", re.ASCII | re.IGNORECASE)
_NO_ROLES = frozenset({"presentation", "none"})

_MAX_OPEN = 256
"""The most elements open at a time; the tags of deeper ones are taken for inline ones, so that what
is looked for among the open ones is found in bounded time."""


def events(
    text: str, tokens: Sequence[Token], start: int = 0, end: int | None = None
) -> list[Event]:
    """The events of ``text[start:end]``, in order.

    Args:
        text: the document.
        tokens: those of ``text[start:end]``.
    """
    tree = _Tree(text, tokens, start)
    tree.run(len(text) if end is None else end)
    return tree.events


class _Tree:
    """The elements that are open, by the names of their tags."""

    def __init__(self, text: str, tokens: Sequence[Token], start: int) -> None:
        self.text, self.tokens, self.position = text, tokens, start
        self.events: list[Event] = []
        self.names: list[str] = []
        self.elements: list[str] = []  # the names in their events
        self.inner: list[int] = []  # how many inline elements of the same name are open in each
        self.count = Counter[str]()  # of names
        self.unusual = Counter[str]()  # of those names that are inline without their role

    def run(self, end: int) -> None:
        """Create all events."""
        text, tokens, add = self.text, self.tokens, self._add
        i, n = 0, len(tokens)
        while i < n:
            kind, name, first, last = tokens[i]
            i += 1
            if first > self.position:
                add(TEXT, "", self.position, first)
            self.position = last
            if kind == COMMENT:
                continue
            if kind == END:
                self._end_tag(name, first, last)
            elif name in UNSTRUCTURED:
                if self.count["head"] and name not in IN_HEAD:
                    self._close(self.names.index("head"), first, first)
                if kind == START:
                    i, self.position = self._opaque(name, i, end)
                    add(OPAQUE, name, first, self.position)
            elif name in STRUCTURE or _ROLE.search(text, first, last):
                self._start_tag(name, first, last, is_closed=kind == EMPTY)
            else:
                self._inline_tag(name, first, last, is_closed=kind == EMPTY)
        if self.position < end:
            add(TEXT, "", self.position, end)
        self._close(0, end, end)

    def _add(self, kind: int, name: str, start: int, end: int) -> None:
        self.events.append(tuple.__new__(Event, (kind, name, start, end)))

    def _opaque(self, name: str, i: int, end: int) -> tuple[int, int]:
        """The number of the token after an opaque element whose start tag is before token ``i``,
        and the element's end."""
        depth, tokens, n, last = 1, self.tokens, len(self.tokens), self.position
        in_html = name not in DRAWINGS  # a template is; or what a drawing contains
        while i < n:
            kind, other, first, last = tokens[i]
            if kind == START and other == name:
                depth += 1
            elif kind == END and other == name:
                depth -= 1
                if not depth:
                    return i + 1, last
            elif other == "foreignobject":
                in_html = kind == START
            elif kind == START and other in STRUCTURE and not in_html:
                return i, first  # its end tag is missing
            i += 1
        return i, end if name in RAW or name == "template" else last

    def _start_tag(self, name: str, start: int, end: int, *, is_closed: bool) -> None:
        """A tag of a structural element, or one that has a role."""
        element = self._element(name, start, end)
        if not element or (name in _ONCE and self.count[name]):
            self._inline_tag(name, start, end, is_closed=is_closed)
            return
        self._end_implied(name, start)
        if name == "hr":
            self._add(TAG, name, start, end)
        elif len(self.names) == _MAX_OPEN:
            self._inline_tag(name, start, end, is_closed=is_closed)
        else:
            if name in CELLS and self.names and self.names[-1] in _AROUND_ROWS:
                self._push("tr", "tr", start, start)
            self._push(name, element, start, end)
            if is_closed:
                self._close(len(self.names) - 1, end, end)

    def _element(self, name: str, start: int, end: int) -> str:
        """What a structural element is, by its role; "" if it is none."""
        element = name if name in STRUCTURE else ""
        if _ROLE.search(self.text, start, end):
            given = attributes(self.text, start, end)
            role = given.get("role", "").strip().lower()
            if role == "heading":
                level = given.get("aria-level", "2").strip()
                return f"h{level}" if level in ("1", "2", "3", "4", "5", "6") else "h6"
            if role in _NO_ROLES:  # a table for layout
                return "div" if name in _IN_TABLES else element
            return ROLES.get(role, element)
        return element

    def _end_implied(self, name: str, start: int) -> None:
        """End the elements that a start tag ends."""
        count, names = self.count, self.names
        if count["head"] and name not in IN_HEAD:
            self._close(names.index("head"), start, start)
        if name in CLOSING_P and count["p"]:
            self._close_in_scope({"p"}, _SCOPE, start, start)
        if name in HEADINGS and names and names[-1] in HEADINGS:
            self._close(len(names) - 1, start, start)
        elif name in _SAME_LIST:
            same = _SAME_LIST[name]
            for i in range(len(names) - 1, -1, -1):
                if names[i] in same:
                    self._close(i, start, start)
                elif names[i] in _TRANSPARENT:
                    continue
                break
        elif name in _ENDED:
            ended, outermost = _ENDED[name], -1
            for i in range(len(names) - 1, -1, -1):
                if names[i] == "table":
                    break
                if names[i] in ended:
                    outermost = i
            if outermost >= 0:
                self._close(outermost, start, start)

    def _inline_tag(self, name: str, start: int, end: int, *, is_closed: bool) -> None:
        if self.count["head"] and name not in IN_HEAD:
            self._close(self.names.index("head"), start, start)
        if self.unusual[name] and not is_closed:
            self.inner[self._last(name)] += 1
        self._add(TAG, name, start, end)

    def _end_tag(self, name: str, start: int, end: int) -> None:
        if self.unusual[name]:
            number = self._last(name)
            if self.inner[number]:
                self.inner[number] -= 1
                self._add(END_TAG, name, start, end)
                return
        if name in HEADINGS:
            self._close_in_scope(HEADINGS, _SCOPE, start, end)
        elif self.count[name]:
            scope = _SCOPE
            if name in _IN_TABLES:
                scope = _TABLE if name != "table" else frozenset()
            elif name == "li":
                scope = _ITEM_SCOPE
            self._close_in_scope({name}, scope, start, end)
        elif name == "br":
            self._add(TAG, name, start, end)
        elif name not in STRUCTURE:
            self._add(END_TAG, name, start, end)

    def _last(self, name: str) -> int:
        return len(self.names) - 1 - self.names[::-1].index(name)

    def _push(self, name: str, element: str, start: int, end: int) -> None:
        self.names.append(name)
        self.elements.append(element)
        self.inner.append(0)
        self.count[name] += 1
        if name not in STRUCTURE:
            self.unusual[name] += 1
        self._add(OPEN, element, start, end)

    def _close_in_scope(
        self, wanted: Container[str], scope: frozenset[str], start: int, end: int
    ) -> None:
        """Close the innermost of some elements, unless one of ``scope`` is around it."""
        for i in range(len(self.names) - 1, -1, -1):
            if self.names[i] in wanted:
                self._close(i, start, end)
                return
            if self.names[i] in scope:
                return

    def _close(self, number: int, start: int, end: int) -> None:
        """Close an element with its end tag, and those inside it before that."""
        while len(self.names) > number:
            name, element = self.names.pop(), self.elements.pop()
            self.inner.pop()
            self.count[name] -= 1
            if name not in STRUCTURE:
                self.unusual[name] -= 1
            is_outer = len(self.names) == number
            self._add(CLOSE, element, start, end if is_outer else start)
