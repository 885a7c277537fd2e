"""Formats of shards of windows: each writes tables of windows, and reads single windows.

parquet.py       a table, a row for each window
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.errors import UsageError
from ctxtools.packing.windows.formats import parquet
from ctxtools.packing.windows.info import WindowFormat, WindowsInfo

if TYPE_CHECKING:
    import pyarrow

_WRITERS = {"parquet": parquet.write_shard}


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
        raise UsageError(f"windows of format {format!r} are not written as tables")
    return _WRITERS[format](stem, tables, info)
