"""Numbers of any size and kind, in any sequence: one meaning with the kernel and without, and never
an error of another kind than those that are documented."""

import random
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools._core.cut_types import CutOptions, CutRules, Strategy
from ctxtools._core.types import TokenIndex
from ctxtools.errors import CtxtoolsError
from tests.core import needs_kernel
from tests.core.engines import compiled, tiktoken
from tests.core.test_parity import outcome

numpy: Any = find_spec("numpy") and import_module("numpy")  # which no part of ctxtools needs

SIZES = 0.5, 3.0, 1.0, 0.7  # of `CutOptions`
TEXTS = ("", "a", "Sum up: 数字は、どうしますか。 \r\n\r\ne\u0301 words\n" * 3, "x" * 300)
HUGE = (2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, 10**5000)

integers = st.integers(-3, 320) | st.sampled_from([*HUGE, *(-n for n in HUGE)])
wrong = st.sampled_from([None, 1.0, float("nan"), "5", b"5", [], {}, object(), 1j])


class Lying(Sequence[int]):
    """A sequence that says it is longer, or shorter, than it is."""

    def __init__(self, numbers: list[int], length: int) -> None:
        self.numbers, self.length = numbers, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, number: Any) -> Any:
        return self.numbers[number]


class Failing(Lying):
    """A sequence that raises midway."""

    def __getitem__(self, number: Any) -> Any:
        if number:
            raise RuntimeError("midway")
        return 0


@cache
def indexes(number: int) -> tuple[TokenIndex, TokenIndex]:
    text = TEXTS[number]
    with_kernel, without = compiled("o200k_base").index(text), tiktoken("o200k_base").index(text)
    assert with_kernel is not None
    assert without is not None
    return with_kernel, without


def same(number: int, method: str, *arguments: Any) -> Any:
    """What both indexes of a text do, which is the same."""
    first, second = (outcome(getattr(each, method), *arguments) for each in indexes(number))
    if isinstance(first, tuple) and first and first[0] in (TypeError, RuntimeError, MemoryError):
        assert second[0] is first[0], (first, second)
        return first[0]
    assert first == second
    if isinstance(first, tuple) and isinstance(first[0], type):
        assert issubclass(first[0], CtxtoolsError), first
    return first


@needs_kernel
@given(st.sampled_from(range(len(TEXTS))), integers | wrong, integers | wrong)
@settings(max_examples=300)
def test_offsets_and_limits(number: int, first: Any, second: Any) -> None:
    for method in ("count", "end", "end_anywhere", "start_anywhere", "token_ends", "cluster_ends"):
        same(number, method, first, second)
    same(number, "is_inside_cluster", first)
    same(number, "boundaries", first, second)
    same(number, "boundaries", 0, first, second)


def sequences() -> st.SearchStrategy[Any]:
    numbers = st.lists(integers, max_size=4)
    small = st.lists(st.integers(0, 3), max_size=4)
    of_numpy = []
    if numpy:
        kinds = st.sampled_from(["<i8", ">i8", ">u4", "u1", "f8", "O", "?"])
        of_numpy = [
            st.builds(numpy.array, small, kinds),
            small.map(lambda n: numpy.array(n * 2, "i8")[::-2]),
            st.sampled_from([numpy.zeros((2, 2), "i8"), numpy.array(0), numpy.zeros((2, 0), "u4")]),
        ]
    return st.one_of(
        *of_numpy,
        numbers,
        numbers.map(tuple),
        st.lists(integers | wrong, max_size=3),
        st.builds(array, st.sampled_from("bhiqBHIQ"), small),
        small.map(lambda n: memoryview(array("q", n * 2))[::2]),
        small.map(lambda n: memoryview(array("I", n)).toreadonly()),
        st.sampled_from([range(3), range(10**12)]),
        st.sampled_from([bytearray(b"\0\1"), b"\0", "01", {0: 1}, {0}, iter([0]), None, 5]),
        st.builds(Lying, small, st.sampled_from([0, 1, 2**40, 2**62])),
        st.just(Failing([0, 0], 2)),
    )


@needs_kernel
@given(st.sampled_from(range(len(TEXTS))), sequences(), sequences())
@settings(max_examples=300, deadline=None)
def test_sequences_of_offsets(number: int, first: Any, second: Any) -> None:
    for method in ("counts", "slices"):
        one_or_the_other(number, method, first, second)
    for method in ("positions", "measure"):
        one_or_the_other(number, method, first)
    one_or_the_other(number, "overlap_starts", first, 5)


