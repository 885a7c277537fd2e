"""Checks the chunks that any chunker gave against what a chunk should be.

Nothing here is ctxtools' own way of chunking: tokens are counted again by whoever is given as the
counter, grapheme clusters are those of the ``regex`` module, and what a good place to cut is has a
rule of its own, after UAX #29's rules for sentences. So it judges ctxtools as it judges a peer.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import sqrt
from typing import Final, Literal, NamedTuple

import regex

Cut = Literal["heading", "paragraph", "sentence", "line", "word", "inside", "unknown"]
CountBatch = Callable[[Sequence[str]], Sequence[int]]

_GOOD: Final = ("heading", "paragraph", "sentence")
_TINY: Final = 10  # a last chunk is tiny below limit / 10
_WINDOW: Final = 2_000  # characters around a cut that are looked at
_BREAK: Final = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CLOSERS: Final = r"""["'”’»)\]}*_`」』）】》〉〕］]*$"""
_STOP: Final = re.compile(r"(\S*?)([.!?…؟।]+)" + _CLOSERS)
_CJK_STOP: Final = re.compile("[。！？｡．…]+" + _CLOSERS)
_HEADING: Final = re.compile(r"#{1,6}[ \t]+\S|[^\n]+\n(=+|-+)[ \t]*(\n|$)")
_ABBREVIATIONS: Final = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "inc", "ltd", "vs", "e.g", "i.e"),
        *("cf", "etc", "al", "no", "fig", "eq", "vol", "pp", "ed", "approx"),
    )
)


