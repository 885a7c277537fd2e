"""HTML inside another format: fragments of a page, whose elements may be open at either end."""

from typing import NamedTuple

from ctxtools._core.fallback.html.blocks import BlockBuilder
from ctxtools._core.fallback.html.entries import Node
from ctxtools._core.fallback.html.spans import inline_spans
from ctxtools._core.html.elements import INTRODUCING, STRUCTURE, VOID
from ctxtools._core.html.tokens import COMMENT, END, START, Token, tokens
from ctxtools._core.html.tree import events
from ctxtools._core.types import Strength
from ctxtools.possessive import compile_pattern

_LINE_BREAK = compile_pattern(r"[ \t]*+(?:\r?\n)?+")


class Piece(NamedTuple):
    """A block of a fragment.

    Attributes:
        block: without those of a section around it.
        level: of a heading, 1 to 6; else 0.
        title: of a heading.
        introduces: whether what is after it stays with it.
    """

    block: Node
    level: int = 0
    title: str = ""
    introduces: bool = False


class Fragment(NamedTuple):
    """What a fragment consists of; see `Piece`, and `Parsed.inline`."""

    pieces: list[Piece]
    inline: list[tuple[int, int]]


def parse_fragment(text: str, start: int, end: int) -> Fragment:
    """The blocks of ``text[start:end]``, which they cover.

    End tags at its start belong to what is before it, start tags at its end to what is after it.
    """
    found = [*tokens(text, start, end)]
    inline = inline_spans(text, found)
    pieces: list[Piece] = []
    first = start
    for token in found:
        if token.kind != END or text[first : token.start].strip():
            break
        first = token.end
    if start < first:
        blank = _LINE_BREAK.match(text, first, end)
        first = blank.end() if blank else first
        pieces.append(Piece(Node(start, first, "html", Strength.NONE)))
        found = [token for token in found if token.start >= first]
    entries = BlockBuilder(text, events(text, found, first, end), first, end).entries()
    opens = _is_open(text, found, end)
    if not entries:
        if first < end:
            pieces.append(Piece(Node(first, end, "html"), introduces=opens))
        return Fragment(pieces, inline)
    last = entries[-1]
    for entry in entries:
        entry_end = end if entry is last else entry.end
        introduces = entry.introduces or (entry is last and opens)
        pieces.append(Piece(entry.block(entry_end), entry.level, entry.title, introduces))
    return Fragment(pieces, inline)


def _is_open(text: str, found: list[Token], end: int) -> bool:
    """Whether a fragment ends with a start tag, or the end of a summary or the like."""
    found = [token for token in found if token.kind != COMMENT]
    if not found or text[found[-1].end : end].strip():
        return False
    kind, name, *_ = found[-1]
    if kind == START:
        return name in STRUCTURE and name not in VOID
    return kind == END and name in INTRODUCING
