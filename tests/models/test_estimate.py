from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.models import Estimate, Interval

_counts = st.integers(min_value=0, max_value=10**12)
_factors = st.lists(
    st.decimals(min_value="0.01", max_value="5", places=2), min_size=3, max_size=3
).map(lambda three: [float(each) for each in sorted(three)])


def _estimate(factors: list[float]) -> Estimate:
    low, typical, high = factors
    return Estimate("o200k_base", low, typical, high, "made up")


@given(_factors, _counts)
def test_the_ends_are_rounded_outward_by_less_than_one_token(
    factors: list[float], count: int
) -> None:
    interval = _estimate(factors).of(count)
    low, typical, high = (count * Fraction(str(factor)) for factor in factors)
    assert low - 1 < interval.low <= low
    assert high <= interval.high < high + 1
    assert abs(interval.typical - typical) <= Fraction(1, 2)
    assert interval.low <= interval.typical <= interval.high


@given(_factors, _counts, _counts)
def test_more_tokens_are_never_estimated_as_fewer(factors: list[float], a: int, b: int) -> None:
    less, more = (_estimate(factors).of(count) for count in sorted((a, b)))
    assert less.low <= more.low
    assert less.typical <= more.typical
    assert less.high <= more.high


def test_no_float_error_rounds_a_whole_number_up() -> None:
    assert _estimate([1.0, 1.1, 1.1]).of(10) == Interval(10, 11, 11)


def test_nothing_is_estimated_as_nothing() -> None:
    assert _estimate([0.5, 1.0, 2.0]).of(0) == Interval(0, 0, 0)


def test_an_interval_is_never_printed_as_a_bare_number() -> None:
    assert str(Interval(1050, 1234, 1450)) == "~1,234 (1,050–1,450)"


@pytest.mark.parametrize("factors", [[0.0, 1.0, 2.0], [1.2, 1.1, 2.0], [1.0, 2.1, 2.0]])
def test_factors_out_of_order_are_refused(factors: list[float]) -> None:
    with pytest.raises(UsageError):
        _estimate(factors)
