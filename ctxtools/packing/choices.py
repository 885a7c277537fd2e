"""What packing lets the caller choose from, each defined once: for annotations, for checks, and for
the command line."""

from enum import StrEnum
from typing import Any, Literal, get_args

from ctxtools._core.types import Overlong
from ctxtools.errors import UsageError

__all__ = ["FORMS", "Form", "Format", "Order", "OverheadName", "Overlong", "Trim", "check_choice"]

Format = Literal["xml", "markdown", "json", "plain"]
Order = Literal["path", "priority", "edges"]
Trim = Literal["head", "tail", "middle"]  # of "middle" the start and the end are kept
OverheadName = Literal["openai", "harmony", "deepseek", "chatml"]


class Form(StrEnum):
    """How much of a document goes in, from all of it down to its name."""

    WHOLE = "whole"
    TRIMMED = "trimmed"  # its start, its end, or both, with a marker for what is omitted
    OUTLINE = "outline"  # signatures, headings or a schema
    PATH = "path"  # its name alone
    PIECE = "piece"  # one of several that, over all parts, add up to the document


FORMS = (Form.WHOLE, Form.TRIMMED, Form.OUTLINE, Form.PATH)  # what `pack` chooses from


def check_choice(name: str, value: str, choices: Any) -> None:
    """Refuse a value that is not among the choices: a ``Literal``, or strings.

    Raises:
        UsageError: it is not; the message calls it ``name``.
    """
    known = get_args(choices) or tuple(choices)
    if value not in known:
        raise UsageError(f"unknown {name} {value!r}", hint=f"choose one of {', '.join(known)}")
