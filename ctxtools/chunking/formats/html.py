"""HTML: elements, headings and tables.

Tags are found as the HTML standard finds them (https://html.spec.whatwg.org/#tokenization), by one
regular expression. Python's own parser was tried: it takes several times as long, and what it finds
depends on Python's version.

Only elements that browsers show as blocks are blocks. An end tag that is left out (``</p>``,
``</li>``, ``</td>``, …) is where the next such element begins; an end tag of nothing that is open
is passed over.
"""

import re
from collections import Counter
from html import unescape

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, short_title

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
_ATOMIC = frozenset({"heading", "list", "item", "code", "table", "row", "metadata"})

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

_LOOK_BACK = 200  # characters in which the start of a line is looked for
_LINE_BREAK = re.compile(r"[ \t]*+(?:\r?\n)?+")

# What "<" begins: a comment, CDATA, a tag (its slash, its name), a declaration or bogus comment.
# What never ends goes to the end of the text, so that no part of the text is read twice.
_MARKUP = re.compile(
    r"""<(?:
        !--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))
        |!\[CDATA\[(?:[^\]]*+(?:\](?!\]>)[^\]]*+)*+(?:\]\]>|\Z))
        |(/?)([a-zA-Z][^\s/>]*+)
            (?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))?+)*+
            (?:>|\Z)
        |[!?/][^>]*+(?:>|\Z)
    )""",
    re.VERBOSE,
)

# Elements whose content is text up to their end tag, and that end tag.
_RAW = {
    tag: re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE)
    for tag in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}


def parse(text: str, format: str = "html") -> tuple[Block, ...]:
    """The blocks of an HTML document."""
    builder = _Builder(text)
    place = 0
    while found := _MARKUP.search(text, place):
        start, place = found.span()
        slash, name = found.groups()
        if builder.heading:
            builder.read(start, place)
        if name is None or text[place - 1] != ">":  # a tag that never ends is none
            continue
        tag = name.lower()
        if slash:
            builder.end(tag, start, place)
            continue
        at_once = text.endswith("/>", start, place)  # as XHTML may close any element
        if tag in _KINDS and not (at_once and tag in _RAW):
            builder.begin(tag, start, place)
            if at_once:
                builder.end(tag, start, place)
        if tag in _RAW and not at_once:
            end = _RAW[tag].search(text, place)
            place = end.start() if end else len(text)
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


class _Builder:
    """Makes blocks of tags, in the order that they come in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open = [_Open("", 0)]
        self.count = Counter[str]()  # of each tag, how many are open
        self.lists = 0
        self.heading: _Open | None = None
        self.seen = 0  # in a heading, where the last markup ends

    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the document. All that is open ends with the text."""
        if self.heading:
            self.read(len(self.text), len(self.text))
        while len(self.open) > 1:
            self._finish(len(self.text))
        return self._sections(self.open[0], len(self.text))

    def begin(self, tag: str, start: int, end: int) -> None:
        """An element begins by a tag from ``start`` to ``end``."""
        before = self._line_start(start, 0)  # where an element ends that has no end tag
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
        self.open.append(_Open(tag, start))
        self.count[tag] += 1
        self.lists += self.open[-1].kind == "list"
        if tag in _HEADINGS:
            self.heading = self.open[-1]
            self.seen = end

    def read(self, start: int, end: int) -> None:
        """Takes what is before some markup as words of the heading."""
        if self.heading:
            self.heading.words.append(self.text[self.seen : start])
            self.seen = end

    def end(self, tag: str, start: int, end: int) -> None:
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
        if len(self.open) > MAX_DEPTH:
            return
        done = parent.children[-1].end if parent.children else parent.start
        start = max(self._line_start(element.start, done), done)
        found = _LINE_BREAK.match(self.text, place)
        end = found.end() if found and self.text[found.end() - 1 : found.end()] == "\n" else place
        if start >= end:
            return
        if element.tag in ("thead", "tbody", "tfoot") and parent.tag == "table":
            if element.tag == "thead" and not (parent.children or parent.header):
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
                atomic=element.kind in _ATOMIC,
                repeat=element.header,
                children=children if element.kind not in ("heading", "code", "metadata") else (),
            )
        )
        parent.levels.append(_HEADINGS.get(element.tag, 0))
        if element.tag in _HEADINGS:
            title = " ".join(unescape("".join(element.words)).split())
            parent.titles.append(short_title(title))

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
        if place > least and self.text[place - 1] not in " \t\r":
            return place  # most often
        first = max(place - _LOOK_BACK, least)
        start = self.text.rfind("\n", first, place) + 1
        if not start:
            if first > least:
                return place
            start = least
        return place if self.text[start:place].strip(" \t\r") else start
