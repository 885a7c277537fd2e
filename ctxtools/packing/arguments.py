"""The arguments of packing: its choices, each defined once, and the limit of a budget."""

from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from ctxtools._core.types import Overlong as Overlong
from ctxtools.checks import check_integer

if TYPE_CHECKING:
    from ctxtools.models import Budget

Format = Literal["xml", "markdown", "json", "plain"]
Order = Literal["path", "priority", "edges", "stable"]
Trim = Literal["head", "tail", "middle"]  # "middle" keeps the start and the end
PathStyle = Literal["relative", "as-given", "absolute"]  # how documents are called
Secrets = Literal["off", "report", "redact", "omit", "fail"]  # what is done about them
FormName = Literal["whole", "excerpt", "trimmed", "outline", "path"]
OverheadName = Literal["openai", "harmony", "deepseek", "chatml"]


class Form(StrEnum):
    """How much of a document goes in, from all of it down to its name."""

    WHOLE = "whole"
    EXCERPT = "excerpt"  # the spans of it that matter for a question, with markers between them
    TRIMMED = "trimmed"  # its start, its end, or both, with a marker for what is omitted
    OUTLINE = "outline"  # signatures, headings or a schema
    PATH = "path"  # its name alone
    PIECE = "piece"  # one of several that together, over all parts, are the document


FORMS = (
    Form.WHOLE,
    Form.EXCERPT,
    Form.TRIMMED,
    Form.OUTLINE,
    Form.PATH,
)  # those that `pack` chooses from


def token_limit(budget: "int | Budget", name: str = "budget") -> int:
    """The tokens that a budget makes available.

    Raises:
        UsageError: the number is below zero, or it is neither.
    """
    limit: Any = getattr(budget, "available", budget)
    return check_integer(name, limit, 0, inf, hint="it is a number of tokens, or a Budget")
