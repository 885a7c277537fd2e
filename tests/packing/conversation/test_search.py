"""The first choice that fits, with few tries."""

from math import log2

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.conversation.search import first_fitting


@given(st.integers(0, 10_000), st.data())
def test_the_first_is_found_with_few_tries(choices: int, data: st.DataObject) -> None:
    answer = data.draw(st.integers(0, choices))
    guess = data.draw(st.integers(-5, choices + 5))
    tried: list[int] = []

    def fits(choice: int) -> bool:
        assert 0 <= choice < choices
        tried.append(choice)
        return choice >= answer

    assert first_fitting(choices, fits, guess) == answer
    distance = abs(min(max(guess, 0), choices) - answer)
    assert len(tried) <= 2 * log2(distance + 2) + 2
    assert len(tried) == len(set(tried))


@given(st.lists(st.booleans(), max_size=60))
def test_what_is_found_fits(fitting: list[bool]) -> None:
    found = first_fitting(len(fitting), fitting.__getitem__)
    assert found == len(fitting) or fitting[found]
