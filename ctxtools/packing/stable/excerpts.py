"""Excerpts of an earlier pack, as they would be written now.

Which lines an excerpt shows is read from the markers in place of the others, and the excerpt is
made of these lines again: so it is kept where they are the same, at the same numbers, whatever
became of the lines that it leaves out.
"""

from collections.abc import Iterator

from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.candidates import Candidate
from ctxtools.packing.prompt.choice.select import Option
from ctxtools.packing.prompt.forms import excerpt_option
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.pages import on_pages, page_lines
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.packing.relevance.excerpts import MARKER, excerpt_of
from ctxtools.packing.relevance.units import Lines

_MAX_TRIED = 4  # markers at the end, of which the next entries may have as many

Spans = list[tuple[int, int]]


def shown_lines(text: str, start: int, end: int, lines: int) -> Iterator[Spans]:
    """The lines that an excerpt may show: as its markers say, the most markers first.

    Args:
        text: the earlier pack.
        start, end: of what is looked at; the entry is at its start, and others may follow.
        lines: of the document; markers of documents with another number are not of it.
    """
    omitted: Spans = []
    for marker in MARKER.finditer(text, start, end):
        first, last, of = (int(each or 0) for each in marker.groups())
        last = last or first
        after = omitted[-1][1] if omitted else 0
        # A marker at the start has nothing before it; of any other there are lines that are shown.
        if of != lines or not after < first <= last <= lines or (omitted and first == after + 1):
            break
        omitted.append((first, last))
    for number in range(len(omitted), max(len(omitted) - _MAX_TRIED, 0), -1):
        shown, after = Spans(), 0
        for first, last in omitted[:number]:
            if first > after + 1:
                shown.append((after, first - 1))
            after = last
        if after < lines:
            shown.append((after, lines))
        yield shown


def excerpts_again(
    each: Candidate, options: PackOptions, renderer: Renderer, text: str, start: int, end: int
) -> Iterator[Option]:
    """A document as the excerpts that it may have been in an earlier pack.

    Args:
        each: the document as it is now.
        options, renderer: of the new text.
        text, start, end: as in `shown_lines`.
    """
    starts = page_lines(each.text, each.document.pages)
    number = len(Lines(each.text))
    required = [span for span in each.relevance.spans if span.required]
    for spans in shown_lines(text, start, end, number):
        if not all(
            any(first <= span.first and min(span.last, number) <= last for first, last in spans)
            for span in required
        ):
            continue  # lines that were changed since have to go in
        excerpt = excerpt_of(each.text, spans, each.relevance, line_numbers=options.line_numbers)
        excerpt = on_pages(excerpt, starts)
        cost = renderer.cost(Entry(each.name, Form.EXCERPT, excerpt.body, excerpt.label))
        yield excerpt_option(each, excerpt, cost)
