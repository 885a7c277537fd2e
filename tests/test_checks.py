"""Checks of arguments: what passes, and how errors read."""

from typing import Any, Literal

import pytest

from ctxtools.checks import check_choice, check_integer, check_list, check_threads, check_type
from ctxtools.errors import UsageError


def test_choices() -> None:
    check_choice("side", "left", Literal["left", "right"])
    check_choice("side", "left", ["left", "right"])
    with pytest.raises(UsageError, match="unknown side 'up'") as caught:
        check_choice("side", "up", Literal["left", "right"])
    assert caught.value.hint == "choose one of left, right"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "size must be >= 1, got 0"),
        (10, "size must be <= 9, got 10"),
        (1.5, "size must be an integer, got 1.5"),
        ("3", "size must be an integer, got '3'"),
    ],
)
def test_integers(value: Any, message: str) -> None:
    assert check_integer("size", 9, 1, 9) == 9
    with pytest.raises(UsageError, match=message):
        check_integer("size", value, 1, 9)


def test_integers_of_thousands_of_digits() -> None:
    """Python refuses to write them in decimal, which was a ValueError in the message."""
    with pytest.raises(UsageError, match="size must be <= 9, got an integer of 16610 bits"):
        check_integer("size", 10**5000, 1, 9)
    with pytest.raises(UsageError, match="size must be >= 1, got an integer of 16610 bits"):
        check_integer("size", -(10**5000), 1, 9)


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A billion was passed on to the kernel, which ended in a panic."""
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert [check_threads(n) for n in (0, 1, 64, 65, 10**9, 2**64, 10**5000)] == [4, 1, *[64] * 5]
    monkeypatch.setattr("os.cpu_count", lambda: 384)
    assert [check_threads(n) for n in (0, 500, 10**9)] == [384, 500, 1536]
    for value, message in (
        (-1, "threads must be >= 0, got -1"),
        (1.5, "threads must be an integer, got 1.5"),
        ("4", "threads must be an integer, got '4'"),
        (None, "threads must be an integer, got None"),
    ):
        invalid: Any = value
        with pytest.raises(UsageError, match=message) as caught:
            check_threads(invalid)
        assert caught.value.hint == "0 is one for each core"


def test_types() -> None:
    check_type("text", "a", str)
    check_type("name", 1, str, int)
    with pytest.raises(UsageError, match="name must be a str or int, got bytes"):
        check_type("name", b"a", str, int)


def test_lists() -> None:
    lists: tuple[Any, ...] = ([], ("a",), {"a"}, iter("a"))
    for each in lists:
        check_list("paths", each)
    with pytest.raises(UsageError, match="paths must be a list of str, got str") as caught:
        check_list("paths", "a.md")
    assert caught.value.hint == "pass a list: ['a.md']"
    with pytest.raises(UsageError, match="pins must be a list of int, got NoneType") as caught:
        check_list("pins", None, "int")
    assert caught.value.hint is None
