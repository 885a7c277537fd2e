"""HTML: elements, headings and tables.

A heading rules what follows up to the next one of its level or higher, whatever elements are around
the two. Where there is no ``h1``, all is in a section under the document's title.
"""

from ctxtools import _core
from ctxtools.chunking.block import Parsed
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.lines import without_surrogates
from ctxtools.errors import FormatError


def parse(text: str, format: str = "html") -> Parsed:
    """The blocks of an HTML document."""
    try:
        return Parsed(_core.html_blocks(without_surrogates(text)))
    except OverflowError as error:
        raise FormatError(f"cannot be parsed as HTML: {error}", hint=USE_TEXT) from error
