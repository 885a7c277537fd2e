"""A text cut into spans in one pass: cut points, overheads, the choice among them, overlaps, and
what there is to know of each span."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from ctxtools import _core
from ctxtools._core.fallback.cut_points import find_cut_points
from ctxtools._core.fallback.numbers import (
    check_same_length,
    integers_of,
    offsets_of,
    ranges_of,
    tokens_of,
)
from ctxtools._core.types import CutOptions, CutPoints, Spans, TokenIndex

_Column = tuple[Sequence[int], Sequence[int]]


def cut(
    index: TokenIndex,
    start: int,
    parents: _Column,
    boundaries: _Column,
    atomic: _Column,
    overheads: _Column,
    options: CutOptions,
) -> Spans:
    """The spans that a text is cut into: see `TokenIndex.cut`."""
    spans_to_cut = ranges_of(*parents, index.length)
    limit, min_size = tokens_of(options.limit), tokens_of(options.min_size)
    forced = [end for _, end in spans_to_cut[:-1]]
    points = find_cut_points(index, start, limit, options.capacity, boundaries, atomic, forced)
    changes = offsets_of(overheads[0], index.length)
    tokens = [tokens_of(number) for number in integers_of(overheads[1])]
    check_same_length("overhead starts and tokens", changes, tokens)
    sums_from = _with_overheads(points, (changes, tokens), limit)
    oversize = frozenset(points.oversize)
    spans: list[tuple[int, int, int]] = []  # first and last cut point, start of the parent
    first = 0
    for parent_start, parent_end in spans_to_cut:
        last = min(bisect_left(points.offsets, parent_end, first), len(points.offsets) - 1)
        here = slice(first, last + 1)
        columns = sums_from[here], points.sums_to[here], points.strengths[here]
        if options.strategy == "greedy":
            cuts = _core.greedy_cuts(*columns, options.penalties, limit)
        else:
            cuts = _core.optimal_cuts(
                *columns, options.penalties, limit, min_size, options.evenness
            )
        chosen = [first + cut for cut in cuts]
        # What follows a character above the limit may have no tokens, and is not added to it.
        after = (i + 1 for i in chosen[:-1] if points.offsets[i] in oversize)
        chosen = sorted({*chosen, *after})
        spans += ((i, j, parent_start) for i, j in pairwise(chosen))
        first = last
    body_starts = array("I", [points.offsets[i] for i, _, _ in spans])
    wanted = index.overlap_starts(body_starts, options.overlap)
    starts = array("I")
    for body_start, start, (_, _, parent_start) in zip(body_starts, wanted, spans, strict=True):
        if body_start in oversize or (
            # Less text may have more tokens, where counts do not add up.
            start < parent_start and index.count(parent_start, body_start) > options.overlap
        ):
            starts.append(body_start)
        else:
            starts.append(max(start, parent_start))
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


def _with_overheads(points: CutPoints, overheads: _Column, limit: int) -> memoryview:
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
