import pytest

from ctxtools.bench.worst import WORST_INPUTS, worst_input


@pytest.mark.parametrize("name", WORST_INPUTS)
def test_a_worst_input_has_its_size_and_is_the_same_each_time(name: str) -> None:
    text = worst_input(name, 10_000)
    assert 9_900 <= len(text.encode()) <= 10_000
    assert worst_input(name, 10_000) == text
    assert worst_input(name, 10_000, variant=1) != text
