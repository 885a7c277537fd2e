"""The rules and options of a cut, checked as the kernel checks them."""

from ctxtools._core.cut_types import Costs, CutOptions, CutRules, Numbers
from ctxtools._core.fallback.numbers import (
    check_same_length,
    integers_of,
    offsets_of,
    ranges_of,
    strength_of,
    tokens_of,
)
from ctxtools.errors import UsageError


def limit_of(options: CutOptions) -> int:
    """The limit of some options. Raises UsageError where it is below 1."""
    limit = tokens_of(options.limit)
    if limit < 1:
        raise UsageError(f"limit must be >= 1, got {limit}")
    return limit


def rules_of(rules: CutRules, length: int) -> CutRules:
    """The rules for a text of a length, as lists of numbers.

    Raises:
        PositionError: an offset is not in the text.
        UsageError: two columns that belong together differ in length.
    """
    boundaries, atomic, inside, extra, overheads, overlap_strengths, walls = rules
    starts, strengths = _numbers(boundaries, length, "block starts and strengths")
    spans = ranges_of(*atomic, length)
    inside = _costs(inside, length, "offsets and costs")
    extra = _costs(extra, length, "offsets and extra costs")
    changes, tokens = _numbers(overheads, length, "overhead starts and tokens")
    good, good_strengths = _numbers(overlap_strengths, length, "overlap starts and strengths")
    return CutRules(
        (starts, [*map(strength_of, strengths)]),
        ([start for start, _ in spans], [end for _, end in spans]),
        inside,
        extra,
        (changes, [*map(tokens_of, tokens)]),
        (good, [*map(strength_of, good_strengths)]),
        offsets_of(walls, length),
    )


def _numbers(column: Numbers, length: int, what: str) -> tuple[list[int], list[int]]:
    offsets, numbers = offsets_of(column[0], length), integers_of(column[1])
    check_same_length(what, offsets, numbers)
    return offsets, numbers


def _costs(column: Costs, length: int, what: str) -> tuple[list[int], list[float]]:
    offsets, costs = offsets_of(column[0], length), [float(cost) for cost in column[1]]
    check_same_length(what, offsets, costs)
    return offsets, costs
