"""The arguments of packing: its choices, each defined once, and the checks that several share."""

from enum import StrEnum
from operator import index
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, get_args

from ctxtools._core.types import Overlong
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from ctxtools.models import Budget

__all__ = [
    "FORMS",
    "Form",
    "Format",
    "Order",
    "OverheadName",
    "Overlong",
    "Trim",
    "check_choice",
    "check_integer",
    "token_limit",
]

Format = Literal["xml", "markdown", "json", "plain"]
Order = Literal["path", "priority", "edges"]
Trim = Literal["head", "tail", "middle"]  # "middle" keeps the start and the end
OverheadName = Literal["openai", "harmony", "deepseek", "chatml"]


class Form(StrEnum):
    """How much of a document goes in, from all of it down to its name."""

    WHOLE = "whole"
    TRIMMED = "trimmed"  # its start, its end, or both, with a marker for what is omitted
    OUTLINE = "outline"  # signatures, headings or a schema
    PATH = "path"  # its name alone
    PIECE = "piece"  # one of several that, over all parts, add up to the document


FORMS = (Form.WHOLE, Form.TRIMMED, Form.OUTLINE, Form.PATH)  # those that `pack` chooses from


def check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a value that is not among the choices: a ``Literal``, or strings.

    Raises:
        UsageError: it is not; the message calls it ``name``.
    """
    known = get_args(choices) or tuple(choices)
    if value not in known:
        raise UsageError(f"unknown {name} {value!r}", hint=f"choose one of {', '.join(known)}")


def check_integer(name: str, value: SupportsIndex, minimum: int, maximum: int = 2**62) -> int:
    """The value of an argument as an ``int``.

    Raises:
        UsageError: it is not an integer, or not between the two (inclusive).
    """
    try:
        number = index(value)
    except TypeError:
        raise UsageError(f"{name} must be an integer, got {value!r:.50}") from None
    if not minimum <= number <= maximum:
        expected = f">= {minimum}" if number < minimum else f"<= {maximum}"
        raise UsageError(f"{name} must be {expected}, got {number}")
    return number


def token_limit(budget: "int | Budget", name: str = "budget") -> int:
    """The tokens that a budget makes available.

    Raises:
        UsageError: the number is below zero.
    """
    limit = budget if isinstance(budget, int) else budget.available
    if limit < 0:
        raise UsageError(f"{name} must be >= 0, got {limit}", hint="it is a number of tokens")
    return limit
