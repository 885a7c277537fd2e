import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.units import format_bytes, format_count, format_percent, parse_size


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("8192", 8192),
        ("200k", 200_000),
        ("200K", 200_000),
        ("1M", 1_000_000),
        ("1Mi", 1_048_576),
        ("128 Ki", 131_072),
        ("1.5k", 1_500),
        (".5M", 500_000),
        ("1,047,576", 1_047_576),
        ("1_048_576", 1_048_576),
        ("2GiB", 2**31),
        (" 1k ", 1000),
        (32_768, 32_768),
    ],
)
def test_sizes(text: str | int, number: int) -> None:
    assert parse_size(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "k", "1.5", "1.5X", "-1", "1e6", "1,00", "1k k", "½", "١", "1.0001k", "nan", "0x10", -1],
)
def test_an_invalid_size_is_refused_with_a_hint(text: str | int) -> None:
    with pytest.raises(UsageError) as caught:
        parse_size(text)
    assert caught.value.hint


@given(st.integers(min_value=0, max_value=10**15))
def test_a_formatted_number_reads_back_exactly(number: int) -> None:
    assert parse_size(format_count(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_536_000, "1.5 MB"), (3e12, "3000 GB")],
)
def test_format_bytes(number: float, text: str) -> None:
    assert format_bytes(number) == text


@pytest.mark.parametrize(
    ("part", "whole", "digits", "expected"),
    [
        (1, 8, 1, "12.5%"),
        (7722, 5000, 1, "154.4%"),
        (0, 5, 1, "0.0%"),
        (5, 5, 1, "100.0%"),
        (1, 10**6, 1, "<0.1%"),
        (999_999, 10**6, 1, ">99.9%"),
        (1_000_001, 10**6, 1, ">100.0%"),
        (999_999_999, 10**9, 4, ">99.9999%"),
        (0.001, 1, 0, "<1%"),
        (0.999, 1, 0, ">99%"),
        (0, 0, 1, ""),
        (5, 0, 1, ""),
    ],
)
def test_percentages_are_not_rounded_to_nothing_or_all(
    part: float, whole: float, digits: int, expected: str
) -> None:
    assert format_percent(part, whole, digits) == expected
