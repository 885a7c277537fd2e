"""The choice of cut points, against all ways to choose; test_parity compares the kernel's."""

from array import array
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools._core.fallback.greedy_cuts import greedy_cuts
from ctxtools._core.fallback.optimal_cuts import optimal_cuts
from tests.core import compiled, needs_kernel

Problem = tuple["array[int]", "array[int]", bytes, list[float], int, int, float]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """The arguments of `optimal_cuts`, with sums that need not grow."""
    n = draw(st.integers(1, 9))
    sizes = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    sums_from = [sum(sizes[:i]) for i in range(n)]
    sums_to = [start + draw(st.integers(-2, 2)) for start in sums_from]
    strengths = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    limit = draw(st.integers(1, 20))
    return (
        array("q", sums_from),
        array("q", sums_to),
        bytes(strengths),
        [1.5, 0.3, 0.02, 0.0],
        limit,
        draw(st.integers(0, limit)),
        draw(st.sampled_from([0.0, 0.5, 1.0])),
    )


def cost(
    cuts: list[int],
    sums_from: "array[int]",
    sums_to: "array[int]",
    strengths: bytes,
    penalties: list[float],
    limit: int,
    min_size: int,
    evenness: float,
) -> float:
    """The formula of the docstring."""
    total = 0.0
    for i, j in pairwise(cuts):
        size = sums_to[j] - sums_from[i]
        if size > limit:
            return float("inf")
        total += (
            1
            + penalties[strengths[j]]
            + evenness * ((limit - size) / limit) ** 2
            + (size < min_size)
        )
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


def test_a_segment_above_the_limit_cannot_be_cut() -> None:
    sums, free = array("q", [0, 3, 9]), bytes(3)
    with pytest.raises(ValueError):
        optimal_cuts(sums, sums, free, [0.0], 5, 0, 1.0)


def test_sizes_are_even_rather_than_full_with_a_rest() -> None:
    sums, free = array("q", range(13)), bytes(13)
    assert optimal_cuts(sums, sums, free, [0.0], 10, 0, 1.0).tolist() == [0, 6, 12]


def test_greedy_takes_the_strongest_of_the_last_quarter() -> None:
    sums = array("q", range(21))
    strengths = bytearray(21)
    strengths[6] = 2  # too small a part
    strengths[9] = 1
    assert greedy_cuts(sums, sums, strengths, [0.6, 0.05, 0.0], 10)[:2].tolist() == [0, 9]


@given(st.lists(st.integers(0, 9), min_size=2, max_size=20), st.integers(9, 30))
def test_greedy_keeps_the_limit(sizes: list[int], limit: int) -> None:
    sums = array("q", [sum(sizes[:i]) for i in range(len(sizes))])
    cuts = greedy_cuts(sums, sums, bytes(len(sums)), [0.0], limit)
    assert (cuts[0], cuts[-1]) == (0, len(sums) - 1)
    assert all(sums[j] - sums[i] <= limit for i, j in pairwise(cuts))


@needs_kernel
def test_bad_buffers() -> None:
    q, b, free = array("q", [0, 1]), bytes(2), [0.0]
    with pytest.raises(ValueError, match="sums_from and sums_to differ in length: 2 and 1"):
        compiled.optimal_cuts(q, q[:1], b, free, 5, 0, 1.0)
    with pytest.raises((BufferError, TypeError)):
        compiled.optimal_cuts(array("i", [0, 1]), q, b, free, 5, 0, 1.0)
    with pytest.raises(ValueError, match="at most 5 tokens"):
        compiled.optimal_cuts(q, q, b"\0\1", free, 5, 0, 1.0)
