"""The blocks of Markdown, by markdown-it-py."""

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class BlockKind(IntEnum):
    """The kinds of Markdown blocks, numbered as in ``kernel/src/chunk/markdown/rows.rs``.

    A heading's number is HEADING plus its level; that of a block inside another one has INSIDE
    added to it.
    """

    PARAGRAPH = 0
    LIST = 1
    ITEM = 2
    INNER_ITEM = 3
    QUOTE = 4
    TABLE = 5
    ROW = 6
    CODE = 7
    HTML = 8
    RULE = 9
    HEADING = 10
    INSIDE = 32


_KINDS = {
    "paragraph_open": BlockKind.PARAGRAPH,
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "list_item_open": BlockKind.ITEM,
    "blockquote_open": BlockKind.QUOTE,
    "table_open": BlockKind.TABLE,
    "tr_open": BlockKind.ROW,
    "heading_open": BlockKind.HEADING,
    "code_block": BlockKind.CODE,
    "fence": BlockKind.CODE,
    "html_block": BlockKind.HTML,
    "hr": BlockKind.RULE,
}

_LINE_BREAK = re.compile("\r\n|\r|\n")
_BREAK = re.compile("<br(?![0-9A-Za-z])", re.IGNORECASE)


@cache
def _parser(depth: int) -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 2 * depth}).enable("table")
    # Inline markup is only read in headings, one by one.
    return parser.disable(["inline", "text_join"])


@cache
def _inline_parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


# (start, end in characters, kind, number of children)
Row = tuple[int, int, int, int]


def rows(text: str, depth: int) -> tuple[list[Row], list[str]]:
    """The blocks of a Markdown text (CommonMark and tables), each after those inside it; those
    nested in ``depth`` others or more are left out. And the plain titles of the headings that are
    not inside another block.

    Raises:
        ValueError: the parser failed.
    """
    try:
        tokens = _parser(depth).parse(text)
    except Exception as error:  # whatever a parser that is not ours may raise
        raise ValueError(f"{type(error).__name__}: {error}") from error
    walk = _Walk(text, tokens, depth)
    walk.run()
    return walk.rows, walk.titles


class _Walk:
    """One walk over the parser's tokens."""

    def __init__(self, text: str, tokens: "list[Token]", depth: int) -> None:
        self.depth = depth
        self.text = text
        self.tokens = tokens
        self.lines = [0, *(match.end() for match in _LINE_BREAK.finditer(text)), len(text)]
        self.rows: list[Row] = []
        self.titles: list[str] = []
        self.open: list[list[int]] = []  # start, end, kind, number of children
        self.inside = self.lists = self.beyond = self.done = 0
        # For each line, the last one up to there that is not blank, plus one.
        lines = zip(self.lines, self.lines[1:], strict=False)
        numbers = (
            n if text[start:end].strip(" \t\r\n") else 0 for n, (start, end) in enumerate(lines, 1)
        )
        self.filled = [0, *accumulate(numbers, max)]

    def run(self) -> None:
        head = False  # in the header of a table, whose row is not a block
        for number, token in enumerate(self.tokens):
            if token.type in ("thead_open", "thead_close"):
                head = token.type == "thead_open"
            if token.type.removesuffix("_close") + "_open" not in _KINDS or token.nesting != -1:
                kind = _KINDS.get(token.type)
                if kind is not None and not (kind == BlockKind.ROW and head):
                    self._begin(kind, token, number)
                    if token.nesting == 0:
                        self._finish(kind)
            elif not (token.type == "tr_close" and head):
                self._finish(_KINDS[token.type.replace("_close", "_open")])

    def _begin(self, kind: int, token: "Token", number: int) -> None:
        if len(self.open) == self.depth or (kind == BlockKind.PARAGRAPH and token.hidden):
            self.beyond += 1
            return
        if kind == BlockKind.HEADING and not self.inside:
            kind += int(token.tag[1:])
            self.titles.append(_plain(self.tokens[number + 1].content))
        if kind == BlockKind.ITEM and self.lists > 1:
            kind = BlockKind.INNER_ITEM
        first, last = token.map or (0, 0)
        start = max(self.lines[first], self.done)
        self.done = start
        last = self.filled[min(last, len(self.filled) - 1)]
        self.open.append(
            [start, self.lines[last], kind + (BlockKind.INSIDE if self.inside else 0), 0]
        )
        self.lists += kind == BlockKind.LIST
        self.inside += kind in (BlockKind.ITEM, BlockKind.INNER_ITEM, BlockKind.QUOTE)

    def _finish(self, kind: int) -> None:
        if self.beyond:
            self.beyond -= 1
            return
        start, end, full_kind, children = self.open.pop()
        self.lists -= kind == BlockKind.LIST
        self.inside -= kind in (BlockKind.ITEM, BlockKind.QUOTE)
        end = max(end, self.done)
        self.done = end
        if start < end:
            self.rows.append((start, end, full_kind, children))
            if self.open:
                self.open[-1][3] += 1


def _plain(markup: str) -> str:
    """The text of a heading."""
    tokens = _inline_parser().parseInline(markup)
    return " ".join("".join(_words(tokens)).split())


def _words(tokens: "list[Token]") -> Iterator[str]:
    for token in tokens:
        if token.type in ("softbreak", "hardbreak") or (
            token.type == "html_inline" and _BREAK.match(token.content)
        ):
            yield " "
        elif token.type in ("text", "code_inline", "text_special"):
            yield token.content
        elif token.children:
            yield from _words(token.children)
