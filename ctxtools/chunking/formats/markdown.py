"""Markdown: CommonMark, tables, and front matter.

The kernel parses with pulldown-cmark, the fallback with markdown-it-py; they agree on everything
that CommonMark specifies. Blocks consist of entire lines.
"""

from ctxtools import _core
from ctxtools.chunking.block import MAX_DEPTH, Parsed
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.lines import without_mark, without_surrogates
from ctxtools.chunking.formats.markup import front_matter
from ctxtools.errors import FormatError


def parse(text: str, format: str = "markdown") -> Parsed:
    """The blocks of a Markdown document. A section ends at the next heading of its level.

    Raises:
        FormatError: the parser failed.
    """
    clean = without_surrogates(text)
    start, front, title = _front_matter(clean)
    try:
        return Parsed(_core.markdown_blocks(clean, start, front, title, MAX_DEPTH))
    except (ValueError, OverflowError) as error:
        raise _failure(error) from error


def html_spans(text: str) -> list[tuple[int, int]]:
    """The spans of a Markdown document that are blocks of HTML, in order.

    Raises:
        FormatError: the parser failed.
    """
    clean = without_surrogates(text)
    _, front, _ = _front_matter(clean)
    try:
        return _core.markdown_html(clean, front, MAX_DEPTH)
    except (ValueError, OverflowError) as error:
        raise _failure(error) from error


def _failure(error: Exception) -> FormatError:
    return FormatError(f"cannot be parsed as Markdown: {error}", hint=USE_TEXT)


def _front_matter(text: str) -> tuple[int, int, str]:
    """Where a document starts and its front matter ends, and the title in it."""
    start = without_mark(text)
    return start, *front_matter.find(text, start)
