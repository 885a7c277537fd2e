"""Formats of shards of windows: each writes tables of windows, and reads single windows.

parquet.py       a table, a row for each window
megatron.py      .bin and .idx of Megatron-Core, with what it does not know in files of NumPy
mds.py           samples of MosaicML Streaming
numpy_files.py   a .npy file for each column
npy.py           how such a file is written and read
mapped.py        files that are memory-mapped
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.errors import UsageError
from ctxtools.packing.windows.formats import mds, megatron, numpy_files, parquet
from ctxtools.packing.windows.formats.npy import numpy_type
from ctxtools.packing.windows.info import WindowFormat, WindowsInfo
from ctxtools.packing.windows.tables import WindowColumns

if TYPE_CHECKING:
    import pyarrow

_Writer = Callable[[Path, "Iterable[pyarrow.Table]", WindowsInfo], tuple[Path, ...]]
_WRITERS: dict[str, _Writer] = {
    "parquet": parquet.write_shard,
    "megatron": megatron.write_shard,
    "mds": mds.write_shard,
    "numpy": numpy_files.write_shard,
}


def check_columns(format: WindowFormat, schema: "pyarrow.Schema") -> None:
    """Refuse windows that a format cannot hold, before any is made.

    Args:
        format: of the files.
        schema: of the table of windows.

    Raises:
        UsageError: a column is of a type that it does not have, or it is no table of windows.
    """
    columns = WindowColumns.of(schema)
    if format == "parquet":
        return
    for name, kind in columns.of_tokens.items():
        if name != "input_ids" and numpy_type(kind) is None:
            raise UsageError(f"column {name!r:.100} cannot be written for NumPy as {kind}")
    for name in columns.of_pieces:
        numpy_files.check_json(name, schema.field(name).type)


def write_windows(
    format: WindowFormat, stem: Path, tables: "Iterable[pyarrow.Table]", info: WindowsInfo
) -> tuple[Path, ...]:
    """Write a shard of windows: files, each completely or not at all.

    The same windows are the same bytes, however many rows the tables have. No more than a table and
    some megabytes are in memory.

    Args:
        format: of the files.
        stem: the path of the shard; what the names of its files start with.
        tables: of windows, in their order: one at least, which may have no rows. Each has a row for
            each window, with the columns that a window of `ctxtools.PackedDataset` has: lists of
            numbers, ``filled``, and lists ``piece_NAME`` with a value for each piece.
        info: of the windows; ``window``, ``pad`` and ``vocabulary`` are used.

    Returns:
        The files that were written.

    Raises:
        UsageError: the tables cannot be written in this format.
        OSError: a file could not be written.
    """
    if format not in _WRITERS:
        raise UsageError(
            f"windows of format {format!r} are not written as tables",
            hint=f"choose one of {', '.join(_WRITERS)}",
        )
    return _WRITERS[format](stem, tables, info)
