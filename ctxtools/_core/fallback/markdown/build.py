"""A tree of blocks from rows, with the outermost ones grouped into sections."""

from collections.abc import Sequence

from ctxtools._core.fallback.html.entries import Node
from ctxtools._core.fallback.html.fragment import parse_fragment
from ctxtools._core.fallback.markdown import repeats
from ctxtools._core.fallback.markdown.rows import BlockKind, Row
from ctxtools._core.titles import clean_title
from ctxtools._core.types import Strength

# The level, start, title and strength of a section, and the number in `done` of its first block.
_Section = tuple[int, int, str, Strength, int]

# kind: (name, atomic)
_KINDS = {
    BlockKind.PARAGRAPH: ("paragraph", False),
    BlockKind.LIST: ("list", True),
    BlockKind.ITEM: ("item", True),
    BlockKind.INNER_ITEM: ("item", True),
    BlockKind.QUOTE: ("quote", False),
    BlockKind.TABLE: ("table", True),
    BlockKind.ROW: ("row", True),
    BlockKind.CODE: ("code", True),
    BlockKind.HTML: ("html", False),
    BlockKind.RULE: ("rule", True),
    BlockKind.HEADING: ("heading", True),
}
_CLOSELY_FOLLOWING = frozenset({"list", "table", "code", "quote"})


class Builder:
    """Builds the blocks of a text from its rows.

    Args:
        text: the document.
        rows, titles: what the parser found.
        done: the blocks before them.

    Attributes:
        done: the blocks so far.
        inline: spans of tags.
    """

    def __init__(
        self, text: str, rows: Sequence[Row], titles: Sequence[str], done: Sequence[Node]
    ) -> None:
        self.text, self.rows, self.titles = text, rows, iter(titles)
        self.done, self.inline = [*done], list[tuple[int, int]]()
        self.sections: list[_Section] = []
        self.after_heading = self.after_paragraph = False

    def blocks(self) -> list[Node]:
        """The outermost blocks."""
        done_to = 0  # the end of the HTML so far
        for number, row in enumerate(self.rows):
            if row[2] != BlockKind.HTML:
                self._add(*row)
            elif row[0] >= done_to:
                done_to = self._html_end(number)
                self._add_html(row[0], done_to)
        self._close_sections(0, len(self.text))
        return self.done

    def _add(self, start: int, end: int, kind: int, count: int) -> None:
        is_inside, kind = kind >= BlockKind.INSIDE, kind % BlockKind.INSIDE
        name, atomic = _KINDS[BlockKind(min(kind, BlockKind.HEADING))]
        children: tuple[Node, ...] = ()
        if count:
            children = tuple(self.done[-count:])
            del self.done[-count:]
        strength, repeat = Strength.SENTENCE, ""
        if is_inside:
            if kind == BlockKind.INNER_ITEM:
                strength = Strength.LINE
            elif name == "paragraph":
                strength = Strength.SENTENCE_LINE
        elif kind > BlockKind.HEADING:
            title = clean_title(next(self.titles))
            strength = self._open_section(kind - BlockKind.HEADING, start, title)
            self.after_heading, self.after_paragraph = True, False
        elif kind not in (BlockKind.ITEM, BlockKind.ROW):
            strength = self._strength(name)
            self.after_heading, self.after_paragraph = False, name == "paragraph"
        if name == "table":
            if children:
                children = (children[0]._replace(strength=Strength.NONE), *children[1:])
            before = [] if is_inside else self.done[-1:]
            start, repeat = repeats.table(start, end, self.text, before)
            if before and start == before[0].start:
                strength = self.done.pop().strength
            elif before and start < before[0].end:
                self.done[-1] = before[0]._replace(end=start)
                strength = Strength.LINE if self._introduces() else Strength.PARAGRAPH
        elif name == "code":
            repeat, children = repeats.code(start, end, self.text, inside=is_inside)
        self.done.append(Node(start, end, name, strength, "", atomic, repeat, children))

    def _add_html(self, start: int, end: int) -> None:
        fragment = parse_fragment(self.text, start, end)
        self.inline += fragment.inline
        for block, level, title, introduces in fragment.pieces:
            strength = block.strength
            if level:
                strength = self._open_section(level, block.start, title)
            elif self.after_heading:
                strength = Strength.NONE
            elif self._is_introduced(block.kind):
                strength = Strength.LINE
            self.done.append(block._replace(strength=strength))
            self.after_heading = level > 0 or introduces
            self.after_paragraph = block.kind == "paragraph"

    def _strength(self, kind: str) -> Strength:
        """The strength before a block that no other contains."""
        if self.after_heading:
            return Strength.NONE
        return Strength.LINE if self._is_introduced(kind) else Strength.PARAGRAPH

    def _is_introduced(self, kind: str) -> bool:
        """Whether a block of a kind belongs to the paragraph before it, which ends with a colon."""
        # Nothing is before a table that a paragraph ends: pulldown-cmark has it inside where short
        # rows stand for too many cells.
        return self.after_paragraph and kind in _CLOSELY_FOLLOWING and self._introduces()

    def _introduces(self) -> bool:
        """Whether the last block ends with a colon."""
        end = self.done[-1].end if self.done else 0
        return self.text[max(end - 3, 0) : end].rstrip().endswith((":", "："))

    def _html_end(self, number: int) -> int:
        """The end of the blocks of HTML from a row on with nothing but empty lines between them."""
        end = self.rows[number][1]
        for i in range(number + 1, len(self.rows)):
            start, last, kind, _ = self.rows[i]
            if kind != BlockKind.HTML or self.text[end:start].strip():
                break
            end = last
        return end

    def _open_section(self, level: int, start: int, title: str) -> Strength:
        """Start a section, after those of its level or deeper; the strength before it."""
        is_nested = not self.sections or level > self.sections[-1][0]
        strength = Strength.NONE if self.after_heading and is_nested else Strength.SECTION
        self._close_sections(level, start)
        self.sections.append((level, start, title, strength, len(self.done)))
        return strength

    def _close_sections(self, level: int, end: int) -> None:
        """End all sections of a level or deeper: their blocks become the children of a new one."""
        while self.sections and self.sections[-1][0] >= level:
            own, start, title, strength, first = self.sections.pop()
            children = tuple(self.done[first:])
            section = Node(start, end, "section", strength, title, children=children, level=own)
            self.done[first:] = [section]
