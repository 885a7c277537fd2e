"""Windows as arrays in files of NumPy, which ``numpy.load(path, mmap_mode="r")`` opens.

    NAME.<column>.npy          a number for each token: of two dimensions (windows, tokens of a
                               window) if windows are padded, else one after the other
    NAME.input_ids.offsets.npy  if not: where each window starts in those, and the last one ends
    NAME.filled.npy            the tokens of each window before its padding
    NAME.cu_seqlens.npy        of all windows, one after the other, with NAME.cu_seqlens.offsets.npy
    NAME.piece_<column>.npy    of each window a list in JSON (UTF-8), with such offsets too

Ids have 16 bits each if their number is known to be below 65,500, else 32.
"""

import json
from array import array
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ctxtools.errors import FormatError, UsageError
from ctxtools.packing.windows.formats.mapped import damaged
from ctxtools.packing.windows.formats.npy import NpyFile, Writer, numpy_type
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.tables import (
    PIECE,
    WindowColumns,
    flat_values,
    list_lengths,
    one_chunk,
    pyarrow_module,
    raw_bytes,
    regrouped,
    to_array,
)

if TYPE_CHECKING:
    import pyarrow

SHORT = 65_500
"""A number of ids from which on they have 32 bits: that of Megatron-Core."""

_ROWS_TOKENS = 1 << 18  # of the tables that are written at once


def id_type(info: WindowsInfo) -> str:
    """The type of ids in files of arrays."""
    return "uint16" if info.vocabulary is not None and info.vocabulary < SHORT else "int32"


