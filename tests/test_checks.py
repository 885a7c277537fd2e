"""Checks of arguments: what passes, and how errors read."""

from typing import Any, Literal

import pytest

from ctxtools.checks import check_choice, check_integer, check_list, check_type
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
