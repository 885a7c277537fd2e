"""Windows in the files of Megatron-Core's ``IndexedDataset``: ``NAME.bin`` and ``NAME.idx``.

A window is a sequence, and a document of its own. Source of the format:
https://github.com/NVIDIA/Megatron-LM, megatron/core/datasets/indexed_dataset.py. The index has a
magic string, the version 1 (64 bits), the code of the type of ids (8 bits), the number of sequences
and that of documents plus one (64 bits), the length of each sequence (32 bits), where its bytes
start (64 bits), and the sequence that each document starts with, and the last one ends (64 bits);
all little-endian.

Megatron knows ids alone. The other columns of windows are in files of NumPy beside them, as of
`ctxtools.packing.windows.formats.numpy_files`. A dataset of Megatron that joins sequences, such as
``GPTDataset``, joins windows too: it finds documents again by their EOS.
"""

import struct
from array import array
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.packing.windows.formats.mapped import Numbers, damaged, map_file
from ctxtools.packing.windows.formats.numpy_files import (
    ColumnFiles,
    NumpyShard,
    id_type,
    rows_at_once,
    written_bytes,
)
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.tables import (
    WindowColumns,
    flat_values,
    list_lengths,
    regrouped,
)

if TYPE_CHECKING:
    import pyarrow

_MAGIC = b"MMIDIDX\x00\x00"
_HEADER = struct.Struct("<9sQBQQ")
_VERSION = 1
_CODES = {"uint8": 1, "int8": 2, "int16": 3, "int32": 4, "int64": 5, "uint16": 8}


def write_shard(
    stem: Path, tables: "Iterable[pyarrow.Table]", info: WindowsInfo
) -> tuple[Path, ...]:
    """Write a shard; as `ctxtools.packing.windows.formats.write_windows`."""
    data, index = _paths(stem)
    kind = id_type(info)
    lengths = array("i")
    with ExitStack() as stack:
        others: ColumnFiles | None = None
        file = stack.enter_context(atomic_write(data, "wb"))
        for table in regrouped(tables, rows_at_once(info)):
            if others is None:
                columns = WindowColumns.of(table.schema)
                others = ColumnFiles(stack, stem, columns, info, without="input_ids")
            others.add(table)
            ids = table.column("input_ids")
            values = flat_values(ids, "input_ids")
            file.write(written_bytes(values, "input_ids", kind))
            lengths.extend(array("i", list_lengths(ids)))
        if others is None:
            raise AssertionError("there is a table at least")
        others.finish()
        with atomic_write(index, "wb") as file:
            file.write(_index(lengths, kind))
    return (data, index, *others.paths)


def _index(lengths: "array[int]", kind: str) -> bytes:
    size = 2 if kind == "uint16" else 4
    pointers, end = array("q"), 0
    for length in lengths:
        pointers.append(end)
        end += length * size
    documents = array("q", range(len(lengths) + 1))
    header = _HEADER.pack(_MAGIC, _VERSION, _CODES[kind], len(lengths), len(documents))
    return b"".join((header, lengths.tobytes(), pointers.tobytes(), documents.tobytes()))


class MegatronShard(NumpyShard):
    """A shard that was written, memory-mapped; the arguments are those of `NumpyShard`.

    Raises:
        ReadError: a file cannot be read.
        FormatError: one is damaged, or has another number of windows.
    """

    def __init__(
        self, stem: Path, info: WindowsInfo, columns: Collection[str] | None, windows: int
    ) -> None:
        data, self._index = _paths(stem)
        index = map_file(self._index)
        if len(index) < _HEADER.size or bytes(index[: len(_MAGIC)]) != _MAGIC:
            raise damaged(self._index, "no index of Megatron-Core")
        _, version, code, sequences, documents = _HEADER.unpack_from(index)
        kinds = {code: kind for kind, code in _CODES.items()}
        if version != _VERSION or code not in kinds:
            raise damaged(self._index, f"of version {version}, with ids of type {code}")
        if sequences != windows or documents != windows + 1:
            raise damaged(self._index, f"{sequences:,} sequences, not {windows:,}")
        wanted = _HEADER.size + 12 * windows + 8 * documents
        if len(index) != wanted:
            raise damaged(self._index, f"{len(index):,} bytes, not {wanted:,}")
        at = _HEADER.size + 4 * windows
        self._lengths = Numbers(index[_HEADER.size : at], "int32")
        self._pointers = Numbers(index[at : at + 8 * windows], "int64")
        # A mapping of no bytes is an error, and so is a shard of no windows to any reader of it.
        self._data = Numbers(map_file(data) if windows else memoryview(b""), kinds[code])
        self._size = self._data.kind.bit_width // 8
        super().__init__(stem, info, columns, windows, has_ids=False)

    def _ids(self, number: int) -> tuple[Any, int]:
        length, pointer = self._lengths[number], self._pointers[number]
        start = pointer // self._size
        if length < 0 or pointer % self._size or not 0 <= start <= len(self._data) - length:
            raise damaged(self._index, f"window {number:,} is outside of the ids")
        return self._data.span(start, start + length), start


def _paths(stem: Path) -> tuple[Path, Path]:
    return stem.with_name(f"{stem.name}.bin"), stem.with_name(f"{stem.name}.idx")
