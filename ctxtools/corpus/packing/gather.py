"""Columns put together from spans of others, without an object a value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.errors import import_extra

if TYPE_CHECKING:
    import pyarrow


def gathered(
    values: "pyarrow.Array", starts: "pyarrow.Array", lengths: "pyarrow.Array"
) -> "pyarrow.Array":
    """The values of spans, one after the other.

    Args:
        values: of any type.
        starts: the first value of each span, of 64 bits.
        lengths: how many it has.
    """
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    # A list of which each value is a slice of the same column, as it lies there.
    views = arrow.LargeListViewArray.from_arrays(starts, lengths, values)
    found: pyarrow.Array = views.flatten()
    return found


def interleaved(columns: "Sequence[pyarrow.Array]") -> "pyarrow.Array":
    """The first values of all columns, then the second ones, and so on."""
    arrow, compute = _import()
    rows, number = len(columns[0]), len(columns)
    if number == 1:
        return columns[0]
    numbers = numbers_to(rows * number)
    row = compute.divide(numbers, number)
    column = compute.subtract(numbers, compute.multiply(row, number))
    order = compute.add(compute.multiply(column, rows), row)
    found: pyarrow.Array = arrow.concat_arrays(columns).take(order)
    return found


def ends_of(lengths: "pyarrow.Array") -> "pyarrow.Array":
    """The offsets of lists of these lengths: one more than there are, the first of which is 0."""
    arrow, compute = _import()
    sums = compute.cumulative_sum(lengths.cast(arrow.int64()))
    offsets: pyarrow.Array = arrow.concat_arrays([arrow.array([0], arrow.int64()), sums])
    return offsets


def numbers_to(end: int) -> "pyarrow.Array":
    """The integers from 0 up to ``end``, without it."""
    arrow, compute = _import()
    ones = arrow.repeat(arrow.scalar(1, arrow.int64()), end)
    found: pyarrow.Array = compute.subtract(compute.cumulative_sum(ones), 1)
    return found


def _import() -> tuple[Any, Any]:
    return (
        import_extra("pyarrow", "a corpus", "parquet"),
        import_extra("pyarrow.compute", "a corpus", "parquet"),
    )
