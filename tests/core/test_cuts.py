"""``optimal_cuts`` against all ways to cut, and against what cannot be cut."""

from __future__ import annotations

from array import array
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core import compiled, needs_kernel

pytestmark = needs_kernel

sizes = st.lists(st.integers(0, 9), min_size=1, max_size=9)


def least_cost(
    starts: array[int], ends: array[int], penalties: list[float], limit: int, minimum: int
) -> float | None:
    """The cost of the best of all ways, by trying them."""
    n = len(starts)
    costs = []
    for count in range(n):
        for inner in combinations(range(1, n - 1), count):
            ways = [0, *inner, n - 1] if n > 1 else [0]
            parts = [(ends[j] - starts[i], penalties[j]) for i, j in pairwise(ways)]
            if all(size <= limit for size, _ in parts):
                costs.append(sum(cost(*part, limit, minimum) for part in parts))
    return min(costs, default=None)


def cost(size: int, penalty: float, limit: int, minimum: int) -> float:
    return 1 + penalty + 0.5 * ((limit - size) / limit) ** 2 + (size < minimum)


@given(sizes, st.data(), st.integers(1, 20), st.integers(0, 10))
def test_no_way_to_cut_costs_less(
    sizes: list[int], data: st.DataObject, limit: int, minimum: int
) -> None:
    sums = [sum(sizes[:i]) for i in range(len(sizes))]
    around = st.lists(st.integers(-2, 2), min_size=len(sums), max_size=len(sums))
    starts = array("q", [s + d for s, d in zip(sums, data.draw(around), strict=True)])
    ends = array("q", [s + d for s, d in zip(sums, data.draw(around), strict=True)])
    prices = [0.0, 0.05, 0.6, 2.0]
    kinds = st.lists(st.integers(0, 3), min_size=len(sums), max_size=len(sums))
    strengths = bytes(data.draw(kinds))
    penalties = [prices[strength] for strength in strengths]
    problem = starts, ends, strengths, prices, limit, minimum, 0.5
    expected = least_cost(starts, ends, penalties, limit, minimum)
    if expected is None:
        with pytest.raises(ValueError, match=f"at most {limit} tokens"):
            compiled.optimal_cuts(*problem)
        return
    cuts = list(memoryview(compiled.optimal_cuts(*problem)))
    assert (cuts[0], cuts[-1]) == (0, len(sums) - 1)
    parts = [(ends[j] - starts[i], penalties[j]) for i, j in pairwise(cuts)]
    assert all(size <= limit for size, _ in parts)
    total = sum(cost(*part, limit, minimum) for part in parts)
    assert total == pytest.approx(expected)


def test_bad_buffers() -> None:
    q, b, free = array("q", [0, 1]), bytes(2), [0.0]
    with pytest.raises(ValueError, match="differ in length"):
        compiled.optimal_cuts(q, q[:1], b, free, 5, 0, 1.0)
    with pytest.raises((BufferError, TypeError)):
        compiled.optimal_cuts(array("i", [0, 1]), q, b, free, 5, 0, 1.0)
    with pytest.raises(ValueError, match="at most 5 tokens"):
        compiled.optimal_cuts(q, q, b"\0\1", free, 5, 0, 1.0)
