"""reStructuredText, with the directives of Sphinx.

Sections are found as docutils does: the adornment of the first title is that of the outermost ones,
the next one that of those inside, and so on
(https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html). Inside a directive or an item
are blocks of its own. A label stays with what it is for. The tables are in ``rst_tables``.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import (
    indent_of,
    lines_of,
    one_line,
    without_mark,
)
from ctxtools.chunking.formats.markup import rst_directives as directives
from ctxtools.chunking.formats.markup import rst_tables
from ctxtools.chunking.formats.sections import NESTED, SectionBuilder, ends_with_colon
from ctxtools.possessive import compile_pattern

_EXPLICIT = re.compile(r"\.\.(?=[ \t]|\Z)")
_LABEL = compile_pattern(
    r"(?:\.\. )?__(?: |\Z)|\.\. __:|\.\. _(?!_)(?:[^:\\]|\\.|:(?=\S))++:(?=\s|\Z)"
)
_NOTE = re.compile(r"\.\. \[[^\]\s]++\](?=\s|\Z)")  # a footnote or a citation
_ADORNMENT = compile_pattern(r"([!-/:-@\[-`{-~])\1*+\Z")
_BULLET = re.compile(r"[-+*•‣⁃](?: ++|\Z)")
_NUMBER = re.compile(
    r"(?:\((?:\w{1,4}|#)\)|(?:[0-9]{1,4}|[a-zA-Z]|[ivxlcdmIVXLCDM]{1,6}|#)[.)])(?: ++|\Z)"
)
_FIELD = compile_pattern(r":(?![: ])(?:[^:\\\n]|\\.|:(?![ \n]|\Z))++:(?=[ \t]|\Z)")
_OPTION = compile_pattern(
    r"(?:--?|\+|/)[a-zA-Z?][\w-]*+(?:[ =][^\s,]++)?(?:, \S++(?:[ =][^\s,]++)?)*+(?:  |\Z)"
)

_ROLE = r"(?::(?:[\w.+-]{1,40}+:){1,3}+)?+"
_INLINE = compile_pattern(rf"``[^`\n]++``|{_ROLE}`[^`\n]++(?:\n[ \t]*+[^`\s][^`\n]*+)?+`_{{0,2}}+")
_MARKUP = compile_pattern(
    rf"``([^`]++)``|{_ROLE}`([^`<]++)(?:<[^>`]*+>)?+`_{{0,2}}+|\*\*([^*]++)\*\*|\*([^*]++)\*"
    r"|\|([^|]++)\||\\(.)"
)
_MAX_TITLE = 1000  # characters that are read of one


def parse(text: str, format: str = "rst") -> Parsed:
    """The sections of a document and the blocks in them."""
    parser = _Parser(text)
    builder = SectionBuilder()
    parser.read(builder, 0, len(parser.texts), 0, 0)
    return Parsed(builder.blocks(len(text)), [match.span() for match in _INLINE.finditer(text)])


class _Parser:
    """Reads the lines of a document.

    Attributes:
        texts: the lines. In those that a list item starts on, its marker is replaced by spaces when
            the item is read.
        starts: their offsets.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        # A tab counts for a column, so that columns are offsets.
        self.lines = lines_of(text.expandtabs(1), without_mark(text))
        self.texts, self.starts = self.lines
        self._styles: dict[tuple[str, bool], int] = {}  # adornment: the level of its titles
        self._lead: int | None = None  # the first line of labels for the next block
        self._is_in_list = False

    def read(self, builder: SectionBuilder, i: int, end: int, indent: int, depth: int) -> int:
        """Read the blocks at an indentation.

        Args:
            builder: takes them.
            i, end: the lines.
            indent: columns; a line that is indented less ends the blocks.
            depth: of the nesting; 0 where there may be titles.

        Returns:
            the number of the line after them.
        """
        while (i := self.lines.next_filled(i, end)) < end:
            column = indent_of(self.texts[i])
            if column < indent:
                break
            if column > indent:
                i = self._quote(builder, i, self.lines.deeper(i, end, indent), depth)
            else:
                i = self._block(builder, i, end, indent, depth)
        if self._lead is not None:
            self._add(builder, self.lines.last_filled(self._lead, i), i, "metadata")
        return i

    def _add(self, builder: SectionBuilder, i: int, end: int, kind: str, **more: object) -> int:
        """Add the block of the lines from ``i``, or the labels above it, to ``end``."""
        first, self._lead = i if self._lead is None else self._lead, None
        end = self.lines.last_filled(first + 1, end)
        builder.add(self.starts[first], self.starts[end], kind, **more)  # type: ignore[arg-type]
        return end

    def _nested(
        self,
        builder: SectionBuilder,
        kind: str,
        i: int,
        content: int,
        end: int,
        depth: int,
        *,
        title: str = "",
        strength: Strength | None = None,
    ) -> int:
        """Add a block with those inside it, which are on the lines from ``content`` on."""
        first, self._lead = i if self._lead is None else self._lead, None
        # Inside, a cut is worse than between the items of a list, say.
        usual = Strength.PARAGRAPH if kind == "section" else Strength.SENTENCE
        if strength == Strength.LINE:
            usual = Strength.LINE
        inner = SectionBuilder(glued=content > i, strength=usual)
        line = self.lines.next_filled(content, end)
        while line < end and depth < NESTED:
            line = self.read(inner, line, end, indent_of(self.texts[line]), depth + 1)
        self._lead = first
        children = inner.done
        if content == i and len(children) == 1 and children[0].kind == "paragraph":
            children = []
        return self._add(
            builder, i, end, kind, atomic=True, title=title, children=children, strength=strength
        )

    def _quote(self, builder: SectionBuilder, i: int, end: int, depth: int) -> int:
        """What is indented without reason: a quote, if it is no list, say, that is indented."""
        last = self._nested(builder, "quote", i, i, end, depth)
        quote = builder.done[-1]
        if len(quote.children) == 1 and quote.children[0].kind != "paragraph":
            (inner,) = quote.children
            builder.done[-1] = inner._replace(start=quote.start, strength=quote.strength)
        return last

    def _block(self, builder: SectionBuilder, i: int, end: int, indent: int, depth: int) -> int:
        line = self.texts[i][indent:]
        first = line[0]
        if first == "." and _EXPLICIT.match(line):
            return self._explicit(builder, i, end, indent, depth)
        if first == "_" and _LABEL.match(line):
            return self._label(i, i + 1)
        if first in "-+*•‣⁃" and _BULLET.match(line):
            return self._list(builder, i, end, indent, depth, _BULLET)
        if _NUMBER.match(line) and self._is_item(i, end, indent):
            return self._list(builder, i, end, indent, depth, _NUMBER)
        if first == ":" and _FIELD.match(line):
            return self._fields(builder, i, end, indent, depth, _FIELD)
        if first in "-+/" and _OPTION.match(line):
            return self._fields(builder, i, end, indent, depth, _OPTION)
        if line.startswith(">>>"):
            return self._add(builder, i, self._paragraph_end(i, end), "code", atomic=True)
        table = rst_tables.find(self.lines, i, end, indent)
        if table:
            first_row, rows, last = table
            return self._table(builder, i, first_row, rows, last)
        if not depth and (found := self._title(i, end)):
            last, level, title = found
            start = self.starts[i if self._lead is None else self._lead]
            self._lead = None
            builder.heading(start, self.starts[last], level, title)
            return last
        if _ADORNMENT.match(line) and len(line) >= 4:
            return self._add(builder, i, i + 1, "rule", atomic=True)
        return self._paragraph(builder, i, end, indent, depth)

    def _title(self, i: int, end: int) -> tuple[int, int, str] | None:
        """The title at a line: (the line after it, its level, its text)."""
        texts = self.texts
        over = _ADORNMENT.match(texts[i])
        if over and i + 2 < end and texts[i + 1] and not _ADORNMENT.match(texts[i + 1]):
            under = _ADORNMENT.match(texts[i + 2])
            if not under or under[1] != over[1] or len(texts[i]) < 2:
                return None
            title, last = texts[i + 1], i + 3
        elif not over and i + 1 < end and (under := _ADORNMENT.match(texts[i + 1])):
            title, last = texts[i], i + 2
            if len(title) > len(under[0]) < 4:
                return None
        else:
            return None
        level = self._styles.setdefault((under[1], over is not None), len(self._styles) + 1)
        return last, level, _plain(title)

    def _label(self, i: int, end: int) -> int:
        if self._lead is None:
            self._lead = i
        return end

    def _explicit(self, builder: SectionBuilder, i: int, end: int, indent: int, depth: int) -> int:
        """A directive, a footnote, a label or a comment: what starts with two full stops."""
        line = self.texts[i][indent:]
        last = self.lines.deeper(i + 1, end, indent)
        if line == ".." and i + 1 < end and not self.texts[i + 1]:
            last = i + 1  # an empty comment, with which the next text is no comment
        if _LABEL.match(line):
            return self._label(i, last)
        if _NOTE.match(line):
            close = builder.done and builder.done[-1].kind == "item"
            strength = Strength.SENTENCE if close else None
            return self._add(builder, i, last, "item", atomic=True, strength=strength)
        found = directives.DIRECTIVE.match(line)
        if not found:
            return self._add(builder, i, last, "comment", atomic=True)
        name, argument = found[1].lower(), found[2] or ""
        content = self._content(i + 1, last)
        has_content = self.lines.next_filled(content, last) < last
        domain, _, short = name.rpartition(":")
        if short in directives.LEADS and not has_content:
            return self._label(i, last)
        if short == "rubric":
            start = self.starts[i if self._lead is None else self._lead]
            self._lead = None
            last = self.lines.last_filled(i + 1, last)
            builder.glue(start, self.starts[last], "heading")
            return last
        if short in directives.CODE:
            return self._code(builder, i, self.lines.next_filled(content, last), last)
        if table := rst_tables.of_directive(self.lines, short, i, content, last):
            return self._table(builder, i, *table)
        if short in directives.PLAIN or not has_content:
            return self._add(builder, i, last, "element", atomic=True)
        if domain or short in directives.OBJECTS:
            return self._nested(
                builder, "section", i, content, last, depth, title=short_title(one_line(argument))
            )
        return self._nested(builder, "element", i, content, last, depth)

    def _content(self, i: int, end: int) -> int:
        """The line after the options of a directive."""
        while i < end and (line := self.texts[i].lstrip()) and _FIELD.match(line):
            i += 1
        return i

    def _code(self, builder: SectionBuilder, i: int, content: int, end: int) -> int:
        """Add code, which starts again with its directive where it is cut."""
        start = self.starts[content] if content < end else 0
        repeat = self._text[self.starts[i] : start] if start else ""
        return self._add(builder, i, end, "code", atomic=True, repeat=repeat, repeat_from=start)

    def _table(
        self,
        builder: SectionBuilder,
        i: int,
        first_row: int,
        rows: list[tuple[int, int]],
        last: int,
    ) -> int:
        """Add a table whose header are the lines before its first row, if these are any."""
        starts = self.starts
        from_ = starts[first_row] if first_row > i else 0
        repeat = self._text[starts[i] : starts[first_row]]
        children = rst_tables.blocks(self.lines, rows, has_header=first_row > i)
        return self._add(
            builder,
            i,
            last,
            "table",
            atomic=True,
            repeat=repeat,
            repeat_from=from_,
            children=children,
        )

    def _is_item(self, i: int, end: int, indent: int) -> bool:
        """Whether a line with a number starts an item: else it is a paragraph, or a title."""
        if i + 1 >= end or not self.texts[i + 1]:
            return True
        following = self.texts[i + 1]
        column = indent_of(following)
        return column > indent or (column == indent and bool(_NUMBER.match(following[indent:])))

    def _list(
        self,
        builder: SectionBuilder,
        i: int,
        end: int,
        indent: int,
        depth: int,
        marker: re.Pattern[str],
    ) -> int:
        first, self._lead = self._lead, None
        items = SectionBuilder()
        start, kind = i, self.texts[i][indent]
        strength = Strength.LINE if self._is_in_list else Strength.SENTENCE
        was_in_list, self._is_in_list = self._is_in_list, True
        while i < end:
            line = self.texts[i]
            found = marker.match(line[indent:]) if indent_of(line) == indent else None
            if not found or (marker is _BULLET and line[indent] != kind):
                break
            width = len(found[0])
            rest = line[indent + width :]
            self.texts[i] = " " * (indent + width) + rest if rest else ""
            last = self.lines.deeper(i + 1, end, indent)
            i = self._nested(items, "item", i, i, last, depth, strength=strength)
            i = self.lines.next_filled(i, end)
        self._is_in_list = was_in_list
        self._lead = first
        return self._add(builder, start, i, "list", atomic=True, children=items.done)

    def _fields(
        self,
        builder: SectionBuilder,
        i: int,
        end: int,
        indent: int,
        depth: int,
        marker: re.Pattern[str],
    ) -> int:
        """A list of fields or of options; at the start of a document, what is known of it."""
        start, spans = i, []
        while i < end:
            line = self.texts[i]
            if indent_of(line) != indent or not marker.match(line[indent:]):
                break
            last = self.lines.deeper(i + 1, end, indent)
            spans.append((i, self.lines.last_filled(i + 1, last)))
            i = self.lines.next_filled(last, end)
        is_first = not builder.done or (builder.is_after_heading and len(builder.done) == 1)
        if is_first and not depth and marker is _FIELD:
            last = spans[-1][1]
            first, self._lead = start if self._lead is None else self._lead, None
            builder.glue(self.starts[first], self.starts[last], "metadata")
            return last
        items = [
            Block(self.starts[a], self.starts[b], "item", Strength.SENTENCE, atomic=True)
            for a, b in spans
        ]
        return self._add(builder, start, i, "list", atomic=True, children=items)

    def _paragraph_end(self, i: int, end: int) -> int:
        while i < end and self.texts[i]:
            i += 1
        return i

    def _paragraph(self, builder: SectionBuilder, i: int, end: int, indent: int, depth: int) -> int:
        """A paragraph and the literal block that it introduces; or a list of definitions."""
        texts = self.texts
        if i + 1 < end and texts[i + 1] and indent_of(texts[i + 1]) > indent:
            return self._definitions(builder, i, end, indent, depth)
        last = i + 1
        while last < end and texts[last] and indent_of(texts[last]) == indent:
            last += 1
        line = texts[last - 1]
        self._add(builder, i, last, "paragraph", introduces=ends_with_colon(line))
        if not line.endswith("::"):
            return last
        literal = self.lines.next_filled(last, end)
        if literal == end or indent_of(texts[literal]) < indent:
            return last
        stop = self.lines.deeper(literal, end, indent)
        if stop == literal and (quote := re.match(r"[!-/:-@\[-`{-~]", texts[literal][indent:])):
            while stop < end and texts[stop][indent : indent + 1] == quote[0]:
                stop += 1
        return self._add(builder, literal, stop, "code", atomic=True) if stop > literal else last

    def _definitions(
        self, builder: SectionBuilder, i: int, end: int, indent: int, depth: int
    ) -> int:
        """Terms, each with its definition, which is indented."""
        first, self._lead = self._lead, None
        items = SectionBuilder()
        start, texts = i, self.texts
        while (
            i + 1 < end
            and texts[i]
            and indent_of(texts[i]) == indent
            and texts[i + 1]
            and indent_of(texts[i + 1]) > indent
            and (i == start or not self._starts_other(texts[i][indent:]))
        ):
            last = self.lines.deeper(i + 1, end, indent)
            i = self._nested(items, "item", i, i + 1, last, depth, strength=Strength.SENTENCE)
            i = self.lines.next_filled(i, end)
        self._lead = first
        return self._add(builder, start, i, "list", atomic=True, children=items.done)

    def _starts_other(self, line: str) -> bool:
        """Whether a line that an indented one follows is no term of a definition."""
        patterns = (_EXPLICIT, _BULLET, _NUMBER, _FIELD, _OPTION)
        return any(pattern.match(line) for pattern in patterns)


def _plain(title: str) -> str:
    """A title without its markup."""
    return one_line(_MARKUP.sub(lambda found: found[found.lastindex or 0], title[:_MAX_TITLE]))
