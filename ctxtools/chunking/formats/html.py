"""HTML: elements, headings and tables, by Python's own parser.

Only elements that browsers show as blocks are blocks. An end tag that is left out (``</p>``,
``</li>``, ``</td>``, …) is where the next such element begins; an end tag of nothing that is open
is passed over.
"""

import re
from collections import Counter
from html.parser import HTMLParser

from ctxtools.chunking.block import MAX_DEPTH, Block
from ctxtools.encodings.index import Strength
from ctxtools.errors import FormatError

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

# The kind of block that each element is.
_KINDS = {
    tag: kind
    for kind, tags in {
        "heading": "h1 h2 h3 h4 h5 h6",
        "paragraph": "p address summary legend figcaption caption",
        "list": "ul ol dl menu",
        "item": "li dt dd",
        "code": "pre script style",
        "quote": "blockquote",
        "table": "table",
        "row": "tr",
        "metadata": "head",
        "element": "html body div section article main nav header footer aside form fieldset"
        " details figure dialog hgroup search thead tbody tfoot",
    }.items()
    for tag in tags.split()
}
_WHOLE = frozenset({"heading", "list", "item", "code", "table", "row", "metadata"})

# What the start of an element ends, where its own end tag has been left out, and what protects
# what is further out.
_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "tr": (frozenset({"tr"}), frozenset({"table", "thead", "tbody", "tfoot"})),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"), (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"}))
    ),
}

_PIECE = 1 << 16  # characters fed at a time
_TAIL = 1 << 12  # characters of an unended tag that are looked into, in more than linear time
_LOOK_BACK = 200  # characters in which the start of a line is looked for
_LINE_BREAK = re.compile(r"[ \t]*+(?:\r?\n)?+")


def parse(text: str, format: str = "html") -> tuple[Block, ...]:
    """The blocks of an HTML document.

    Raises:
        FormatError: the parser failed.
    """
    builder = _Builder(text)
    try:
        place = 0
        while place < len(text):
            # What the parser has kept back is read again with the next piece: so as much again.
            piece = max(_PIECE, len(builder.rawdata))
            builder.feed(text[place : place + piece])
            place += piece
        if len(builder.rawdata) <= _TAIL:  # else a tag or comment that never ends
            builder.close()
    except Exception as error:  # whatever a parser that is not ours may raise
        raise FormatError(
            f"not read as HTML: {type(error).__name__}: {error}",
            hint="read it with the format text",
        ) from error
    return builder.blocks()


class _Open:
    """An element that has not ended."""

    __slots__ = ("children", "header", "kind", "levels", "start", "tag", "titles", "words")

    def __init__(self, tag: str, start: int) -> None:
        self.tag, self.start = tag, start
        self.kind = _KINDS.get(tag, "")
        self.words: list[str] = []  # of a heading
        self.header = ""  # of a table
        self.children: list[Block] = []
        self.levels: list[int] = []  # of each child: a heading's level, 0 of others
        self.titles: list[str] = []  # of those children that are headings


