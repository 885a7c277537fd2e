"""Excerpts: the most relevant spans of a document, whole lines, with markers for what is between.

A document may go in as several excerpts, each of which has all that a smaller one has: the spans
of the highest score per token first. So the knapsack chooses how much of each document goes in.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxtools.packing.line_numbers import number_lines
from ctxtools.packing.relevance.spans import Relevance, ScoredSpan
from ctxtools.packing.relevance.units import Lines

_GROWTH = 1.35  # of an excerpt, in characters, against the next smaller one
_MAX_SIZES = 12  # excerpts of one document
_MAX_SHARE = 0.85  # of the document's characters; a longer excerpt is not offered
_MAX_GAP = 2  # lines between two spans that go in, since a marker takes as much
_MARKER = 40  # characters of one, about
_MAX_NAMED = 12  # spans that the label of an excerpt names


class Excerpt(NamedTuple):
    """Some lines of a document.

    Attributes:
        body: the lines, with markers for those between.
        spans: (number of the first line, that of the last one), from 1.
        of: the lines of the document.
        score: the sum of those of the spans.
        share: of the document's characters.
        on: the pages of the document that they are on, in words; "" if it has none.
    """

    body: str
    spans: tuple[tuple[int, int], ...]
    of: int
    score: float
    share: float
    on: str = ""

    @property
    def label(self) -> str:
        """Which lines these are."""
        named = [f"{a}-{b}" if b > a else f"{a}" for a, b in self.spans[:_MAX_NAMED]]
        more = len(self.spans) - len(named)
        listed = ", ".join(named) + (f" and {more} more" if more else "")
        is_one = len(self.spans) == 1 and self.spans[0][0] == self.spans[0][1]
        on = f"; {self.on}" if self.on else ""
        return f"{'line' if is_one else 'lines'} {listed} of {self.of}{on}"


def excerpts_of(text: str, relevance: Relevance, *, line_numbers: bool = False) -> list[Excerpt]:
    """The excerpts that a document may go in as, the smallest one first.

    Args:
        text: of the document.
        relevance: its spans.
        line_numbers: put the number of each line before it.
    """
    lines = Lines(text)
    spans = [span for span in relevance.spans if span.first < len(lines) and not span.is_rough]

    def size(span: ScoredSpan) -> int:
        return lines.start(min(span.last, len(lines))) - lines.start(span.first) + _MARKER

    spans.sort(key=lambda span: (not span.required, -span.score / size(span), span.first))
    required = sum(span.required for span in spans)
    found: list[Excerpt] = []
    chosen, score, characters, last = set[int](), 0.0, 0, 0
    for number, span in enumerate(spans, 1):
        chosen.update(range(span.first, min(span.last, len(lines))))
        chosen.update(line for line in span.context if line < len(lines))
        score += span.score
        characters += size(span)
        if characters >= _MAX_SHARE * len(text):
            break
        if number >= required and (characters >= _GROWTH * last or number == len(spans)):
            excerpt = _excerpt(lines, [*_spans(chosen, len(lines))], score, line_numbers)
            if found and found[-1].spans == excerpt.spans:
                found.pop()  # it had the lines of this span as context
            found.append(excerpt)
            last = characters
        if len(found) == _MAX_SIZES:
            break
    return found


def excerpt_of(
    text: str,
    spans: Sequence[tuple[int, int]],
    relevance: Relevance,
    *,
    line_numbers: bool = False,
) -> Excerpt:
    """The excerpt that shows some lines, with the score of the spans that are all in them.

    Args:
        text: of the document.
        spans: (number of the first line, that of the line after the last one), from 0, disjoint and
            in order.
        relevance: what is relevant now, whatever the lines were chosen by.
        line_numbers: put the number of each line before it.
    """
    inside = (
        span.score
        for span in relevance.spans
        if any(first <= span.first and span.last <= last for first, last in spans)
    )
    return _excerpt(Lines(text), spans, sum(inside), line_numbers)


def _excerpt(
    lines: Lines, spans: Sequence[tuple[int, int]], score: float, line_numbers: bool
) -> Excerpt:
    bodies, after, characters = [], 0, 0
    for first, last in spans:
        if first > after:
            bodies.append(_marker(after, first, len(lines)))
        text = lines.slice(first, last)
        characters += len(text)
        text = text if text.endswith("\n") or last == len(lines) else f"{text}\n"
        bodies.append(number_lines(text, first + 1) if line_numbers else text)
        after = last
    if after < len(lines):
        bodies.append(_marker(after, len(lines), len(lines)))
    share = characters / max(len(lines.text), 1)
    numbered = tuple((first + 1, last) for first, last in spans)
    return Excerpt("".join(bodies), numbered, len(lines), score, share)


def _spans(chosen: Iterable[int], number: int) -> Iterator[tuple[int, int]]:
    """The spans of some lines, with what is short between two of them, or after the last."""
    first = last = -1
    for line in sorted(chosen):
        if first < 0:
            first = 0 if line <= _MAX_GAP else line
        elif line - last > _MAX_GAP:
            yield first, last
            first = line
        last = line + 1
    if first >= 0:
        yield first, number if number - last <= _MAX_GAP else last


MARKER = re.compile(
    r"\[\.\.\. lines? (\d{1,12})(?: to (\d{1,12}))? of (\d{1,12}) left out \.\.\.\]"
)
"""What an excerpt has in place of lines that it does not show."""


def _marker(first: int, last: int, number: int) -> str:
    which = f"lines {first + 1} to {last}" if last - first > 1 else f"line {last}"
    return f"[... {which} of {number} left out ...]\n"
