"""Cut points: the offsets where a text may be cut into chunks, with token sums.

There are enough of them that every limit can be met, and so few that choosing among them is linear
in the text for every limit: ends of sentences and stronger; where those are far apart, lines and
words; where not even a word fits, offsets inside it; and where they are dense relative to the
limit, the strongest of each granule.

This also serves the indexes whose counts do not add up, with the kernel too.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from ctxtools._core.fallback.numbers import (
    check_same_length,
    integers_of,
    offset_of,
    offsets_of,
    ranges_of,
    strength_of,
    tokens_of,
)
from ctxtools._core.longest_pieces import cut_into_pieces
from ctxtools._core.types import CutPoints, Strength, TokenIndex
from ctxtools.errors import UsageError

_COARSE = 4  # a span longer than this fraction of the limit gets finer cut points
_GRANULES = 64  # of a limit; each keeps its strongest cut point
_FINE_GRANULES = 32  # the same within a span without sentences
_PIECES = 8  # cut points for each limit that a span without any boundary is long
_SEARCHED_PIECES = 4  # the same where they have to be searched for
# Up to these limits most sentences would get finer cut points anyway, so all do.
_ALL_WORDS, _ALL_LINES = 48, 192
_LONG = 64  # a pretoken with more tokens is long


def find_cut_points(
    index: TokenIndex,
    start: int,
    limit: int,
    capacity: int,
    boundaries: tuple[Sequence[int], Sequence[int]],
    atomic: tuple[Sequence[int], Sequence[int]],
    forced: Sequence[int],
) -> CutPoints:
    """The cut points of a text in an index of it: see `TokenIndex.cut_points`."""
    limit, capacity, start = tokens_of(limit), tokens_of(capacity), offset_of(start, index.length)
    if limit < 1:
        raise UsageError(f"limit must be >= 1, got {limit}")
    blocks = offsets_of(boundaries[0], index.length)
    strengths = [strength_of(strength) for strength in integers_of(boundaries[1])]
    check_same_length("block starts and strengths", blocks, strengths)
    spans = ranges_of(*atomic, index.length)
    forced = offsets_of(forced, index.length)
    found = _Finder(index, limit, capacity, spans).find(
        start, dict(zip(blocks, strengths, strict=True)), forced
    )
    return CutPoints(
        memoryview(array("I", found.offsets)).toreadonly(),
        memoryview(bytes(found.strengths)),
        memoryview(array("q", found.sums_from)).toreadonly(),
        memoryview(array("q", found.sums_to)).toreadonly(),
        memoryview(array("I", sorted(found.oversize))).toreadonly(),
    )


@dataclass(slots=True)
class _Points:
    """Cut points that are added to; see `CutPoints`."""

    offsets: list[int] = field(default_factory=list)
    strengths: list[int] = field(default_factory=list)
    sums_from: list[int] = field(default_factory=list)
    sums_to: list[int] = field(default_factory=list)
    oversize: set[int] = field(default_factory=set)

    @classmethod
    def ends_only(cls, start: int, end: int, last: int, size: int) -> "_Points":
        """The two ends of a span."""
        return cls([start, end], [Strength.NONE, last], [0, size], [0, size])

    def add_inside(self, offset: int, tokens: int) -> None:
        """Adds a cut point that is ``tokens`` after the last one, with nothing else between."""
        self.offsets.append(offset)
        self.strengths.append(Strength.NONE)
        self.sums_to.append(self.sums_to[-1] + tokens)
        self.sums_from.append(self.sums_to[-1])

    def extend(self, other: "_Points", first: int, last: int, shift: int) -> None:
        """Adds the points ``first`` to ``last - 1`` of another, with sums moved by ``shift``."""
        self.offsets += other.offsets[first:last]
        self.strengths += other.strengths[first:last]
        self.sums_from += [tokens + shift for tokens in other.sums_from[first:last]]
        self.sums_to += [tokens + shift for tokens in other.sums_to[first:last]]


class _Finder:
    """Finds the cut points of one text for one limit.

    Args:
        index: its index.
        limit: tokens of a chunk.
        capacity: those of them that are left after overlap and header.
        atomic: spans that are not to be cut, disjoint and in order.
    """

    def __init__(
        self, index: TokenIndex, limit: int, capacity: int, atomic: Sequence[tuple[int, int]]
    ) -> None:
        self._index, self._limit, self._atomic = index, limit, atomic
        coarse = max(1, limit // _COARSE)
        self._longest = [max(capacity, limit // 4, 1), coarse, coarse]
        self._unbroken = max(capacity, limit // 2, 1)  # a longer span is cut where no boundary is
        self._long: tuple[int, list[tuple[int, int]]] = -1, []  # a pretoken, and its tokens

    def find(self, start: int, blocks: dict[int, int], forced: Collection[int]) -> _Points:
        """The cut points from ``start`` to the end of the text, both included."""
        level = Strength.SENTENCE
        if self._limit <= _ALL_LINES:
            level = Strength.WORD if self._limit <= _ALL_WORDS else Strength.LINE
        end = self._index.length
        found: tuple[Sequence[int], Sequence[int]] = self._index.boundaries(level, start, end)
        if blocks or forced:
            found = self._with_blocks(start, *found, blocks, forced)
        points = self._measured(start, *found, end, Strength.SECTION)
        return self._refined(_thinned(points, self._limit // _GRANULES, forced), level)

    def _with_blocks(
        self,
        start: int,
        offsets: Sequence[int],
        strengths: Sequence[int],
        blocks: dict[int, int],
        forced: Collection[int],
    ) -> tuple[list[int], list[int]]:
        """The boundaries with those of blocks, and without those inside of atomic spans."""
        known: dict[int, int] = dict.fromkeys(forced, Strength.NONE)
        done = 0
        for first, last in self._atomic:
            until = bisect_right(offsets, first, done)
            known.update(zip(offsets[done:until], strengths[done:until], strict=True))
            known.setdefault(last, Strength.LINE)
            done = bisect_left(offsets, last, until)
        known.update(zip(offsets[done:], strengths[done:], strict=True))
        known.update(blocks)
        # A parser does not know of clusters. (The cuts of larger chunks are forced.)
        for offset in {*blocks, *(last for _, last in self._atomic)} - {*forced}:
            if self._index.is_inside_cluster(offset):
                del known[offset]
        merged = sorted(known)
        merged = merged[bisect_right(merged, start) : bisect_left(merged, self._index.length)]
        return merged, [known[offset] for offset in merged]

    def _measured(
        self, start: int, offsets: Sequence[int], strengths: Sequence[int], end: int, last: int
    ) -> _Points:
        """The cut points ``start``, the offsets, and ``end``, which has the strength ``last``."""
        every = [start, *offsets, end]
        known = self._inside_long(every) if self._index.additive else {}
        rest = [offset for offset in every if offset not in known]
        known |= dict(zip(rest, zip(*self._index.measure(rest), strict=True), strict=True))
        return _Points(
            every,
            [Strength.NONE, *strengths, last],
            [known[offset][0] for offset in every],
            [known[offset][1] for offset in every],
        )

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
        atomic = {*self._atomic}
        refined, done, shift = _Points(), 0, 0
        for i in large:
            if (points.offsets[i], points.offsets[i + 1]) in atomic:
                continue
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
            found = self._index.boundaries(Strength(finer), start, end)
            if len(found[0]):
                inner = self._measured(start, *found, end, last)
                thinned = _thinned(inner, self._limit // _FINE_GRANULES)
                # What was left out may be needed yet, where sizes are uneven.
                left_out = len(thinned.offsets) < len(inner.offsets)
                return self._refined(thinned, finer + left_out)
        if size <= self._unbroken:
            return _Points.ends_only(start, end, last, size)
        return self._cut_anywhere(start, end, last)

    def _cut_anywhere(self, start: int, end: int, last: int) -> _Points:
        """A span without boundaries, cut between tokens that end where grapheme clusters do.

        Where those are too far apart it is cut between clusters, or characters if need be."""
        points = _Points([start], [Strength.NONE], [0], [0])
        aim = max(1, self._unbroken // _PIECES)
        ends = {*self._index.cluster_ends(start, end)}
        # Token sums: at the last cut point, and at the last cluster end after that.
        done, near = 0, (start, 0)
        for offset, tokens in self._token_ends(start, end):
            if offset not in ends:
                continue
            if tokens - done > aim:
                if near[1] > done:
                    points.add_inside(near[0], near[1] - done)
                    done = near[1]
                if tokens - done > self._unbroken:
                    self._search(points, near[0], offset)
                    done = tokens
                elif tokens - done > aim:
                    points.add_inside(offset, tokens - done)
                    done = tokens
            near = offset, tokens
        if near[1] > done:
            points.add_inside(near[0], near[1] - done)
        points.strengths[-1] = last
        return points

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
                    points.add_inside(ends[more - 1], tokens - known)
                    done, known = more, tokens
            if size > self._limit:
                points.oversize.add(first)
            points.add_inside(ends[-1], min(size, self._limit) - known)

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


def _thinned(points: _Points, granule: int, forced: Collection[int] = ()) -> _Points:
    """The strongest cut point of each granule, the last of equal ones, and those forced."""
    n = len(points.offsets)
    total = points.sums_to[-1] - points.sums_from[0]
    if granule < 2 or n * granule < 2 * total:
        return points
    kept, best, goal = [0], 0, points.sums_from[0]
    for i in range(1, n - 1):
        # The point after a span without any is kept, so that nothing of that is left to cut.
        is_far = points.sums_to[i] - points.sums_to[i - 1] > granule
        is_kept = is_far or points.offsets[i] in forced
        if is_kept or points.sums_to[i] >= goal:
            kept += [best] if best else []
            best = 0
        if is_kept:
            kept.append(i)
            continue
        if points.sums_to[i] >= goal:
            goal = points.sums_to[i] + granule
        if not best or points.strengths[i] >= points.strengths[best]:
            best = i
    kept += [best, n - 1] if best else [n - 1]
    return _Points(
        [points.offsets[i] for i in kept],
        [points.strengths[i] for i in kept],
        [points.sums_from[i] for i in kept],
        [points.sums_to[i] for i in kept],
    )
