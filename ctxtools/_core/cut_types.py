"""The types of cutting: what the kernel and the fallback are asked, and what they answer."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Strategy = Literal["optimal", "greedy"]

Numbers = tuple[Sequence[int], Sequence[int]]
"""Offsets in order, or starts, and a number for each."""
Costs = tuple[Sequence[int], Sequence[float]]
"""Offsets in order and a cost for each."""

NEVER = 255
"""Above every `Strength`: no boundary is that good."""


class CutRules(NamedTuple):
    """Where a text is well cut, and where not, beside what the text itself tells.

    Offsets are in characters of the text and in order.

    Attributes:
        boundaries: where blocks of the document start, and the `Strength` of a cut there.
        atomic: starts and ends of spans that are not cut inside if they fit into a chunk, disjoint.
        inside: offsets, and what a cut there or later costs beside its strength, up to the next.
        extra: offsets, and what a cut right there costs beside that.
        overheads: offsets, and the tokens that come with each span that starts there or later, up
            to the next: overlap and header.
        overlap_strengths: offsets, and from each of them on the strength from which on a boundary
            is a good start of an overlap: that of the end of a sentence, unless said otherwise. No
            overlap starts where it is `NEVER`.
        walls: offsets that no overlap reaches across.
    """

    boundaries: Numbers = ((), ())
    atomic: Numbers = ((), ())
    inside: Costs = ((), ())
    extra: Costs = ((), ())
    overheads: Numbers = ((), ())
    overlap_strengths: Numbers = ((), ())
    walls: Sequence[int] = ()


class CutOptions(NamedTuple):
    """How to cut a text: see `TokenIndex.cut`.

    Attributes:
        limit: the maximum tokens of a span, its overhead included.
        capacity: those of them that are left after overlap and header.
        overlap: tokens of the text before it that each span starts with, at most.
        min_size: a smaller span costs ``below_min`` more.
        penalties: the cost of a cut of each `Strength`.
        below_min: see ``min_size``; and what a greedy choice avoids at any size.
        sizes: ``evenness, smallness, per_span, target`` of `optimal_cuts`: what the size of a span
            costs.
        strategy: "optimal", all cuts chosen together; or "greedy", one after the other.
    """

    limit: int
    capacity: int
    overlap: int
    min_size: int
    penalties: Sequence[float]
    below_min: float
    sizes: tuple[float, float, float, float]
    strategy: Strategy


class WindowOptions(NamedTuple):
    """How to cut the look-ahead windows of documents.

    Attributes:
        limits: of spans, the largest first.
        overlap, min_size, penalties, below_min, sizes: see `CutOptions`.
        atomic: what a cut inside an atomic block costs beside what that would cost as a span.
        glued: what it costs between what belongs together.
        closing: what it costs before what closes a block.
        strategy: see `CutOptions`.
        has_headers: whether spans start with the titles that they lack.
        within_sections: whether no overlap reaches into another section or function.
    """

    limits: Sequence[int]
    overlap: int
    min_size: int
    penalties: Sequence[float]
    below_min: float
    sizes: tuple[float, float, float, float]
    atomic: float
    glued: float
    closing: float
    strategy: Strategy
    has_headers: bool
    within_sections: bool


class CutPoints(NamedTuple):
    """Where a text may be cut, in order.

    The tokens between the cut points i and j are ``sums_to[j] - sums_from[i]``: the sums of a span
    that starts at a cut point, and of one that ends there, differ where the tokenizer would not
    split the text.

    Attributes:
        offsets: in characters of the text (format ``I``).
        strengths: how good a cut there is: a `Strength` each (format ``B``).
        costs: what a cut there costs (format ``d``); 0 at the two ends of the text.
        sums_from: tokens before each cut point, for a span that starts there (format ``q``).
        sums_to: tokens before each cut point, for a span that ends there (format ``q``).
        oversize: offsets of the characters that alone exceed the limit (format ``I``). The size of
            each is stated as the limit, so that it gets a chunk for itself.
    """

    offsets: memoryview
    strengths: memoryview
    costs: "memoryview[float]"
    sums_from: memoryview
    sums_to: memoryview
    oversize: memoryview


class Spans(NamedTuple):
    """The spans that a text is cut into, in order: a column for each fact.

    Attributes:
        starts: where each starts, overlap included, in characters (format ``I``).
        body_starts: where it starts without the overlap (format ``I``).
        ends: where it ends (format ``I``).
        strengths: the `Strength` of the cut at its end (format ``B``).
        texts: ``text[start:end]``.
        tokens: the tokens of that text (format ``Q``). Empty where the index is not additive.
        spare: the tokens that its body leaves of the limit, by the token sums (format ``q``).
        oversize: it is one character above the limit (format ``?``).
        shortened: its overlap is less than was asked for, since its parent starts there (``?``).
        start_bytes, end_bytes: start and end in the text's UTF-8 (format ``I``).
        lines: the number of line feeds before its start (format ``I``).
    """

    starts: memoryview
    body_starts: memoryview
    ends: memoryview
    strengths: memoryview
    texts: list[str]
    tokens: memoryview
    spare: memoryview
    oversize: "memoryview[bool]"
    shortened: "memoryview[bool]"
    start_bytes: memoryview
    end_bytes: memoryview
    lines: memoryview
