"""JSON as DeepSeek's encoders read and write it.

Both go without recursion, so that no request is nested too deeply for them. DeepSeek's interface is
written in Rust: its integers have 64 bits, and all other numbers are floats. The encoders in the
models' repositories are written in Python.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from ctxtools.errors import UsageError

MAX_DEPTH = 127
"""Objects and lists within each other; DeepSeek's interface refuses a request with more."""

_LONGEST_INTEGER = len(str(-(2**63)))
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half_pair>u[dD][89a-fA-F])|.)", re.DOTALL
)


Numbers = Callable[[int | float], str]
"""Writes a number; an `OverflowError` says that it is no JSON."""


def to_json(value: Any, what: str, *, number: Numbers) -> str:
    """A value as JSON with Python's separators; other scripts than Latin are not escaped.

    Args:
        value: of objects, lists, strings, numbers, true, false and null.
        what: it is, for messages: "tool 'search'".
        number: writes a number.

    Raises:
        UsageError: it is no JSON, or is nested too deeply.
    """
    written: list[str] = []
    # Of each open object or list: what is left of it, and what ends it.
    open_: list[tuple[Iterator[Any], str]] = [(iter((value,)), "")]
    first = True
    while open_:
        rest, end = open_[-1]
        each: Any = next(rest, _NOTHING)
        if each is _NOTHING:
            open_.pop()
            written.append(end)
            first = False
            continue
        if not first:
            written.append(", ")
        first = False
        if end == "}":
            key, each = each
            written += (encode_basestring(_key(key, what)), ": ")
        if not isinstance(each, Mapping | list | tuple):
            written.append(_scalar(each, what, number))
            continue
        if len(open_) > MAX_DEPTH:
            raise UsageError(
                f"{what} is nested too deeply: at most {MAX_DEPTH} objects and lists may be within "
                "each other",
                hint="flatten it",
            )
        first = True
        if isinstance(each, Mapping):
            written.append("{")
            open_.append((iter(each.items()), "}"))
        else:
            written.append("[")
            open_.append((iter(each), "]"))
    return "".join(written)


_NOTHING: Any = object()


def _scalar(value: Any, what: str, number: Numbers) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if not isinstance(value, int | float):
        raise UsageError(f"{what} has a {type(value).__name__}, which is no JSON")
    try:
        return number(value)
    except (OverflowError, ValueError):  # Python writes no integer of more than 4,300 digits
        shown = f"the number {value}" if isinstance(value, float) else "an integer of that length"
        raise UsageError(f"{what} has {shown}, which is no JSON") from None


def _key(key: Any, what: str) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool | int | float):
        return _scalar(key, what, python_number)
    raise UsageError(f"{what} has a key that is a {type(key).__name__}, which is no JSON")


def python_number(value: int | float) -> str:
    """A number as Python's json writes it."""
    if isinstance(value, int):
        return int.__repr__(value)
    if not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def recipe_number(value: int | float) -> str:
    """A number as DeepSeek's interface writes it for V4.1: as Python does, but in 64 bits."""
    if isinstance(value, int):
        if -(2**63) <= value < 2**64:
            return int.__repr__(value)
        value = float(value)
    if not isfinite(value):
        raise OverflowError
    return float.__repr__(value)


def rust_number(value: int | float) -> str:
    """A number as DeepSeek's interface writes it for V4: as Rust's serde_json does."""
    text = recipe_number(value)
    if "e-" not in text:
        return text
    mantissa, exponent = text.split("e-")
    if int(exponent) > 5:
        return f"{mantissa}e-{int(exponent)}"
    sign = "-" if value < 0 else ""
    return f"{sign}0.0000{mantissa.lstrip('-').replace('.', '')}"


def parse_object(text: str) -> dict[str, Any] | None:
    """The object that a JSON text is, or None if it is none for DeepSeek's interface."""
    try:
        value = json.loads(
            text, parse_int=_integer, parse_float=_float, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not _is_shallow(value):
        return None
    if any(escape["half_pair"] for escape in _ESCAPE.finditer(text)):
        return None  # half a surrogate pair is no character
    return value


def _integer(text: str) -> int | float:
    if text == "-0":
        return -0.0
    if len(text) <= _LONGEST_INTEGER and -(2**63) <= int(text) < 2**64:
        return int(text)
    return _float(text)


def _float(text: str) -> float:
    if not isfinite(value := float(text)):
        raise ValueError(text)
    return value


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _is_shallow(value: Any) -> bool:
    """Whether objects and lists are at most `MAX_DEPTH` within each other."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return True
    return False


def parse_python(text: str) -> Any:
    """What a JSON text stands for in Python.

    Raises:
        ValueError: it is no JSON, or is nested more deeply than Python reads.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
