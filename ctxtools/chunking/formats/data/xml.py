"""XML: elements, titled by what names them: a title inside, an attribute, or else their tag.

A scan of the tags, with positions. No entity is expanded and nothing is loaded, so a document type
is only skipped. An element with text of its own is a paragraph, and the elements in it are inline,
unless they have lines of their own. Elements that are not closed end with the text.
"""

import re
from collections import Counter

from ctxtools._core.html.references import unescape
from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, Parsed, short_title
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.lines import names, one_line, without_mark
from ctxtools.errors import FormatError
from ctxtools.possessive import compile_pattern

# Neighbours are merged up to this many characters; an element that is no longer has no blocks.
_SMALL = 60

# A text of more characters is a paragraph, however deep it is.
_LONG = 100

_MAX_TITLE = 400  # characters of an element that is a title

_RECORDS = 3  # as many elements of one name next to each other are records

_HEADINGS = names("title heading head h1 h2 h3 h4 h5 h6 subject headline caption")
"""Elements that are the title of the element they are in."""

_NAMES = names("name label id key artifactid code")
"""Elements that name the element they are in."""

_NAMING = re.compile(
    r"""\s(?:xml:)?(title|name|id|key|label)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""",
    re.IGNORECASE,
)
_QUOTED = r"""(?:"[^"<]*+"|'[^'<]*+')"""
_MARKUP = compile_pattern(
    rf"""<(?:
        /([^\s<>/="']++)\s*+>
        |([^\s<>/="'!?][^\s<>/="']*+)((?:\s++[^\s<>/="']++\s*+=\s*+{_QUOTED})*+)\s*+(/?)>
        |!--(?:[^-]++|-(?!->))*+-->
        |!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>
        |\?(?:[^?]++|\?(?!>))*+\?>
        |!DOCTYPE(?:[^\[\]<>"']++|"[^"]*+"|'[^']*+')*+
            (?:\[(?:[^\]"'<]++|"[^"]*+"|'[^']*+'|<!--(?:[^-]++|-(?!->))*+-->|<)*+\]\s*+)?+>
    )""",
    re.VERBOSE,
)
_END, _START, _ATTRIBUTES, _EMPTY = range(1, 5)
_AFTER = re.compile(r"[ \t]*+(?:\r\n|\r|\n)")
_MAX_INDENT = 200  # characters to search for the start of a line


def parse(text: str, format: str = "xml") -> Parsed:
    """The elements of a document.

    Raises:
        FormatError: something is no tag, or tags do not match.
    """
    builder = _Builder(text)
    position = without_mark(text)
    inline: list[tuple[int, int]] = []
    while (start := text.find("<", position)) >= 0:
        found = _MARKUP.match(text, start)
        if not found:
            raise builder.fault(start, "'<' starts no tag")
        if start > position:
            builder.text_between(position, start)
        position = found.end()
        if found[_END] is not None:
            builder.end(found[_END], start, position)
        elif found[_START] is not None:
            builder.start(found[_START], found[_ATTRIBUTES], start, position)
            if found[_EMPTY]:
                builder.end(found[_START], position, position)
            if found[_ATTRIBUTES]:
                inline.append((start, position))
        elif text.startswith("<![", start):
            builder.text_between(start, position)
        else:
            builder.other(start)
            inline.append((start, position))
    builder.text_between(position, len(text))
    return Parsed(builder.blocks(), inline)


class _Element:
    """An open element.

    Attributes:
        start: the offset of its tag.
        outer_start: that of the line, or of the comments above it.
        name: of its tag, without its namespace.
        attributes: as they are written.
        inner: the end of its tag.
        has_text: whether there is text directly in it.
        children: its blocks so far; each may be of several small elements.
        tags: the names of the elements that they are of, "" for several.
        mergeable: whether the last one may take another small one.
        heading, label: the text of an element that is its title, or names it.
        after_heading: the last element in it was its title.
    """

    __slots__ = (
        *("after_heading", "attributes", "children", "has_text", "heading", "inner", "label"),
        *("mergeable", "name", "outer_start", "start", "tag", "tags"),
    )

    def __init__(self, tag: str, attributes: str, start: int, outer: int, inner: int) -> None:
        self.tag, self.attributes = tag, attributes
        self.start, self.outer_start, self.inner = start, outer, inner
        self.name = tag.rpartition(":")[2]
        self.has_text = self.mergeable = self.after_heading = False
        self.children: list[Block] = []
        self.tags: list[str] = []
        self.heading = self.label = ""


