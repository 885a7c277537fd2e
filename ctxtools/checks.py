"""Checks of arguments that several packages share, so that their errors read alike."""

import math
import os
from collections.abc import Iterable, Iterator
from operator import index
from typing import Any, SupportsFloat, SupportsIndex, get_args

from ctxtools.errors import UsageError

MIN_MAX_THREADS = 64
"""The maximum number of threads where there are few cores."""


def check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a value that is not among the choices: a ``Literal``, or several strings.

    Raises:
        UsageError: it is not; the message calls it ``name``.
    """
    known = get_args(choices) or tuple(choices)
    if value not in known:
        raise UsageError(f"unknown {name} {value!r}", hint=f"choose one of {', '.join(known)}")


def check_type(name: str, value: object, *types: type) -> None:
    """Refuse a value that is of none of these types.

    Raises:
        UsageError: it is not.
    """
    if not isinstance(value, types):
        expected = " or ".join(each.__name__ for each in types)
        raise UsageError(f"{name} must be a {expected}, got {type(value).__name__}")


def check_list(name: str, value: object, of: str = "str", *, hint: str | None = None) -> None:
    """Refuse what is not iterable, and a single string, which is iterable by its characters.

    Args:
        name: of the argument.
        value: any iterable passes; its elements are not checked.
        of: what the elements are, for the message.
        hint: what to do instead; by default, to pass a list.

    Raises:
        UsageError: it is not iterable, or a string.
    """
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return
    raise UsageError(
        f"{name} must be a list of {of}, got {type(value).__name__}",
        hint=hint or (f"pass a list: [{shown(value, 40)}]" if value is not None else None),
    )


def checked_texts(texts: Iterable[str], first: int = 0, name: str = "text") -> Iterator[str]:
    """Some texts, each of which is checked to be a ``str``; ``first`` is the number of the first.

    Raises:
        UsageError: (while iterating) one is not.
    """
    for number, text in enumerate(texts, first):
        if not isinstance(text, str):
            check_type(f"{name} {number}", text, str)
        yield text


def checked_paths(paths: Iterable[str | os.PathLike[str]], name: str = "paths") -> list[str]:
    """Some paths as strings, each of which is checked to be a path.

    Raises:
        UsageError: one is not, or this is not a list.
    """
    check_list(name, paths)
    checked = []
    for number, path in enumerate(paths):
        try:
            checked.append(os.fsdecode(path))
        except TypeError:
            raise UsageError(
                f"path {number} must be a str or a Path, got {type(path).__name__}",
                hint="leave out what is no path, as None is",
            ) from None
    return checked


def check_integer(
    name: str,
    value: SupportsIndex,
    minimum: int,
    maximum: float = 2**62,
    *,
    hint: str | None = None,
) -> int:
    """The value of an argument as an ``int``.

    Raises:
        UsageError: it is not an integer, or not from ``minimum`` to ``maximum``.
    """
    try:
        number = index(value)
    except TypeError:
        raise UsageError(f"{name} must be an integer, got {shown(value, 50)}", hint=hint) from None
    if not minimum <= number <= maximum:
        expected = f">= {minimum}" if number < minimum else f"<= {maximum}"
        raise UsageError(f"{name} must be {expected}, got {_shown(number)}", hint=hint)
    return number


def check_above_zero(name: str, value: SupportsFloat, maximum: float) -> float:
    """The value of an argument as a ``float`` that is above 0.

    Raises:
        UsageError: it is not a number, or NaN, or not above 0, or more than ``maximum``.
    """
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{name} must be a number, got {shown(value, 50)}") from None
    if not 0 < number <= maximum:  # false of NaN
        raise UsageError(f"{name} must be > 0 and <= {maximum:,}, got {number:g}")
    return number


def check_threads(threads: SupportsIndex, name: str = "threads") -> int:
    """How many threads an argument, an option or a setting means: 0 is one for each core.

    More than are of use are as many as are: no answer depends on their number, and each takes
    memory. So the maximum is `MIN_MAX_THREADS`, or four for each core where that is more.

    Raises:
        UsageError: it is negative, or not an integer; the message calls it ``name``.
    """
    if type(threads) is not int or threads < 0:
        threads = check_integer(name, threads, 0, math.inf, hint="0 is one for each core")
    cores = os.cpu_count() or 1
    return min(threads, max(MIN_MAX_THREADS, 4 * cores)) or cores


def _shown(number: int) -> str:
    """A number in a message; Python refuses to write one of thousands of digits in decimal."""
    return str(number) if number.bit_length() < 256 else f"an integer of {number.bit_length()} bits"


def shown(value: object, length: int) -> str:
    """The start of a value as Python writes it; of what cannot be written, its type.

    An integer of more than 4,300 digits cannot, nor can a list that holds one.
    """
    try:
        return f"{value!r:.{length}}"
    except Exception:
        return f"a {type(value).__name__}"


def shown_integer(number: int) -> str:
    """An integer for a message, as the kernel shows it, which sees 64 bits of it."""
    if number >= 2**63 - 1:
        return "2**63 - 1 or more"
    return "-2**63 or less" if number <= -(2**63) else str(number)
