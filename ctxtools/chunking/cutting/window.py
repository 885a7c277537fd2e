"""A look-ahead window of a document, cut in one pass, by the kernel if it has the tokenizer:

blocks -> where it should and must not be cut, and what headers take   rules.py headers.py
words or vectors -> what belongs together, if asked for                cohesion.py
-> cut points with token sums -> choice -> overlaps and counts         TokenIndex.cut
-> overlap and header of each span                                     assemble.py
-> spans that all keep the limit                                       repair.py
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, Protocol

from ctxtools._core.cut_types import Costs, CutOptions, CutRules, Spans, WindowOptions
from ctxtools._core.types import Strength, TokenIndex
from ctxtools._core.windows import cut_window as cut_in_kernel
from ctxtools.chunking.costs import BELOW_MIN, GLUED, WEIGHTS
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.assemble import Assembler
from ctxtools.chunking.cutting.cohesion import cohesion_costs
from ctxtools.chunking.cutting.headers import Headers
from ctxtools.chunking.cutting.repair import Repairer
from ctxtools.chunking.cutting.rules import RuleMaker
from ctxtools.chunking.cutting.spans import Span, nested
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure

if TYPE_CHECKING:
    from ctxtools._core import ChunkIds, WindowSpans


Position = tuple[int, int, int]
"""Where a look-ahead window starts in the document: characters, bytes, and the line, from 1."""


class CutWindow(Protocol):
    """A look-ahead window that was cut."""

    def __len__(self) -> int:
        """The number of its spans of the largest size."""

    def spans(self, first: int, last: int) -> Sequence[Span]:
        """The spans of the largest size from one to before another, with the smaller ones inside
        them."""

    def columns(
        self, first: int, last: int, origin: Position, ids: "ChunkIds"
    ) -> tuple[list[Any], ...] | None:
        """The chunks of these spans, as columns: see ``_kernel.WindowSpans``; None if they have to
        be made of each span."""

    def start_before(self, number: int) -> tuple[int, int, int, int]:
        """Where the next look-ahead window may start, so that the span it continues with has as
        much text before it as its overlap needs.

        Args:
            number: of that span.

        Returns:
            (characters, bytes, line feeds of this window up to there; where the span starts after
            its overlap, in characters from there).
        """


def cut_window(
    text: str,
    origin: int,
    body_start: int,
    counter: TextCounter,
    structure: Structure,
    settings: Settings,
    breaks: Sequence[int] = (),
) -> CutWindow:
    """A look-ahead window cut into the largest spans, each with the smaller ones inside it.

    Args:
        text: that of the window.
        origin: where it starts in the document, in characters.
        body_start: where its first span starts after the overlap.
        counter: counts tokens.
        structure: the blocks of the document.
        settings: of the chunker.
        breaks: offsets in the window that no chunk reaches across, in order.
    """
    index = counter.index(text)
    extra = cohesion_costs(index, settings.cohesion)
    if known := structure.kernel:
        options = window_options(settings)
        spans = cut_in_kernel(known, index, origin, body_start, breaks, extra, options)
        if spans is not None:
            return _CutInKernel(spans)
    window = LookAheadWindow(text, origin, index, counter, structure, settings, breaks, extra)
    return _CutInPython(window, window.spans(body_start))


def window_options(settings: Settings) -> WindowOptions:
    """How the kernel cuts by the settings of a chunker."""
    weights = WEIGHTS[settings.prefer]
    return WindowOptions(
        settings.chunk_sizes,
        settings.chunk_overlap,
        settings.min_size,
        weights.penalties,
        BELOW_MIN,
        weights.sizes,
        weights.atomic,
        GLUED,
        weights.closing,
        settings.strategy,
        settings.header,
        settings.overlap_within == "section",
    )


class _CutInKernel:
    def __init__(self, spans: "WindowSpans") -> None:
        self._spans = spans

    def __len__(self) -> int:
        return len(self._spans)

    def spans(self, first: int, last: int) -> Sequence[Span]:
        levels: list[list[Span]] = []
        # The smaller spans follow the one that they are inside.
        for depth, *values in reversed(self._spans.spans()):
            while len(levels) < depth + 2:
                levels.append([])
            children = tuple(reversed(levels[depth + 1]))
            levels[depth].append(Span._make((*values, children)))
            levels[depth + 1] = []
        return levels[0][::-1][first:last] if levels else ()

    def columns(
        self, first: int, last: int, origin: Position, ids: "ChunkIds"
    ) -> tuple[list[Any], ...] | None:
        if self._spans.has_oversize(first, last):
            return None
        return self._spans.columns(first, last, origin, ids)

    def start_before(self, number: int) -> tuple[int, int, int, int]:
        return self._spans.start_before(number)


class _CutInPython:
    def __init__(self, window: "LookAheadWindow", spans: Sequence[Span]) -> None:
        self._window, self._spans = window, spans

    def __len__(self) -> int:
        return len(self._spans)

    def spans(self, first: int, last: int) -> Sequence[Span]:
        return self._spans[first:last]

    def columns(self, *_: object) -> None:
        return None

    def start_before(self, number: int) -> tuple[int, int, int, int]:
        first = self._window.start_before(self._spans, number)
        body_start = self._spans[number].body_start - first.start
        return first.start, first.start_byte, first.start_line, body_start


class LookAheadWindow:
    """A look-ahead window, which is cut as a whole.

    Args:
        text: that of the window.
        offset: where it starts in the document, in characters.
        index: the token index of the text.
        counter: counts tokens.
        structure: the blocks of the document.
        settings: of the chunker.
        breaks: offsets in the window that no chunk reaches across, in order.
        extra: see `CutRules`.
    """

    def __init__(
        self,
        text: str,
        offset: int,
        index: TokenIndex,
        counter: TextCounter,
        structure: Structure,
        settings: Settings,
        breaks: Sequence[int] = (),
        extra: Costs = ((), ()),
    ) -> None:
        self._text, self._settings, self._breaks = text, settings, breaks
        self._extra = extra
        overlap, self._weights = settings.chunk_overlap, WEIGHTS[settings.prefer]
        self._is_plain = not overlap and structure.is_empty
        self._index = index
        headers = Headers(offset, offset + len(text), counter, structure)
        self._assembler = Assembler(
            text, self._index, counter, headers, overlap, is_first=not offset
        )
        self._repairer = Repairer(self._index, self._assembler, overlap)
        self._rules = RuleMaker(
            structure,
            text,
            offset,
            self._index,
            headers,
            overlap,
            self._weights,
            within_sections=settings.overlap_within == "section",
        )

    def spans(self, body_start: int) -> Sequence[Span]:
        """The largest spans from an offset on, each with the smaller ones inside it."""
        parents, levels = self._between_breaks(body_start), []
        for limit in self._settings.chunk_sizes:
            rules = self._rules.rules(limit)._replace(extra=self._extra)
            cut = self._cut(parents, rules, limit)
            spans = self._assembler.spans(cut, limit, rules, plain=self._is_plain)
            parents = self._repairer.repaired(spans, limit, parents, rules.atomic)
            levels.append(parents)
        return nested(levels)

    def _between_breaks(self, body_start: int) -> list[Span]:
        """What is to be cut: all of the text, or that between each two breaks."""
        is_allowed = [not self._index.is_inside_cluster(offset) for offset in self._breaks]
        breaks = [*compress(self._breaks, is_allowed)]
        number = bisect_right(breaks, body_start)
        ends = [*breaks[number:], len(self._text)]
        # Nor does the overlap of the first chunk reach across a break.
        starts = [breaks[number - 1] if number else 0, *ends[:-1]]
        return [
            Span(start, max(start, body_start), end, Strength.SECTION, "", 0, False, False, 0, 0, 0)
            for start, end in zip(starts, ends, strict=True)
        ]

    def start_before(self, spans: Sequence[Span], number: int) -> Span:
        """The span at whose start the next look-ahead window may start, so that the span it
        continues with has as much text before it as its overlap needs.

        Args:
            spans: those of this look-ahead window.
            number: of the span that the next look-ahead window continues with.
        """
        body_start, overlap = spans[number].body_start, self._settings.chunk_overlap
        while number and self._index.count(spans[number].start, body_start) < overlap:
            number -= 1
        return spans[number]

    def _cut(self, parents: Sequence[Span], rules: CutRules, limit: int) -> Spans:
        """The spans of one size, inside those of the next larger one."""
        settings, weights = self._settings, self._weights
        overlap = settings.chunk_overlap
        return Spans(
            *self._index.cut(
                parents[0].body_start,
                ([parent.start for parent in parents], [parent.end for parent in parents]),
                rules,
                CutOptions(
                    limit,
                    limit - overlap - (limit // 2 if settings.header else 0),
                    overlap,
                    settings.min_size,
                    weights.penalties,
                    BELOW_MIN,
                    weights.sizes,
                    settings.strategy,
                ),
            )
        )
