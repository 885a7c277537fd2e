"""Shares of files: the fallback is like the kernel to the last bit."""

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from tests.core import needs_kernel

USES = st.integers(1, 9).flatmap(
    lambda number: st.lists(
        st.dictionaries(st.integers(0, number - 1), st.floats(1e-3, 99), max_size=4),
        min_size=number,
        max_size=number,
    )
)


@needs_kernel
@given(USES, st.data(), st.integers(0, 15), st.floats(0, 1))
def test_the_fallback_gives_the_same(
    uses: list[dict[int, float]], data: st.DataObject, steps: int, damping: float
) -> None:
    size = len(uses)
    starts = data.draw(st.lists(st.floats(1e-3, 1e6), min_size=size, max_size=size))
    fallback = import_module("ctxtools._core.fallback.rank").rank
    assert _core.rank(uses, starts, steps, damping) == fallback(uses, starts, steps, damping)


@pytest.mark.parametrize(
    ("uses", "starts", "message"),
    [
        ([{}], [], "1 files have 0 starts"),
        ([{1: 1.0}], [1.0], "invalid use of file 1 of 1"),
        ([{-1: 1.0}], [1.0], "invalid use of file -1 of 1"),
        ([{0: 0.0}], [1.0], "invalid use of file 0 of 1"),
    ],
)
def test_what_cannot_be_ranked(
    uses: list[dict[int, float]], starts: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _core.rank(uses, starts, 1, 0.5)
