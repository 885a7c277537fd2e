"""JSON as DeepSeek's encoders write and read it."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.json_text import (
    MAX_DEPTH,
    parse_object,
    python_number,
    recipe_number,
    rust_number,
    to_json,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES)
def test_python_numbers_are_those_of_json(value: object) -> None:
    assert to_json(value, "it", number=python_number) == json.dumps(value, ensure_ascii=False)


@given(st.dictionaries(st.none() | st.booleans() | st.integers() | st.text(), st.integers()))
def test_keys_are_those_of_json(value: object) -> None:
    assert to_json(value, "it", number=python_number) == json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    "value, v4, v41",
    [
        (1e-5, "0.00001", "1e-05"),
        (-1.25e-5, "-0.0000125", "-1.25e-05"),
        (1e-6, "1e-6", "1e-06"),
        (-7.5e-9, "-7.5e-9", "-7.5e-09"),
        (1e-100, "1e-100", "1e-100"),
        (0.0001, "0.0001", "0.0001"),
        (1e16, "1e+16", "1e+16"),
        (1e15, "1000000000000000.0", "1000000000000000.0"),
        (-0.0, "-0.0", "-0.0"),
        (2**64 - 1, "18446744073709551615", "18446744073709551615"),
        (2**64, "1.8446744073709552e+19", "1.8446744073709552e+19"),
        (-(2**63) - 1, "-9.223372036854776e+18", "-9.223372036854776e+18"),
    ],
)
def test_numbers_of_the_interface(value: float, v4: str, v41: str) -> None:
    assert rust_number(value) == v4
    assert recipe_number(value) == v41


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_the_interface_are_read_as_the_same(value: float) -> None:
    for text in (rust_number(value), recipe_number(value)):
        assert float(text) == value
        assert math.copysign(1, float(text)) == math.copysign(1, value)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES))
def test_an_object_is_read(value: dict[str, object]) -> None:
    text = json.dumps(value)
    found = parse_object(text)
    if "NaN" in text or "Infinity" in text or r"\ud" in text:
        return  # what the interface refuses may be among these
    assert found is not None
    assert [*found] == [*value]


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[1]", '"a"', "{", '{"a": 1,}', "{'a': 1}", '{"a": 1} x', '\ufeff{"a": 1}'),
        *('{"a": NaN}', '{"a": -Infinity}', '{"a": 1e400}', '{"a": 1' + "0" * 400 + "}"),
        *('{"a": "\\ud800"}', '{"a": "\\udc00\\ud800"}', '{"a": "\\ud800", "a": 1}', '{"a": 01}'),
        '{"a": "\x01"}',
        '{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}",
        '{"a": ' * 100_000,
    ],
)
def test_what_is_no_object_for_the_interface(text: str) -> None:
    assert parse_object(text) is None


def test_what_is_an_object() -> None:
    assert parse_object('{"a": "\\ud83d\\ude00", "b": "\\\\ud800", "a": 1}') == {
        "a": 1,
        "b": "\\ud800",
    }
    assert repr(parse_object('{"a": -0}')) == "{'a': -0.0}"
    deep = '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    assert parse_object(deep) is not None


def test_what_is_no_json() -> None:
    for value, reason in (
        (float("nan"), "the number nan, which is no JSON"),
        (10**400, "an integer of that length"),
        (b"", "it has a bytes, which is no JSON"),
        ({(): 1}, "it has a key that is a tuple"),
    ):
        with pytest.raises(UsageError) as error:
            to_json(value, "it", number=recipe_number)
        assert reason in error.value.message
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(UsageError, match="nested too deeply"):
        to_json(endless, "it", number=python_number)
