"""What a report counts for: a model or an encoding, its limit and its total."""

from typing import Any, NamedTuple

from ctxtools.escape import one_line
from ctxtools.models import Interval
from ctxtools.models.interval import exactly
from ctxtools.units import format_count


class CountColumn(NamedTuple):
    """What was counted for: a model or an encoding.

    Attributes:
        name: how it is called.
        available: the tokens that it can take; None if there is no limit.
        limit: the same in words; "" is the number.
        total: the tokens of everything; None adds them up.
        cost: of everything as input, in words: "$0.12".
        note: a remark, such as what an estimate is based on.
    """

    name: str
    available: int | None = None
    limit: str = ""
    total: Interval | None = None
    cost: str = ""
    note: str = ""


def column_data(column: CountColumn, total: int | Interval) -> dict[str, Any]:
    """What a page is told of a column.

    Args:
        column: the column.
        total: its tokens, where it does not state them.
    """
    whole = total if isinstance(total, Interval) else exactly(total)
    whole = column.total or whole
    limit = column.limit
    if not limit and column.available is not None:
        limit = format_count(column.available)
    return {
        "name": one_line(column.name),
        "available": column.available,
        "limit": limit,
        "tokens": whole.typical,
        "low": whole.low,
        "high": whole.high,
        "inexact": not whole.exact,
        "cost": column.cost,
    }
