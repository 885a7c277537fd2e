"""The choice of cut points, against all ways to choose; test_parity compares the kernel's."""

from array import array
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools._core.fallback.chunk.greedy_cuts import greedy_cuts
from ctxtools._core.fallback.chunk.optimal_cuts import optimal_cuts
from tests.core import compiled, needs_kernel

Problem = tuple[
    "array[int]",
    "array[int]",
    "array[float]",
    "array[float]",
    int,
    int,
    float,
    float,
    float,
    float,
    float,
]


@st.composite
def problems(draw: st.DrawFn, most: int = 9) -> Problem:
    """The arguments of `optimal_cuts`, with sums that need not grow."""
    n = draw(st.integers(1, most))
    sizes = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    sums_from = [sum(sizes[:i]) for i in range(n)]
    sums_to = [start + draw(st.integers(-2, 2)) for start in sums_from]
    costs = draw(st.lists(st.sampled_from([1.5, 0.3, 0.02, 0.0]), min_size=n, max_size=n))
    limit = draw(st.integers(1, 20))
    rooms = draw(st.lists(st.integers(1, limit), min_size=n, max_size=n))
    return (
        array("q", sums_from),
        array("q", sums_to),
        array("d", costs),
        array("d", [1 / room for room in rooms]),
        limit,
        draw(st.integers(0, limit)),
        draw(st.sampled_from([1.0, 100.0])),
        draw(st.sampled_from([0.0, 0.5, 1.0])),
        draw(st.sampled_from([0.0, 3.0])),
        draw(st.sampled_from([0.0, 1.0])),
        draw(st.sampled_from([0.5, 0.75, 1.0])),
    )


def cost(
    cuts: list[int],
    sums_from: "array[int]",
    sums_to: "array[int]",
    costs: "array[float]",
    shares: "array[float]",
    limit: int,
    min_size: int,
    below_min: float,
    evenness: float,
    smallness: float,
    per_span: float,
    target: float,
) -> float:
    """The formula of the docstring."""
    total = 0.0
    for i, j in pairwise(cuts):
        size = sums_to[j] - sums_from[i]
        if size > limit:
            return float("inf")
        rest = (limit - size) * shares[i]
        missing = 1 - (1 - rest) / target
        even = evenness * missing**2 * (0.5 if missing < 0 else 1)
        total += per_span + costs[j] + even + smallness * rest**16
        total += below_min * (size < min_size)
    return total


@given(problems())
def test_no_other_cuts_cost_less(problem: Problem) -> None:
    n = len(problem[0])
    inner = range(1, n - 1)
    ways = (
        [[0, *way, n - 1] for k in range(n) for way in combinations(inner, k)] if n > 1 else [[0]]
    )
    least = min(cost(way, *problem) for way in ways)
    if least == float("inf"):
        with pytest.raises(ValueError):
            optimal_cuts(*problem)
    else:
        assert cost([*optimal_cuts(*problem)], *problem) == pytest.approx(least)


def even(sums: list[int], limit: int) -> list[int]:
    """The cuts of sums where a cut costs nothing."""
    n = len(sums)
    free, shares = array("d", bytes(8 * n)), array("d", [1 / limit] * n)
    sums_ = array("q", sums)
    return [*optimal_cuts(sums_, sums_, free, shares, limit, 0, 100.0, 1.0, 3.0, 1.0, 1.0)]


def test_a_segment_above_the_limit_cannot_be_cut() -> None:
    with pytest.raises(ValueError):
        even([0, 3, 9], 5)


def test_sizes_are_even_rather_than_full_with_a_rest() -> None:
    assert even([*range(13)], 10) == [0, 6, 12]


def greedy(sizes: list[int], costs: dict[int, float], limit: int) -> list[int]:
    """The greedy cuts of sizes, where cuts cost .6 unless said otherwise."""
    sums = array("q", [sum(sizes[:i]) for i in range(len(sizes) + 1)])
    all_costs = array("d", [costs.get(i, 0.6) for i in range(len(sums))])
    return [*greedy_cuts(sums, sums, all_costs, limit, 100.0)]


def test_greedy_takes_the_cheapest_of_the_last_quarter() -> None:
    too_small = {6: 0.0}
    assert greedy([1] * 20, {**too_small, 9: 0.05}, 10)[:2] == [0, 9]


def test_greedy_parts_no_heading_from_its_text_for_a_full_chunk() -> None:
    heading = {7: 0.0, 8: 1000.0}
    assert greedy([1] * 8 + [6], heading, 10) == [0, 7, 9]
    assert greedy([8, 6], {1: 1000.0}, 10) == [0, 1, 2], "where nothing else keeps the limit"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.integers(9, 30))
def test_greedy_keeps_the_limit(sizes: list[int], limit: int) -> None:
    cuts = greedy(sizes, {}, limit)
    assert (cuts[0], cuts[-1]) == (0, len(sizes))
    assert all(sum(sizes[i:j]) <= limit for i, j in pairwise(cuts))


@needs_kernel
def test_bad_buffers() -> None:
    q, d, rest = array("q", [0, 1]), array("d", [0, 0]), (5, 0, 100.0, 1.0, 3.0, 1.0, 1.0)
    for columns, message in (
        ((q, q[:1], d, d), "sums_from and sums_to differ in length: 2 and 1"),
        ((q, q, d[:1], d), "sums_from and costs differ in length: 2 and 1"),
        ((q, q, d, d[:1]), "sums_from and shares differ in length: 2 and 1"),
        ((q, q, array("d", [0, float("inf")]), d), "at most 5 tokens"),
    ):
        with pytest.raises(ValueError, match=message):
            compiled.optimal_cuts(*columns, *rest)
    with pytest.raises((BufferError, TypeError)):
        compiled.optimal_cuts(array("i", [0, 1]), q, d, d, *rest)