class Piece(NamedTuple):
    """A chunk, as far as its chunker tells.

    Attributes:
        text: what goes to the model.
        start, end: of the slice of the source, in characters, if told.
        tokens: how many its chunker says it has, if told.
        id: its id, if it has one.
        header: what stands before the slice in ``text``.
    """

    text: str
    start: int | None = None
    end: int | None = None
    tokens: int | None = None
    id: str | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one text's chunks.

    Attributes:
        chunks: how many there are.
        tokens: in all of them, counted again.
        fewest: how many chunks there must be at least: the text's tokens over the limit. Tokens
            over cuts do not quite add up, so a chunker may need one more, or in theory one less.
        fill: the mean of tokens over the limit.
        spread: the standard deviation of their tokens over the mean.
        last: the last chunk's tokens.
        tiny_last: it is not the only one and below a tenth of the limit.
        over_limit: chunks above the limit; ``excess`` is the most that one is above it.
        wrong_counts: chunks that have another number of tokens than their chunker says.
        wrong_offsets: chunks that are told to be a slice of the source, and are another text.
        no_offsets: chunks of which no place is told.
        lost: characters of the source that are in no chunk; -1: chunks could not be found in it.
            Where offsets are wrong, only the latter can be told.
        lost_text: how many of these are not white space.
        disordered: joins at which the next chunk starts behind this one's end, or before its start.
        replaced: how many U+FFFD there are that the source does not have.
        inside_clusters: cuts inside a grapheme cluster that alone is within the limit.
        duplicate_ids: chunks whose id another chunk has too.
        cuts: how many ends of chunks, the last left out, are of each kind.
        overlap: the mean of the tokens that neighbours share; ``unmet`` is at how many joins they
            share none, or more than was asked.
    """

    chunks: int = 0
    tokens: int = 0
    fewest: int = 0
    fill: float = 0.0
    spread: float = 0.0
    last: int = 0
    tiny_last: bool = False
    over_limit: int = 0
    excess: int = 0
    wrong_counts: int = 0
    wrong_offsets: int = 0
    no_offsets: int = 0
    lost: int = 0
    lost_text: int = 0
    disordered: int = 0
    replaced: int = 0
    inside_clusters: int = 0
    duplicate_ids: int = 0
    cuts: dict[Cut, int] = field(default_factory=dict)
    overlap: float = 0.0
    unmet: int = 0

    @property
    def good_cuts(self) -> float:
        """The share of cuts at the end of a sentence or a stronger place; 1 where there is none."""
        known = sum(self.cuts.values())
        return sum(self.cuts.get(kind, 0) for kind in _GOOD) / known if known else 1.0

    @property
    def broken(self) -> tuple[str, ...]:
        """Each promise that is not kept, in a few words; none: the contract holds."""
        said = (
            (self.over_limit, f"{self.over_limit:,} over the limit (worst +{self.excess})"),
            (self.wrong_counts, f"{self.wrong_counts:,} wrong counts"),
            (self.wrong_offsets, f"{self.wrong_offsets:,} wrong offsets"),
            (self.no_offsets, f"{self.no_offsets:,} without offsets"),
            (self.lost > 0 and not self.lost_text, f"{self.lost:,} characters of space lost"),
            (self.lost_text, f"{self.lost:,} characters lost, {self.lost_text:,} not space"),
            (self.lost < 0, "text changed"),
            (self.disordered, f"{self.disordered:,} joins with a gap or out of order"),
            (self.replaced, f"{self.replaced:,} U+FFFD put in"),
            (self.inside_clusters, f"{self.inside_clusters:,} cuts inside a grapheme cluster"),
            (self.duplicate_ids, f"{self.duplicate_ids:,} duplicate ids"),
            (self.unmet, f"{self.unmet:,} joins without the overlap"),
        )
        return tuple(text for fault, text in said if fault)


def judge(
    source: str,
    pieces: Sequence[Piece],
    count_batch: CountBatch,
    *,
    limit: int,
    overlap: int = 0,
    markdown: bool = False,
) -> Verdict:
    """Compare chunks with their source and with what was asked for.

    Args:
        source: the text that was cut.
        pieces: its chunks, in order.
        count_batch: the number of tokens of each text; any counter but the chunker's own.
        limit: tokens that a chunk may have.
        overlap: tokens that each chunk was to share with the one before. It is met where it is
            more than none and not more than this; ``overlap`` in the verdict says how much.
        markdown: a line with ``#`` or a line that is underlined is a heading.
    """
    sizes = list(count_batch([piece.text for piece in pieces]))
    places = locate(source, pieces, overlapping=overlap > 0)
    verdict = _sizes(sizes, limit, count_batch([source])[0])
    slices = [(p, p.start, p.end) for p in pieces if p.start is not None and p.end is not None]
    ids = Counter(piece.id for piece in pieces if piece.id is not None)
    wrong = sum(
        start < 0 or piece.header + source[start:end] != piece.text for piece, start, end in slices
    )
    lost, disordered = _coverage(places, len(source), overlap)
    if wrong and lost is not None:
        lost, disordered = [], 0  # then others may be right by chance: of a repeated text
    verdict = replace(
        verdict,
        wrong_counts=sum(
            piece.tokens not in (None, size) for piece, size in zip(pieces, sizes, strict=True)
        ),
        wrong_offsets=wrong,
        no_offsets=len(pieces) - len(slices),
        lost=-1 if lost is None else sum(end - start for start, end in lost),
        lost_text=sum(len("".join(source[a:b].split())) for a, b in lost or ()),
        disordered=disordered,
        replaced=_replaced(source, pieces, overlap),
        inside_clusters=_inside_clusters(source, places, count_batch, limit),
        duplicate_ids=sum(times for times in ids.values() if times > 1),
        cuts=_cuts(source, places, markdown),
    )
    if not overlap:
        return verdict
    shared = _shared(source, places, count_batch)
    return replace(
        verdict,
        overlap=sum(shared) / len(shared) if shared else 0.0,
        unmet=sum(not 0 < tokens <= overlap for tokens in shared),
    )


def locate(
    source: str, pieces: Iterable[Piece], overlapping: bool = False
) -> list[tuple[int, int] | None]:
    """Where each piece is in its source: as it says, if that is so, else where it is found next.

    Next is behind the piece before; behind its start, if pieces overlap; or else anywhere, since a
    place that was told may itself be the wrong one of two. A piece of white space alone is not
    looked for.
    """
    places: list[tuple[int, int] | None] = []
    after = 0
    for piece in pieces:
        text = piece.text[len(piece.header) :]
        start, end = piece.start, piece.end
        if start is None or end is None or start < 0 or source[start:end] != text:
            start = source.find(text, after) if text.strip() else -1
            start = source.find(text) if start < 0 and text.strip() else start
            end = start + len(text)
        places.append((start, end) if start >= 0 else None)
        if start >= 0:
            after = start + 1 if overlapping else end
    return places


def kind_of_cut(source: str, place: int, markdown: bool = False) -> Cut:
    """How good a place is to cut a text at, white space around it counted as one gap.

    A sentence ends with a stop, closing brackets and quotes, and white space (Chinese and Japanese
    need none); not after one letter or a known abbreviation, nor, as UAX #29's SB8 has it, with a
    full stop before a lower-case letter.
    """
    left, right = source[max(0, place - _WINDOW) : place], source[place : place + _WINDOW]
    before, after = left.rstrip(), right.lstrip()
    gap = left[len(before) :] + right[: len(right) - len(after)]
    breaks = len(_BREAK.findall(gap))
    if markdown and breaks and _HEADING.match(after):
        return "heading"
    if breaks > 1:
        return "paragraph"
    if _CJK_STOP.search(before[-40:]) or (gap and _ends_sentence(before[-80:], after)):
        return "sentence"
    if breaks:
        return "line"
    return "word" if gap else "inside"


def _ends_sentence(before: str, after: str) -> bool:
    match = _STOP.search(before)
    if not match:
        return False
    word, stop = match[1].lstrip("(\"'“‘[*_`").lower(), match[2]
    if stop != ".":
        return True
    short = word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or word.isdigit()
    return not short and not after[:1].islower()


def _sizes(sizes: Sequence[int], limit: int, tokens: int) -> Verdict:
    if not sizes:
        return Verdict(fewest=-(-tokens // limit))
    mean = sum(sizes) / len(sizes)
    return Verdict(
        chunks=len(sizes),
        tokens=sum(sizes),
        fewest=-(-tokens // limit),
        fill=mean / limit,
        spread=sqrt(sum((size - mean) ** 2 for size in sizes) / len(sizes)) / mean if mean else 0.0,
        last=sizes[-1],
        tiny_last=len(sizes) > 1 and sizes[-1] * _TINY < limit,
        over_limit=sum(size > limit for size in sizes),
        excess=max(0, max(sizes) - limit),
    )


def _replaced(source: str, pieces: Sequence[Piece], overlap: int) -> int:
    """How many U+FFFD are new; of a source that has some, and overlap, nothing can be said."""
    own = source.count("\ufffd")
    found = sum(piece.text.count("\ufffd") for piece in pieces)
    return 0 if own and overlap else max(0, found - own)


def _coverage(
    places: Sequence[tuple[int, int] | None], length: int, overlap: int
) -> tuple[list[tuple[int, int]] | None, int]:
    """(the slices that are in no chunk, or None: not known; joins with a gap, or out of order).

    A gap that loses text is not said a second time as a join.
    """
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return None, 0
    gaps = []
    reached = 0
    for start, end in [*sorted(known), (length, length)]:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    disordered = sum(
        b_start < a_start or b_start > a_end or (b_start < a_end and not overlap)
        for (a_start, a_end), (b_start, _) in pairwise(known)
    )
    return gaps, 0 if gaps else disordered


def _cuts(source: str, places: Sequence[tuple[int, int] | None], markdown: bool) -> dict[Cut, int]:
    kinds: Counter[Cut] = Counter()
    for place in places[:-1]:
        kinds["unknown" if place is None else kind_of_cut(source, place[1], markdown)] += 1
    return dict(kinds)


def _inside_clusters(
    source: str,
    places: Sequence[tuple[int, int] | None],
    count_batch: CountBatch,
    limit: int,
) -> int:
    edges = {edge for place in places if place for edge in place}
    inside = Clusters(source)
    clusters = [cluster for edge in sorted(edges) if (cluster := inside.around(edge))]
    sizes = count_batch([source[start:end] for start, end in clusters])
    return sum(size <= limit for size in sizes)


class Clusters:
    """The grapheme clusters of a text, by ``regex``, where they are asked for in order.

    Only around such a place is the text divided at all: between two ASCII characters, CR LF
    excepted, there is always a boundary, so a division can start there.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._bounds: list[int] = [0]

    def around(self, place: int) -> tuple[int, int] | None:
        """The cluster that a place is inside of, or None: it is between two."""
        if not 0 < place < len(self._text) or self._is_plain(place):
            return None
        if not self._bounds[0] <= place <= self._bounds[-1]:
            self._divide(place)
        i = bisect_left(self._bounds, place)
        return None if self._bounds[i] == place else (self._bounds[i - 1], self._bounds[i])

    def _is_plain(self, place: int) -> bool:
        pair = self._text[place - 1 : place + 1]
        return pair.isascii() and pair != "\r\n"

    def _divide(self, place: int) -> None:
        start, end = place, place
        while start > 0 and not self._is_plain(start):
            start -= 1
        while end < len(self._text) and not self._is_plain(end):
            end += 1
        found = regex.finditer(r"\X", self._text, pos=start, endpos=end)
        self._bounds = [start, *(match.end() for match in found)]


def _shared(
    source: str, places: Sequence[tuple[int, int] | None], count_batch: CountBatch
) -> list[int]:
    """The tokens of what each two neighbours share; none where their places are out of order."""
    shared = [
        source[b[0] : a[1]] if a and b and a[0] <= b[0] < a[1] else "" for a, b in pairwise(places)
    ]
    return list(count_batch(shared))
