"""Ranks of files: what is used more is ranked higher; shares, order and limits of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.relevance.graph.rank import DAMPING, distances, rank


@st.composite
def graphs(draw: st.DrawFn) -> list[dict[int, float]]:
    """Up to twelve files, with cycles, files that use nothing and files that nobody uses."""
    number = draw(st.integers(1, 12))
    used = st.dictionaries(st.integers(0, number - 1), st.floats(0.1, 9), max_size=5)
    return [
        {each: weight for each, weight in draw(used).items() if each != user}
        for user in range(number)
    ]


@given(graphs())
def test_shares_are_those_of_a_reader_who_follows_uses(uses: list[dict[int, float]]) -> None:
    number = len(uses)
    shares = rank(uses, [1.0] * number)
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= (1 - DAMPING) / number - 1e-9
    # The oracle: the chances of where the reader is, as a matrix, multiplied until it stays.
    chances = [1 / number] * number
    for _ in range(60):
        after = [(1 - DAMPING) / number] * number
        for user, used in enumerate(uses):
            total = sum(used.values())
            for each in range(number):
                step = used.get(each, 0.0) / total if total else 1 / number
                after[each] += DAMPING * chances[user] * step
        chances = after
    assert shares == pytest.approx(chances, abs=0.02)


@given(graphs(), st.data())
def test_files_that_are_used_by_one_more_rise(
    uses: list[dict[int, float]], data: st.DataObject
) -> None:
    number = len(uses)
    each = data.draw(st.integers(0, number - 1))
    before = rank([*uses, {}], [1.0] * (number + 1))
    after = rank([*uses, {each: 1.0}], [1.0] * (number + 1))
    assert after[each] > before[each]


@given(graphs(), st.integers(0, 4))
def test_distances_are_the_fewest_steps(uses: list[dict[int, float]], limit: int) -> None:
    number = len(uses)
    found = distances(uses, [0], limit)
    steps = [
        [0 if a == b else 1 if b in uses[a] else 99 for b in range(number)] for a in range(number)
    ]
    for middle in range(number):
        for a in range(number):
            for b in range(number):
                steps[a][b] = min(steps[a][b], steps[a][middle] + steps[middle][b])
    assert {each: (steps[0][each], 0) for each in range(number) if steps[0][each] <= limit} == found
