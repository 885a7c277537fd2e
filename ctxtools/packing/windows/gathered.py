"""Windows that are not written: an index of their pieces, by which they are gathered when read.

    NAME.pieces.npy     of each piece the number of its file, its row there, its first token in
                        that document, and its tokens, its EOS included: 32 bits each
    NAME.windows.npy    where each window starts in those, and the last one ends: 64 bits

The ids are in files of Arrow (IPC, not compressed), which are memory-mapped, with a row for each
document. A terabyte of ids so costs an index of some 16 bytes a document instead of another
terabyte; each window is read from as many positions as it has pieces.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.errors import FormatError, UsageError, import_extra
from ctxtools.packing.training.assembly import Assembly, Layout
from ctxtools.packing.training.columns import Columns
from ctxtools.packing.training.plan import TrainingWindow
from ctxtools.packing.windows.formats.mapped import damaged, map_file
from ctxtools.packing.windows.formats.npy import NpyFile, Writer
from ctxtools.packing.windows.info import Gathering, WindowsInfo
from ctxtools.packing.windows.recent import Recent
from ctxtools.packing.windows.tables import PIECE, one_chunk, pyarrow_module, raw_bytes, to_array

if TYPE_CHECKING:
    import pyarrow

COLUMNS = ("file", "row", "start", "length")
"""Of a table of pieces, beside ``window``."""

FILES = 64
"""Files of ids that are open at once."""


def write_index(stem: Path, tables: "Iterable[pyarrow.Table]") -> tuple[Path, ...]:
    """Write the index of a shard of consecutive windows: files, each completely or not at all.

    Args:
        stem: the path of the shard; what the names of its files start with.
        tables: of pieces, in the order of their windows, and in a window in that of their tokens.
            Columns of integers: ``window``, the number of its window, of which there are all from
            the first to the last; ``file``, by the order of `Gathering.ids`; ``row``, of the
            document in the file; ``start``, the piece's first token in the document; ``length``,
            its tokens, EOS included.

    Returns:
        The files that were written.

    Raises:
        UsageError: the pieces are not in order, a window has none, or a number needs more than 32
            bits.
        OSError: a file could not be written.
    """
    compute = import_extra("pyarrow.compute", "windows on disk", "parquet")
    counts, last = array("q"), -1
    with ExitStack() as stack:
        pieces = Writer(stack, _path(stem, "pieces"), "uint32", len(COLUMNS))
        windows = Writer(stack, _path(stem, "windows"), "uint64")
        for table in tables:
            if not len(table):
                continue
            runs = compute.run_end_encode(one_chunk(table.column("window")))
            end = 0
            for window, run_end in zip(
                to_array(runs.values, "q"), runs.run_ends.to_pylist(), strict=True
            ):
                if window == last + 1 or not counts:
                    counts.append(0)
                    last = window
                if window != last:
                    raise UsageError(f"a piece of window {window:,} comes after one of {last:,}")
                counts[-1] += run_end - end
                end = run_end
            pieces.write(_rows(table))
        ends = array("Q", accumulate(counts, initial=0))
        windows.write(ends.tobytes())
        pieces.finish()
        windows.finish()
    return pieces.path, windows.path


class GatheredShard:
    """The index of a shard, memory-mapped, and the windows that it says.

    Args:
        stem, info, columns: as of `ctxtools.packing.windows.formats.open_shard`.
        windows: how many it has.
        files: those of ids that were read lately.

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
        files: "Recent[IdsFile]",
    ) -> None:
        if info.gathering is None:
            raise AssertionError("the format says so")
        self._folder, self._gathering, self._files = stem.parent, info.gathering, files
        self._layout = _narrowed(info.gathering.layout, columns)
        self._columns, self._window = columns, info.window
        self._path = _path(stem, "pieces")
        self._pieces = NpyFile(self._path)
        self._ends = NpyFile(_path(stem, "windows"))
        if self._ends.rows != windows + 1 or self._ends.columns is not None:
            raise damaged(_path(stem, "windows"), f"not of {windows:,} windows")
        if self._pieces.columns != len(COLUMNS):
            raise damaged(self._path, "not of pieces")

    def __len__(self) -> int:
        return self._ends.rows - 1

    def __getitem__(self, number: int) -> dict[str, Any]:
        start, stop = self._ends[number], self._ends[number + 1]
        if not start < stop <= self._pieces.rows:
            raise damaged(self._path, f"window {number:,} is outside")
        values = to_array(self._pieces.span(4 * start, 4 * stop), "q")
        files, rows, starts, lengths = (values[i::4] for i in range(4))
        assembly = Assembly(self._layout)
        eos = len(self._layout.eos)
        for file, row, first, length in zip(files, rows, starts, lengths, strict=True):
            ids, others = self._file(file).document(row, self._layout.columns)
            stop = first + length
            is_last = not self._gathering.splits or stop > len(ids)
            span = slice(first, stop - eos if is_last else stop)
            if not first < span.stop <= len(ids):
                raise damaged(self._path, f"window {number:,} has tokens that no document has")
            assembly.add(row, ids, others, span, is_last=is_last)
        of_rows, of_starts, of_lengths = (
            memoryview(array("Q", each)) for each in (rows, starts, lengths)
        )
        window = TrainingWindow(of_rows, of_starts, of_lengths, len(self._layout.separator))
        if window.tokens > self._window:
            raise damaged(self._path, f"window {number:,} has {window.tokens:,} tokens")
        made = assembly.finish(window, self._window)
        if self._columns is None:
            return made
        return {name: values for name, values in made.items() if name in self._columns}

    def close(self) -> None:
        """Nothing: files are closed when no window is read from them any more."""

    def _file(self, number: int) -> "IdsFile":
        names = self._gathering.ids
        if number >= len(names):
            raise damaged(self._path, f"file {number:,} of {len(names):,}")
        path = self._folder / names[number]
        return self._files.get(path, lambda: IdsFile(path, self._gathering))


