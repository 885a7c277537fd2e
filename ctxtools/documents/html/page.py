"""HTML as plain text or Markdown, as a reader sees it.

Headings, paragraphs, lists, quotes, code and tables keep their order and their line breaks; in
Markdown also links, images and emphasis. Scripts, styles, drawings and hidden elements are not
seen, nor is the head. Tables are rows with ``|`` between the cells.
"""

import re
from collections.abc import Sequence

from ctxtools._core.html.elements import CELLS, HEADINGS, INVISIBLE, VOID
from ctxtools._core.html.inline_text import image_text, is_anchor, is_hidden
from ctxtools._core.html.layout import layout_tables
from ctxtools._core.html.references import unescape
from ctxtools._core.html.tokens import attributes, tokens
from ctxtools._core.html.tree import (
    CLOSE,
    END_TAG,
    OPEN,
    TAG,
    TEXT,
    Event,
    events,
)
from ctxtools._core.titles import visible
from ctxtools.documents.html.escapes import (
    CODE_IN_CELL,
    IN_CELL,
    IN_LINK,
    MARKDOWN,
    PLAIN,
    code_marks,
    escaped,
    image,
    line_start_escape,
    longest_ticks,
    target,
)
from ctxtools.documents.html.extents import Extents
from ctxtools.documents.html.grid import Grid
from ctxtools.documents.html.lines import Lines, Mark, Prefix
from ctxtools.documents.html.verbatim import write_verbatim
from ctxtools.documents.html.writer import Writer

_SPACE = " \t\n\r\f"
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CODE = frozenset({"code", "tt", "kbd", "samp"})
_EMPHASIS = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "var", "dfn", "cite"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
}
_UNSEEN = frozenset({"noscript", "select", "datalist", "audio", "video", "object", "canvas"})
_VERBATIM = frozenset({"pre", "listing", "xmp"})

# Blocks that a line break parts from what is beside them; an empty line parts others.
_CLOSE = frozenset({"li", "dd", "tr", "thead", "tbody", "tfoot"})
_PREFIXED = frozenset({"li", "dd", "blockquote", *HEADINGS})
_MAX_AROUND = 3  # elements around a block of code that may name its language
_LANGUAGE = re.compile(r"(?:language|lang|highlight)-([\w+#.-]{1,30})")
_TEX = re.compile(r"<annotation[^>]*\bapplication/x-tex\b[^>]*>([^<]*)<")
_ANY_TAG = re.compile(r"<[^>]*+>")


def write_page(text: str, *, markdown: bool) -> Writer:
    """Write a page as a reader sees it.

    Args:
        text: the page.
        markdown: as Markdown instead of plain text.
    """
    writer = Writer(text)
    _Page(text, events(text, [*tokens(text)]), writer, markdown=markdown).write()
    return writer


