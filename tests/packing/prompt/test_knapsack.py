"""The knapsack against trying every choice."""

import math
import random
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.prompt.choice.knapsack import Options, choose, min_capacity

options = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 9).map(float)), min_size=1, max_size=4
)
instances = st.lists(st.one_of(options, options.map(lambda o: [(0, 0.0), *o])), max_size=6)


def brute_force(items: list[list[tuple[int, float]]], capacity: int) -> float | None:
    values = [
        sum(value for _, value in combination)
        for combination in product(*items)
        if sum(cost for cost, _ in combination) <= capacity
    ]
    return max(values, default=None)


@given(instances, st.integers(0, 120))
def test_it_is_the_best_of_all_choices(items: list[list[tuple[int, float]]], capacity: int) -> None:
    best = brute_force(items, capacity)
    choice = choose(items, capacity)
    assert (choice is None) == (best is None)
    if choice is None or best is None:
        return
    assert choice.value == best == choice.upper_bound
    assert choice.relaxed_bound >= best
    assert choice.cost <= capacity
    picked = [item[pick] for item, pick in zip(items, choice.picks, strict=True)]
    assert sum(cost for cost, _ in picked) == choice.cost
    assert sum(value for _, value in picked) == choice.value


@given(instances, st.integers(0, 120), st.sampled_from([0.5, 0.7]))
def test_with_a_fill_value_it_is_still_a_valid_choice(
    items: list[list[tuple[int, float]]], capacity: int, fill: float
) -> None:
    best, choice = brute_force(items, capacity), choose(items, capacity, fill=fill)
    assert (choice is None) == (best is None)
    if choice is not None and best is not None:
        assert choice.cost <= capacity
        assert choice.value <= best <= choice.upper_bound + 1e-9


@given(instances, st.integers(0, 120))
def test_the_min_capacity_for_a_value(items: list[list[tuple[int, float]]], capacity: int) -> None:
    choice = choose(items, capacity)
    if choice is None:
        return
    smallest = min_capacity(items, choice)
    costs = [
        sum(cost for cost, _ in combination)
        for combination in product(*items)
        if sum(value for _, value in combination) >= choice.value
    ]
    assert smallest == min(costs)


def large(seed: int, kind: str) -> list[Options]:
    """2,000 documents of log-normal length, with values that make an instance easy, or hard."""
    rng = random.Random(seed)
    items: list[Options] = []
    for _ in range(2000):
        tokens = max(1, int(rng.lognormvariate(7, 1.3)))
        value = {
            "usual": rng.choice([0.3, 0.5, 1, 2]) * tokens**0.8,
            "alike": tokens + 100.0,  # strongly correlated: the hardest kind
            "sum": float(tokens),  # a subset sum
        }[kind]
        items.append([(0, 0.0), (tokens // 6 + 20, 0.35 * value), (tokens + 15, value)])
    return items


def test_large_instances_are_solved_or_nearly() -> None:
    """Guards against states that are dropped for no reason, or kept forever."""
    for kind in ("usual", "alike", "sum"):
        choice = choose(large(1, kind), 1_000_000)
        assert choice is not None
        assert choice.cost <= 1_000_000
        assert choice.value <= choice.upper_bound <= choice.value * 1.0005


def test_a_choice_is_the_same_every_time() -> None:
    items = large(2, "alike")
    assert choose(items, 500_000) == choose(items, 500_000)


def test_little_work_gives_a_wider_bound() -> None:
    items = large(3, "alike")
    quick, slow = choose(items, 700_000, work=10), choose(items, 700_000)
    assert quick is not None and slow is not None
    assert quick.value <= slow.value <= quick.upper_bound
    assert math.isclose(quick.upper_bound, quick.relaxed_bound, rel_tol=1e-3)
