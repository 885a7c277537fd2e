"""The blocks of HTML.

blocks.py   from the events of a document, with entries.py (sections), tables.py (headers) and
            sentences.py (ends of sentences that tags hide)
spans.py    tags, which are not cut
fragment.py pieces of a page in another format
"""

from ctxtools._core.fallback.blocks import Blocks
from ctxtools._core.fallback.html.blocks import BlockBuilder
from ctxtools._core.fallback.html.entries import blocks, section
from ctxtools._core.fallback.html.spans import inline_spans
from ctxtools._core.html.tokens import tokens
from ctxtools._core.html.tree import events


def html_blocks(text: str) -> Blocks:
    """The blocks of an HTML document.

    A heading rules what follows up to the next one of its level or higher, whatever elements are
    around the two; but what follows the main content, such as links to other pages, only an ``h1``
    does. Where there is no ``h1``, all is in a section under the document's title.
    """
    found = [*tokens(text)]
    builder = BlockBuilder(text, events(text, found), 0, len(text))
    entries = builder.entries()
    headings = [entry for entry in entries if entry.level]
    parts = blocks(entries, len(text), builder.main_end)
    title = builder.title
    if title and parts and not any(h.level == 1 or h.title == title for h in headings):
        parts = [section(parts, len(text), title, 1)]
    return Blocks(parts, inline_spans(text, found))
