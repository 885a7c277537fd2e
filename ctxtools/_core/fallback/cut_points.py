"""Where a text may be cut, and how large what lies between two such places is.

There are enough places that every limit can be met, and so few that choosing among them is linear
in the text for every limit: ends of sentences and stronger; where those are far apart, lines and
words; where not even a word fits, places inside it that are found by counting; and where they are
dense beside the limit, the strongest of each stretch.

The kernel's ``candidates.rs`` finds the same in its own indexes; a property test holds the two
together.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from ctxtools._core.fallback.boundaries import cluster_insides
from ctxtools._core.fallback.graphemes import cluster_ends, inside_clusters
from ctxtools._core.fallback.longest_pieces import cut_into_pieces
from ctxtools._core.types import CutPoints, Strength, TokenIndex

_COARSE = 4  # a stretch longer than such a part of the limit gets lines, or words, as places
_GRANULES = 64  # parts of the limit of which each keeps its strongest place
_FINE_GRANULES = 32  # the same within a stretch that has no sentences
_PIECES = 8  # places, for each limit, in a stretch without any boundary
_PARTS = 4  # the same where they have to be searched for
# At small limits most sentences would get finer places anyway: up to so many tokens, all get them.
_ALL_WORDS, _ALL_LINES = 48, 192
_LONG = 64  # a pretoken with more tokens is long


def find_cut_points(
    text: str,
    index: TokenIndex,
    start: int,
    limit: int,
    capacity: int,
    boundaries: tuple[Sequence[int], Sequence[int]],
    atomic: tuple[Sequence[int], Sequence[int]],
    forced: Sequence[int],
) -> CutPoints:
    """The cut points of a text in an index of it: see `TokenIndex.cut_points`."""
    marks = dict(zip(*boundaries, strict=True))
    whole = [*zip(*atomic, strict=True)]
    found = _Candidates(text, index, limit, capacity, marks, whole).find(start, forced)
    return CutPoints(
        memoryview(array("I", found.at)),
        memoryview(bytes(found.strengths)),
        memoryview(array("q", found.starts)),
        memoryview(array("q", found.ends)),
        memoryview(array("I", sorted(found.oversize))),
    )


@dataclass(slots=True)
class _Growing:
    """Cut points that are added to; see CutPoints."""

    at: list[int] = field(default_factory=list)
    strengths: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    oversize: set[int] = field(default_factory=set)

    def add_inside(self, at: int, tokens: int) -> None:
        """Adds a place that nothing separates from the last one but so many tokens."""
        self.at.append(at)
        self.strengths.append(Strength.NONE)
        self.ends.append(self.ends[-1] + tokens)
        self.starts.append(self.ends[-1])

    def extend(self, other: "_Growing", first: int, last: int, shift: int) -> None:
        """Adds other places, from number ``first`` up to before ``last``, moved by ``shift``."""
        self.at += other.at[first:last]
        self.strengths += other.strengths[first:last]
        self.starts += [tokens + shift for tokens in other.starts[first:last]]
        self.ends += [tokens + shift for tokens in other.ends[first:last]]


class _Candidates:
    """Finds the places of one window for one limit.

    Args:
        text: the window.
        index: its index.
        limit: tokens of a chunk.
        room: those of them that are left beside overlap and header.
        marks: places where blocks of the document start -> their strengths.
        whole: stretches that are not to be cut, disjoint and in order.
    """

    def __init__(
        self,
        text: str,
        index: TokenIndex,
        limit: int,
        room: int,
        marks: Mapping[int, int],
        whole: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._text, self._index, self._limit, self._room = text, index, limit, room
        self._marks, self._whole = marks, whole
        coarse = max(1, limit // _COARSE)
        self._longest = [max(room, limit // 4, 1), coarse, coarse]
        self._unbroken = max(room, limit // 2, 1)  # a longer stretch is cut where nothing is
        self._long: tuple[int, list[tuple[int, int]]] = -1, []  # a pretoken, and its tokens

    def find(self, start: int, forced: Collection[int] = ()) -> _Growing:
        """The places from ``start`` to the end of the text, both included, and those forced."""
        level = Strength.SENTENCE
        if self._limit <= _ALL_LINES:
            level = Strength.WORD if self._limit <= _ALL_WORDS else Strength.LINE
        end = len(self._text)
        at, strengths = self._index.boundaries(level, start, end)
        found: tuple[Sequence[int], Sequence[int]] = at, strengths
        if self._marks or forced:
            found = self._with_blocks(start, at, strengths, forced)
        places = self._measured(start, *found, end, Strength.SECTION)
        places = _thinned(places, self._limit // _GRANULES, forced)
        return self._refined(places, level)

    def _with_blocks(
        self, start: int, at: memoryview, strengths: memoryview, forced: Collection[int]
    ) -> tuple[list[int], list[int]]:
        """The places with those of blocks, and without those inside of blocks kept whole."""
        known: dict[int, int] = dict.fromkeys(forced, Strength.NONE)
        done = 0
        for first, last in self._whole:
            until = bisect_right(at, first, done)
            known.update(zip(at[done:until], strengths[done:until], strict=True))
            known.setdefault(last, Strength.LINE)
            done = bisect_left(at, last, until)
        known.update(zip(at[done:], strengths[done:], strict=True))
        known.update(self._marks)
        # A parser does not know of clusters. (Forced are the cuts of larger chunks.)
        of_blocks = {*self._marks, *(last for _, last in self._whole)}
        for wrong in inside_clusters(self._text, of_blocks) - {*forced}:
            del known[wrong]
        merged = sorted(known)
        merged = merged[bisect_right(merged, start) : bisect_left(merged, len(self._text))]
        return merged, [known[place] for place in merged]

    def _measured(
        self, start: int, at: Sequence[int], strengths: Sequence[int], end: int, last: int
    ) -> _Growing:
        """The places ``start``, those at ``at``, and ``end``, which has the strength ``last``."""
        places = [start, *at, end]
        known = self._inside_long(places) if self._index.additive else {}
        rest = [place for place in places if place not in known]
        sums = zip(*self._index.measure(rest), strict=True)
        known |= dict(zip(rest, sums, strict=True))
        return _Growing(
            places,
            [Strength.NONE, *strengths, last],
            [known[place][0] for place in places],
            [known[place][1] for place in places],
        )

    def _inside_long(self, places: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Measures of the places inside long pretokens, where there may be many: to measure one
        exactly is to count all of the pretoken. So they go by its tokens, which are those of its
        parts but for one or two."""
        ends, sums = self._index.ends, self._index.sums
        measured: dict[int, tuple[int, int]] = {}
        for place in places:
            i = bisect_left(ends, place)
            first, before = (ends[i - 1], sums[i - 1]) if i else (0, 0)
            if not place or ends[i] == place or sums[i] - before <= _LONG:
                continue
            if self._long[0] != i:  # the last one that was met
                found = zip(*self._index.token_ends(first, ends[i]), strict=True)
                self._long = i, [(first, before), *((end, before + n) for end, n in found)]
            tokens = self._long[1]
            after = bisect_left(tokens, place, key=itemgetter(0))
            is_end = tokens[after][0] == place
            measured[place] = tokens[after - (not is_end)][1], tokens[after][1]
        return measured

    def _refined(self, places: _Growing, level: int) -> _Growing:
        """The places, and more of them where what lies between two is large."""
        finer = level - 1
        longest = self._longest[finer] if level else self._unbroken
        gaps = zip(places.starts, places.ends[1:], strict=False)
        large = [i for i, (start, end) in enumerate(gaps) if end - start > longest]
        if not large:
            return places
        whole = {*self._whole}
        refined, done, shift = _Growing(), 0, 0
        for i in large:
            if (places.at[i], places.at[i + 1]) in whole:
                continue
            part = self._split(places, i, finer)
            size = places.ends[i + 1] - places.starts[i]
            # What is inside a pretoken may be smaller when it is counted than by the sums.
            same = len(part.at) == 2 and part.ends[1] - part.starts[0] == size
            if same and not part.oversize:
                continue
            refined.extend(places, done, i + 1, shift)
            origin = refined.starts[-1] - part.starts[0]
            refined.extend(part, 1, len(part.at) - 1, origin)
            shift = part.ends[-1] + origin - places.ends[i + 1]
            refined.oversize |= part.oversize
            done = i + 1
        refined.extend(places, done, len(places.at), shift)
        return refined

    def _split(self, places: _Growing, i: int, level: int) -> _Growing:
        """What lies between two neighbours, with places inside it of a level or finer ones."""
        start, end = places.at[i], places.at[i + 1]
        size, last = places.ends[i + 1] - places.starts[i], places.strengths[i + 1]
        for finer in range(level, -1, -1):
            if size <= self._longest[finer]:
                return _ends_only(start, end, last, size)
            at, strengths = self._index.boundaries(Strength(finer), start, end)
            if len(at):
                part = self._measured(start, at, strengths, end, last)
                thin = _thinned(part, self._limit // _FINE_GRANULES)
                # What was left out may be wanted yet, where sizes are uneven.
                return self._refined(thin, finer + (len(thin.at) < len(part.at)))
        if size <= self._unbroken:
            return _ends_only(start, end, last, size)
        return self._cut_anywhere(start, end, last)

    def _cut_anywhere(self, start: int, end: int, last: int) -> _Growing:
        """What has no boundary inside, cut between tokens that end where grapheme clusters do.

        Where those are too far apart it is cut between clusters, or characters if need be."""
        places = _Growing([start], [Strength.NONE], [0], [0])
        aim = max(1, self._unbroken // _PIECES)
        inside = cluster_insides(self._text[start:end])
        done, near = 0, (start, 0)  # sums of tokens: at the last place; at the last end after that
        for place, tokens in self._token_ends(start, end):
            if inside and inside[place - start]:
                continue
            if tokens - done > aim:
                if near[1] > done:
                    places.add_inside(near[0], near[1] - done)
                    done = near[1]
                if tokens - done > self._unbroken:
                    self._search(places, near[0], place)
                    done = tokens
                elif tokens - done > aim:
                    places.add_inside(place, tokens - done)
                    done = tokens
            near = place, tokens
        if near[1] > done:
            places.add_inside(near[0], near[1] - done)
        places.strengths[-1] = last
        return places

    def _token_ends(self, start: int, end: int) -> Iterable[tuple[int, int]]:
        """Where tokens end, and how many there are up to there; the end, where none are known."""
        ends, sums = self._index.token_ends(start, end)
        if len(ends):
            return zip(ends, sums, strict=True)
        return [(end, self._index.count(start, end))]

    def _search(self, places: _Growing, start: int, end: int) -> None:
        """Adds places of a stretch where no tokens say where: the ends of the longest pieces that
        keep the limit, and some in each for what is before and behind."""
        for steps, size in self._pieces(start, cluster_ends(self._text, start, end)):
            first, known, done = places.at[-1], 0, 0
            for part in range(1, _PARTS):
                more = len(steps) * part // _PARTS
                if more > done:
                    tokens = self._index.count(first, steps[more - 1])
                    places.add_inside(steps[more - 1], tokens - known)
                    done, known = more, tokens
            if size > self._limit:
                places.oversize.add(first)
            places.add_inside(steps[-1], min(size, self._limit) - known)

    def _pieces(self, start: int, ends: Sequence[int]) -> Iterator[tuple[Sequence[int], int]]:
        """Parts of a stretch, as the ends of what is in each, and their tokens; a grapheme cluster
        above the limit is cut between its characters."""
        done = 0
        for end, size in cut_into_pieces(start, ends, self._unbroken, self._index.count):
            first, done = done, bisect_right(ends, end, done)
            if size > self._limit and end - start > 1:
                yield from self._pieces(start, range(start + 1, end + 1))
            else:
                yield ends[first:done], size
            start = end


def _ends_only(start: int, end: int, last: int, size: int) -> _Growing:
    """The two places at the ends of a stretch."""
    return _Growing([start, end], [Strength.NONE, last], [0, size], [0, size])


def _thinned(places: _Growing, granule: int, forced: Collection[int] = ()) -> _Growing:
    """The strongest place of each so many tokens, the last of equal ones, and those forced."""
    n = len(places.at)
    total = places.ends[-1] - places.starts[0]
    if granule < 2 or n * granule < 2 * total:
        return places
    kept, best, goal = [0], 0, places.starts[0]
    for i in range(1, n - 1):
        # What is behind a stretch without places is kept, so that none of that is left to cut.
        is_far = places.ends[i] - places.ends[i - 1] > granule
        is_kept = is_far or places.at[i] in forced
        if is_kept or places.ends[i] >= goal:
            kept += [best] if best else []
            best = 0
        if is_kept:
            kept.append(i)
            continue
        if places.ends[i] >= goal:
            goal = places.ends[i] + granule
        if not best or places.strengths[i] >= places.strengths[best]:
            best = i
    kept += [best, n - 1] if best else [n - 1]
    return _Growing(
        [places.at[i] for i in kept],
        [places.strengths[i] for i in kept],
        [places.starts[i] for i in kept],
        [places.ends[i] for i in kept],
    )
