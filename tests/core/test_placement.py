"""Places by a histogram: those of the kernel and of the fallback are the same, and the errors."""

from array import array
from collections import Counter
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools._core.fallback.placement import Placement as Fallback
from ctxtools._core.types import Overlong, Request, split_overlong
from tests.core import needs_kernel
from tests.core.test_parity import outcome

Options = dict[str, Any]


def sizes_of(length: int, window: int, options: Options) -> list[int]:
    tokens = length + options["eos"]
    if length == 0 or (tokens > window and options["overlong"] in ("drop", "raise")):
        return []
    if tokens > window and options["overlong"] == "split":
        return [size for _, size in split_overlong(length, Request(window, options["eos"]))]
    return [min(tokens, window)]


@st.composite
def placing(draw: st.DrawFn) -> tuple[list[int], list[int], int, Options, Options]:
    """Two parts, a window, and the options of a packing and of a placing."""
    lengths = st.lists(st.integers(0, 12) | st.integers(0, 90), max_size=30)
    window = draw(st.integers(1, 40))
    packing = {
        "separator": draw(st.integers(0, 3)),
        "max_documents": draw(st.integers(1, 5) | st.just(2**32 - 1)),
    }
    placing = {
        "eos": draw(st.integers(0, min(3, window - 1))),
        "overlong": draw(st.sampled_from(get_args(Overlong))),
        "seed": draw(st.none() | st.integers(0, 2**64 - 1)),
    }
    placing["first_window"] = draw(st.integers(0, 9) | st.integers(2**32 - 9, 2**32))
    return draw(lengths), draw(lengths), window, packing, placing


def row(code: str, values: Any) -> memoryview:
    return memoryview(array(code, values))


@needs_kernel
@given(placing(), st.integers(-1, 90))
def test_places(problem: tuple[list[int], list[int], int, Options, Options], changed: int) -> None:
    before, after, window, packing, options = problem
    counted = [
        Counter(size for length in part for size in sizes_of(length, window, options))
        for part in (before, after)
    ]
    total = counted[0] + counted[1]
    histogram = row("Q", sorted(total)), row("Q", [total[size] for size in sorted(total)])
    first = row("Q", [counted[0][size] for size in sorted(total)])
    ends = histogram[1]
    assert _core.kernel
    made = [kind(*histogram, window, **packing) for kind in (_core.kernel.Placement, Fallback)]
    assert made[0].bins == made[1].bins
    assert made[0].lower_bound == made[1].lower_bound
    assert outcome(made[0].columns) == outcome(made[1].columns)
    again = [
        kind.from_columns(made[0].columns(), window, lower_bound=made[0].lower_bound, **packing)
        for kind in (_core.kernel.Placement, Fallback)
    ]
    for part in (after, [*after, changed], [changed, *after], after[1:]):
        lengths = row("q", part)
        expected = outcome(made[1].place, lengths, first, ends, **options)
        for each in (made[0], *again):
            assert outcome(each.place, lengths, first, ends, **options) == expected


@needs_kernel
@given(
    st.lists(st.integers(0, 9), max_size=3),
    st.lists(st.integers(0, 9), max_size=3),
    st.lists(
        st.tuples(st.integers(0, 3) | st.just(2**32 - 1), st.integers(0, 3), st.integers(0, 3))
    ),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3) | st.just(2**64 - 1))),
    st.integers(0, 2),
)
def test_packings_that_are_none(
    sizes: list[int],
    counts: list[int],
    nodes: list[tuple[int, int, int]],
    groups: list[tuple[int, int]],
    bound: int,
) -> None:
    columns = (
        row("Q", sizes),
        row("Q", counts),
        *(row("I", [node[i] for node in nodes]) for i in range(3)),
        row("I", [last for last, _ in groups]),
        row("Q", [bins for _, bins in groups]),
    )
    options = {"separator": 1, "max_documents": 3}
    assert _core.kernel
    found: list[Any] = []
    for kind in (_core.kernel.Placement, Fallback):
        made = outcome(kind, *columns[:2], 9, **options)
        read = outcome(kind.from_columns, columns, 9, lower_bound=bound, **options)
        results = [
            each if isinstance(each, tuple) else (each.bins, outcome(each.columns))
            for each in (made, read)
        ]
        found.append(results)
    assert found[0] == found[1]


@needs_kernel
@pytest.mark.parametrize("overlong", get_args(Overlong))
@pytest.mark.parametrize("length", [2**40, 2**64 - 1])
def test_longest_documents(length: int, overlong: str) -> None:
    """One that would be split into more pieces than memory holds is refused."""
    histogram, first, ends = (row("Q", [8]), row("Q", [9])), row("Q", [0]), row("Q", [2])
    options = {"eos": 1, "overlong": overlong, "seed": None, "first_window": 0}
    assert _core.kernel
    kinds = (_core.kernel.Placement, Fallback)
    made = [kind(*histogram, 8, separator=0, max_documents=9) for kind in kinds]
    found = [outcome(each.place, row("Q", [7, length]), first, ends, **options) for each in made]
    assert found[0] == found[1]


@needs_kernel
def test_columns_of_another_format() -> None:
    assert _core.kernel
    for kind in (_core.kernel.Placement, Fallback):
        with pytest.raises(TypeError, match="a column has another format"):
            kind(row("d", [1.0]), row("Q", [1]), 8, separator=0, max_documents=9)
        made = kind(row("Q", [1]), row("Q", [1]), 8, separator=0, max_documents=9)
        options = {"eos": 0, "overlong": "drop", "seed": None, "first_window": 0}
        first = row("Q", [0])
        assert outcome(made.place, row("d", [1.0]), first, first, **options) == (
            TypeError,
            "lengths must be a buffer of integers",
        )
        assert outcome(made.place, row("q", [1]), first, row("Q", [2]), **options) == (
            ValueError,
            "not of this packing",
        )
