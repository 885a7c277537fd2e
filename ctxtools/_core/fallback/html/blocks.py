"""Blocks of an HTML document, from its events.

An element becomes a block, unless it contains a heading: then it is dissolved into what it
contains, since a heading rules what follows in the document whatever wraps it. So the blocks of a
document without asides are one sequence, which headings divide into sections.

Start tags belong to what follows them: the first block in an element starts where the outermost
element starts in which nothing is before it. End tags belong to the block before them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from ctxtools._core.fallback.html.entries import Entry
from ctxtools._core.fallback.html.sentences import hidden_ends
from ctxtools._core.fallback.html.tables import set_header
from ctxtools._core.html.elements import (
    CELLS,
    HEADINGS,
    INTRODUCING,
    INVISIBLE,
    KINDS,
    ROW_GROUPS,
    SCOPES,
    VISIBLE,
)
from ctxtools._core.html.inline_text import heading_text, title_text
from ctxtools._core.html.layout import layout_tables
from ctxtools._core.html.tree import CLOSE, END_TAG, OPAQUE, OPEN, TAG, TEXT, Event
from ctxtools._core.types import Strength
from ctxtools.possessive import compile_pattern

_ATOMIC_KINDS = frozenset({"heading", "list", "item", "code", "table", "row", "metadata"})
_ATOMIC = frozenset({"details", "figure"})
_CLOSELY_FOLLOWING = frozenset({"list", "table", "code", "quote"})

_SMALL_ROW = 200  # characters of a row that is small enough for any chunk: its cells are no blocks
_MAX_TOOL = 1000  # characters of links beside a heading in its wrapper, ...
_MAX_TOOL_TEXT = 40  # ... and of their text
_NO_TABLE, _DATA_TABLE, _LAYOUT_TABLE = range(3)
_MAX_COLON = 60  # characters after a colon that ends a paragraph, closing tags among them
_MAX_INDENT = 200  # characters to search for the start of a line
_LINE_BREAK = compile_pattern(r"[ \t]*+(?:\r?\n)?+")
_VISIBLE_TEXT = re.compile(r"\S")
_LINK = re.compile(r"<(?:a|button)(?=[ \t\n\f\r/>])", re.ASCII | re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]*+>")
_COLON = compile_pattern(r"[:：]\s*+(?:</[^>]*+>\s*+)*+\Z")
_SENTENCE_END = re.compile(r"[.!?…。！？:：][\"'’”»)\]）」』]?+\s*+\Z")


class _Element:
    """An open element."""

    __slots__ = ("begin", "end", "event", "first", "has_heading", "lists", "name", "start", "table")

    def __init__(self, name: str, event: int, start: int, end: int) -> None:
        self.name, self.event, self.start, self.end = name, event, start, end  # of its start tag
        self.begin = start  # with the start tags around it in which nothing is before it
        self.first = 0  # how many entries were before it
        self.lists = 0  # how many lists it is in
        self.table = _NO_TABLE  # the innermost one that it is in
        self.has_heading = False


class BlockBuilder:
    """Builds the entries of a document, in one pass over its events.

    Attributes:
        title: that of the document, if it has a title element.
        main_end: where its main content ends, if there is a heading in that; else -1.
    """

    def __init__(self, text: str, events: Sequence[Event], start: int, end: int) -> None:
        """
        Args:
            text: the document.
            events: those of ``text[start:end]``.
        """
        self.title, self.main_end = "", -1
        self._text, self._events, self._start, self._end = text, events, start, end
        self._layout = layout_tables(events)
        self._entries: list[Entry] = []
        self._open = [_Element("", -1, start, start)]
        self._rows: list[list[int]] = []  # of the open ones: how many cells, and header cells
        # Where the first start tag is after which nothing came yet; -1 if something did.
        self._pending = start
        self._run = -1  # where text starts that is in no entry yet; -1 if there is none
        self._run_event = self._number = 0  # the number of its event, and of the current one
        self._tail = -1  # where inline start tags do that nothing in it follows yet
        self._line: Strength | None = None  # of a cut before that, if it is after a <br>

    def entries(self) -> list[Entry]:
        """The entries of the document, in order; its headings are not grouped yet."""
        for number, (kind, name, start, end) in enumerate(self._events):
            self._number = number
            if kind == TEXT:
                if (self._run < 0 or self._tail >= 0) and (
                    found := _VISIBLE_TEXT.search(self._text, start, end)
                ):
                    self._see(found.start())
            elif kind == OPEN:
                self._start_element(name, number, start, end)
            elif kind == CLOSE:
                self._end_element(number, start, end)
            elif kind == TAG:
                self._tag(name, start, end)
            elif kind == END_TAG:
                if self._run < 0 and self._pending < 0:
                    self._extend(end)
                self._tail = -1
            elif kind == OPAQUE:
                self._opaque(name, start, end)
        self._number = len(self._events)
        self._flush(self._end)
        return self._entries

    def _see(self, at: int) -> None:
        """Text or an image starts, which is in no entry yet."""
        if self._run < 0:
            self._run, self._run_event = self._begin(at), self._number
        self._pending = self._tail = -1

    def _begin(self, start: int) -> int:
        """Where what starts at an offset does, with the start tags before it."""
        return self._pending if self._pending >= 0 else self._line_start(start)

    def _extend(self, end: int) -> None:
        """An end tag belongs to the entry before it."""
        if self._entries:
            self._entries[-1].end = self._line_end(end)

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._run = self._pending = self._tail = -1

    def _flush(self, at: int, *, in_heading: bool = False) -> None:
        """The text that is in no entry yet ends before ``at``, where an element starts or ends."""
        if self._run < 0:
            return
        if in_heading and self._is_prefix(at):
            self._pending, self._run = self._run, -1
            return
        kind, strength = "text", self._line
        if strength is None:
            kind, strength = "paragraph", self._strength("paragraph", self._open[-1].lists)
        end = self._line_start(at)
        self._add(Entry(self._run, end, kind, strength, children=self._sentences(end)))
        self._line = None

    def _sentences(self, end: int) -> list[Entry]:
        """The sentences of the text that is in no entry yet, but for the first, where tags hide
        their ends."""
        if self._run < 0:
            return []
        hidden = hidden_ends(self._text, self._events[self._run_event : self._number])
        offsets = [*(self._line_end(at) for at in hidden), end]
        return [Entry(a, b, "text", Strength.SENTENCE) for a, b in pairwise(offsets)]

    def _is_prefix(self, end: int) -> bool:
        """Whether the text before a heading is all that is before it in its wrapper, and no more
        than a link or button."""
        outer, start = self._open[-1], self._run
        if outer.begin != start or len(self._entries) > outer.first or len(self._open) == 1:
            return False
        return self._is_tool(start, end)

    def _is_tool(self, start: int, end: int) -> bool:
        """Whether a span is no more than a short link or button, such as "Edit"."""
        markup = self._text[start:end] if end - start <= _MAX_TOOL else ""
        text = " ".join(_ANY_TAG.sub("", markup).split())
        return _LINK.search(markup) is not None and len(text) <= _MAX_TOOL_TEXT

    def _tag(self, name: str, start: int, end: int) -> None:
        """An inline start tag."""
        if name == "br":
            self._line_break(start, end)
        elif name == "hr":
            self._flush(start)
            self._add(Entry(self._begin(start), self._line_end(end), "rule", Strength.PARAGRAPH))
        elif name in VISIBLE:
            self._see(start)
        elif name not in INVISIBLE:
            if self._run >= 0:
                self._tail = start if self._tail < 0 else self._tail
            elif self._pending < 0:
                self._pending = self._line_start(start)

    def _opaque(self, name: str, start: int, end: int) -> None:
        if name == "title" and not self.title:
            self.title = title_text(self._text, start, end)
        if name in KINDS:  # a script or the like
            self._flush(start)
            begin, end = self._begin(start), self._line_end(end)
            self._add(Entry(begin, end, "code", Strength.PARAGRAPH, atomic=True))
        else:
            self._see(start)

    def _line_break(self, start: int, end: int) -> None:
        if self._run >= 0:
            ended = _SENTENCE_END.search(self._text, max(self._run, start - 8), start)
            self._flush(self._line_end(end))
            self._line = Strength.SENTENCE_LINE if ended else Strength.LINE
        elif self._pending < 0:
            self._extend(end)
            if self._line is not None:  # an empty line
                self._line = Strength.PARAGRAPH

    def _start_element(self, name: str, number: int, start: int, end: int) -> None:
        tail = self._tail
        self._flush(start if tail < 0 else tail, in_heading=name in HEADINGS)
        if tail >= 0 and self._pending < 0:
            self._pending = self._line_start(tail)
        self._tail = -1
        self._line = None
        outer, element = self._open[-1], _Element(name, number, start, end)
        element.begin = self._pending = self._begin(start)
        element.first = len(self._entries)
        element.lists = outer.lists + (KINDS.get(name) == "list")
        element.table = outer.table
        if name == "table":
            element.table = _LAYOUT_TABLE if number in self._layout else _DATA_TABLE
        elif name == "tr":
            self._rows.append([0, 0])
        elif name in CELLS and self._rows:
            self._rows[-1][0] += 1
            self._rows[-1][1] += name == "th"
        self._open.append(element)

    def _end_element(self, number: int, start: int, end: int) -> None:
        element = self._open.pop()
        row = self._rows.pop() if element.name == "tr" else None
        # Without an end tag, it ends before the line of the tag that ends it.
        has_text = self._run >= 0
        end = self._line_end(end) if start < end else self._line_start(end)
        if has_text and len(self._entries) > element.first:
            self._flush(start)
        self._line = None
        if not has_text and len(self._entries) == element.first:
            self._end_empty(element, end)
            return
        self._pending = -1
        if element.has_heading and element.name not in SCOPES:
            self._dissolve(element, end)
            return
        children = self._entries[element.first :]
        if element.name in ROW_GROUPS and children:  # its rows belong to the table
            self._entries[-1].end = end
            for child in children:
                child.is_header |= child.is_row and element.name == "thead"
            return
        del self._entries[element.first :]
        entry = self._entry(element, children, number, end)
        if row is not None and element.table != _LAYOUT_TABLE:
            entry.is_row = True
            entry.is_header = entry.introduces = 0 < row[0] == row[1]
        self._add(entry)
        if entry.level:
            for outer in reversed(self._open):
                if outer.has_heading or outer.name in SCOPES:
                    outer.has_heading = True
                    break
                outer.has_heading = True

    def _dissolve(self, element: _Element, end: int) -> None:
        """What is in an element with a heading is in the document."""
        if element.name == "main":
            self.main_end = end
        entries = self._entries
        is_titled = len(entries) == element.first + 2 and entries[-2].level > 0
        if is_titled and self._is_tool(entries[-1].start, entries[-1].end):
            del entries[-1]  # the heading ends with it
        entries[-1].end = end
        entries[-1].introduces |= element.name in INTRODUCING

    def _end_empty(self, element: _Element, end: int) -> None:
        """An element without content belongs to the start tags before it, or to what is before."""
        if self._entries and element.begin == self._line_start(element.start):
            self._extend(end)
            self._pending = -1

    def _entry(self, element: _Element, children: list[Entry], number: int, end: int) -> Entry:
        """The entry of an element that has content."""
        name, begin = element.name, element.begin
        kind = KINDS.get(name, "element")
        is_layout = element.table == _LAYOUT_TABLE
        if is_layout and kind in ("table", "row"):
            kind = "element"
        if kind == "element":
            if len(children) == 1 and name not in _ATOMIC and not element.has_heading:
                children[0].end = end
                return children[0]
            if not children:
                kind = "paragraph"
            elif self._open[-1].name == "dl" and children[0].introduces:
                kind = "item"  # a term with its definition
        elif kind == "table" and not any(child.is_row for child in children):
            kind = "element"
        strength = self._strength(kind, element.lists - (kind == "list"))
        if name == "figcaption" and self._open[-1].first < len(self._entries):
            strength = Strength.NONE  # what it is of is before it
        title = ""
        if kind == "heading":
            if element.table != _DATA_TABLE:
                title = heading_text(self._text, self._events[element.event + 1 : number])
            if not title:
                kind = "paragraph"
        if kind in ("heading", "code") or (kind == "row" and end - begin <= _SMALL_ROW):
            children = []
        elif len(children) == 1:
            children = [*children[0].children] if children[0].kind == "paragraph" else children
        elif not children:
            children = self._sentences(end)
        if name == "dl":
            children = _pairs(children)
        entry = Entry(
            begin,
            end,
            kind,
            strength,
            atomic=kind in _ATOMIC_KINDS or name in _ATOMIC,
            children=children,
            introduces=name in HEADINGS or name in INTRODUCING,
            has_headings=element.has_heading,
        )
        if title:
            entry.title, entry.level = title, HEADINGS[name]
        if kind == "table":
            set_header(entry, self._text, element.start, element.end)
        return entry

    def _strength(self, kind: str, lists: int) -> Strength:
        """The strength of a cut before the next entry."""
        before = self._entries[-1] if self._entries else None
        if before and before.introduces:
            return Strength.NONE
        if before and before.kind == "paragraph" and kind in _CLOSELY_FOLLOWING:
            tail = self._text[max(before.start, before.end - _MAX_COLON) : before.end]
            if _COLON.search(tail):
                return Strength.LINE
        if kind == "item" and lists > 1:
            return Strength.LINE
        if kind == "paragraph" and lists:
            return Strength.SENTENCE_LINE
        if kind in ("item", "row") or lists:
            return Strength.SENTENCE
        return Strength.PARAGRAPH

    def _line_end(self, end: int) -> int:
        """The end of the line, if only white space follows the offset on it."""
        found = _LINE_BREAK.match(self._text, end, self._end)
        return found.end() if found and self._text[found.end() - 1] == "\n" else end

    def _line_start(self, offset: int) -> int:
        """The start of the line, if only white space precedes the offset on it."""
        text, min_start = self._text, self._start
        if self._entries:
            min_start = max(min_start, self._entries[-1].end)
        if offset > min_start and text[offset - 1] not in " \t\r":
            return offset  # the most frequent case
        first = max(offset - _MAX_INDENT, min_start)
        start = text.rfind("\n", first, offset) + 1
        if not start:
            if first > min_start:
                return offset
            start = min_start
        return offset if text[start:offset].strip(" \t\r") else start


def _pairs(items: list[Entry]) -> list[Entry]:
    """Items of a list of definitions, with terms and the definitions after them in one."""
    pairs: list[Entry] = []
    i, n = 0, len(items)
    while i < n:
        first = i
        while i < n and items[i].introduces:
            i += 1
        if first == i or i == n or _is_pair(items[i]):
            i = max(i, first + 1)
            pairs += items[first:i]
            continue
        while i < n and not items[i].introduces and not _is_pair(items[i]):
            i += 1
        pair, strength = items[first:i], items[first].strength
        pairs.append(
            Entry(pair[0].start, pair[-1].end, "item", strength, atomic=True, children=pair)
        )
    return pairs


def _is_pair(item: Entry) -> bool:
    """Whether an item has an element of its own, with its terms and definitions."""
    return len(item.children) > 1 and item.children[0].introduces
