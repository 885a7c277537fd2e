"""Cut points: the offsets where a text may be cut into chunks, with token sums.

There are enough of them that every limit can be met, and so few that choosing among them is linear
in the text for every limit: ends of sentences and stronger; where those are far apart, lines,
clauses and words; where not even a word fits, offsets inside it; and where they are dense relative
to the limit, the cheapest of each granule.

This also serves the indexes whose counts do not add up, with the kernel too.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from typing import cast

from ctxtools._core.cut_types import CutOptions, CutPoints, CutRules
from ctxtools._core.fallback.chunk.cut_costs import CutCosts
from ctxtools._core.fallback.chunk.cut_rules import limit_of, rules_of
from ctxtools._core.fallback.numbers import offset_of, offsets_of, tokens_of
from ctxtools._core.fallback.sentences.marks import CLOSING
from ctxtools._core.longest_pieces import cut_into_pieces
from ctxtools._core.types import Strength, TokenIndex

_COARSE = 4  # a span longer than this fraction of the limit gets finer cut points
_GRANULES = 64  # of a limit; each keeps its cheapest cut point
_FINE_GRANULES = 32  # the same within a span without sentences
_PIECES = 8  # cut points for each limit that a span without any boundary is long
_SEARCHED_PIECES = 4  # the same where they have to be searched for
# Up to these limits most sentences would get finer cut points anyway, so all do.
_ALL_WORDS, _ALL_LINES = 48, 192
_LONG = 64  # a pretoken with more tokens is long


def find_cut_points(
    index: TokenIndex, start: int, forced: Sequence[int], rules: CutRules, options: CutOptions
) -> CutPoints:
    """The cut points of a text in an index of it: see `TokenIndex.cut_points`."""
    start, limit = offset_of(start, index.length), limit_of(options)
    rules = rules_of(rules, index.length)
    costs = CutCosts(options.penalties, rules)
    forced = offsets_of(forced, index.length)
    finder = _Finder(index, limit, tokens_of(options.capacity), costs, frozenset(forced))
    found = finder.find(start, dict(zip(*rules.boundaries, strict=True)))
    return CutPoints(
        memoryview(array("I", found.offsets)).toreadonly(),
        memoryview(bytes(found.strengths)),
        cast("memoryview[float]", memoryview(array("d", found.costs)).toreadonly()),
        memoryview(array("q", found.sums_from)).toreadonly(),
        memoryview(array("q", found.sums_to)).toreadonly(),
        memoryview(array("I", sorted(found.oversize))).toreadonly(),
    )


@dataclass(slots=True)
class _Points:
    """Cut points that are added to; see `CutPoints`."""

    offsets: list[int] = field(default_factory=list)
    strengths: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    sums_from: list[int] = field(default_factory=list)
    sums_to: list[int] = field(default_factory=list)
    oversize: set[int] = field(default_factory=set)

    @classmethod
    def ends_only(cls, start: int, end: int, last: int, size: int) -> "_Points":
        """The two ends of a span."""
        return cls([start, end], [Strength.NONE, last], [0.0, 0.0], [0, size], [0, size])

    def add(self, offset: int, strength: int, cost: float, sum_from: int, sum_to: int) -> None:
        """Adds a cut point."""
        self.offsets.append(offset)
        self.strengths.append(strength)
        self.costs.append(cost)
        self.sums_from.append(sum_from)
        self.sums_to.append(sum_to)

    def extend(self, other: "_Points", first: int, last: int, shift: int) -> None:
        """Adds the points ``first`` to ``last - 1`` of another, with sums moved by ``shift``."""
        self.offsets += other.offsets[first:last]
        self.strengths += other.strengths[first:last]
        self.costs += other.costs[first:last]
        self.sums_from += [tokens + shift for tokens in other.sums_from[first:last]]
        self.sums_to += [tokens + shift for tokens in other.sums_to[first:last]]


# A cut point: offset, strength, cost, and its two sums.
_Point = tuple[int, int, float, int, int]


class _Finder:
    """Finds the cut points of one text for one limit.

    Args:
        index: its index.
        limit: tokens of a chunk.
        capacity: those of them that are left after overlap and header.
        costs: what a cut costs.
        forced: offsets that have to be cut points.
    """

    def __init__(
        self,
        index: TokenIndex,
        limit: int,
        capacity: int,
        costs: CutCosts,
        forced: Collection[int],
    ) -> None:
        self._index, self._limit, self._costs, self._forced = index, limit, costs, forced
        # The tokens of the longest span without finer cut points, by their strength.
        self._longest = [max(capacity, limit // 4, 1), *[max(1, limit // _COARSE)] * len(Strength)]
        self._unbroken = max(capacity, limit // 2, 1)  # a longer span is cut where no boundary is
        self._long: tuple[int, list[tuple[int, int]]] = -1, []  # a pretoken, and its tokens

    def find(self, start: int, blocks: dict[int, int]) -> _Points:
        """The cut points from ``start`` to the end of the text, both included."""
        level = Strength.SENTENCE
        if self._limit <= _ALL_LINES:
            level = Strength.WORD if self._limit <= _ALL_WORDS else Strength.LINE
        end = self._index.length
        found: tuple[Sequence[int], Sequence[int]] = self._index.boundaries(level, start, end)
        if blocks or self._forced:
            found = self._with_blocks(start, *found, blocks)
        points = self._measured(start, *found, end, Strength.SECTION, self._limit // _GRANULES)
        return self._refined(points, level)

    def _with_blocks(
        self,
        start: int,
        offsets: Sequence[int],
        strengths: Sequence[int],
        blocks: dict[int, int],
    ) -> tuple[list[int], list[int]]:
        """The boundaries with those of blocks and those forced."""
        known: dict[int, int] = dict.fromkeys(self._forced, Strength.NONE)
        known.update(zip(offsets, strengths, strict=True))
        for offset, strength in blocks.items():
            # A parser does not know of clusters. (The cuts of larger chunks are forced.)
            if offset in self._forced or not self._index.is_inside_cluster(offset):
                known[offset] = strength
        merged = sorted(known)
        merged = merged[bisect_right(merged, start) : bisect_left(merged, self._index.length)]
        return merged, [known[offset] for offset in merged]

    def _measured(
        self,
        start: int,
        offsets: Sequence[int],
        strengths: Sequence[int],
        end: int,
        last: int,
        granule: int,
    ) -> _Points:
        """The cut points ``start``, the offsets, and ``end``, which has the strength ``last``.
        Where they are dense, the cheapest of each granule, the last of equal ones; and those
        forced."""
        every = [start, *offsets, end]
        known = self._inside_long(every) if self._index.additive else {}
        rest = [offset for offset in every if offset not in known]
        known |= dict(zip(rest, zip(*self._index.measure(rest), strict=True), strict=True))
        n, size = len(every), known[end][1] - known[start][0]
        is_dense = granule >= 2 and n * granule >= 2 * size
        thinned = _Thinned(granule)
        thinned.keep((start, Strength.NONE, 0.0, *known[start]))
        for offset, strength in zip(offsets, strengths, strict=True):
            is_forced = offset in self._forced
            cost = self._costs.at(offset, strength)
            if cost is None:
                if not is_forced:
                    continue
                cost = self._costs.anywhere(offset, strength)
            point = (offset, strength, cost, *known[offset])
            if is_dense and not is_forced:
                thinned.add(point)
            else:
                thinned.keep(point)
        thinned.keep((end, last, 0.0, *known[end]))
        return thinned.points

    def _inside_long(self, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
        """The sums from and to the offsets inside long pretokens, of which there may be many: the
        exact ones take a count of all of the pretoken. So they are taken from its tokens, which
        are those of its parts but for one or two."""
        ends, sums = self._index.ends, self._index.sums
        measured: dict[int, tuple[int, int]] = {}
        for offset in offsets:
            i = bisect_left(ends, offset)
            first, before = (ends[i - 1], sums[i - 1]) if i else (0, 0)
            if not offset or ends[i] == offset or sums[i] - before <= _LONG:
                continue
            if self._long[0] != i:  # the last one met
                found = zip(*self._index.token_ends(first, ends[i]), strict=True)
                self._long = i, [(first, before), *((end, before + n) for end, n in found)]
            tokens = self._long[1]
            after = bisect_left(tokens, offset, key=itemgetter(0))
            is_end = tokens[after][0] == offset
            measured[offset] = tokens[after - (not is_end)][1], tokens[after][1]
        return measured

    def _refined(self, points: _Points, level: int) -> _Points:
        """The cut points, and more of them where the span between two is large."""
        finer = level - 1
        longest = self._longest[finer] if level else self._unbroken
        spans = zip(points.sums_from, points.sums_to[1:], strict=False)
        large = [i for i, (start, end) in enumerate(spans) if end - start > longest]
        if not large:
            return points
        refined, done, shift = _Points(), 0, 0
        for i in large:
            inner = self._split(points, i, finer)
            size = points.sums_to[i + 1] - points.sums_from[i]
            # Inside a pretoken a count may be smaller than the difference of the sums.
            same = len(inner.offsets) == 2 and inner.sums_to[1] - inner.sums_from[0] == size
            if same and not inner.oversize:
                continue
            refined.extend(points, done, i + 1, shift)
            origin = refined.sums_from[-1] - inner.sums_from[0]
            refined.extend(inner, 1, len(inner.offsets) - 1, origin)
            shift = inner.sums_to[-1] + origin - points.sums_to[i + 1]
            refined.oversize |= inner.oversize
            done = i + 1
        refined.extend(points, done, len(points.offsets), shift)
        return refined

    def _split(self, points: _Points, i: int, level: int) -> _Points:
        """The span between two neighbours, with cut points inside it of a level or finer ones."""
        start, end = points.offsets[i], points.offsets[i + 1]
        size, last = points.sums_to[i + 1] - points.sums_from[i], points.strengths[i + 1]
        for finer in range(level, -1, -1):
            if size <= self._longest[finer]:
                return _Points.ends_only(start, end, last, size)
            every = zip(*self._index.boundaries(Strength(finer), start, end), strict=True)
            found = [at for at in every if self._is_allowed(*at)]
            if found:
                offsets, strengths = zip(*found, strict=True)
                granule = self._limit // _FINE_GRANULES
                inner = self._measured(start, offsets, strengths, end, last, granule)
                # What was left out may be needed yet, where sizes are uneven.
                left_out = len(inner.offsets) < len(found) + 2
                return self._refined(inner, finer + left_out)
        if size <= self._unbroken:
            return _Points.ends_only(start, end, last, size)
        return self._cut_anywhere(start, end, last)

    def _is_allowed(self, offset: int, strength: int) -> bool:
        """Whether a boundary is not inside an atomic span, nor before punctuation that belongs to
        what is before it."""
        is_good = strength > Strength.NONE or self._index.text[offset] not in CLOSING
        return is_good and self._costs.at(offset, strength) is not None

    def _cut_anywhere(self, start: int, end: int, last: int) -> _Points:
        """A span without boundaries, cut before and after atomic spans that fit, and elsewhere
        between tokens."""
        points = _Points([start], [Strength.NONE], [0.0], [0], [0])
        is_inside, done = self._index.is_inside_cluster, start
        for first, after in self._costs.atomic_after(start):
            if first >= end:
                break
            size = self._index.count(first, after)
            is_kept = first >= done and after <= end and size <= self._limit
            if is_kept and not is_inside(first) and not is_inside(after):
                self._cut_between_tokens(points, done, first)
                self._add_inside(points, after, size)
                done = after
        self._cut_between_tokens(points, done, end)
        points.strengths[-1] = last
        return points

    def _add_inside(self, points: _Points, offset: int, tokens: int) -> None:
        """Adds a cut point that is ``tokens`` after the last one, with nothing else between."""
        tokens += points.sums_to[-1]
        cost = self._costs.anywhere(offset, Strength.NONE)
        points.add(offset, Strength.NONE, cost, tokens, tokens)

    def _cut_between_tokens(self, points: _Points, start: int, end: int) -> None:
        """Adds the end of a span, and cut points inside it: between tokens that end where grapheme
        clusters do; where those are too far apart, between clusters, or characters if need be."""
        if start == end:
            return
        aim = max(1, self._unbroken // _PIECES)
        text, clusters = self._index.text, self._index.cluster_ends(start, end)
        ends = {offset for offset in clusters if offset == end or text[offset] not in CLOSING}
        # Token sums: up to here, at the last cut point, and at the last cluster end after that.
        tokens, done, near = 0, 0, (start, 0)
        for offset, tokens in self._token_ends(start, end):
            if offset not in ends:
                continue
            if tokens - done > aim:
                if near[1] > done:
                    self._add_inside(points, near[0], near[1] - done)
                    done = near[1]
                if tokens - done > self._unbroken:
                    self._search(points, near[0], offset)
                    done = tokens
                elif tokens - done > aim:
                    self._add_inside(points, offset, tokens - done)
                    done = tokens
            near = offset, tokens
        if points.offsets[-1] < end:
            self._add_inside(points, end, tokens - done)

    def _token_ends(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """Where tokens end, and the token sums there; the end, where none are known."""
        ends, sums = self._index.token_ends(start, end)
        if len(ends):
            return zip(ends, sums, strict=True)
        return [(end, self._index.count(start, end))]

    def _search(self, points: _Points, start: int, end: int) -> None:
        """Adds cut points to a span in which no tokens show where: the ends of the longest pieces
        that keep the limit, and some in each for what is before and after."""
        for ends, size in self._pieces(start, self._index.cluster_ends(start, end)):
            first, known, done = points.offsets[-1], 0, 0
            for piece in range(1, _SEARCHED_PIECES):
                more = len(ends) * piece // _SEARCHED_PIECES
                if more > done:
                    tokens = self._index.count(first, ends[more - 1])
                    self._add_inside(points, ends[more - 1], tokens - known)
                    done, known = more, tokens
            if size > self._limit:
                points.oversize.add(first)
            self._add_inside(points, ends[-1], min(size, self._limit) - known)

    def _pieces(self, start: int, ends: Sequence[int]) -> Iterator[tuple[Sequence[int], int]]:
        """Pieces of a span, as the ends in each, and their tokens; a grapheme cluster above the
        limit is cut between its characters."""
        done = 0
        for end, size in cut_into_pieces(start, ends, self._unbroken, self._index.count):
            first, done = done, bisect_right(ends, end, done)
            if size > self._limit and end - start > 1:
                yield from self._pieces(start, range(start + 1, end + 1))
            else:
                yield ends[first:done], size
            start = end


class _Thinned:
    """Cut points in order, those that are dense thinned out: the cheapest of each granule remains.

    Args:
        granule: its tokens.
    """

    def __init__(self, granule: int) -> None:
        self.points, self._granule = _Points(), granule
        self._goal: float = -inf  # where the granule ends, in tokens
        # Of the granule so far, the last one of the cheapest, and the last one.
        self._best: _Point | None = None
        self._last: _Point | None = None
        self._sum = 0  # at the last point that was seen

    def keep(self, point: _Point) -> None:
        """Adds a point that remains."""
        self._finish(with_last=self._is_far(point))
        self.points.add(*point)
        self._sum = point[4]

    def add(self, point: _Point) -> None:
        """Adds a point that remains if it is the cheapest of its granule, or next to a span without
        any, so that nothing of that span is left to cut."""
        if self._is_far(point):
            self.keep(point)
            return
        self._sum = point[4]
        if point[4] >= self._goal:
            self._finish(with_last=False)
            self._goal = point[4] + self._granule
        self._last = point
        if self._best is None or point[2] <= self._best[2]:
            self._best = point

    def _is_far(self, point: _Point) -> bool:
        """Whether a point is far from the one before."""
        return point[4] - self._sum > self._granule

    def _finish(self, *, with_last: bool) -> None:
        """Ends the granule; ``with_last`` keeps its last point too."""
        if self._best is not None and self._last is not None:
            self.points.add(*self._best)
            if with_last and self._last[0] > self._best[0]:
                self.points.add(*self._last)
        self._best = self._last = None
