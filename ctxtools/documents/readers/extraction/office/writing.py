"""Writing Markdown: headings, paragraphs, lists, tables; with where pages start."""

import re
from collections.abc import Sequence

from ctxtools.documents.html.escapes import MARKUP, line_start_escape, target

PAGE = "\f"
"""Where a page starts, in a text to be written. XML cannot contain it."""

_INDENT = 4  # columns of a level of a list: enough for "10. "
_MAX_LEVEL = 8
_LINES = re.compile(r"[ \t]*\n[ \t\n]*")


def escaped(text: str) -> str:
    """Plain text for Markdown: a backslash before what would be markup there."""
    return MARKUP.sub(lambda found: "\\" + found[0], text)


def link(text: str, address: str) -> str:
    """A link, or the text alone if the address says nothing to a reader."""
    address = target(address)
    if not address or not text.strip() or address == text:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}[{text.strip()}]({address}){after}"


class Writer:
    """Writes blocks one after the other. Their texts are Markdown on a line or some; an empty one
    writes nothing, but a page that starts in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._starts: list[int] = []
        self._levels: list[int] = []  # of the open list items
        self._new_page = False

    def page(self) -> None:
        """The next block starts a page."""
        self._new_page = True

    def heading(self, level: int, text: str) -> None:
        """A heading of a level from 1 to 6."""
        self._levels.clear()
        self._block("#" * min(max(level, 1), 6) + " ", _LINES.sub(" ", text))

    def paragraph(self, text: str, prefix: str = "") -> None:
        """A paragraph.

        Args:
            prefix: what each of its lines starts with, such as "> ".
        """
        self._levels.clear()
        self._block(prefix, text, prefix)

    def item(self, level: int, text: str, marker: str = "-") -> None:
        """A list item.

        Args:
            level: of it, from 0.
            marker: "-", or a number with a full stop.
        """
        follows = bool(self._levels)
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        indent = " " * _INDENT * min(len(self._levels), _MAX_LEVEL)
        self._levels.append(level)
        self._block(f"{indent}{marker} ", text, indent + " " * (len(marker) + 1), follows=follows)

    def more(self, text: str) -> None:
        """A further paragraph of the list item before."""
        indent = " " * _INDENT * min(len(self._levels), _MAX_LEVEL)
        self._block(indent, text, indent)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table; its first row is its header. Rows may have different lengths; one with a single
        column is written as paragraphs."""
        self._levels.clear()
        width = max(map(len, rows), default=0)
        if width == 1:
            for row in rows:
                for cell in row:
                    self.paragraph(cell)
            return
        lines = []
        for row in rows:
            cells = [_LINES.sub(" ", cell).strip(" \n").replace("|", "\\|") for cell in row]
            if any(cells):
                cells += [""] * (width - len(cells))
                lines.append(f"| {' | '.join(cells)} |")
        if lines:
            lines.insert(1, "|" + "---|" * width)
            self._add("\n".join(lines))

    def _block(self, first: str, text: str, rest: str = "", *, follows: bool = False) -> None:
        """Write a block of lines.

        Args:
            first, rest: what its first and its other lines start with.
            follows: it is on the line after the block before.
        """
        while text.lstrip(" \t\n").startswith(PAGE):
            text = text.lstrip(" \t\n")[1:]
            self._new_page = True
        text, ends_page = text.strip(" \t\n"), False
        while text.endswith(PAGE):
            text, ends_page = text[:-1].rstrip(" \t\n"), True
        if not text.strip():
            self._new_page |= ends_page
            return
        lines = [line.strip(" \t") for line in text.split("\n")]
        marked = [line if first.startswith("#") else _start(line) for line in lines if line]
        self._add(first + f"\n{rest}".join(marked), follows=follows)
        self._new_page = ends_page

    def _add(self, block: str, *, follows: bool = False) -> None:
        if self._parts:
            separator = "\n" if follows else "\n\n"
            self._parts.append(separator)
            self._length += len(separator)
        if self._new_page:
            self._starts.append(self._length)
            self._new_page = False
        for number, part in enumerate(block.split(PAGE)):
            if number:
                self._starts.append(self._length)
            self._parts.append(part)
            self._length += len(part)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self._parts

    def finish(self) -> tuple[str, tuple[int, ...]]:
        """What was written, and where pages start in it; no pages if none was said to start."""
        text = "".join(self._parts) + "\n" if self._parts else ""
        starts = sorted({0, *self._starts}) if self._starts else []
        return text, tuple(starts)


def _start(line: str) -> str:
    at = line_start_escape(line, 0, len(line))
    if at < 0 or line.startswith(("[^", "$$")):
        return line
    return f"{line[:at]}\\{line[at:]}"
