import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.units import (
    MAX_SIZE,
    format_bytes,
    format_count,
    format_items,
    format_percent,
    parse_size,
)
from tests.hanging import no_hang


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


_TOO_LONG: tuple[str | int, ...] = (
    *("9" * 49, "9" * 5000, "1" * 100_000, "1_" * 4000, "1000001G", " " * 60 + "k", "." * 5000),
    *("0." + "0" * 45 + "1k", "9" * 30 + "." + "9" * 15, 10**15 + 1, 10**5000, -(10**5000)),
)


@pytest.mark.parametrize("size", _TOO_LONG, ids=range(len(_TOO_LONG)))
def test_a_size_of_any_length_is_refused_in_a_short_message(size: str | int) -> None:
    with no_hang(), pytest.raises(UsageError) as caught:
        parse_size(size, "--limit")
    assert "--limit" in caught.value.message and len(caught.value.message) < 150
    assert caught.value.hint


def test_no_digit_is_lost() -> None:
    assert parse_size("1000000G") == MAX_SIZE
    assert parse_size("0" * 40 + "1k") == 1000
    for size in ("0.9999999999999999999999999999999999999G", "1.00000000000000000000000000000001k"):
        with pytest.raises(UsageError, match="a whole number"):
            parse_size(size)


@given(st.text(alphabet="0123456789.,_-kKmMgGiIbB \u0661\ud800e", max_size=60))
def test_any_text_is_a_size_or_an_error(text: str) -> None:
    try:
        assert 0 <= parse_size(text) <= MAX_SIZE
    except UsageError as error:
        assert error.hint


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


def test_sizes_that_were_printed_are_rounded() -> None:
    assert parse_size("46.80GiB", whole=False) == round(46.80 * 2**30)
    assert parse_size("1.5", whole=False) == 2
    with pytest.raises(UsageError):
        parse_size("46.80GiB")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_234, "1,234 files")]
)
def test_format_items(number: int, text: str) -> None:
    assert format_items(number, "file") == text