class _Builder:
    """Makes blocks of tags, in the order of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root = _Element("", "", 0, 0, 0)
        self._open = [self._root]
        self._lead = -1  # where comments start that nothing but white space follows

    def blocks(self) -> tuple[Block, ...]:
        """The outermost elements. Those that are open end with the text."""
        while len(self._open) > 1:
            self._close(len(self._text), len(self._text))
        if not self._root.children:
            raise self.fault(0, "there is no element")
        return tuple(self._root.children)

    def text_between(self, start: int, end: int) -> None:
        """Text or CDATA between two tags."""
        between = self._text[start:end]
        if not between.isspace() and between:
            self._lead = -1
            if len(self._open) > 1:
                self._open[-1].has_text = True
            elif not between.startswith("<!["):
                # Past the byte order mark and the like, a text that starts otherwise is no XML.
                raise self.fault(start, "text outside of all elements")

    def other(self, start: int) -> None:
        """A comment or an instruction: it belongs to the element after it."""
        if self._lead < 0:
            self._lead = start

    def start(self, tag: str, attributes: str, start: int, end: int) -> None:
        """A start tag from ``start`` to ``end``."""
        outer = self._lead if self._lead >= 0 else start
        self._lead = -1
        self._open.append(_Element(tag, attributes, start, outer, end))

    def end(self, tag: str, start: int, end: int) -> None:
        """An end tag from ``start`` to ``end``."""
        element = self._open[-1]
        if element.tag != tag:
            if len(self._open) == 1:
                raise self.fault(start, f"</{tag[:40]}> closes no element")
            line = self._line(element.start)
            raise self.fault(
                start, f"</{tag[:40]}> does not close <{element.tag[:40]}> of line {line:,}"
            )
        self._lead = -1
        self._close(start, end)

    def fault(self, offset: int, what: str) -> FormatError:
        """The error about something at an offset."""
        return FormatError(
            f"not XML: line {self._line(offset):,}: {what}", hint=f"correct it, or {USE_TEXT}"
        )

    def _line(self, offset: int) -> int:
        return self._text.count("\n", 0, offset) + 1

    def _close(self, inner_end: int, end: int) -> None:
        """Close the innermost element, and make its block."""
        element = self._open.pop()
        parent, depth = self._open[-1], len(self._open)
        name = element.name.lower()
        if inner_end - element.inner <= _MAX_TITLE:
            self._name(parent, name, element.inner, inner_end)
        after_heading, parent.after_heading = parent.after_heading, name in _HEADINGS
        if depth >= MAX_DEPTH - 1:
            return
        done = parent.children[-1].end if parent.children else parent.inner
        start = self._line_start(element.outer_start, done)
        after = _AFTER.match(self._text, end)
        end = after.end() if after else end
        strength = Strength.NONE
        if parent.children and not after_heading:
            strength = self._strength(element, depth, end - start)
        elif parent is self._root and not parent.children:
            start = without_mark(self._text) if element.outer_start else start
        if end - start <= _SMALL:
            self._add_small(parent, start, end, strength)
            return
        parent.mergeable = False
        children = self._children(element, end)
        title = self._title(element) if children else ""
        kind = "section" if element.heading and children else "element"
        if element.has_text and not children:
            kind = "paragraph"
        parent.children.append(
            Block(start, end, kind, strength, title, atomic=True, children=children)
        )
        parent.tags.append(element.tag if children else "")

    def _strength(self, element: _Element, depth: int, length: int) -> Strength:
        if element.heading:
            return Strength.SECTION
        if depth <= 2 or (element.has_text and length > _LONG):
            return Strength.PARAGRAPH
        return Strength.SENTENCE if depth == 3 else Strength.LINE

    def _add_small(self, parent: _Element, start: int, end: int, strength: Strength) -> None:
        """Add the block of a small element, or merge it into the one before."""
        last = parent.children[-1] if parent.mergeable else None
        if last and end - last.start <= _SMALL and last.end == start:
            parent.children[-1] = last._replace(end=end)
            return
        parent.mergeable = True
        parent.children.append(Block(start, end, "element", strength, atomic=True))
        parent.tags.append("")

    def _children(self, element: _Element, end: int) -> tuple[Block, ...]:
        """The blocks in an element, with its end tag; none if there is one that is all of it."""
        children = element.children
        if element.has_text:
            children = [child for child in children if self._has_lines(child)]
        else:
            counts = Counter(element.tags)
            for i, tag in enumerate(element.tags):
                if tag and counts[tag] >= _RECORDS and children[i].kind == "element":
                    child = children[i]
                    strength = max(child.strength, Strength.SENTENCE) if i else child.strength
                    children[i] = child._replace(kind="record", strength=strength)
        if not children:
            return ()
        if children[-1].end < end and not element.has_text:
            # The end tag, which is not parted from what it closes.
            children.append(Block(children[-1].end, end, "element", Strength.NONE))
        return tuple(children)

    def _has_lines(self, child: Block) -> bool:
        """Whether nothing else is on the lines of a block."""
        before = self._text[child.start - 1]
        return before in "\r\n" and self._text[child.end - 1] in "\r\n"

    def _name(self, parent: _Element, name: str, start: int, end: int) -> None:
        """Note a text that may be the title of the element around it, or name that."""
        if name in _HEADINGS and not parent.heading:
            parent.heading = self._plain(start, end)
        elif name in _NAMES and not parent.label and "<" not in self._text[start:end]:
            parent.label = self._plain(start, end)

    def _plain(self, start: int, end: int) -> str:
        text = re.sub(r"<!\[CDATA\[|\]\]>|<[^<>]*+>", "", self._text[start:end])
        return short_title(one_line(unescape(text)))

    def _title(self, element: _Element) -> str:
        if element.heading:
            return element.heading
        found = _NAMING.search(element.attributes)
        label = element.label
        if found and not label:
            label = one_line(unescape(found[2] or found[3] or ""))
        return short_title(f"{element.name} {label}".rstrip())

    def _line_start(self, offset: int, min_start: int) -> int:
        """The start of the line, if only white space precedes the offset on it."""
        first = max(offset - _MAX_INDENT, min_start)
        start = offset
        while start > first and self._text[start - 1] in " \t":
            start -= 1
        return start if start == min_start or self._text[start - 1] in "\r\n" else offset
