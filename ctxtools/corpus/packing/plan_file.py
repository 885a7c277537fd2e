"""The file of a plan: Parquet, with a row for each group of parts.

It has what was packed and how, so that no window is planned again, and the histograms of the parts.
"""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ctxtools import _core
from ctxtools._core.types import Overlong
from ctxtools.atomic import atomic_write
from ctxtools.checks import check_choice
from ctxtools.corpus.lengths import LENGTH, ROWS, add_histograms, histogram_from
from ctxtools.corpus.packing.placing import BEFORE, Packing, WindowOptions
from ctxtools.corpus.packing.plan import CorpusPlan
from ctxtools.errors import FormatError, ReadError, import_extra, os_reason
from ctxtools.packing.training.lengths import length_buffer

if TYPE_CHECKING:
    import pyarrow

_KEY = b"ctxtools.corpus"  # of the options, in the metadata
# What a packing is made of: the columns of `Placement`, and the number of bits of each.
_COLUMNS = {
    "sizes": 64,
    "counts": 64,
    "parents": 32,
    "size_numbers": 32,
    "items": 32,
    "last_nodes": 32,
    "windows": 64,
}
_FIGURES = ("documents", "empty", "overlong")


def save_plan(plan: CorpusPlan, path: str | os.PathLike[str]) -> None:
    """Write a plan, completely or not at all.

    Raises:
        OSError: it could not be written.
    """
    arrow = import_extra("pyarrow", "a plan", "parquet")
    parquet = import_extra("pyarrow.parquet", "a plan", "parquet")
    facts = {name: getattr(plan, name) for name in _FIGURES}
    facts["options"] = asdict(plan.options)
    table = arrow.table(
        {
            "group": arrow.array([each.group for each in plan.packings], arrow.string()),
            "lower_bound": arrow.array(
                [each.placement.lower_bound for each in plan.packings], arrow.uint64()
            ),
            "parts": arrow.array([each.parts for each in plan.packings], _list(arrow, 64)),
            "part_starts": arrow.array([each.starts for each in plan.packings], _list(arrow, 64)),
            "part_sizes": _lists(arrow, [each.pieces.column(LENGTH) for each in plan.packings]),
            "part_counts": _lists(arrow, [each.pieces.column(ROWS) for each in plan.packings]),
            "part_numbers": _lists(arrow, [each.pieces.column(BEFORE) for each in plan.packings]),
        }
    )
    all_columns = [each.placement.columns() for each in plan.packings]
    for at, (name, bits) in enumerate(_COLUMNS.items()):
        kind = _list(arrow, bits).value_type
        rows = [_array(arrow, memoryview(columns[at]), kind) for columns in all_columns]
        table = table.append_column(name, _lists(arrow, rows, kind))
    table = table.replace_schema_metadata({_KEY: json.dumps(facts)})
    with atomic_write(path, "wb") as file:
        parquet.write_table(table, file, compression="zstd", row_group_size=1)


def load_plan(path: str | os.PathLike[str]) -> CorpusPlan:
    """Read a plan; all of it is checked.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it holds no plan.
    """
    arrow = import_extra("pyarrow", "a plan", "parquet")
    parquet = import_extra("pyarrow.parquet", "a plan", "parquet")
    name = os.fsdecode(path)
    try:
        with open(path, "rb") as file:
            table = parquet.read_table(file)
    except arrow.ArrowException as error:
        raise FormatError(f"{name}: not a readable Parquet file: it may be truncated") from error
    except OSError as error:
        raise ReadError(f"{name}: {os_reason(error)}") from error
    try:
        return _plan(table)
    except (ValueError, TypeError, LookupError, ArithmeticError, arrow.ArrowException) as error:
        raise FormatError(f"{name}: not a plan of a corpus ({error})") from error


