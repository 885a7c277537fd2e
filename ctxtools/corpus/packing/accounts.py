"""What became of the rows of each input: in windows, truncated, dropped or empty."""

from typing import TYPE_CHECKING, Any

from ctxtools.corpus.lengths import LENGTH, ROWS
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.packing.options import Resolved
from ctxtools.errors import import_extra

if TYPE_CHECKING:
    import pyarrow


def account_of(entry: Entry, histogram: "pyarrow.Table", options: Resolved) -> dict[str, Any]:
    """How many rows and tokens of a part there are, and what became of them, for JSON.

    Args:
        entry: of its ids.
        histogram: of its lengths.
        options: of the packing.

    Returns:
        ``input`` and ``row_groups``; ``rows``, and of these ``bad_records``, with the ``first_bad``
        in words, ``empty`` and of those ``nulls``, ``truncated`` and ``dropped``; ``tokens``
        without EOS, and of these ``left_out``, which are in no window.
    """
    compute = import_extra("pyarrow.compute", "a corpus", "parquet")
    lengths, rows = histogram.column(LENGTH), histogram.column(ROWS)
    capacity = options.window - len(options.eos)
    is_long = compute.greater(lengths, capacity)
    overlong = _sum(rows.filter(is_long)) if options.overlong in ("truncate", "drop") else 0
    kept = capacity if options.overlong == "truncate" else 0
    above = compute.multiply(compute.subtract(lengths, kept), rows).filter(is_long)
    return {
        "input": entry.input,
        "row_groups": entry.row_groups,
        "rows": entry.rows_in,
        "bad_records": entry.bad_records,
        "first_bad": entry.first_bad,
        "empty": _sum(rows.filter(compute.equal(lengths, 0))),
        "nulls": entry.nulls,
        "truncated": overlong if options.overlong == "truncate" else 0,
        "dropped": overlong if options.overlong == "drop" else 0,
        "tokens": entry.tokens,
        "left_out": _sum(above) if overlong else 0,
    }


def _sum(column: Any) -> int:
    compute = import_extra("pyarrow.compute", "a corpus", "parquet")
    return compute.sum(column).as_py() or 0
