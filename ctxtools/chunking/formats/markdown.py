"""Markdown: CommonMark, tables, and front matter.

The kernel parses with pulldown-cmark, the fallback with markdown-it-py, about fifty times slower;
they agree on everything that CommonMark specifies. Blocks consist of entire lines.
"""

import re
from collections.abc import Iterable

from ctxtools import _core
from ctxtools._core.types import BlockKind, Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, OpenSection, close_sections, short_title
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.errors import FormatError

PARAGRAPH, LIST, ITEM, INNER_ITEM, QUOTE, TABLE, ROW, CODE, HTML, RULE, HEADING, INSIDE = (
    int(kind) for kind in BlockKind
)

# kind: (name, atomic)
_KINDS = {
    PARAGRAPH: ("paragraph", False),
    LIST: ("list", True),
    ITEM: ("item", True),
    INNER_ITEM: ("item", True),
    QUOTE: ("quote", False),
    TABLE: ("table", True),
    ROW: ("row", True),
    CODE: ("code", True),
    HTML: ("html", False),
    RULE: ("rule", True),
    HEADING: ("heading", True),
}

# number of the kind inside another block: (kind, strength of a cut before it)
_INNER = {
    ITEM: (ITEM, Strength.SENTENCE),
    ROW: (ROW, Strength.SENTENCE),
    **{INSIDE + kind: (kind, Strength.SENTENCE) for kind in _KINDS},
    INSIDE + INNER_ITEM: (INNER_ITEM, Strength.LINE),
}

_CLOSELY_FOLLOWING = frozenset({LIST, TABLE, CODE, QUOTE})

# (start, end, kind, number of children) in post-order: the columns of `markdown_blocks`.
Rows = Iterable[tuple[int, int, int, int]]

_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\r?\n(?![ \t]*\r?\n)")


def parse(text: str, format: str = "markdown") -> tuple[Block, ...]:
    """The blocks of a Markdown document. A section ends at the next heading of its level.

    Raises:
        FormatError: the parser failed.
    """
    start = 1 if text.startswith("\ufeff") else 0
    front = _front_matter_end(text, start)
    blocks: list[Block] = []
    if front > start:
        blocks.append(Block(start, front, "metadata", atomic=True))
    rest = text[front:] if front else text
    rows, titles = _rows_and_titles(rest)
    if front:
        rows = ((start + front, end + front, kind, n) for start, end, kind, n in rows)
    return _build(text, rows, titles, blocks)


def _rows_and_titles(text: str) -> tuple[Rows, list[str]]:
    try:
        *columns, titles = _core.markdown_blocks(text, MAX_DEPTH)
    except (ValueError, OverflowError) as error:
        raise FormatError(f"cannot be parsed as Markdown: {error}", hint=USE_TEXT) from error
    starts, ends, kinds, children = (memoryview(column).tolist() for column in columns)
    return zip(starts, ends, kinds, children, strict=True), titles.split("\n")


def _front_matter_end(text: str, start: int) -> int:
    """The end of the front matter (YAML or TOML between two lines of ``---`` or ``+++``); ``start``
    if there is none."""
    opening = _FRONT_MATTER.match(text, start)
    if not opening:
        return start
    fence = re.escape(opening[1])
    closing = re.compile(rf"^{fence}[ \t]*(?:\r?\n|\Z)", re.MULTILINE).search(text, opening.end())
    return closing.end() if closing else start


def _build(text: str, rows: Rows, titles: list[str], done: list[Block]) -> tuple[Block, ...]:
    """Blocks from rows, with the outermost ones grouped into sections."""
    none, line = Strength.NONE, Strength.LINE
    paragraph, section = Strength.PARAGRAPH, Strength.SECTION
    make, block_class = tuple.__new__, Block  # twice as fast as calling the class
    title = iter(titles)
    sections: list[OpenSection] = []
    after_heading = after_paragraph = False
    for start, end, kind, count in rows:
        children: tuple[Block, ...] = ()
        if count:
            children = tuple(done[-count:])
            del done[-count:]
        if (inner := _INNER.get(kind)) is not None:
            kind, strength = inner
        elif kind > HEADING:
            level = kind - HEADING
            kind = HEADING
            nested = not sections or level > sections[-1][0]
            strength = none if after_heading and nested else section
            close_sections(sections, done, level, start)
            sections.append((level, start, short_title(next(title)), strength, len(done)))
            after_heading, after_paragraph = True, False
        else:
            strength = paragraph
            if after_heading:
                strength = none
            # Nothing is before a table that a paragraph ends: pulldown-cmark has it inside where
            # short rows stand for too many cells.
            elif (
                after_paragraph
                and kind in _CLOSELY_FOLLOWING
                and done
                and _introduces(text, done[-1].end)
            ):
                strength = line
            after_heading, after_paragraph = False, kind == PARAGRAPH
        repeat = ""
        if kind == TABLE:
            repeat = _header(text, start, end)
            if children:
                children = (children[0]._replace(strength=none), *children[1:])
        name, atomic = _KINDS[kind]
        done.append(make(block_class, (start, end, name, strength, "", atomic, repeat, children)))
    close_sections(sections, done, 0, len(text))
    return tuple(done)


def _introduces(text: str, end: int) -> bool:
    """Whether a paragraph ends with a colon, and so introduces the block after it."""
    return text[max(end - 3, 0) : end].rstrip().endswith((":", "："))


def _header(text: str, start: int, end: int) -> str:
    """The first two lines of a table: the header row and the delimiter row."""
    lines = text[start:end].splitlines(keepends=True) if end - start < 1000 else []
    if len(lines) < 2:
        found = re.compile(r"(?:[^\r\n]*(?:\r\n|\r|\n|\Z)){2}").match(text, start, end)
        return found[0] if found else ""
    return "".join(lines[:2])
