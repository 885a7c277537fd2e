"""Windows that were put together in this process as tables, and as a folder of shards."""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.errors import ConfigError, UsageError
from ctxtools.packing.training.columns import Columns
from ctxtools.packing.windows.formats import check_columns, write_windows
from ctxtools.packing.windows.formats.parquet import GROUP_TOKENS, rows_of_group
from ctxtools.packing.windows.info import ShardInfo, WindowFormat, WindowsInfo
from ctxtools.packing.windows.tables import PIECE, column_types, pyarrow_module

if TYPE_CHECKING:
    import pyarrow

SHARD_TOKENS = 1 << 26
"""The tokens of a shard, where nothing else is asked for: as many row groups as have them."""

_TABLE_TOKENS = 1 << 18  # of the tables that are written at once
_INFERRED = 1000  # documents that types are inferred from where they have none


def save_windows(
    windows: Iterable[dict[str, Any]],
    schema: "pyarrow.Schema",
    folder: str | os.PathLike[str],
    format: WindowFormat,
    *,
    window: int,
    pad: int | None,
    windows_per_shard: int | None,
    vocabulary: int | None,
) -> WindowsInfo:
    """Write windows into a folder: shards of consecutive windows, then what is needed to read them.

    Args:
        windows: with arrays of numbers and lists, as `ctxtools.PackedDataset` makes them.
        schema: of their table.
        folder: new, or empty.
        format: of the shards.
        window, pad, vocabulary: as in `WindowsInfo`.
        windows_per_shard: None for those of some `SHARD_TOKENS` tokens.

    Raises:
        ConfigError: the folder is not empty.
        UsageError: the windows do not fit the schema or the format.
        OSError: something could not be written.
    """
    check_columns(format, schema)
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise ConfigError(f"{root}: is not empty", hint="name a new or an empty folder")
    info = WindowsInfo(format, window, pad, column_types(schema), vocabulary=vocabulary)
    limit = windows_per_shard or max(1, SHARD_TOKENS // GROUP_TOKENS) * rows_of_group(window)
    shards: list[ShardInfo] = []
    rows = iter(windows)
    while first := list(islice(rows, 1)):
        name = f"windows-{len(shards):05d}"
        counted = _Counted(chain(first, islice(rows, limit - 1)))
        write_windows(format, root / name, tables_of(counted, schema, window), info)
        shards.append(ShardInfo(name, counted.windows))
    info = WindowsInfo(format, window, pad, info.columns, tuple(shards), vocabulary)
    info.save(root)
    return info


def tables_of(
    windows: Iterable[dict[str, Any]], schema: "pyarrow.Schema", window: int
) -> "Iterator[pyarrow.Table]":
    """Windows as tables of some rows each.

    Raises:
        UsageError: a value is not of the type that its column has.
    """
    arrow = pyarrow_module()
    rows = iter(windows)
    while block := list(islice(rows, max(1, _TABLE_TOKENS // window))):
        columns = []
        for field in schema:
            values = [each[field.name] for each in block]
            try:
                columns.append(_column(arrow, values, field.type))
            except (arrow.ArrowException, OverflowError, TypeError, ValueError) as error:
                reason = str(error).partition("\n")[0]
                raise UsageError(
                    f"column {field.name!r:.100} cannot be written as {field.type}: {reason}",
                    hint="columns= names the columns to keep",
                ) from error
        yield arrow.table(columns, schema=schema)


def schema_of(
    columns: Columns, documents: Any, numbers: Sequence[int], *, labels: bool
) -> "pyarrow.Schema":
    """The columns of a table of windows.

    Args:
        columns: those of the documents that windows have.
        documents: by number. Types are those of a Hugging Face dataset, or of some documents.
        numbers: of documents.
        labels: windows have labels.

    Raises:
        UsageError: the documents have values of several types in a column.
    """
    arrow = pyarrow_module()
    known = getattr(documents, "features", None)
    known = known.arrow_schema if known else None
    if known is None and columns.of_documents:
        rows = [documents[number] for number in dict.fromkeys(numbers[:_INFERRED])]
    of_ids = arrow.list_(arrow.int32())
    types = dict.fromkeys(("input_ids", "position_ids", "cu_seqlens"), of_ids)
    types["filled"] = arrow.int32()
    for each in columns.of_tokens:
        kind = of_ids if each.holds_labels else arrow.list_(_number(arrow, known, each))
        types[each.name] = kind
    types.pop("labels", None)
    if labels:
        types["labels"] = of_ids
    for name in columns.of_documents:
        try:
            kind = (
                known.field(name).type
                if known is not None
                else arrow.array([row.get(name) for row in rows]).type
            )
        except (arrow.ArrowException, KeyError) as error:
            raise UsageError(
                f"column {name!r:.100} has values of several types",
                hint="columns= names the columns to keep",
            ) from error
        types[f"{PIECE}{name}"] = arrow.list_(kind)
    return arrow.schema(types)


def _number(arrow: Any, known: Any, column: Any) -> Any:
    """The type of the numbers of a column: as the dataset has them, where it does."""
    kind = known.field(column.name).type if known is not None else None
    if kind is not None and hasattr(kind, "value_type"):
        is_of_code = (
            arrow.types.is_floating if column.code == "d" else arrow.types.is_signed_integer
        )
        if is_of_code(kind.value_type):
            return kind.value_type
    return arrow.float64() if column.code == "d" else arrow.int64()


def _column(arrow: Any, values: list[Any], kind: Any) -> Any:
    """Values of a column of windows: arrays as lists of Arrow, without an object a number."""
    if not isinstance(values[0], array):
        return arrow.array(values, kind)
    offsets = array("i", [0])
    joined = array(values[0].typecode)
    for each in values:
        joined.extend(each)
        offsets.append(len(joined))
    types = {"i": arrow.int32(), "q": arrow.int64(), "d": arrow.float64()}
    numbers = arrow.Array.from_buffers(
        types[joined.typecode], len(joined), [None, arrow.py_buffer(joined)]
    )
    return arrow.ListArray.from_arrays(
        arrow.Array.from_buffers(arrow.int32(), len(offsets), [None, arrow.py_buffer(offsets)]),
        numbers.cast(kind.value_type),
        type=kind,
    )


class _Counted:
    """Windows, and how many there were."""

    def __init__(self, windows: Iterator[dict[str, Any]]) -> None:
        self._windows = windows
        self.windows = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for each in self._windows:
            self.windows += 1
            yield each
