"""Checks the chunks of any chunker against what chunks should be.

It is independent of how ctxtools chunks: tokens are counted again by the given counter, grapheme
clusters are those of the ``regex`` module, and the quality of a cut follows a separate rule, after
the sentence rules of UAX #29. So ctxtools is judged like its peers.
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
_TINY: Final = 10  # a last chunk below limit / 10 is tiny
_CONTEXT: Final = 2_000  # characters inspected on each side of a cut
_BREAK: Final = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CLOSING: Final = r"""["'”’»)\]}*_`」』）】》〉〕］]*$"""
_TERMINATOR: Final = re.compile(r"(\S*?)([.!?…؟।]+)" + _CLOSING)
_FULL_WIDTH_TERMINATOR: Final = re.compile("[。！？｡．…]+" + _CLOSING)
_HEADING: Final = re.compile(r"#{1,6}[ \t]+\S|[^\n]+\n(=+|-+)[ \t]*(\n|$)")
_ABBREVIATIONS: Final = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "inc", "ltd", "vs", "e.g", "i.e"),
        *("cf", "etc", "al", "no", "fig", "eq", "vol", "pp", "ed", "approx"),
    )
)


class Piece(NamedTuple):
    """A chunk as reported by its chunker.

    Attributes:
        text: what goes to the model.
        start, end: the slice of the source, in characters, if reported.
        tokens: the number of tokens, if reported.
        id: if there is one.
        header: the text before the slice.
    """

    text: str
    start: int | None = None
    end: int | None = None
    tokens: int | None = None
    id: str | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about the chunks of one text.

    Attributes:
        chunks: the number of chunks.
        tokens: their total, counted again.
        fewest: the minimum number of chunks: tokens of the text over the limit. Counts do not quite
            add up across cuts, so a chunker may need one more, or in theory one less.
        fill: the mean utilisation of the limit.
        relative_deviation: the standard deviation of the tokens of a chunk over their mean.
        last: tokens of the last chunk.
        tiny_last: there are several, and the last one is below a tenth of the limit.
        over_limit: chunks above the limit; ``excess`` is the maximum tokens above it.
        wrong_counts: chunks whose reported number of tokens is wrong.
        wrong_offsets: chunks whose text is not the reported slice of the source.
        no_offsets: chunks without reported offsets.
        lost: characters of the source that are in no chunk; -1 if chunks were not found in it. If
            offsets are wrong, only the latter is known.
        lost_text: those of them that are not white space.
        disordered: pairs of neighbours where the second starts after the end of the first, or
            before its start.
        replaced: U+FFFD that are not in the source.
        inside_clusters: cuts inside a grapheme cluster that alone does not exceed the limit.
        duplicate_ids: chunks that share an id.
        cuts: the number of ends of chunks, except the last one, of each kind.
        overlap: the mean number of tokens shared by neighbours; ``unmet`` is the number of pairs
            that share none, or more than requested.
    """

    chunks: int = 0
    tokens: int = 0
    fewest: int = 0
    fill: float = 0.0
    relative_deviation: float = 0.0
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
        """The share of cuts at the end of a sentence or stronger; 1 if there are no cuts."""
        known = sum(self.cuts.values())
        return sum(self.cuts.get(kind, 0) for kind in _GOOD) / known if known else 1.0

    @property
    def broken(self) -> tuple[str, ...]:
        """A few words on each violation of the contract."""
        violations = (
            (self.over_limit, f"{self.over_limit:,} over the limit (worst +{self.excess})"),
            (self.wrong_counts, f"{self.wrong_counts:,} wrong counts"),
            (self.wrong_offsets, f"{self.wrong_offsets:,} wrong offsets"),
            (self.no_offsets, f"{self.no_offsets:,} without offsets"),
            (self.lost > 0 and not self.lost_text, f"{self.lost:,} characters of space lost"),
            (self.lost_text, f"{self.lost:,} characters lost, {self.lost_text:,} not space"),
            (self.lost < 0, "text changed"),
            (self.disordered, f"{self.disordered:,} joins with a gap or out of order"),
            (self.replaced, f"{self.replaced:,} U+FFFD inserted"),
            (self.inside_clusters, f"{self.inside_clusters:,} cuts inside a grapheme cluster"),
            (self.duplicate_ids, f"{self.duplicate_ids:,} duplicate ids"),
            (self.unmet, f"{self.unmet:,} joins without the overlap"),
        )
        return tuple(text for fault, text in violations if fault)


def judge(
    source: str,
    pieces: Sequence[Piece],
    count_batch: CountBatch,
    *,
    limit: int,
    overlap: int = 0,
    markdown: bool = False,
) -> Verdict:
    """Check chunks against their source and the options they were requested with.

    Args:
        source: the chunked text.
        pieces: its chunks, in order.
        count_batch: the number of tokens of each text, by any counter but the chunker's.
        limit: the maximum tokens of a chunk.
        overlap: the maximum tokens that each chunk shares with the one before. Any number from 1
            to this meets it.
        markdown: whether lines with ``#`` and underlined lines are headings.
    """
    sizes = list(count_batch([piece.text for piece in pieces]))
    spans = locate(source, pieces, overlapping=overlap > 0)
    verdict = _sizes(sizes, limit, count_batch([source])[0])
    slices = [(p, p.start, p.end) for p in pieces if p.start is not None and p.end is not None]
    ids = Counter(piece.id for piece in pieces if piece.id is not None)
    wrong = sum(
        start < 0 or piece.header + source[start:end] != piece.text for piece, start, end in slices
    )
    lost, disordered = _coverage(spans, len(source), overlap)
    if wrong and lost is not None:
        lost, disordered = [], 0  # the others may be right by chance, if text is repeated
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
        inside_clusters=_inside_clusters(source, spans, count_batch, limit),
        duplicate_ids=sum(times for times in ids.values() if times > 1),
        cuts=_cuts(source, spans, markdown),
    )
    if not overlap:
        return verdict
    shared = _shared(source, spans, count_batch)
    return replace(
        verdict,
        overlap=sum(shared) / len(shared) if shared else 0.0,
        unmet=sum(not 0 < tokens <= overlap for tokens in shared),
    )


def locate(
    source: str, pieces: Iterable[Piece], overlapping: bool = False
) -> list[tuple[int, int] | None]:
    """The span of each piece in its source: the reported one if correct, else the next match.

    The search starts after the end of the previous piece, or after its start if pieces overlap; if
    that fails, at the start of the source, since reported offsets of repeated text may be wrong.
    Pieces of white space alone are not searched.
    """
    spans: list[tuple[int, int] | None] = []
    after = 0
    for piece in pieces:
        text = piece.text[len(piece.header) :]
        start, end = piece.start, piece.end
        if start is None or end is None or start < 0 or source[start:end] != text:
            start = source.find(text, after) if text.strip() else -1
            start = source.find(text) if start < 0 and text.strip() else start
            end = start + len(text)
        spans.append((start, end) if start >= 0 else None)
        if start >= 0:
            after = start + 1 if overlapping else end
    return spans


def kind_of_cut(source: str, offset: int, markdown: bool = False) -> Cut:
    """The kind of boundary at an offset, with the white space around it as one gap.

    A sentence ends with a terminator, closing brackets and quotes, and white space (not needed in
    Chinese and Japanese); but not after a single letter or a known abbreviation, nor, as in rule
    SB8 of UAX #29, with a full stop before a lower-case letter.
    """
    left, right = source[max(0, offset - _CONTEXT) : offset], source[offset : offset + _CONTEXT]
    before, after = left.rstrip(), right.lstrip()
    gap = left[len(before) :] + right[: len(right) - len(after)]
    breaks = len(_BREAK.findall(gap))
    if markdown and breaks and _HEADING.match(after):
        return "heading"
    if breaks > 1:
        return "paragraph"
    if _FULL_WIDTH_TERMINATOR.search(before[-40:]) or (gap and _ends_sentence(before[-80:], after)):
        return "sentence"
    if breaks:
        return "line"
    return "word" if gap else "inside"


def _ends_sentence(before: str, after: str) -> bool:
    match = _TERMINATOR.search(before)
    if not match:
        return False
    word, terminator = match[1].lstrip("(\"'“‘[*_`").lower(), match[2]
    if terminator != ".":
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
        relative_deviation=(
            sqrt(sum((size - mean) ** 2 for size in sizes) / len(sizes)) / mean if mean else 0.0
        ),
        last=sizes[-1],
        tiny_last=len(sizes) > 1 and sizes[-1] * _TINY < limit,
        over_limit=sum(size > limit for size in sizes),
        excess=max(0, max(sizes) - limit),
    )


def _replaced(source: str, pieces: Sequence[Piece], overlap: int) -> int:
    """The number of new U+FFFD; unknown, so 0, if the source has some and chunks overlap."""
    original = source.count("\ufffd")
    found = sum(piece.text.count("\ufffd") for piece in pieces)
    return 0 if original and overlap else max(0, found - original)


def _coverage(
    spans: Sequence[tuple[int, int] | None], length: int, overlap: int
) -> tuple[list[tuple[int, int]] | None, int]:
    """(the slices that are in no chunk, None if unknown; neighbours with a gap or out of order).

    Neighbours are not reported if text is lost.
    """
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
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


def _cuts(source: str, spans: Sequence[tuple[int, int] | None], markdown: bool) -> dict[Cut, int]:
    kinds: Counter[Cut] = Counter()
    for span in spans[:-1]:
        kinds["unknown" if span is None else kind_of_cut(source, span[1], markdown)] += 1
    return dict(kinds)


def _inside_clusters(
    source: str,
    spans: Sequence[tuple[int, int] | None],
    count_batch: CountBatch,
    limit: int,
) -> int:
    edges = {edge for span in spans if span for edge in span}
    inside = Clusters(source)
    clusters = [cluster for edge in sorted(edges) if (cluster := inside.around(edge))]
    sizes = count_batch([source[start:end] for start, end in clusters])
    return sum(size <= limit for size in sizes)


class Clusters:
    """The grapheme clusters of a text, by ``regex``, fastest for ascending offsets.

    Text is segmented only around these: between two ASCII characters, except CR LF, there is always
    a boundary, where segmentation can start.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._bounds: list[int] = [0]

    def around(self, offset: int) -> tuple[int, int] | None:
        """The cluster that an offset is inside of; None if it is between two."""
        if not 0 < offset < len(self._text) or self._is_plain(offset):
            return None
        if not self._bounds[0] <= offset <= self._bounds[-1]:
            self._segment(offset)
        i = bisect_left(self._bounds, offset)
        return None if self._bounds[i] == offset else (self._bounds[i - 1], self._bounds[i])

    def _is_plain(self, offset: int) -> bool:
        pair = self._text[offset - 1 : offset + 1]
        return pair.isascii() and pair != "\r\n"

    def _segment(self, offset: int) -> None:
        start = end = offset
        while start > 0 and not self._is_plain(start):
            start -= 1
        while end < len(self._text) and not self._is_plain(end):
            end += 1
        found = regex.finditer(r"\X", self._text, pos=start, endpos=end)
        self._bounds = [start, *(match.end() for match in found)]


def _shared(
    source: str, spans: Sequence[tuple[int, int] | None], count_batch: CountBatch
) -> list[int]:
    """The tokens shared by each two neighbours; 0 if they are out of order."""
    shared = [
        source[b[0] : a[1]] if a and b and a[0] <= b[0] < a[1] else "" for a, b in pairwise(spans)
    ]
    return list(count_batch(shared))
