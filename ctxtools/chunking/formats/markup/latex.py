"""LaTeX: sections, environments, lists and tables.

One scan finds the commands that make the structure; all others are text. What is before
``\\begin{document}`` is metadata. Formulas and listings are not read. An environment that is not
closed ends with the one around it.
"""

import re
from collections import Counter
from collections.abc import Sequence

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import without_mark
from ctxtools.chunking.formats.markup import latex_commands as known
from ctxtools.chunking.formats.sections import NESTED, SectionBuilder, ends_with_colon, rows_of
from ctxtools.possessive import compile_pattern

_TOKEN = compile_pattern(
    rf"""
    \\begin[ \t]*+\{{([^{{}}\n]*+)\}}
    |\\end[ \t]*+\{{([^{{}}\n]*+)\}}
    |\\({"|".join(known.LEVELS)}|frametitle|item|bibitem)\*?(?![a-zA-Z@])
    |\\verb\*?([^\w\s*])(?:(?!\4)[^\n])*+\4?+
    |(\\\[|\$\$)
    |(\\\\)
    |\\.
    |%[^\r\n]*+
    |({known.BREAK}(?:[ \t]*+{known.BREAK})++)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGIN, _END, _COMMAND, _VERB, _DISPLAY, _ROW, _BLANK = range(1, 8)

_SECTIONS = re.compile(rf"\\({'|'.join(known.LEVELS)})\*?[ \t]*+[\[{{]")
_DOCUMENT = compile_pattern(rf"^[^%\r\n]*?\\begin\{{document\}}(?:{known.REST})?+", re.M)
_TITLE = re.compile(r"^[^%\r\n]*?\\title(?![a-zA-Z])", re.M)
_EMPTY_LINE = re.compile(rf"{known.BREAK}[ \t]*+{known.BREAK}")
_EMPTY = re.compile(r"[ \t]*+[\r\n]")
_LINE = re.compile(rf"[^\r\n]*+{known.BREAK}")
_OPTIONS = compile_pattern(r"(?:[ \t]*+(?:\[[^\[\]\n]*+\]|\{[^{}\n]*+\}))*+")
_FILLED = re.compile(r"\S")
_COMMENTS = compile_pattern(r"(?:\s*+%[^\r\n]*+)++\s*+\Z")
_AFTER_HEADING = compile_pattern(rf"(?:\s?[ \t]*+\\label\{{[^{{}}\n]*+\}})*+(?:{known.REST})?+")
_AFTER_END = compile_pattern(rf"{known.REST}|[ \t]*+(?:%[^\r\n]*+)?+\Z")
_INLINE = compile_pattern(
    r"\\[a-zA-Z]++\*?(?:\[[^\[\]\n]*+\])?+"
    r"(?:\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\})++"
    r"|\\.|\$(?:[^$\\\r\n]|\\.){1,200}+\$|%[^\r\n]*+",
    re.DOTALL,
)


def parse(text: str, format: str = "latex") -> Parsed:
    """The sections of a document and the blocks in them."""
    inline = [
        found.span()
        for found in _INLINE.finditer(text)
        if found.end() - found.start() > 2 and text[found.start()] != "%"
    ]
    return Parsed(_Parser(text).blocks(), inline)


class _Frame:
    """An environment that is open.

    Attributes:
        start: where it starts, comments before it included.
        builder: takes what is inside it, or inside its last item.
        kind: of its block.
        strength: of a cut before it.
        title: of its block.
        items: the blocks of the items that are complete.
        item: where the last item starts, -1 if there is none.
        rows: the ends of rows.
        header: how many of them are the header.
    """

    __slots__ = (
        "builder",
        "header",
        "item",
        "items",
        "kind",
        "name",
        "rows",
        "start",
        "strength",
        "title",
    )

    def __init__(self, name: str, start: int, strength: Strength | None) -> None:
        self.name, self.start, self.strength = name, start, strength
        self.kind, self.title, self.item, self.header = "element", "", -1, 0
        self.builder = SectionBuilder(glued=True, strength=Strength.SENTENCE)
        self.items: list[Block] = []
        self.rows: list[int] = []


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root = SectionBuilder()
        self.frames: list[_Frame] = []
        self.open = Counter[str]()
        self.blank = -1  # the next empty line, or before that
        self.not_before: dict[str, int] = {}  # what closes formulas: where none is before
        self.position = without_mark(text)  # the end of what is in a block
        self.continued = False  # nothing but text is between the last block and what is next

    @property
    def builder(self) -> SectionBuilder:
        """What takes the next block."""
        return self.frames[-1].builder if self.frames else self.root

    def blocks(self) -> tuple[Block, ...]:
        text, position = self.text, self.position
        levels = [known.LEVELS[found[1]] for found in _SECTIONS.finditer(text)]
        self.shift = 1 - min(levels, default=1)
        if (found := _TITLE.search(text)) and (title := known.argument(text, found.end())):
            self.root.open(position, 1, known.plain(title[0]))
            self.shift += 1
        if (preamble := _DOCUMENT.search(text)) and preamble.end() > position:
            self.root.add(position, preamble.end(), "metadata", atomic=True)
            position = self.position = preamble.end()
        while found := _TOKEN.search(text, position):
            position = self._token(found)
        self._text(len(text))
        while self.frames:
            self._close(len(text))
        return self.root.blocks(len(text))

    def _token(self, found: re.Match[str]) -> int:
        """Read a command; returns where to search for the next one."""
        start, end = found.span()
        what = found.lastindex
        if what == _BLANK:
            self._text(end)
            self.continued = False
        elif what == _BEGIN:
            return self._begin(found[_BEGIN].strip(), start, end)
        elif what == _DISPLAY:
            return self._display(start, end, "\\]" if found[_DISPLAY] == "\\[" else "$$")
        elif what == _END:
            return self._end(found[_END].strip(), start, end)
        elif what == _ROW and self.frames and self.frames[-1].kind == "table":
            return self._row(end)
        elif what == _COMMAND:
            name = found[_COMMAND]
            if name in known.LEVELS:
                return self._section(name, start, end)
            if name == "frametitle":
                return self._frame_title(end)
            self._item(start)
        return end

    def _line_start(self, offset: int) -> int:
        """The start of the line, if nothing is before the offset on it."""
        start = offset
        while start > self.position and self.text[start - 1] in " \t":
            start -= 1
        return start if start == 0 or self.text[start - 1] in "\r\n" else offset

    def _text(self, end: int) -> int:
        """Add the text before an offset as a paragraph.

        Returns:
            where what starts at the offset starts with the comments before it.
        """
        start = self.position
        if start and self.text[start - 1] in "\r\n" and _EMPTY.match(self.text, start, end):
            self.continued = False
        found = _FILLED.search(self.text, start, end)
        if not found:
            self.position = end
            return end
        start = self._line_start(found.start())
        comments = self.text[found.start()] == "%" and _COMMENTS.match(self.text, start, end)
        self.position = end
        if comments:
            return start
        stop = start + len(self.text[start:end].rstrip())
        after = _AFTER_END.match(self.text, stop, end)
        stop = after.end() if after else stop
        strength = Strength.LINE if self.continued else None
        introduces = ends_with_colon(self.text[max(start, stop - 10) : stop])
        self.builder.add(start, stop, "paragraph", strength=strength, introduces=introduces)
        self.continued = True
        return end

    def _display(self, start: int, end: int, closing: str) -> int:
        """Add a formula, which has no empty line in it."""
        if self.blank < end:
            blank = _EMPTY_LINE.search(self.text, end)
            self.blank = blank.start() if blank else len(self.text)
        stop = -1
        if self.not_before.get(closing, 0) <= end:
            stop = self.text.find(closing, end, self.blank)
        if stop < 0:
            self.not_before[closing] = self.blank
            return end
        return self._add(start, self._after(stop + len(closing)), "paragraph")

    def _opaque(self, name: str, start: int, end: int, kind: str) -> int:
        """Add an environment whose content is not read; it is text if it is not closed."""
        closing = f"\\end{{{name}}}"
        stop = -1
        if not self.not_before.get(closing):
            stop = self.text.find(closing, end)
        if stop < 0:
            self.not_before[closing] = len(self.text)
            return end
        head = _LINE.match(self.text, end, stop) if kind == "code" else None
        head_end = head.end() if head else 0
        return self._add(start, self._after(stop + len(closing)), kind, head_end)

    def _after(self, end: int) -> int:
        """The end of the line, if nothing is after the offset on it."""
        after = _AFTER_END.match(self.text, end)
        return after.end() if after else end

    def _add(self, start: int, end: int, kind: str, head_end: int = 0) -> int:
        line = self._line_start(start)
        before = self._text(line)
        strength = Strength.LINE if self.continued else None
        self.builder.add(
            before,
            end,
            kind,
            atomic=True,
            strength=strength,
            repeat=self.text[line:head_end] if head_end else "",
            repeat_from=head_end,
        )
        self.position, self.continued = end, True
        return end

    def _begin(self, name: str, start: int, end: int) -> int:
        if name in known.TRANSPARENT:
            return end
        if name in known.CODE:
            return self._opaque(name, start, end, "code")
        if name in known.MATH:
            return self._opaque(name, start, end, "paragraph")
        before = self._text(self._line_start(start))
        close = Strength.LINE if name in known.LISTS else Strength.SENTENCE
        frame = _Frame(name, before, close if self.continued else None)
        if name in known.TABLES:
            frame.kind = "table"
            if self.frames and self.frames[-1].name in known.FLOATS:
                frame.strength = Strength.NONE  # after its caption
        elif name in known.LISTS:
            frame.kind = "list"
        elif name == "abstract":
            frame.kind, frame.title, frame.strength = "section", "Abstract", None
        elif name == "frame":
            frame.kind, frame.strength = "section", None
            if title := known.argument(self.text, end):
                frame.title, end = known.plain(title[0]), title[1]
        self.frames.append(frame)
        self.open[name] += 1
        self.position, self.continued = end, False
        if frame.kind != "table":
            options = _OPTIONS.match(self.text, end)
            self.position = self._after(options.end() if options else end)
        return end

    def _end(self, name: str, start: int, end: int) -> int:
        if name == "document":
            line = self._line_start(start)
            if self._text(line) == line:
                self.builder.add(line, end, "element", strength=Strength.NONE)
                self.position = end
        if not self.open[name]:
            return end
        self._text(self._line_start(start))
        while self.frames[-1].name != name:
            self._close(self.position)
        end = self._after(end)
        self._close(end)
        return end

    def _close(self, end: int) -> None:
        """Close the innermost environment, and add its block."""
        self._close_item(self.position)
        frame = self.frames.pop()
        self.open[frame.name] -= 1
        self.position, self.continued = end, True
        if end <= frame.start:
            return
        children: Sequence[Block] = frame.items or frame.builder.done
        repeat, from_ = "", 0
        if children and frame.kind != "table" and children[-1].end < end:
            # What closes the environment.
            last = Block(children[-1].end, end, "element", Strength.NONE)
            children = [*children, last]
        if frame.kind == "table":
            children = self._rows(frame, end)
            if children and frame.header:
                from_ = frame.rows[frame.header - 1]
                repeat = self.text[frame.start : from_]
        if len(self.frames) > NESTED:
            return
        self.builder.add(
            frame.start,
            end,
            frame.kind,
            atomic=True,
            title=short_title(frame.title),
            repeat=repeat,
            repeat_from=from_,
            children=children,
            strength=frame.strength,
        )

    def _rows(self, frame: _Frame, end: int) -> Sequence[Block]:
        """The rows of a table below its header; the last has what closes the table."""
        ends = frame.rows[frame.header - 1 :] if frame.header else [frame.start, *frame.rows]
        return rows_of([*zip(ends, [*ends[1:-1], end], strict=False)]) if len(ends) > 1 else ()

    def _item(self, start: int) -> None:
        if not self.frames or self.frames[-1].kind != "list":
            return
        start = self._text(self._line_start(start))
        self._close_item(start)
        frame = self.frames[-1]
        frame.item, frame.builder = start, SectionBuilder(glued=True, strength=Strength.SENTENCE)
        self.continued = False

    def _close_item(self, end: int) -> None:
        frame = self.frames[-1]
        if frame.item < 0 or end <= frame.item:
            return
        outer = sum(each.kind == "list" for each in self.frames[-NESTED:]) > 1
        strength = Strength.LINE if outer else Strength.SENTENCE
        inside = frame.builder.done
        children = tuple(inside) if len(inside) > 1 else ()
        frame.items.append(
            Block(
                frame.item,
                end,
                "item",
                strength if frame.items else Strength.NONE,
                atomic=True,
                children=children,
            )
        )
        frame.item = -1

    def _row(self, end: int) -> int:
        """The end of a row, with the rules below it."""
        frame = self.frames[-1]
        after = known.AFTER_ROW.match(self.text, end)
        stop = after.end() if after else end
        frame.rows.append(stop)
        if not frame.header and known.ENDS_HEADER.search(self.text, end, stop):
            frame.header = len(frame.rows)
        self.position = stop
        return stop

    def _section(self, name: str, start: int, end: int) -> int:
        title = known.argument(self.text, end)
        if title is None:
            return end
        before = self._text(self._line_start(start))
        while self.frames:  # it was not closed
            self._close(before)
        after = _AFTER_HEADING.match(self.text, title[1])
        stop = after.end() if after else title[1]
        self.root.heading(before, stop, known.LEVELS[name] + self.shift, known.plain(title[0]))
        self.position, self.continued = stop, False
        return stop

    def _frame_title(self, end: int) -> int:
        title = known.argument(self.text, end)
        if title is None:
            return end
        for frame in reversed(self.frames[-NESTED:]):
            if frame.name == "frame":
                frame.title = known.plain(title[0])
                break
        return title[1]
