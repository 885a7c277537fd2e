"""The blocks of Markdown.

rows.py        what markdown-it-py finds; it agrees with the kernel's parser on what CommonMark
               specifies
build.py       a tree of blocks from it, with repeats.py (what is repeated of a block)
containers.py  blocks that CommonMark does not know
inline.py      what is not to be cut
"""

from collections.abc import Iterator, Sequence

from ctxtools._core.fallback.blocks import Blocks
from ctxtools._core.fallback.html.entries import Node
from ctxtools._core.fallback.markdown import containers
from ctxtools._core.fallback.markdown.build import Builder
from ctxtools._core.fallback.markdown.inline import inline_spans
from ctxtools._core.fallback.markdown.rows import BlockKind, Row, rows
from ctxtools._core.titles import short_title
from ctxtools._core.types import Strength

_INNER_CODE = BlockKind.INSIDE + BlockKind.CODE
_INNER_HTML = BlockKind.INSIDE + BlockKind.HTML
_NOT_SCANNED = frozenset({BlockKind.CODE, _INNER_CODE, BlockKind.HTML})  # for inline markup


def markdown_blocks(text: str, start: int, front: int, title: str, depth: int) -> Blocks:
    """The blocks of a Markdown document; a section ends at the next heading of its level.

    Args:
        text: the document, without lone surrogates.
        start: where it starts, after a byte order mark.
        front: where its front matter ends; ``start`` if it has none.
        title: in the front matter; it is that of the outermost section if no heading is of level 1.
        depth: blocks nested in so many others or more are left out.

    Raises:
        ValueError: the parser failed.
    """
    found, titles, regions = _read(text, front, depth)
    metadata = Node(start, front, "metadata", atomic=True)
    builder = Builder(text, found, titles, [metadata] if front > start else [])
    blocks = containers.insert(builder.blocks(), regions)
    if title and not any(block.level == 1 for block in blocks):
        section, name = Strength.SECTION, short_title(title)
        blocks = (Node(start, len(text), "section", section, name, children=blocks, level=1),)
    inline = builder.inline + inline_spans(text, _scanned(found, front, len(text)))
    return Blocks(blocks, _sorted(inline))


def markdown_html(text: str, front: int, depth: int) -> list[tuple[int, int]]:
    """The spans of a Markdown document that are blocks of HTML, in order.

    Args:
        text, front, depth: as for `markdown_blocks`.

    Raises:
        ValueError: the parser failed.
    """
    found, *_ = _read(text, front, depth)
    return [(start, end) for start, end, kind, _ in found if kind in (BlockKind.HTML, _INNER_HTML)]


def markdown_inline(text: str, segments: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans of Markdown that are not to be cut, the outer ones first: code, links, images and
    tags. One may contain others.

    Args:
        text: a document, without lone surrogates.
        segments: where it is neither code nor HTML: starts and ends, in order.
    """
    return _sorted(inline_spans(text, segments))


def _sorted(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(spans, key=lambda span: (span[0], -span[1]))


def _read(
    text: str, front: int, depth: int
) -> tuple[list[Row], list[str], list[containers.Region]]:
    """What the parser finds after the front matter; and regions that it does not know."""
    shown, regions = containers.find(text, front)
    found, titles = rows(shown[front:], depth)
    return [(a + front, b + front, kind, n) for a, b, kind, n in found], titles, regions


def _scanned(found: Sequence[Row], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the text between two offsets is neither code nor HTML."""
    for first, last, kind, _ in found:
        if kind in _NOT_SCANNED:
            yield start, first
            start = last
    yield start, end
