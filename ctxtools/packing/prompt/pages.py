"""The pages of a document that a span of its text is on, in words."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.packing.relevance.excerpts import Excerpt

_MAX_NAMED = 12  # runs of pages


def named_pages(pages: Sequence[int], spans: Iterable[tuple[int, int]]) -> str:
    """The pages of some spans: "page 3 of 9", "pages 1-2, 7 of 9".

    Args:
        pages: what the pages start at, in order: offsets in characters, or lines.
        spans: (start, end) in the same unit, in order; the end is not in the span.
    """
    runs = list[tuple[int, int]]()
    for start, end in spans:
        first, last = max(1, bisect_right(pages, start)), max(1, bisect_left(pages, end))
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = runs[-1][0], max(last, runs[-1][1])
        else:
            runs.append((first, max(first, last)))
    named = ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in runs[:_MAX_NAMED])
    more = f" and {len(runs) - _MAX_NAMED} more" if len(runs) > _MAX_NAMED else ""
    is_one = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"{'page' if is_one else 'pages'} {named}{more} of {len(pages)}"


def page_lines(text: str, pages: Sequence[int]) -> list[int]:
    """The numbers of the lines, from 1, at which pages start.

    Args:
        text: the document.
        pages: offsets at which they start.
    """
    lines, number, seen = list[int](), 1, 0
    for page in pages:
        number += text.count("\n", seen, page)
        seen = page
        lines.append(number)
    return lines


def on_pages(excerpt: "Excerpt", starts: Sequence[int]) -> "Excerpt":
    """An excerpt with the pages that it is on.

    Args:
        excerpt: of a document.
        starts: the lines at which that document's pages start (`page_lines`); none if it has none.
    """
    if not starts:
        return excerpt
    spans = ((first, last + 1) for first, last in excerpt.spans)
    return excerpt._replace(on=named_pages(starts, spans))