def _plan(table: "pyarrow.Table") -> CorpusPlan:
    """The plan in a table.

    Raises:
        ValueError, TypeError, LookupError, ArithmeticError, pyarrow.ArrowException: there is none.
    """
    facts = json.loads((table.schema.metadata or {})[_KEY])
    options = WindowOptions(**facts["options"])
    check_choice("overlong policy", options.overlong, Overlong)
    packings: list[Packing] = []
    first_window = 0
    for row in range(len(table)):
        packings.append(_packing(table.slice(row, 1), first_window, options))
        first_window += packings[-1].placement.bins
    plan = CorpusPlan(options, packings, **{name: int(facts[name]) for name in _FIGURES})
    if sorted(number for each in packings for number in each.parts) != list(range(plan.parts)):
        raise ValueError("parts without a group, or of two")
    return plan


def _packing(row: "pyarrow.Table", first_window: int, options: WindowOptions) -> Packing:
    """The packing of a row; errors are those of `_plan`."""
    arrow = import_extra("pyarrow", "a plan", "parquet")

    def column(name: str, bits: int) -> Any:
        return row.column(name).combine_chunks().flatten().cast(_list(arrow, bits).value_type)

    columns: Any = tuple(length_buffer(column(name, bits)) for name, bits in _COLUMNS.items())
    placement = _core.Placement.from_columns(
        columns,
        options.window,
        separator=options.separator_tokens,
        max_documents=options.max_documents,
        lower_bound=row.column("lower_bound")[0].as_py(),
    )
    pieces = histogram_from(column("part_sizes", 64), column("part_counts", 64))
    parts = tuple(column("parts", 64).to_pylist())
    starts = tuple(column("part_starts", 64).to_pylist())
    if len(starts) != len(parts) + 1 or starts[0] != 0 or starts[-1] != len(pieces):
        raise ValueError("parts without histograms")
    if list(starts) != sorted(starts):
        raise ValueError("parts out of order")
    wanted = histogram_from(column("sizes", 64), column("counts", 64))
    if not add_histograms([pieces]).equals(wanted):
        raise ValueError("its parts are not what was packed")
    pieces = pieces.append_column(BEFORE, column("part_numbers", 64).cast(arrow.int64()))
    _check_numbers(pieces, wanted)
    sizes = wanted.column(LENGTH).combine_chunks()
    group = row.column("group")[0].as_py()
    return Packing(group, parts, pieces, starts, sizes, first_window, placement)


def _check_numbers(pieces: "pyarrow.Table", wanted: "pyarrow.Table") -> None:
    """Check that the pieces of each length start with the first and end with the last.

    Raises:
        ValueError: they do not.
    """
    compute = import_extra("pyarrow.compute", "a plan", "parquet")
    ends = compute.add_checked(pieces.column(BEFORE), pieces.column(ROWS))
    found = pieces.append_column("end", ends).group_by(LENGTH, use_threads=False)
    found = found.aggregate([(BEFORE, "min"), ("end", "max")]).sort_by(LENGTH)
    firsts, lasts = found.column(f"{BEFORE}_min"), found.column("end_max")
    if compute.max(firsts).as_py() or not lasts.equals(wanted.column(ROWS)):
        raise ValueError("pieces of its parts are numbered otherwise")


def _list(arrow: Any, bits: int) -> Any:
    return arrow.large_list(arrow.uint64() if bits == 64 else arrow.uint32())


def _array(arrow: Any, view: memoryview, kind: Any) -> Any:
    return arrow.Array.from_buffers(kind, len(view), [None, arrow.py_buffer(view)])


def _lists(arrow: Any, rows: Any, kind: Any = None) -> Any:
    """A column of lists, of which each is one of these columns."""
    kind = kind or arrow.uint64()
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row))
    chunks = [
        chunk.cast(kind)
        for row in rows
        for chunk in (row.chunks if isinstance(row, arrow.ChunkedArray) else [row])
    ]
    values = arrow.concat_arrays([arrow.array([], kind), *chunks])
    return arrow.LargeListArray.from_arrays(arrow.array(offsets, arrow.int64()), values)