class _Page:
    """Writes a page, event by event."""

    def __init__(
        self, text: str, found: Sequence[Event], writer: Writer, *, markdown: bool
    ) -> None:
        self.text, self.events, self.markdown = text, found, markdown
        self.writer, self.lines = writer, Lines(writer)
        self.layout, self.extents = layout_tables(found), Extents(text, found)
        self.lists: list[int | None] = []  # of the open ones: the number of the next item, or None
        self.marks: list[tuple[str, Mark]] = []  # of open elements
        self.grid: Grid | None = None  # the open table
        # The numbers of the events that end what is open of these, and the table; -1 if nothing is.
        self.grid_end = self.cell_end = self.heading_end = self.code_end = -1
        self.row_is_empty = True

    def write(self) -> None:
        """Write it all."""
        i, n = 0, len(self.events)
        while i < n:
            kind, name, start, end = self.events[i]
            if kind == TEXT:
                self._write_text(i, start, end)
            elif kind == OPEN:
                i = self._open(i, name, start, end)
            elif kind == CLOSE:
                self._close(i, name)
            elif kind == TAG:
                i = self._tag(i, name, start, end)
            elif kind == END_TAG:
                self._end_tag(name)
            elif name == "math":
                self._math(start, end)
            i += 1

    def _open(self, i: int, name: str, start: int, end: int) -> int:
        """The start of an element. Returns the number of the last event that is done with it."""
        lines = self.lines
        if name == "head" or is_hidden(self.text, start, end):
            return self.extents.ends[i]
        if i < max(self.cell_end, self.heading_end):  # all is on one line
            lines.space(start, start)
            return i
        if name in _VERBATIM:
            self._verbatim(i)
            return self.extents.ends[i]
        if self.grid and name in CELLS:
            self._cell(self.grid, i)
            return i
        lines.end_block(self._breaks(name))
        if name == "table" and i not in self.layout and not self.grid:
            self.grid_end = self.extents.ends[i]
            self.grid = Grid(self.text, self.events[i : self.grid_end + 1])
        elif name == "tr" and self.grid:
            self.grid.start_row()
            self.row_is_empty = True
        elif name in _LISTS:
            first = attributes(self.text, start, end).get("start", "") if name == "ol" else ""
            number = int(first) if first.isascii() and first.isdigit() and len(first) < 10 else 1
            self.lists.append(number if name == "ol" else None)
        elif name == "li":
            lines.prefixes.append(self._item())
        elif name == "dd":
            lines.prefixes.append(Prefix(": ", "  "))
        elif name == "blockquote":
            mark = "> " if self.markdown else ""
            lines.prefixes.append(Prefix(mark, mark))
        elif name in HEADINGS:
            self.heading_end = self.extents.ends[i]
            lines.prefixes.append(Prefix("#" * HEADINGS[name] + " " if self.markdown else "", ""))
        return i

    def _close(self, i: int, name: str) -> None:
        """The end of an element."""
        lines = self.lines
        if i == self.cell_end:
            self.cell_end = -1
            lines.start_cell()
            return
        if i < max(self.cell_end, self.heading_end):
            lines.space(self.events[i].start, self.events[i].start)
            return
        if name == "tr" and self.grid:
            self._end_row(self.grid)
        elif i == self.grid_end:
            self.grid = None
        elif name in _LISTS:
            self.lists.pop()
        elif name in _PREFIXED:
            lines.prefixes.pop()
        lines.end_block(1 if name == "dt" else self._breaks(name))

    def _breaks(self, name: str) -> int:
        """The line breaks before and after an element."""
        if name in _CLOSE or (name in _LISTS and self.lists):
            return 1
        return 1 if name == "div" and not self.markdown else 2

    def _item(self) -> Prefix:
        """What the next list item starts with."""
        number = self.lists[-1] if self.lists else None
        if number is None:
            return Prefix("- ", "  ")
        self.lists[-1] = number + 1
        mark = f"{number}. "
        return Prefix(mark, " " * len(mark))

    def _cell(self, grid: Grid, i: int) -> None:
        """The start of a cell. Each has the line between it and the one before."""
        event = self.events[i]
        self.cell_end = self.extents.ends[i]
        self.lines.begin(event.start)
        first = "| " if self.markdown else ""
        between = grid.cell(event) * " | "
        self.writer.put((first if self.row_is_empty else " | ") + between, event.start, event.start)
        self.row_is_empty = False
        self.lines.start_cell()

    def _end_row(self, grid: Grid) -> None:
        missing = grid.end_row()
        if self.markdown and not self.row_is_empty:
            self.writer.separate(missing * " | " + " |")
            if grid.rows == 1:
                delimiters = "---|" * grid.columns
                self.writer.separate(f"\n{self.lines.rest}|{delimiters}")

    def _tag(self, i: int, name: str, start: int, end: int) -> int:
        """An inline start tag. Returns the number of the last event that is done with it."""
        lines = self.lines
        if name in ("br", "hr") and i < max(self.cell_end, self.heading_end):
            lines.space(start, end)
        elif name == "br":
            lines.end_line("  " if self.markdown else "")
        elif name == "hr":
            lines.end_block(2)
            if self.markdown:
                lines.begin(start)
                self.writer.put("---", start, end)
                lines.end_block(2)
        elif name == "img":
            if not is_hidden(self.text, start, end):
                self._image(i, start, end)
        elif name in VOID:
            pass
        elif name in _UNSEEN or is_hidden(self.text, start, end):
            return self.extents.skipped(i)
        elif i >= self.code_end:
            return self._mark(i, name, start, end)
        return i

    def _mark(self, i: int, name: str, start: int, end: int) -> int:
        """A link, code or emphasis."""
        if name == "a":
            last = self.extents.inline_end(i)
            inside = self.events[i + 1 : last] if last > 0 else ()
            if last > 0 and is_anchor(self.text, inside):
                return last
            address = target(attributes(self.text, start, end).get("href", ""))
            if self.markdown and last > 0 and address:
                self._add_mark(name, Mark("[", f"]({address})"))
        elif not self.markdown:
            pass
        elif name in _CODE:
            last = self.extents.inline_end(i)
            if last > 0 and self.lines.last != "`":
                self.code_end = last
                self._add_mark(name, Mark(*code_marks(self.text[end : self.events[last].start])))
        elif name in _EMPHASIS and self._may_emphasize(i, _EMPHASIS[name]):
            self._add_mark(name, Mark(_EMPHASIS[name], _EMPHASIS[name]))
        return i

    def _add_mark(self, name: str, mark: Mark) -> None:
        self.marks.append((name, mark))
        self.lines.marks.append(mark)

    def _end_tag(self, name: str) -> None:
        for k in range(len(self.marks) - 1, -1, -1):
            if self.marks[k][0] == name:
                self.lines.close(self.marks[k][1])
                del self.marks[k:]
                break

    def _may_emphasize(self, i: int, mark: str) -> bool:
        """Whether CommonMark takes asterisks around an element for emphasis: not if punctuation is
        on their inner side and a word on the other (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run)."""
        last = self.extents.inline_end(i)
        if last < 0 or self.lines.last == mark[0]:
            return False
        inside = self.text[self.events[i].end : self.events[last].start]
        words = unescape(_ANY_TAG.sub("`", inside)).strip()
        return bool(words) and (
            (words[0].isalnum() or not self.lines.last.isalnum())
            and (words[-1].isalnum() or not self._next_character(last).isalnum())
        )

    def _next_character(self, i: int) -> str:
        """The character after an inline end tag and other tags; "" if something else follows."""
        for k in range(i + 1, len(self.events)):
            kind, name, start, _ = self.events[k]
            if kind not in (TAG, END_TAG) or name in VOID - INVISIBLE:
                return self.text[start] if kind == TEXT else ""
        return ""

    def _image(self, i: int, start: int, end: int) -> None:
        shown = image_text(self.text, start, end)
        if self.markdown and i >= self.code_end:
            shown = image(shown, attributes(self.text, start, end).get("src", ""))
        if shown:
            self.lines.begin(start)
            self.writer.put(shown, start, end)

    def _math(self, start: int, end: int) -> None:
        markup = self.text[start:end]
        tex = _TEX.search(markup)
        words = visible(unescape(tex[1] if tex else _ANY_TAG.sub("", markup)))
        if words:
            self.lines.begin(start)
            self.writer.put(f"${words}$" if tex else words, start, end)

    def _write_text(self, i: int, start: int, end: int) -> None:
        text, lines, in_code = self.text, self.lines, i < self.code_end
        pattern = self._pattern(i)
        position = start
        for found in pattern.finditer(text, start, end):
            first, last = found.span()
            self._write_words(i, position, first)
            position = last
            if text[first] in _SPACE:
                lines.space(first, last)
                continue
            words = text[first:last]
            if text[first] == "&":
                words = unescape(words)
                if words.isspace():
                    lines.space(first, last)
                    continue
                if self.markdown and not in_code and words != text[first:last]:
                    words = escaped(words, text[last : last + 40], starts_line=lines.at_start)
            elif words != "]" or last < end or pattern is not MARKDOWN or self.extents.links(i):
                words = "\\" + words
            lines.begin(first)
            self.writer.put(words, first, last)
        self._write_words(i, position, end)

    def _pattern(self, i: int) -> re.Pattern[str]:
        """Where text is not as it is written."""
        if not self.markdown:
            return PLAIN
        if i < self.code_end:
            return CODE_IN_CELL if i < self.cell_end else PLAIN
        if i < self.cell_end:
            return IN_CELL
        return IN_LINK if any(name == "a" for name, _ in self.marks) else MARKDOWN

    def _write_words(self, i: int, start: int, end: int) -> None:
        """Text as it is written."""
        text, lines = self.text, self.lines
        if start < end and text[start] == " ":
            lines.space(start, start + 1)
            start += 1
        if start >= end:
            return
        stop = end - 1 if text[end - 1] == " " else end
        if lines.at_start and self.markdown and not lines.marks:
            escape = line_start_escape(text, start, stop)
            if escape >= 0:
                lines.begin(start)
                self.writer.copy(start, escape)
                self.writer.put("\\" + text[escape], escape, escape + 1)
                start = escape + 1
        if start < stop:
            lines.begin(start)
            is_image = text[stop - 1] == "!" and stop == end and self._opens_link(i + 1)
            self.writer.copy(start, stop - is_image)
            if is_image:
                self.writer.put("\\!", stop - 1, stop)
        if stop < end:
            lines.space(stop, end)

    def _opens_link(self, i: int) -> bool:
        """Whether an event is the start of a link: an exclamation mark before it makes an image."""
        return self.markdown and i < len(self.events) and self.events[i][:2] == (TAG, "a")

    def _verbatim(self, i: int) -> None:
        """A block of code."""
        last = self.extents.ends[i]
        self.lines.end_block(2)
        fence = self._fence(i, last) if self.markdown else ""
        shown, k = [], i + 1
        while k < last:
            event = self.events[k]
            if event.kind == TAG and is_hidden(self.text, event.start, event.end):
                k = self.extents.skipped(k)
            else:
                shown.append(event)
            k += 1
        write_verbatim(self.text, shown, self.lines, fence)
        self.lines.end_block(2)

    def _fence(self, i: int, last: int) -> str:
        """What a block of code starts with in Markdown: backticks and the language."""
        ticks = longest_ticks(self.text[self.events[i].end : self.events[last].start])
        first = i
        while first and i - first < _MAX_AROUND and self.events[first - 1].kind == OPEN:
            first -= 1
        tags = self.events[first : i + 1]
        inner = self.events[i + 1]
        if inner.kind == TAG:
            tags = [*tags, inner]
        classes = " ".join(
            attributes(self.text, tag.start, tag.end).get("class", "") for tag in tags
        )
        language = _LANGUAGE.search(classes)
        return "`" * max(3, ticks + 1) + (language[1] if language else "")