def rows_at_once(info: WindowsInfo) -> int:
    """How many windows are written at once."""
    return max(1, _ROWS_TOKENS // info.window)


def write_shard(
    stem: Path, tables: "Iterable[pyarrow.Table]", info: WindowsInfo
) -> tuple[Path, ...]:
    """Write a shard; as `ctxtools.packing.windows.formats.write_windows`."""
    with ExitStack() as stack:
        files: ColumnFiles | None = None
        for table in regrouped(tables, rows_at_once(info)):
            if files is None:
                files = ColumnFiles(stack, stem, WindowColumns.of(table.schema), info)
            files.add(table)
        if files is None:
            raise AssertionError("there is a table at least")
        files.finish()
    return files.paths


class ColumnFiles:
    """The files of the columns of a shard, while it is written.

    Args:
        stack: that the files are entered into.
        stem: of the shard.
        columns: of its tables.
        info: of the windows.
        without: a column that is written elsewhere, with the offsets of windows.
    """

    def __init__(
        self,
        stack: ExitStack,
        stem: Path,
        columns: WindowColumns,
        info: WindowsInfo,
        without: str | None = None,
    ) -> None:
        self._info = info
        self._kinds: dict[str, str] = {}
        for name, kind in columns.of_tokens.items():
            known = id_type(info) if name == "input_ids" else numpy_type(kind)
            if known is None:
                raise UsageError(f"column {name!r:.100} cannot be written for NumPy as {kind}")
            self._kinds[name] = known
        self._kinds |= {"filled": "int32", "cu_seqlens": "int32"}
        self._kinds |= dict.fromkeys(columns.of_pieces, "uint8")
        self._pieces = columns.of_pieces
        self._kinds.pop(without or "", None)
        self._files: dict[str, Writer] = {}
        self._offsets: dict[str, Writer] = {}
        self._ends: dict[str, int] = {}
        ragged = [name for name in self._kinds if is_ragged(name)]
        if info.pad is None and without is None:
            ragged.append("input_ids")
        for name, kind in self._kinds.items():
            is_table = name in columns.of_tokens and info.pad is not None
            self._files[name] = Writer(
                stack, column_path(stem, name), kind, info.window if is_table else None
            )
        for name in ragged:
            self._offsets[name] = Writer(stack, offsets_path(stem, name), "int64")
            self._offsets[name].write(array("q", [0]).tobytes())
            self._ends[name] = 0

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files."""
        return tuple(each.path for each in (*self._files.values(), *self._offsets.values()))

    def add(self, table: "pyarrow.Table") -> None:
        """Append the rows of a table.

        Raises:
            UsageError: a value cannot be written, or a padded window has another length.
        """
        check_lengths(table, self._info)
        for name, kind in self._kinds.items():
            column = table.column(name)
            if name in self._pieces:
                self._add_pieces(name, column)
                continue
            if name in self._offsets:
                self._add_offsets(name, list_lengths(column))
            values = one_chunk(column) if name == "filled" else flat_values(column, name)
            self._files[name].write(written_bytes(values, name, kind))

    def finish(self) -> None:
        """Complete the files."""
        for each in (*self._files.values(), *self._offsets.values()):
            each.finish()

    def _add_pieces(self, name: str, column: Any) -> None:
        texts = [json_of(values, name) for values in column.to_pylist()]
        self._add_offsets(name, array("q", map(len, texts)))
        self._files[name].write(b"".join(texts))

    def _add_offsets(self, name: str, lengths: "array[int]") -> None:
        ends = array("q")
        for length in lengths:
            self._ends[name] += length
            ends.append(self._ends[name])
        self._offsets[name].write(ends.tobytes())


class NumpyShard:
    """A shard that was written, memory-mapped.

    Args:
        stem, info, columns: as of `ctxtools.packing.windows.formats.open_windows`.
        windows: how many it has.
        has_ids: the ids are in a file of NumPy too; else a subclass finds them.

    Raises:
        ReadError: a file cannot be read.
        FormatError: one is damaged, or has another number of windows.
    """

    def __init__(
        self,
        stem: Path,
        info: WindowsInfo,
        columns: Collection[str] | None,
        windows: int,
        *,
        has_ids: bool = True,
    ) -> None:
        self._stem, self._windows = stem, windows
        names = [name for name in info.columns if columns is None or name in columns]
        self._codes = {name: code_of(name, info.columns[name]) for name in names}
        opened = [name for name in names if has_ids or name != "input_ids"]
        self._files = {name: NpyFile(column_path(stem, name)) for name in opened}
        self._window = None if info.pad is None else info.window
        ragged = [name for name in opened if is_ragged(name)]
        if self._window is None and has_ids:
            ragged.append("input_ids")
        self._offsets = {name: NpyFile(offsets_path(stem, name)) for name in ragged}
        for name, file in self._offsets.items():
            self._require(offsets_path(stem, name), file, windows + 1, None)
        for name, file in self._files.items():
            if name == "filled":
                self._require(column_path(stem, name), file, windows, None)
            elif self._window is not None and name not in self._offsets:
                self._require(column_path(stem, name), file, windows, self._window)

    def __len__(self) -> int:
        return self._windows

    def __getitem__(self, number: int) -> dict[str, Any]:
        found, start = self._ids(number)
        span = (start, start + len(found))
        window: dict[str, Any] = {}
        for name, code in self._codes.items():
            try:
                if name == "input_ids":
                    window[name] = to_array(found, code)
                elif name == "filled":
                    window[name] = self._files[name][number]
                elif name in self._offsets:
                    window[name] = self._ragged(name, number)
                else:
                    window[name] = to_array(self._span(name, *span), code)
            except (FormatError, ValueError) as error:
                raise damaged(column_path(self._stem, name), error) from error
        return window

    def close(self) -> None:
        """Nothing: files are closed when no window is read from them any more."""

    def _require(self, path: Path, file: NpyFile, rows: int, columns: int | None) -> None:
        if (file.rows, file.columns) != (rows, columns):
            raise damaged(path, f"its shape is not that of {self._windows:,} windows")

    def _ids(self, number: int) -> tuple[Any, int]:
        """The ids of a window as an array of Arrow, and where it starts in the ids of all."""
        if self._window is not None:
            start, stop = number * self._window, (number + 1) * self._window
        else:
            start, stop = self._bounds("input_ids", number)
        return self._span("input_ids", start, stop), start

    def _bounds(self, name: str, number: int) -> tuple[int, int]:
        start, stop = self._offsets[name][number], self._offsets[name][number + 1]
        if not 0 <= start <= stop <= len(self._files[name]):
            raise damaged(offsets_path(self._stem, name), f"window {number:,} is outside")
        return start, stop

    def _span(self, name: str, start: int, stop: int) -> Any:
        if stop > len(self._files[name]):
            raise damaged(column_path(self._stem, name), "too few values")
        return self._files[name].span(start, stop)

    def _ragged(self, name: str, number: int) -> Any:
        values = self._files[name].span(*self._bounds(name, number))
        if name == "cu_seqlens":
            return to_array(values, "i")
        return parsed_json(bytes(raw_bytes(values, "uint8")))


def column_path(stem: Path, name: str) -> Path:
    """The file of a column."""
    return stem.with_name(f"{stem.name}.{quote(name, safe='').replace('.', '%2E')}.npy")


def offsets_path(stem: Path, name: str) -> Path:
    """The file of the offsets of windows in a column."""
    path = column_path(stem, name)
    return path.with_name(f"{path.name.removesuffix('.npy')}.offsets.npy")


def is_ragged(name: str) -> bool:
    """Whether a column has another number of values in each window, padded or not."""
    return name == "cu_seqlens" or name.startswith(PIECE)


def code_of(name: str, kind: str) -> str:
    """The code of the array that a window has of a column: see `WindowColumns.codes`."""
    if name in ("position_ids", "cu_seqlens"):
        return "i"
    return "d" if kind in ("halffloat", "float", "double") else "q"


def check_lengths(table: "pyarrow.Table", info: WindowsInfo) -> None:
    """Refuse padded windows that are not as long as they should be.

    Raises:
        UsageError: one is.
    """
    if info.pad is None:
        return
    for length in {*list_lengths(table.column("input_ids"))}:
        if length != info.window:
            raise UsageError(f"a padded window has {length:,} tokens, not {info.window:,}")


def written_bytes(values: Any, name: str, kind: str) -> memoryview:
    """The bytes of numbers as they are written.

    Raises:
        UsageError: a number does not fit.
    """
    try:
        return raw_bytes(values, kind)
    except FormatError as error:
        hint = "give the number of all ids as vocabulary=, or none" if name == "input_ids" else None
        raise UsageError(f"column {name!r:.100} of windows: {error}", hint=hint) from error


def json_of(values: Any, name: str) -> bytes:
    """The values of the pieces of a window, as they are written.

    Raises:
        UsageError: JSON has no such values.
    """
    try:
        return json.dumps(values, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise _not_json(name, error) from error


def check_json(name: str, kind: Any) -> None:
    """Refuse a column of pieces whose values JSON does not have.

    Args:
        name: of the column.
        kind: its type.

    Raises:
        UsageError: it is of bytes, dates or the like.
    """
    types = pyarrow_module().types
    if isinstance(kind, pyarrow_module().DictionaryType):
        kind = kind.value_type
    if types.is_struct(kind):
        for number in range(kind.num_fields):
            check_json(name, kind.field(number).type)
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        check_json(name, kind.value_type)
    elif not any(
        is_known(kind)
        for is_known in (
            types.is_boolean,
            types.is_integer,
            types.is_floating,
            types.is_string,
            types.is_large_string,
            types.is_null,
        )
    ):
        raise _not_json(name, f"it has values of type {kind}")


def _not_json(name: str, reason: object) -> UsageError:
    return UsageError(
        f"column {name.removeprefix(PIECE)!r:.100} cannot be written as JSON: {reason}",
        hint="leave the column out, or write Parquet, which has all types",
    )


def parsed_json(text: bytes) -> list[Any]:
    """What `json_of` wrote.

    Raises:
        FormatError: it is something else.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("its text is not JSON") from error
    if not isinstance(values, list):
        raise FormatError("its text is not a list")
    return values
