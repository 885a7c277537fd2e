"""HTML as a reader sees it, in plain text or Markdown; also in books and mail.

`page.py` writes it; where each span of it is from (writer.py) is what chunks of a page need.
"""

from typing import Literal

Render = Literal["source", "text", "markdown"]
"""What a page is read as: as it is written, or as a reader sees it."""


def html_text(text: str, *, markdown: bool = True) -> str:
    """A page as a reader sees it.

    Args:
        text: the page.
        markdown: as Markdown instead of plain text.
    """
    from ctxtools.documents.html.page import write_page

    return write_page(text, markdown=markdown).text()
