"""Checks of arguments that several packages share, so that their errors read alike."""

from operator import index
from typing import Any, SupportsIndex, get_args

from ctxtools.errors import UsageError


def check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a value that is not among the choices: a ``Literal``, or several strings.

    Raises:
        UsageError: it is not; the message calls it ``name``.
    """
    known = get_args(choices) or tuple(choices)
    if value not in known:
        raise UsageError(f"unknown {name} {value!r}", hint=f"choose one of {', '.join(known)}")


def check_integer(name: str, value: SupportsIndex, minimum: int, maximum: int = 2**62) -> int:
    """The value of an argument as an ``int``.

    Raises:
        UsageError: it is not an integer, or not from ``minimum`` to ``maximum``.
    """
    try:
        number = index(value)
    except TypeError:
        raise UsageError(f"{name} must be an integer, got {value!r:.50}") from None
    if not minimum <= number <= maximum:
        expected = f">= {minimum}" if number < minimum else f"<= {maximum}"
        raise UsageError(f"{name} must be {expected}, got {number}")
    return number
