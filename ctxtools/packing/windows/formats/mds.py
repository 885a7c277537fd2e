"""Windows as samples of MosaicML Streaming: ``NAME.00000.mds`` and so on, and ``index.json``.

``streaming.StreamingDataset(local=FOLDER)`` reads them. Source of the format:
https://github.com/mosaicml/streaming, streaming/base/format/mds/writer.py and encodings.py. A file
has the number of its samples and where each starts, and the last one ends (32 bits each, which
bounds its size), a configuration in JSON, and the samples: of each the sizes (32 bits) of the
columns that have none that is fixed, then the columns, in the order of their names. Columns of
tokens are ``ndarray:int32`` and the like, ``filled`` is an ``int``, what pieces have is ``json``.
"""

import json
import struct
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctxtools.atomic import atomic_write
from ctxtools.errors import FormatError, UsageError
from ctxtools.packing.windows.formats.mapped import Numbers, damaged, map_file
from ctxtools.packing.windows.formats.npy import TYPES, numpy_type
from ctxtools.packing.windows.formats.numpy_files import (
    check_lengths,
    code_of,
    json_of,
    parsed_json,
    rows_at_once,
    written_bytes,
)
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.tables import (
    PIECE,
    WindowColumns,
    flat_values,
    list_lengths,
    regrouped,
    to_array,
)

if TYPE_CHECKING:
    import pyarrow

INDEX = "index.json"
"""The file that lists those with samples."""

SIZE_LIMIT = 1 << 26
"""Bytes of a file, as of MosaicML's writer; more if a sample is larger."""

_MAX_CONFIGURATION = 1 << 20  # bytes that are read
_INTEGER = struct.Struct("<q")


def write_shard(
    stem: Path, tables: "Iterable[pyarrow.Table]", info: WindowsInfo
) -> tuple[Path, ...]:
    """Write a shard; as `ctxtools.packing.windows.formats.write_windows`."""
    configuration = b""
    paths: list[Path] = []
    samples: list[bytes] = []
    size = 0
    for table in regrouped(tables, rows_at_once(info)):
        if not configuration:
            encodings = _encodings(WindowColumns.of(table.schema))
            configuration = _configuration(encodings)
        check_lengths(table, info)
        for sample in _samples(table, encodings):
            if samples and size + len(sample) + 4 > SIZE_LIMIT - len(configuration) - 8:
                paths.append(_write_file(stem, len(paths), samples, configuration))
                samples, size = [], 0
            samples.append(sample)
            size += len(sample) + 4
    if samples or not paths:
        paths.append(_write_file(stem, len(paths), samples, configuration))
    return tuple(paths)


def save_index(folder: Path, info: WindowsInfo) -> Path:
    """Write the list of all files of a folder, which MosaicML's reader starts with.

    Raises:
        ReadError, FormatError: one of them cannot be read.
        OSError: the list could not be written.
    """
    shards = []
    for shard in info.shards:
        for file in _files(folder / shard.name, shard.windows):
            raw = {"basename": file.path.name, "bytes": file.size, "hashes": {}}
            shards.append(
                {**file.configuration, "raw_data": raw, "samples": file.samples, "zip_data": None}
            )
    path = folder / INDEX
    with atomic_write(path) as text:
        text.write(json.dumps({"shards": shards, "version": 2}, sort_keys=True))
    return path


def _encodings(columns: WindowColumns) -> dict[str, str]:
    """How each column is written, in the order of their names."""
    found = {"filled": "int", "cu_seqlens": "ndarray:int32"}
    found |= dict.fromkeys(columns.of_pieces, "json")
    for name, kind in columns.of_tokens.items():
        known = "int32" if name == "input_ids" else numpy_type(kind)
        if known is None:
            raise UsageError(f"column {name!r:.100} cannot be written for MosaicML as {kind}")
        found[name] = f"ndarray:{known}"
    return {name: found[name] for name in sorted(found)}


def _configuration(encodings: dict[str, str]) -> bytes:
    values = {
        "column_encodings": [*encodings.values()],
        "column_names": [*encodings],
        "column_sizes": [8 if each == "int" else None for each in encodings.values()],
        "compression": None,
        "format": "mds",
        "hashes": [],
        "size_limit": SIZE_LIMIT,
        "version": 2,
    }
    return json.dumps(values, sort_keys=True).encode()


def _samples(table: Any, encodings: dict[str, str]) -> Iterator[bytes]:
    columns: list[Iterable[bytes]] = []
    for name, encoding in encodings.items():
        column = table.column(name)
        if encoding == "int":
            columns.append(map(_INTEGER.pack, column.to_pylist()))
        elif encoding == "json":
            columns.append(map(partial(json_of, name=name), column.to_pylist()))
        else:
            columns.append(_arrays(column, name, encoding.partition(":")[2]))
    sized = [encoding != "int" for encoding in encodings.values()]
    for values in zip(*columns, strict=True):
        sizes = array("I", (len(v) for v, has_size in zip(values, sized, strict=True) if has_size))
        yield b"".join((sizes.tobytes(), *values))


def _arrays(column: Any, name: str, kind: str) -> Iterator[bytes]:
    """Each list of a column of numbers, as an array of one dimension."""
    data = written_bytes(flat_values(column, name), name, kind)
    ends = [*accumulate(list_lengths(column), initial=0)]
    size = len(data) // ends[-1] if ends[-1] else 1
    for start, end in pairwise(ends):
        length = end - start
        if not length:
            raise UsageError(f"column {name!r:.100} of a window is empty, which MDS cannot hold")
        code = next(i for i in range(4) if length < 1 << (8 << i))
        head = bytes([1 << 2 | code]) + length.to_bytes(1 << code, "little")
        yield head + data[start * size : end * size]


