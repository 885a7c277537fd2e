"""The view of a page as a reader sees it."""

from collections.abc import Mapping, Sequence

from ctxtools.chunking.views.view import View
from ctxtools.documents.html.page import write_page


def html_view(
    text: str, *, markdown: bool, left_out: Mapping[str, Sequence[tuple[int, int]]]
) -> View:
    """A page as a reader sees it.

    Args:
        text: the page.
        markdown: as Markdown instead of plain text.
        left_out: what the view says it lacks.
    """
    writer = write_page(text, markdown=markdown)
    return View(writer.text(), writer.segments, left_out)
