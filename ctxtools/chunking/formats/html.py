"""HTML: elements, headings and tables.

One regular expression finds tags as the HTML standard does
(https://html.spec.whatwg.org/#tokenization). Python's ``html.parser`` was tried: it takes several
times as long, and its results depend on the version of Python.

Only elements that browsers display as blocks become blocks. An element whose end tag is omitted
(``</p>``, ``</li>``, ``</td>``, …) ends where the next such element starts; an end tag without an
open element is ignored.
"""

import re
from collections import Counter
from html import unescape

from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, OpenSection, close_sections, short_title

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

# element: the kind of its block
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

# element: (elements that it ends if their end tag is omitted, elements that limit the search)
_IMPLIED_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "tr": (frozenset({"tr"}), frozenset({"table", "thead", "tbody", "tfoot"})),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"), (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"}))
    ),
}

_MAX_INDENT = 200  # characters to search for the start of a line
_LINE_BREAK = re.compile(r"[ \t]*+(?:\r?\n)?+")

# A comment, CDATA, a tag (groups: slash, name), a declaration or a bogus comment. One without an
# end extends to the end of the text, so that no character is scanned twice.
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

# element whose content is raw text: its end tag
_RAW = {
    tag: re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE)
    for tag in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
}


def parse(text: str, format: str = "html") -> tuple[Block, ...]:
    """The blocks of an HTML document."""
    builder = _Builder(text)
    position = 0
    while found := _MARKUP.search(text, position):
        start, position = found.span()
        slash, name = found.groups()
        if builder.heading:
            builder.add_heading_text(start, position)
        if name is None or text[position - 1] != ">":  # not a tag, or one without an end
            continue
        tag = name.lower()
        if slash:
            builder.end_tag(tag, start, position)
            continue
        self_closing = text.endswith("/>", start, position)  # any element, in XHTML
        if tag in _KINDS and not (self_closing and tag in _RAW):
            builder.start_tag(tag, start, position)
            if self_closing:
                builder.end_tag(tag, start, position)
        if tag in _RAW and not self_closing:
            end = _RAW[tag].search(text, position)
            position = end.start() if end else len(text)
    return builder.blocks()


class _Element:
    """An open element."""

    __slots__ = ("children", "header", "kind", "levels", "start", "tag", "titles", "words")

    def __init__(self, tag: str, start: int) -> None:
        self.tag, self.start = tag, start
        self.kind = _KINDS.get(tag, "")
        self.words: list[str] = []  # of a heading
        self.header = ""  # of a table
        self.children: list[Block] = []
        self.levels: list[int] = []  # of each child: the level of a heading, else 0
        self.titles: list[str] = []  # of the children that are headings


class _Builder:
    """Builds blocks from tags, in document order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack = [_Element("", 0)]
        self.count = Counter[str]()  # of open elements, by tag
        self.lists = 0
        self.heading: _Element | None = None
        self.seen = 0  # the end of the last markup in a heading

    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the document. Open elements end with the text."""
        if self.heading:
            self.add_heading_text(len(self.text), len(self.text))
        while len(self.stack) > 1:
            self._close(len(self.text))
        return self._sections(self.stack[0], len(self.text))

    def start_tag(self, tag: str, start: int, end: int) -> None:
        """Open the element of a start tag from ``start`` to ``end``."""
        before = self._line_start(start, 0)  # the end of an element without end tag
        if self.stack[-1].tag == "p" or (self.stack[-1].tag in _HEADINGS and tag in _HEADINGS):
            self._close(before)
        if tag in _IMPLIED_ENDS:
            ended, outer = _IMPLIED_ENDS[tag]
            for element in reversed(self.stack[-MAX_DEPTH:]):
                if element.tag in outer:
                    break
                if element.tag in ended:
                    self._close_up_to(element, before)
                    break
        self.stack.append(_Element(tag, start))
        self.count[tag] += 1
        self.lists += self.stack[-1].kind == "list"
        if tag in _HEADINGS:
            self.heading = self.stack[-1]
            self.seen = end

    def add_heading_text(self, start: int, end: int) -> None:
        """Add the text before some markup to the heading."""
        if self.heading:
            self.heading.words.append(self.text[self.seen : start])
            self.seen = end

    def end_tag(self, tag: str, start: int, end: int) -> None:
        """Close the element of an end tag from ``start`` to ``end``, and all elements inside it."""
        if self.count[tag]:
            before = self._line_start(start, 0)
            while self.stack[-1].tag != tag:
                self._close(before)
            self._close(end)

    def _close_up_to(self, element: _Element, end: int) -> None:
        while self.stack[-1] is not element:
            self._close(end)
        self._close(end)

    def _close(self, tag_end: int) -> None:
        """Close the innermost element, and create its block."""
        element = self.stack.pop()
        parent = self.stack[-1]
        self.count[element.tag] -= 1
        self.lists -= element.kind == "list"
        if element is self.heading:
            self.heading = None
        if len(self.stack) > MAX_DEPTH:
            return
        done = parent.children[-1].end if parent.children else parent.start
        start = max(self._line_start(element.start, done), done)
        found = _LINE_BREAK.match(self.text, tag_end)
        end = found.end() if found and self.text[found.end() - 1 : found.end()] == "\n" else tag_end
        if start >= end:
            return
        if element.tag in ("thead", "tbody", "tfoot") and parent.tag == "table":
            if element.tag == "thead" and not (parent.children or parent.header):
                parent.header = self.text[parent.start : end]
            else:  # its rows belong to the table
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

    def _strength(self, element: _Element, parent: _Element) -> Strength:
        if parent.levels and parent.levels[-1]:
            return Strength.NONE  # right after its heading
        if element.kind == "item" and self.lists > 1:
            return Strength.LINE
        if element.kind in ("item", "row") or self.lists:
            return Strength.SENTENCE
        return Strength.PARAGRAPH

    def _sections(self, parent: _Element, end: int) -> tuple[Block, ...]:
        """The children of an element, grouped into a section after each heading."""
        if not any(parent.levels):
            return tuple(parent.children)
        done: list[Block] = []
        sections: list[OpenSection] = []
        titles = iter(parent.titles)
        last = 0
        for block, level in zip(parent.children, parent.levels, strict=True):
            if level:
                close_sections(sections, done, level, block.start)
                strength = Strength.NONE if 0 < last < level else Strength.SECTION
                block = block._replace(strength=strength)
                sections.append((level, block.start, next(titles, ""), strength, len(done)))
            done.append(block)
            last = level
        close_sections(sections, done, 0, end)
        return tuple(done)

    def _line_start(self, offset: int, min_start: int) -> int:
        """The start of the line, if only white space precedes the offset on it."""
        if offset > min_start and self.text[offset - 1] not in " \t\r":
            return offset  # the most frequent case
        first = max(offset - _MAX_INDENT, min_start)
        start = self.text.rfind("\n", first, offset) + 1
        if not start:
            if first > min_start:
                return offset
            start = min_start
        return offset if self.text[start:offset].strip(" \t\r") else start