def _write_file(stem: Path, number: int, samples: list[bytes], configuration: bytes) -> Path:
    path = _path(stem, number)
    start = 4 + 4 * (len(samples) + 1) + len(configuration)
    try:
        offsets = array("I", accumulate(map(len, samples), initial=start))
    except OverflowError:
        raise UsageError(
            f"{path}: a window takes 4 GiB or more, which MDS cannot hold",
            hint="write another format, or smaller windows",
        ) from None
    with atomic_write(path, "wb") as file:
        file.write(array("I", [len(samples)]).tobytes())
        file.write(offsets.tobytes())
        file.write(configuration)
        file.writelines(samples)
    return path


class MdsShard:
    """A shard that was written, memory-mapped.

    Args:
        stem, info, columns: as of `ctxtools.packing.windows.formats.open_windows`.
        windows: how many it has.

    Raises:
        ReadError: a file cannot be read.
        FormatError: one is damaged.
    """

    def __init__(
        self, stem: Path, info: WindowsInfo, columns: Collection[str] | None, windows: int
    ) -> None:
        self._files = [*_files(stem, windows)]
        self._ends = [*accumulate((file.samples for file in self._files), initial=0)]
        names = [name for name in info.columns if columns is None or name in columns]
        self._codes = {name: code_of(name, info.columns[name]) for name in names}
        for file in self._files:
            if missing := {*names} - {*file.encodings}:
                raise damaged(file.path, f"no column {min(missing)!r:.100}")

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, number: int) -> dict[str, Any]:
        at = bisect_right(self._ends, number) - 1
        file = self._files[at]
        try:
            found = file.sample(number - self._ends[at])
            return {name: self._value(name, found[name], file) for name in self._codes}
        except (FormatError, ValueError) as error:
            raise damaged(file.path, error) from error

    def close(self) -> None:
        """Nothing: files are closed when no window is read from them any more."""

    def _value(self, name: str, data: memoryview, file: "_File") -> Any:
        if name == "filled":
            return _INTEGER.unpack(data)[0]
        if name.startswith(PIECE):
            return parsed_json(bytes(data))
        kind = file.encodings[name].partition(":")[2]
        if not len(data) or data[0] not in (4, 5, 6, 7):  # of one dimension
            raise FormatError("an array of another shape")
        head = 1 + (1 << data[0] % 4)
        length = int.from_bytes(data[1:head], "little")
        values = Numbers(data[head:], kind)
        if length != len(values) or len(data) - head != length * values.kind.bit_width // 8:
            raise FormatError("an array of another length")
        return to_array(values.span(0, length), self._codes[name])


class _File:
    """A file of samples.

    Attributes:
        path, size: of the file; bytes.
        samples: how many it has.
        configuration: the object of JSON in it.
        encodings: of the columns, by name, in their order.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = map_file(path)
        self.size = len(data)
        self.samples = int.from_bytes(data[:4], "little")
        start = 4 + 4 * (self.samples + 1)
        if start > self.size:
            raise damaged(path, "too short")
        self._offsets = data[4:start].cast("I")
        first, last = self._offsets[0], self._offsets[-1]
        if not start <= first <= min(self.size, start + _MAX_CONFIGURATION) or last != self.size:
            raise damaged(path, f"its samples end at {last:,} of {self.size:,} bytes")
        try:
            self.configuration = json.loads(bytes(data[start:first]))
            names, encodings = (
                self.configuration[f"column_{each}"] for each in ("names", "encodings")
            )
            self.encodings: dict[str, str] = dict(zip(names, encodings, strict=True))
            known = all(map(_is_known, self.encodings.values()))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise damaged(path, "its configuration is none of columns") from error
        if not known:
            raise damaged(path, "a column is encoded in another way")
        self._data = data

    def sample(self, number: int) -> dict[str, memoryview]:
        """The bytes of each column of a sample.

        Raises:
            FormatError: they are outside of it.
        """
        start, end = self._offsets[number], self._offsets[number + 1]
        sized = [name for name, each in self.encodings.items() if each != "int"]
        at = start + 4 * len(sized)
        if not self._offsets[0] <= start <= at <= end <= self.size:
            raise FormatError(f"sample {number:,} is outside of the file")
        sizes = dict(zip(sized, self._data[start:at].cast("I"), strict=True))
        found = {}
        for name in self.encodings:
            size = sizes.get(name, 8)
            found[name] = self._data[at : at + size]
            at += size
        if at != end:
            raise FormatError(f"sample {number:,} is not as large as its columns")
        return found


def _is_known(encoding: str) -> bool:
    kind, _, name = encoding.partition(":")
    return encoding in ("int", "json") or (kind == "ndarray" and name in TYPES)


def _files(stem: Path, windows: int) -> Iterator[_File]:
    """The files of a shard.

    Raises:
        FormatError: they have another number of windows.
    """
    number = found = 0
    while found < windows or not number:
        file = _File(_path(stem, number))
        yield file
        if not file.samples and windows:
            raise damaged(file.path, "no samples")
        found += file.samples
        number += 1
    if found != windows:
        raise damaged(_path(stem, number - 1), f"{found:,} samples up to it, not {windows:,}")


def _path(stem: Path, number: int) -> Path:
    return stem.with_name(f"{stem.name}.{number:05d}.mds")
