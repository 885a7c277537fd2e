"""JSON as DeepSeek's encoders read and write it.

Both go without recursion, so that no request is nested too deeply for them. Numbers are those of
DeepSeek's interface, which is written in Rust: integers of 64 bits, all others as floats.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring
from math import inf, isfinite
from typing import Any

from ctxtools.errors import UsageError

MAX_DEPTH = 127
"""Objects and lists within each other; DeepSeek's interface refuses a request with more."""

_LONGEST_INTEGER = len(str(-(2**63)))
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half_pair>u[dD][89a-fA-F])|.)", re.DOTALL
)


def to_json(value: Any, what: str, *, number: Callable[[float], str] = float.__repr__) -> str:
    """A value as JSON with Python's separators; other scripts than Latin are not escaped.

    Args:
        value: of objects, lists, strings, numbers, true, false and null.
        what: it is, for messages: "tool 'search'".
        number: writes a float.

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
                "each other"
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


def _scalar(value: Any, what: str, number: Callable[[float], str]) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        if -(2**63) <= value < 2**64:
            return str(int(value))
        value = float(value) if abs(value) < 2**1023 else inf
    if not isinstance(value, float):
        raise UsageError(f"{what} has a {type(value).__name__}, which is no JSON")
    if not isfinite(value):
        raise UsageError(f"{what} has the number {value}, which is no JSON")
    return number(float(value))


def _key(key: Any, what: str) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, bool | int | float):
        return _scalar(key, what, float.__repr__)
    raise UsageError(f"{what} has a key that is a {type(key).__name__}, which is no JSON")


def rust_float(value: float) -> str:
    """A float as Rust's serde_json writes it."""
    text = repr(value)
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
