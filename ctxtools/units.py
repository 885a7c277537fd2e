"""Sizes as people write them: "200k" and "1Mi" to an int.

The caller knows what is counted: tokens, bytes, characters.
"""

import re
from typing import TYPE_CHECKING

from ctxtools.checks import check_integer
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from decimal import Decimal

MAX_SIZE = 10**15
"""What is more is no number of tokens or bytes."""

_LONGEST = 50  # characters of a size
_MULTIPLIERS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_SIZE = r"(?ai)(-?(?:\d+(?:[,_]\d{3})*|\d*\.\d+|\d+\.))\s*([kmgt]i?|)b?"


def parse_size(size: str | int, name: str = "", *, whole: bool = True) -> int:
    """The integer that a size means: ``"200k"`` is 200,000 and ``"1Mi"`` is 1,048,576.

    Args:
        size: digits, optionally with ``,`` or ``_`` between thousands or with decimals, and a
            suffix: k, M, G, T are powers of 1000 and Ki, Mi, Gi, Ti powers of 1024, in either case.
            An int is returned unchanged.
        name: what errors call it: "--limit".
        whole: refuse what is no whole number; otherwise it is rounded, as bytes that somebody
            printed: ``"46.8GiB"``.

    Raises:
        UsageError: it is not a size, or not a whole number ("1.5") from 0 to `MAX_SIZE`.
    """
    hint = "write a whole number such as 8192, or one with a suffix such as 1.5k"
    if isinstance(size, int):
        return check_integer(name or "size", size, 0, MAX_SIZE, hint=hint)
    size = size.strip()
    match = re.fullmatch(_SIZE, size) if len(size) <= _LONGEST else None
    if not match:
        shown = f"{size!r}" if len(size) <= _LONGEST else f"{size[:_LONGEST]!r}…"
        raise UsageError(
            f"{name}: {shown} is not a size" if name else f"{shown} is not a size",
            hint="write a number such as 8192, 200k or 1.5M (powers of 1000), "
            "or 128Ki, 1Mi (powers of 1024)",
        )
    digits, suffix = match.groups()
    digits, multiplier = re.sub("[,_]", "", digits), _MULTIPLIERS[suffix.lower()]
    if "." in digits:
        number = _of_decimals(digits, multiplier, whole=whole)
    else:
        number = int(digits) * multiplier
    if number < 0 or number != int(number) or number > MAX_SIZE:
        required = f"at most {MAX_SIZE:,}" if number > MAX_SIZE else "a whole number"
        required = ">= 0" if number < 0 else required
        raise UsageError(f"{name or 'size'} must be {required}, got {size}", hint=hint)
    return int(number)


def _of_decimals(digits: str, multiplier: int, *, whole: bool) -> "int | Decimal":
    """The product; a Decimal where it is no whole number and has to be one."""
    from decimal import Decimal, localcontext  # which takes milliseconds; most sizes have no point

    with localcontext(prec=2 * _LONGEST):
        number = Decimal(digits) * multiplier
        return number if whole else number.to_integral_value()


def format_count(number: int) -> str:
    """A number for people to read: ``1234567`` as ``"1,234,567"``."""
    return f"{number:,}"


def format_items(number: int, noun: str) -> str:
    """A number of things for people: ``"1 file"``, ``"1,234 files"``.

    Args:
        number: of them.
        noun: of one, whose plural ends in s.
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_bytes(number: float) -> str:
    """A number of bytes, rounded, for people to read: ``1536000`` as ``"1.5 MB"``."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"


def format_percent(part: float, whole: float, digits: int = 1) -> str:
    """The share of a part for people: ``"12.5%"``; "" of nothing.

    What is rounded does not say that there is nothing, or all of it, or not more than that, where
    that is not so: ``"<0.1%"``, ``">99.9%"``, ``">100.0%"``.
    """
    if not whole:
        return ""
    text, step = f"{part / whole:.{digits}%}", 10.0**-digits
    if part and text == f"{0:.{digits}%}":
        return f"<{step:.{digits}f}%"
    if text == f"{1:.{digits}%}" and part != whole:
        return f">{100 if part > whole else 100 - step:.{digits}f}%"
    return text
