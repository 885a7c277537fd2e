"""Views: documents as they are chunked, where that is not as they are written.

A view is made of the document's characters in their order: a page as a reader sees it (html.py), or
a document without what is left out (omissions.py). The blocks of the document are moved to where
their text is in the view, and any span of the view is mapped back (view.py).
"""

from collections.abc import Collection, Iterable, Iterator

from ctxtools import _core
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats.lines import without_surrogates
from ctxtools.chunking.settings import Omission, Render
from ctxtools.chunking.views.omissions import OMISSIONS, omissions, without
from ctxtools.chunking.views.view import View
from ctxtools.errors import FormatError

__all__ = ["View", "make_view"]


def make_view(
    text: str, format: str, parsed: Parsed, render: Render, leave_out: Collection[Omission]
) -> tuple[View, Parsed] | None:
    """The view of a document, and what was found in it with offsets in the view.

    Args:
        text: the document.
        format: of it; only "html" is rendered, and only from "html" and "markdown" is left out.
        parsed: what its parser found.
        render: "text" or "markdown"; "source" for the document as it is written.
        leave_out: kinds of what is left out.

    Returns:
        None if it is chunked as it is written.
    """
    if format == "html" and render != "source":
        from ctxtools.chunking.views.html import html_view

        # A reader sees none of them.
        left_out = omissions(text, OMISSIONS, [(0, len(text))])
        view = html_view(text, markdown=render == "markdown", left_out=left_out)
        found = view.parsed(Parsed(parsed.blocks, (), parsed.notes))
        inline = _links(view.text, found) if render == "markdown" else ()
        return view, Parsed(found.blocks, inline, found.notes)
    if not leave_out or format not in ("html", "markdown"):
        return None
    segments = [(0, len(text))]
    if format == "markdown":
        from ctxtools.chunking.formats.markdown import html_spans

        try:
            segments = html_spans(text)
        except FormatError:  # it is cut as plain text
            segments = []
    view = without(text, omissions(text, leave_out, segments))
    return view, view.parsed(parsed)


def _links(text: str, parsed: Parsed) -> list[tuple[int, int]]:
    """What is not cut inside of lines of Markdown that a page was rendered as."""
    return _core.markdown_inline(
        without_surrogates(text), [*_beside_code(parsed.blocks, len(text))]
    )


def _beside_code(blocks: Iterable[Block], end: int) -> Iterator[tuple[int, int]]:
    """The spans of a text that are in no block of code."""
    start = 0
    for first, last in _code(blocks):
        yield start, first
        start = last
    yield start, end


def _code(blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    for block in blocks:
        if block.kind == "code":
            yield block.start, block.end
        else:
            yield from _code(block.children)