class _Builder(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.open = [_Open("", 0)]
        self.count = Counter[str]()  # of each tag, how many are open
        self.lists = 0
        self.heading: _Open | None = None

    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the document. All that is open ends with the text."""
        while len(self.open) > 1:
            self._finish(len(self.text))
        return self._sections(self.open[0], len(self.text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KINDS:
            return
        place = self._place()
        before = self._line_start(place, 0)  # where an element ends that has no end tag
        if self.open[-1].tag == "p" or (self.open[-1].tag in _HEADINGS and tag in _HEADINGS):
            self._finish(before)
        if tag in _ENDS:
            ended, outer = _ENDS[tag]
            for element in reversed(self.open[-MAX_DEPTH:]):
                if element.tag in outer:
                    break
                if element.tag in ended:
                    self._finish_up_to(element, before)
                    break
        self.open.append(_Open(tag, place))
        self.count[tag] += 1
        self.lists += self.open[-1].kind == "list"
        if tag in _HEADINGS:
            self.heading = self.open[-1]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("script", "style"):  # which XHTML may close at once
            self.handle_starttag(tag, attrs)
            place = self._place()
            self._end(tag, place, place + len(self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        if self.count[tag]:
            place = self._place()
            self._end(tag, place, self.text.find(">", place) + 1 or len(self.text))

    def handle_data(self, data: str) -> None:
        if self.heading:
            self.heading.words.append(data)

    def _place(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def _end(self, tag: str, start: int, end: int) -> None:
        """Ends an element by a tag from ``start`` to ``end``, and all in it that have none."""
        if self.count[tag]:
            before = self._line_start(start, 0)
            while self.open[-1].tag != tag:
                self._finish(before)
            self._finish(end)

    def _finish_up_to(self, element: _Open, place: int) -> None:
        while self.open[-1] is not element:
            self._finish(place)
        self._finish(place)

    def _finish(self, place: int) -> None:
        """Ends the innermost element, and makes a block of it."""
        element = self.open.pop()
        parent = self.open[-1]
        self.count[element.tag] -= 1
        self.lists -= element.kind == "list"
        if element is self.heading:
            self.heading = None
        done = parent.children[-1].end if parent.children else parent.start
        start = max(self._line_start(element.start, done), done)
        found = _LINE_BREAK.match(self.text, place)
        end = found.end() if found and self.text[found.end() - 1 : found.end()] == "\n" else place
        if start >= end or len(self.open) > MAX_DEPTH:
            return
        if element.tag in ("thead", "tbody", "tfoot") and parent.tag == "table":
            if element.tag == "thead" and not parent.children:
                parent.header = self.text[parent.start : end]
            else:  # its rows are the table's
                parent.children += element.children
                parent.levels += element.levels
            return
        children = self._sections(element, end)
        if element.kind == "table" and children:
            children = (children[0]._replace(strength=Strength.NONE), *children[1:])
        parent.children.append(
            Block(
                start,
                end,
                element.kind,
                self._strength(element, parent),
                whole=element.kind in _WHOLE,
                repeat=element.header,
                children=children if element.kind not in ("heading", "code", "metadata") else (),
            )
        )
        parent.levels.append(_HEADINGS.get(element.tag, 0))
        if element.tag in _HEADINGS:
            parent.titles.append(" ".join("".join(element.words).split()))

    def _strength(self, element: _Open, parent: _Open) -> Strength:
        if parent.levels and parent.levels[-1]:
            return Strength.NONE  # right behind its heading
        if element.kind == "item" and self.lists > 1:
            return Strength.LINE
        if element.kind in ("item", "row") or self.lists:
            return Strength.SENTENCE
        return Strength.PARAGRAPH

    def _sections(self, parent: _Open, end: int) -> tuple[Block, ...]:
        """The children of an element, from each heading on put into a section."""
        if not any(parent.levels):
            return tuple(parent.children)
        done: list[Block] = []
        sections: list[tuple[int, Block, int]] = []  # level, heading, where in `done` it is
        titles = iter(parent.titles)
        named: list[str] = []

        def close(level: int, end: int) -> None:
            while sections and sections[-1][0] >= level:
                _, heading, first = sections.pop()
                children = tuple(done[first:])
                del done[first:]
                strength = heading.strength
                done.append(
                    Block(heading.start, end, "section", strength, named.pop(), children=children)
                )

        last = 0
        for block, level in zip(parent.children, parent.levels, strict=True):
            if level:
                close(level, block.start)
                strength = Strength.NONE if 0 < last < level else Strength.SECTION
                block = block._replace(strength=strength)
                sections.append((level, block, len(done)))
                named.append(next(titles, ""))
            done.append(block)
            last = level
        close(0, end)
        return tuple(done)

    def _line_start(self, place: int, least: int) -> int:
        """The start of the line, if only white space lies between."""
        start = max(self.text.rfind("\n", max(place - _LOOK_BACK, least), place) + 1, least)
        return place if self.text[start:place].strip(" \t\r") else start