class IdsFile:
    """A file of documents with their ids, memory-mapped.

    Args:
        path: of the file.
        gathering: which of its columns are read.

    Raises:
        ReadError: it cannot be read.
        FormatError: it is damaged, or has no such columns.
    """

    def __init__(self, path: Path, gathering: Gathering) -> None:
        self._path, self._column = path, gathering.column
        arrow = pyarrow_module()
        ipc = import_extra("pyarrow.ipc", "windows on disk", "parquet")
        of_tokens = [each.name for each in gathering.layout.columns.of_tokens]
        self._lists = {gathering.column, *of_tokens}
        names = [gathering.column, *gathering.layout.columns.names]
        data = arrow.py_buffer(map_file(path))
        try:
            reader = ipc.open_file(arrow.BufferReader(data))
            self._batches = []
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number).select(names)
                batch.validate()
                for name in names:
                    if name not in self._lists:  # the others are checked where they are read
                        batch.column(name).validate(full=True)
                self._batches.append(batch)
        except (arrow.ArrowException, KeyError, OSError) as error:
            raise damaged(path, error) from error
        self._ends = [*accumulate(map(len, self._batches), initial=0)]

    def document(self, row: int, columns: Columns) -> tuple["Values", dict[str, Any]]:
        """The ids of a document, and what it has of these columns.

        Raises:
            FormatError: there is no such row, or it is damaged.
        """
        if row >= self._ends[-1]:
            raise damaged(self._path, f"no row {row:,}")
        number = bisect_right(self._ends, row) - 1
        batch, at = self._batches[number], row - self._ends[number]
        others: dict[str, Any] = {
            each.name: self._values(batch, each.name, at, each.code) for each in columns.of_tokens
        }
        for name in columns.of_documents:
            others[name] = batch.column(name)[at].as_py()
        return self._values(batch, self._column, at, "q"), others

    def _values(self, batch: Any, name: str, row: int, code: str) -> "Values":
        column = batch.column(name)
        try:
            start, stop = (column.offsets[i].as_py() for i in (row, row + 1))
            values = column.values
        except (AttributeError, IndexError):
            raise damaged(self._path, f"column {name!r:.100} is not one of lists") from None
        if not 0 <= start <= stop <= len(values):
            raise damaged(self._path, f"row {row:,} is outside of the column {name!r:.100}")
        return Values(values.slice(start, stop - start), code, self._path)


class Values(Sequence[Any]):
    """Numbers of a document, of which spans are read.

    Args:
        values: an array of Arrow.
        code: of the arrays that are made of them.
        path: of the file that they are in, for errors.
    """

    def __init__(self, values: Any, code: str, path: Path) -> None:
        self._values, self._code, self._path = values, code, path

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            try:
                return to_array(self._values.slice(start, max(0, stop - start)), self._code)
            except FormatError as error:
                raise damaged(self._path, error) from error
        return self._values[index].as_py()


def _narrowed(layout: Layout, columns: Collection[str] | None) -> Layout:
    """What has to be read for some columns of windows."""
    if columns is None:
        return layout
    needed = {*columns, layout.loss_mask} if "labels" in columns else {*columns}
    found = Columns(
        tuple(each for each in layout.columns.of_tokens if each.name in needed),
        tuple(name for name in layout.columns.of_documents if f"{PIECE}{name}" in needed),
    )
    mask = layout.loss_mask if layout.loss_mask in needed else None
    return replace(
        layout, columns=found, labels=layout.labels and "labels" in columns, loss_mask=mask
    )


def _rows(table: Any) -> bytes:
    """The numbers of pieces, row by row.

    Raises:
        UsageError: one needs more than 32 bits.
    """
    made = array("I", bytes(4 * len(COLUMNS) * len(table)))
    for number, name in enumerate(COLUMNS):
        column: array[int] = array("I")
        try:
            column.frombytes(raw_bytes(one_chunk(table.column(name)), "uint32"))
        except FormatError as error:
            raise UsageError(f"column {name!r} of pieces: {error}") from error
        made[number :: len(COLUMNS)] = column
    return made.tobytes()


def _path(stem: Path, name: str) -> Path:
    return stem.with_name(f"{stem.name}.{name}.npy")
