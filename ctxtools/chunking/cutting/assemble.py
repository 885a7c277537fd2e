"""Spans with their overlap and header, counted."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import repeat

from ctxtools._core.cut_types import CutRules, Spans
from ctxtools._core.types import TokenIndex
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.headers import Headers
from ctxtools.chunking.cutting.spans import Span


class Assembler:
    """Makes the spans of one look-ahead window.

    Args:
        text: that of the look-ahead window.
        index: the token index of the text.
        counter: counts tokens.
        headers: those of its chunks.
        overlap: tokens of overlap asked for.
        is_first: whether it starts the document, whose first chunk has no overlap.
    """

    def __init__(
        self,
        text: str,
        index: TokenIndex,
        counter: TextCounter,
        headers: Headers,
        overlap: int,
        is_first: bool,
    ) -> None:
        self._text, self._index, self._counter = text, index, counter
        self._headers, self._overlap, self._is_first = headers, overlap, is_first
        self._rules = CutRules()

    def spans(self, cut: Spans, limit: int, rules: CutRules, *, plain: bool) -> list[Span]:
        """The spans that the index cut.

        Args:
            cut: its columns.
            limit: the maximum tokens of a span.
            rules: by which they were cut; they hold for what is asked next.
            plain: there are neither overlaps nor headers.
        """
        self._rules = rules
        tokens: Sequence[int] = cut.tokens
        if not self._index.additive:
            tokens = self._counter.count_batch(cut.texts) if plain else [0] * len(cut.texts)
        columns = (
            *(cut.starts, cut.body_starts, cut.ends, cut.strengths, cut.texts, tokens),
            *(cut.oversize, cut.shortened, cut.start_bytes, cut.end_bytes, cut.lines),
        )
        if plain:
            rows = zip(*columns, repeat(""), repeat(False), repeat(()))
            return [*map(Span._make, rows)]
        spans = [Span(*row) for row in zip(*columns, strict=True)]
        with_extras = (
            self._with_extras(span, limit, spare)
            for span, spare in zip(spans, cut.spare, strict=True)
        )
        return self._counted([*with_extras])

    def make(
        self, start: int, body_start: int, end: int, strength: int, limit: int, earliest: int
    ) -> Span:
        """One more span.

        Args:
            start: where its overlap is to start.
            body_start, end, strength: see `Span`.
            limit: the maximum tokens of a span.
            earliest: where its parent starts.
        """
        wanted = start
        if start < earliest:
            start = earliest
            if self._index.count(start, body_start) > self._overlap:
                start = body_start  # less text may have more tokens, where counts do not add up
        span = self._placed(
            Span(start, body_start, end, strength, "", 0, False, start > wanted, 0, 0, 0)
        )
        spare = limit - self._index.count(body_start, end)
        return self._counted([self._with_extras(span, limit, spare)])[0]

    def with_start(self, span: Span, start: int) -> Span:
        """The span with another overlap."""
        return self._counted([self._moved(span, start)])[0]

    def without_header(self, span: Span) -> Span:
        """The span without its header, which is dropped."""
        return self.with_start(span._replace(header="", dropped=True), span.start)

    def overlap_start(self, end: int, overlap: int) -> int:
        """The start of an overlap of at most ``overlap`` tokens that ends at an offset."""
        rules, first = self._rules, self._index.start_anywhere(end, overlap)
        # What is said of the rest of the text need not be looked at.
        near = CutRules(
            boundaries=_between(*rules.boundaries, first, end),
            overlap_strengths=_between(*rules.overlap_strengths, first, end),
            walls=rules.walls[bisect_left(rules.walls, first) : bisect_right(rules.walls, end)],
        )
        return self._index.overlap_starts(array("I", [end]), overlap, near)[0]

    def _with_extras(self, span: Span, limit: int, spare: int) -> Span:
        """The span with its header, and as much overlap as remains for it."""
        start, body_start = span.start, span.body_start
        header, dropped = self._headers.header(start, body_start, limit, spare)
        remaining = max(0, spare - self._headers.tokens(header))
        if remaining < self._overlap and start < body_start:
            start = max(start, self.overlap_start(body_start, remaining))
        has_overlap = self._overlap > 0 and not (self._is_first and not body_start)
        is_short = span.shortened or start > span.start or start == body_start
        text = header + span.text if header else span.text
        span = span._replace(
            text=text, shortened=has_overlap and is_short, header=header, dropped=dropped
        )
        return span if start == span.start else self._moved(span, start)

    def _moved(self, span: Span, start: int) -> Span:
        return self._placed(span._replace(start=start))

    def _placed(self, span: Span) -> Span:
        """The span with the text, bytes and line that follow from its start and end."""
        bytes_, lines = self._index.positions(array("I", [span.start, span.end]))
        return span._replace(
            text=span.header + self._text[span.start : span.end],
            tokens=self._index.count(span.start, span.end) if self._index.additive else 0,
            start_byte=bytes_[0],
            end_byte=bytes_[1],
            start_line=lines[0],
        )

    def _counted(self, spans: list[Span]) -> list[Span]:
        """The spans with the tokens of those that the index cannot tell: text with a header, and
        any text whose counts do not add up."""
        numbers = [i for i, span in enumerate(spans) if span.header or not self._index.additive]
        counts = self._counter.count_batch([spans[i].text for i in numbers])
        for i, tokens in zip(numbers, counts, strict=True):
            spans[i] = spans[i]._replace(tokens=tokens)
        return spans


def _between(
    offsets: Sequence[int], numbers: Sequence[int], start: int, end: int
) -> tuple[Sequence[int], Sequence[int]]:
    """The part of two columns that says something of ``start..end``: from the last offset before it
    on."""
    here = slice(max(0, bisect_right(offsets, start) - 1), bisect_right(offsets, end))
    return offsets[here], numbers[here]
