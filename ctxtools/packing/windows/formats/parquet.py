"""Windows as a table in a Parquet file, ``NAME.parquet``: a row for each.

A row group has few windows (`GROUP_TOKENS` tokens), so that one of them is read without reading
many others. The file's metadata has the tokens of a window and the id of the padding under
``ctxtools.windows``.
"""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.errors import FormatError, ReadError, import_extra, os_reason
from ctxtools.packing.windows.formats.mapped import damaged
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.recent import Recent
from ctxtools.packing.windows.tables import WindowColumns, one_chunk, regrouped, to_array

if TYPE_CHECKING:
    import pyarrow

GROUP_TOKENS = 1 << 17
"""The tokens of a row group; it has one window at least."""

METADATA = b"ctxtools.windows"
"""The key of the file's metadata."""


def rows_of_group(window: int) -> int:
    """How many windows a row group has."""
    return max(1, GROUP_TOKENS // window)


def write_shard(
    stem: Path, tables: "Iterable[pyarrow.Table]", info: WindowsInfo
) -> tuple[Path, ...]:
    """Write a shard; as `ctxtools.packing.windows.formats.write_windows`."""
    parquet = _parquet()
    path = _path(stem)
    facts = json.dumps({"window": info.window, "pad": info.pad})
    writer: Any = None
    with atomic_write(path, "wb") as file:
        try:
            for table in regrouped(tables, rows_of_group(info.window)):
                if writer is None:
                    schema = table.schema.with_metadata({METADATA: facts})
                    columns = WindowColumns.of(schema)
                    writer = parquet.ParquetWriter(
                        file,
                        schema,
                        compression="zstd",
                        use_dictionary=[f"{name}.list.element" for name in columns.of_pieces],
                        # Positions are 0, 1, 2, …: their differences compress to nothing.
                        column_encoding={"position_ids.list.element": "DELTA_BINARY_PACKED"},
                        write_statistics=False,
                    )
                writer.write_table(table.replace_schema_metadata(schema.metadata))
            writer.close()
        except BaseException:
            if writer is not None:  # else it does so when it is collected, to a file that is closed
                with suppress(Exception):
                    writer.close()
            raise
    return (path,)


class ParquetShard:
    """A shard that was written; windows are read a row group at a time.

    Args:
        stem, columns: as of `ctxtools.packing.windows.formats.open_shard`.
        windows: how many it has.
        groups: row groups that were read lately, of all shards.

    Raises:
        ReadError: the file cannot be read.
        FormatError: it is damaged, or has another number of windows.
    """

    def __init__(
        self, stem: Path, columns: Collection[str] | None, windows: int, groups: Recent[Any]
    ) -> None:
        self._path = _path(stem)
        self._columns, self._groups = columns, groups
        try:
            self._file = _parquet().ParquetFile(self._path)
        except OSError as error:
            raise _error(self._path, error) from error
        except Exception as error:  # pyarrow's errors are of many classes
            raise damaged(self._path, error) from error
        try:
            found = WindowColumns.of(self._file.schema_arrow)
            self._names = [name for name in found.types if columns is None or name in columns]
            self._codes = found.codes()
            metadata = self._file.metadata
            rows = (metadata.row_group(i).num_rows for i in range(metadata.num_row_groups))
            self._ends = [*accumulate(rows, initial=0)]
        except Exception as error:
            self._file.close()
            raise damaged(self._path, error) from error
        if self._ends[-1] != windows:
            self._file.close()
            raise damaged(self._path, f"{self._ends[-1]:,} rows, not {windows:,}")

    def __len__(self) -> int:
        windows: int = self._ends[-1]
        return windows

    def __getitem__(self, number: int) -> dict[str, Any]:
        group = bisect_right(self._ends, number) - 1
        columns = self._groups.get((self._path, group), lambda: self._read(group))
        row = number - self._ends[group]
        try:
            return {name: self._value(name, columns[name][row]) for name in self._names}
        except (FormatError, AttributeError, TypeError, UnicodeDecodeError) as error:  # a null
            raise damaged(self._path, error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _value(self, name: str, found: Any) -> Any:
        if name == "filled":
            return int(found.as_py())
        if name in self._codes:
            return to_array(found.values, self._codes[name])
        return list(found.as_py())

    def _read(self, number: int) -> Any:
        """The columns of a row group."""
        try:
            table = self._file.read_row_group(
                number, columns=None if self._columns is None else self._names, use_threads=False
            )
            columns = {name: one_chunk(table.column(name)) for name in self._names}
        except OSError as error:
            raise _error(self._path, error) from error
        except Exception as error:
            raise damaged(self._path, error) from error
        if len(table) != self._ends[number + 1] - self._ends[number]:
            raise damaged(self._path, "rows are missing")
        return columns


def _path(stem: Path) -> Path:
    return stem.with_name(f"{stem.name}.parquet")


def _error(path: Path, error: OSError) -> Exception:
    if error.errno is None:  # pyarrow's, of what it could not decompress
        return damaged(path, error)
    return ReadError(f"{path}: {os_reason(error)}")


def _parquet() -> Any:
    return import_extra("pyarrow.parquet", "windows on disk", "parquet")
