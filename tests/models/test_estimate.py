import json
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.models import Estimate, Interval, TextCount, get_model, list_models
from ctxtools.models.characters import count_characters

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
    least = min(count, 1)
    assert low - 1 < interval.low <= low or interval.low == least
    assert high <= interval.high < high + 1
    assert abs(interval.typical - typical) <= Fraction(1, 2) or interval.typical == least
    assert least <= interval.low <= interval.typical <= interval.high


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gemini-3-pro", "grok-4.5", "kimi-k2"])
@given(text=st.text(min_size=1))
def test_no_text_is_nothing(model: str, text: str) -> None:
    assert get_model(model).estimate_tokens(text).low >= 1


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


_PACKAGED = {
    table: next(
        model.estimate
        for model in list_models()
        if model.estimate and model.estimate.characters == table
    )
    for table in ("claude-3", "claude-4-7")
}
_MEASURED = json.loads(Path(__file__).with_name("measured_texts.json").read_text("utf-8"))


@pytest.mark.parametrize("table", _PACKAGED)
def test_texts_that_the_fit_has_not_seen_are_within_the_interval(table: str) -> None:
    # Texts of 67 kinds, written for this test, with the counts of ctok 1.3.0.
    estimate = _PACKAGED[table]
    within, errors, widths = 0, [], []
    for row in _MEASURED:
        interval, true = estimate.of(estimate.measure(row["text"])), row[table]
        within += interval.low <= true <= interval.high
        if true >= 40:  # of a few tokens, one more is a lot
            errors.append(abs(interval.typical / true - 1))
            widths.append((interval.high - interval.low) / interval.typical)
    assert within / len(_MEASURED) >= 0.98
    assert median(errors) < 0.06
    assert median(widths) < 0.65


@pytest.mark.parametrize("table", _PACKAGED)
def test_numbers_have_about_as_many_tokens_as_in_the_packaged_encoding(table: str) -> None:
    # One ratio for every text was 51 % off for these, and outside its own interval.
    for row in _MEASURED:
        if row["kind"] in ("numeric CSV", "JSON"):
            typical = _PACKAGED[table].of(_PACKAGED[table].measure(row["text"])).typical
            assert abs(typical / row[table] - 1) < 0.15


@given(st.text(max_size=500))
def test_an_estimate_by_characters_is_in_order(text: str) -> None:
    for estimate in _PACKAGED.values():
        interval = estimate.of(estimate.measure(text))
        assert 0 <= interval.low <= interval.typical <= interval.high
        assert text or interval == Interval(0, 0, 0)


@given(st.lists(st.text(max_size=50), max_size=5))
def test_counts_of_texts_add_up_with_their_characters(texts: list[str]) -> None:
    counts = [TextCount(len(text), count_characters(text)) for text in texts]
    whole = sum(counts, start=TextCount(0))
    assert whole == sum(map(len, texts))
    for number, of_class in enumerate(whole.characters):
        assert of_class == sum(count.characters[number] for count in counts)
    assert (0 + whole).characters == (whole + 0).characters == whole.characters


def test_without_characters_the_plain_factors_bound_nearly_every_text() -> None:
    estimate = _PACKAGED["claude-4-7"]
    rows = [row for row in _MEASURED if row["claude-4-7"] >= 40]
    within = 0
    for row in rows:
        interval = estimate.of(int(estimate.measure(row["text"])))
        within += interval.low <= row["claude-4-7"] <= interval.high
    assert within / len(rows) >= 0.98


@given(st.integers(0, 10**7), st.sampled_from(_MEASURED))
def test_the_highest_count_is_the_largest_within_a_limit(limit: int, row: dict[str, str]) -> None:
    estimate = _PACKAGED["claude-3"]
    text = estimate.measure(row["text"])
    highest = estimate.highest_count(limit, text)
    assert highest == 0 or estimate.of(text.part(highest)).high <= limit
    assert estimate.of(text.part(highest + 1)).high > limit


def test_an_unknown_table_is_an_error() -> None:
    estimate = Estimate("o200k_base", 0.5, 1.0, 2.0, "made up", "no-such-table")
    with pytest.raises(UsageError, match="unknown table of estimates 'no-such-table'"):
        estimate.of(estimate.measure("text"))


def test_a_model_estimates_a_text_or_counts_it() -> None:
    exact, estimated = get_model("gpt-4o"), get_model("claude-sonnet-5")
    assert exact.estimate_tokens("Hello world") == Interval(2, 2, 2)
    interval = estimated.estimate_tokens("The old man mended his nets by the harbour wall.")
    assert interval.low < interval.typical < interval.high