def one_or_the_other(number: int, method: str, *arguments: Any) -> None:
    """As `same`, for what may have two things wrong with it, of which each says the first."""
    if any(isinstance(each, Iterator) for each in arguments):
        return  # of two readers the second finds nothing
    results = [outcome(getattr(each, method), *arguments) for each in indexes(number)]
    failures = [r for r in results if isinstance(r, tuple) and r and isinstance(r[0], type)]
    if any(kind is MemoryError for kind, _ in failures):
        return  # for the length that a sequence says it has
    assert len(failures) in (0, 2), results
    for kind, message in failures:
        documented = (CtxtoolsError, TypeError, MemoryError)
        assert issubclass(kind, documented) or message == "midway", results
    if not failures:
        assert results[0] == results[1]


@needs_kernel
@pytest.mark.skipif(not numpy, reason="numpy is not installed")
@pytest.mark.parametrize("method", ["counts", "slices"])
def test_a_row_that_repeats_one_number_takes_no_memory(method: str) -> None:
    row = numpy.broadcast_to(numpy.int64(0), 10**14)
    for index in indexes(2)[:1]:
        with pytest.raises(MemoryError):
            getattr(index, method)(row, row)
        with pytest.raises(MemoryError):
            index.overlap_starts(row, 3)


@needs_kernel
@given(
    st.sampled_from(range(len(TEXTS))),
    st.lists(st.integers(0, 310), max_size=4),
    st.lists(integers, max_size=4),
    st.tuples(integers, integers, integers, integers),
    st.sampled_from(["optimal", "greedy"]),
)
@settings(max_examples=200, deadline=None)
def test_cutting_with_any_numbers(
    number: int, offsets: list[int], tokens: list[int], limits: Any, strategy: Any
) -> None:
    index = indexes(number)[0]
    offsets = sorted({min(offset, index.length) for offset in offsets})
    parents = [0, *offsets][: len(offsets) or 1], [*offsets, index.length][-len(offsets) or -1 :]
    tokens = [*tokens, *[0] * len(offsets)][: len(offsets)]
    pairs, costs = (offsets, tokens), (offsets, [float(n % 9) for n in tokens])
    rules = CutRules(pairs, ((), ()), costs, costs, pairs, pairs, offsets)
    penalties = [2.0, 1.0, 0.7, 0.5, 0.2, 0.1, 0.05, 0.0]
    limit, capacity, overlap, min_size = limits
    options = CutOptions(limit, capacity, overlap, min_size, penalties, 100.0, SIZES, strategy)
    same(number, "cut_points", 0, offsets, rules, options)
    same(number, "overlap_starts", offsets, limits[2], rules)
    for which in indexes(number):
        found = outcome(which.cut, 0, parents, rules, options)
        assert not isinstance(found[0], type) or issubclass(found[0], ValueError), found


@needs_kernel
def test_no_order_of_spans_crashes() -> None:
    draw = random.Random(5)
    for _ in range(300):
        number = draw.randrange(len(TEXTS))
        index = indexes(number)[0]

        def row(size: int, last: int = index.length) -> list[int]:
            return [draw.randint(0, last) for _ in range(size)]

        def spans(size: int, last: int = index.length) -> tuple[list[int], list[int]]:
            starts = row(size)
            return starts, [draw.randint(start, last) for start in starts]

        n = draw.randrange(4)

        def costs(size: int) -> tuple[list[int], list[float]]:
            return row(size), [draw.choice([0.0, float("nan"), -1.0, 1e300]) for _ in range(size)]

        strategy: Strategy = draw.choice(["greedy", "optimal"])
        options = CutOptions(draw.randint(1, 9), 5, 3, 0, [2.0, 1.0], 100.0, SIZES, strategy)
        first, second, third = ((row(n), row(n)) for _ in range(3))
        rules = CutRules(first, spans(n), costs(n), costs(n), second, third, row(n))
        found = outcome(index.cut, row(1)[0], spans(n), rules, options)
        assert not isinstance(found[0], type) or issubclass(found[0], ValueError), found


@pytest.mark.parametrize("engine", [pytest.param(compiled, marks=needs_kernel), tiktoken])
def test_ids_of_any_size(engine: Any) -> None:
    backend = engine("o200k_base")
    for ids in ([10**30], [-1], [2**32], [5, -(10**5000)], range(10**12), array("q", [-5])):
        with pytest.raises(LookupError):
            backend.decode(ids)
    assert backend.decode([]) == backend.decode(array("q")) == b""
