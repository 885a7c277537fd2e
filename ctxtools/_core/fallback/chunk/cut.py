"""A text cut into spans in one pass: cut points, overheads, the choice among them, overlaps, and
what there is to know of each span."""

from array import array
from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise

from ctxtools import _core
from ctxtools._core.cut_types import CutOptions, CutPoints, CutRules, Numbers, Spans
from ctxtools._core.fallback.chunk.cut_points import find_cut_points
from ctxtools._core.fallback.chunk.cut_rules import limit_of, rules_of
from ctxtools._core.fallback.chunk.overlap import Overlaps
from ctxtools._core.fallback.numbers import offset_of, ranges_of, tokens_of
from ctxtools._core.types import TokenIndex


def cut(
    index: TokenIndex,
    start: int,
    parents: Numbers,
    rules: CutRules,
    options: CutOptions,
    first_word: Callable[[int, int], int],
) -> Spans:
    """The spans that a text is cut into: see `TokenIndex.cut`, and `Overlaps`."""
    start, spans_to_cut = offset_of(start, index.length), ranges_of(*parents, index.length)
    limit, min_size = limit_of(options), tokens_of(options.min_size)
    rules = rules_of(rules, index.length)
    forced = [end for _, end in spans_to_cut[:-1]]
    points = find_cut_points(index, start, forced, rules, options)
    overlaps = Overlaps(index, rules, first_word)
    sums_from = _with_overheads(points, rules.overheads, limit)
    # What a span may have beside its overhead is what its size is compared with.
    overheads = zip(points.sums_from, sums_from, strict=True)
    shares = array("d", [1 / max(1, limit - (sum_ - with_)) for sum_, with_ in overheads])
    oversize = frozenset(points.oversize)
    spans: list[tuple[int, int, int]] = []  # first and last cut point, start of the parent
    first = 0
    for parent_start, parent_end in spans_to_cut:
        last = min(bisect_left(points.offsets, parent_end, first), len(points.offsets) - 1)
        here = slice(first, last + 1)
        columns = sums_from[here], points.sums_to[here], points.costs[here]
        if options.strategy == "greedy":
            cuts = _core.greedy_cuts(*columns, limit, options.below_min)
        else:
            cuts = _core.optimal_cuts(
                *columns,
                memoryview(shares)[here],
                limit,
                min_size,
                options.below_min,
                *options.sizes,
            )
        chosen = [first + cut for cut in cuts]
        # What follows a character above the limit may have no tokens, and is not added to it.
        after = (i + 1 for i in chosen[:-1] if points.offsets[i] in oversize)
        chosen = sorted({*chosen, *after})
        spans += ((i, j, parent_start) for i, j in pairwise(chosen))
        first = last
    body_starts = array("I", [points.offsets[i] for i, _, _ in spans])
    overlap = tokens_of(options.overlap)
    wanted = [overlaps.start(body_start, overlap, 0) for body_start in body_starts]
    starts = array("I")
    for body_start, start, (_, _, parent_start) in zip(body_starts, wanted, spans, strict=True):
        if body_start in oversize:
            start = body_start
        elif start < parent_start:
            start = overlaps.start(body_start, overlap, parent_start)
        starts.append(start)
    ends = array("I", [points.offsets[j] for _, j, _ in spans])
    start_bytes, lines = index.positions(starts)
    is_oversize = [start in oversize for start in body_starts]
    spare = [
        0 if alone else limit - (points.sums_to[j] - points.sums_from[i])
        for (i, j, _), alone in zip(spans, is_oversize, strict=True)
    ]
    shortened = [start > other for start, other in zip(starts, wanted, strict=True)]
    return Spans(
        memoryview(starts).toreadonly(),
        memoryview(body_starts).toreadonly(),
        memoryview(ends).toreadonly(),
        memoryview(bytes(points.strengths[j] for _, j, _ in spans)),
        index.slices(starts, ends),
        index.counts(starts, ends) if index.additive else memoryview(array("Q")).toreadonly(),
        memoryview(array("q", spare)).toreadonly(),
        memoryview(bytes(is_oversize)).cast("?"),
        memoryview(bytes(shortened)).cast("?"),
        start_bytes,
        index.positions(ends)[0],
        lines,
    )


def _with_overheads(points: CutPoints, overheads: Numbers, limit: int) -> memoryview:
    """The token sums from each cut point, with the overhead counted to what follows.

    The overhead takes nothing from a span that cannot be cut: that has at most the limit.
    """
    sums = array("q", points.sums_from)
    first, tokens = 0, 0
    for start, more in [*zip(*overheads, strict=True), (None, 0)]:
        last = len(sums) - 1
        if start is not None:
            last = bisect_left(points.offsets, start, first, last)
        if tokens:
            pairs = zip(sums[first:last], points.sums_to[first + 1 : last + 1], strict=True)
            sums[first:last] = array("q", [max(a - tokens, b - limit) for a, b in pairs])
        first, tokens = last, more
    return memoryview(sums)
