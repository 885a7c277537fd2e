"""Strings that know where their characters are from do what strings do, and do not forget it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.messages.chat.jinja.traced import (
    TEMPLATE,
    Traced,
    joined,
    origin_of,
    retrace,
    spans_of,
)

# Each origin has letters of its own, so that each character tells where it is from.
_LETTERS = {0: "abA", 1: "xyX", 2: "m "}
_SEPARATORS = ("a", "x", "ab", " ", "b ", "xm", "zz")


def _traced(parts: list[tuple[int, str]]) -> str:
    return joined(Traced(text, ((len(text), origin),)) for origin, text in parts)


@st.composite
def texts(draw: st.DrawFn) -> str:
    origins = draw(st.lists(st.sampled_from([*_LETTERS]), min_size=1, max_size=5))
    return _traced([(o, draw(st.text(_LETTERS[o], max_size=6))) for o in origins])


def _check(result: Any, expected: Any) -> None:
    """They are equal as strings, and each character has its origin."""
    if isinstance(expected, list | tuple):
        assert len(result) == len(expected)
        for one, other in zip(result, expected, strict=True):
            _check(one, other)
        return
    assert str.__eq__(result, expected)
    position = 0
    for length, origin in spans_of(result):
        for character in result[position : position + length]:
            letters = _LETTERS.get(origin, "z-|") if origin != TEMPLATE else "z-|"
            assert str.lower(character) in letters.lower(), (result, spans_of(result))
        position += length
    assert position == len(result)


_OPERATIONS: dict[str, Callable[[str, str], Any]] = {
    "split": lambda text, sep: text.split(sep),
    "split once": lambda text, sep: text.split(sep, 1),
    "split at spaces": lambda text, sep: text.split(),
    "rsplit": lambda text, sep: text.rsplit(sep, 1),
    "rsplit at spaces": lambda text, sep: text.rsplit(None, 1),
    "partition": lambda text, sep: text.partition(sep),
    "rpartition": lambda text, sep: text.rpartition(sep),
    "strip": lambda text, sep: text.strip(sep),
    "strip spaces": lambda text, sep: text.strip(),
    "lstrip": lambda text, sep: text.lstrip(sep),
    "rstrip": lambda text, sep: text.rstrip(sep),
    "removeprefix": lambda text, sep: text.removeprefix(sep),
    "removesuffix": lambda text, sep: text.removesuffix(sep),
    "replace": lambda text, sep: text.replace(sep, "-"),
    "replace once": lambda text, sep: text.replace(sep, "||", 1),
    "upper": lambda text, sep: text.upper(),
    "lower": lambda text, sep: text.lower(),
    "title": lambda text, sep: text.title(),
    "capitalize": lambda text, sep: text.capitalize(),
    "slice": lambda text, sep: text[1:-1],
    "last": lambda text, sep: text[-1:],
    "characters": lambda text, sep: [*text],
    "add": lambda text, sep: text + "zz",
    "add before": lambda text, sep: "zz" + text,
    "twice": lambda text, sep: text + text,
    "join": lambda text, sep: text.join(["z", "|", "-"]),
}


@pytest.mark.parametrize("name", _OPERATIONS)
@given(text=texts(), separator=st.sampled_from(_SEPARATORS))
def test_operations_are_those_of_strings_and_keep_origins(
    name: str, text: str, separator: str
) -> None:
    operation = _OPERATIONS[name]
    plain = "".join([*text])
    assert type(plain) is str or not text
    _check(operation(text, separator), operation(str.__str__(plain), separator))


@given(text=texts(), start=st.integers(-9, 9), stop=st.integers(-9, 9), step=st.integers(-2, 3))
def test_slices_are_those_of_strings(text: str, start: int, stop: int, step: int) -> None:
    plain = "".join([*text])
    part = slice(start, stop, step or None)
    assert text[part] == plain[part]
    assert len(text[part]) == sum(length for length, _ in spans_of(text[part]))


@given(text=texts())
def test_it_cannot_be_told_from_a_string(text: str) -> None:
    plain = "".join([*text])
    assert text == plain
    assert hash(text) == hash(plain)
    assert {plain: 1}[text] == 1
    assert f"{text}" == plain
    assert str(text) is text


def test_what_a_text_was_made_of_is_found_in_it() -> None:
    users = Traced("Rome", ((4, 7),))
    made = retrace("in %s" % str.__str__(users), [users])  # noqa: UP031
    assert spans_of(made) == ((3, TEMPLATE), (4, 7))
    assert origin_of(made) == 7
    assert type(retrace("nothing of it", [users])) is str
    assert spans_of(retrace("Rome, Rome!", [[users, users]])) == (
        (4, 7), (2, TEMPLATE), (4, 7), (1, TEMPLATE)
    )  # fmt: skip


def test_errors_are_those_of_strings() -> None:
    users = Traced("Rome", ((4, 7),))
    with pytest.raises(IndexError, match="string index out of range"):
        users[9]
    with pytest.raises(ValueError, match="empty separator"):
        users.split("")
    with pytest.raises(TypeError):
        users + 1  # type: ignore[operator]
