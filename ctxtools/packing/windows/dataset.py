"""Windows on disk as a dataset: by their number, over all shards."""

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

from ctxtools.checks import check_integer, check_list
from ctxtools.errors import PositionError, UsageError
from ctxtools.packing.training.columns import MADE
from ctxtools.packing.windows.formats.mapped import damaged
from ctxtools.packing.windows.formats.mds import MdsShard
from ctxtools.packing.windows.formats.megatron import MegatronShard
from ctxtools.packing.windows.formats.numpy_files import NumpyShard, is_ragged
from ctxtools.packing.windows.formats.parquet import ParquetShard
from ctxtools.packing.windows.gathered import FILES, GatheredShard, IdsFile
from ctxtools.packing.windows.info import WindowsInfo
from ctxtools.packing.windows.recent import Recent

GROUPS = 2
"""Row groups of Parquet that are kept, where windows are read in any order."""

_OPEN = 512  # files that are open at once: systems allow 1,024
_SHARDS = 64  # that are open at once, if they have so few files


class _Shard(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, number: int) -> dict[str, Any]: ...
    def close(self) -> None: ...


class WindowFiles:
    """The windows of a folder, read by their number, without torch or numpy.

    It can be pickled, which a data loader does for its workers: files are opened when a window is
    read.

    Args:
        folder: that ``windows.json`` is in.
        columns: the names of the columns to read beside those that all windows have; None for all.

    Attributes:
        folder: the same.
        info: what is known of the windows.

    Raises:
        ReadError: the folder has no windows, or is not complete.
        FormatError: it is damaged.
        UsageError: there is no such column.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        columns: Iterable[str] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.info = WindowsInfo.load(folder)
        self._columns: frozenset[str] | None = None
        if columns is not None:
            check_list("columns", columns)
            columns = [*columns]
            known = self.info.columns
            if unknown := [name for name in columns if name not in known]:
                raise UsageError(
                    f"the windows have no column {unknown[0]!r:.100}",
                    hint=f"they have {', '.join(known)}",
                )
            self._columns = frozenset((*MADE, *columns))
        self._ends = [*accumulate((shard.windows for shard in self.info.shards), initial=0)]
        self.keep(GROUPS)

    def keep(self, groups: int) -> None:
        """Keep so many row groups of Parquet for the windows that are read next."""
        self._capacity = groups
        self._open()

    def __getstate__(self) -> dict[str, Any]:
        opened = ("_shards", "_groups", "_files")
        return {name: value for name, value in self.__dict__.items() if name not in opened}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, number: int) -> dict[str, Any]:
        """A window, as `ctxtools.PackedDataset` has it.

        Raises:
            PositionError: there is none of this number.
            ReadError: a file cannot be read.
            FormatError: one is damaged.
        """
        if not 0 <= number < len(self):
            raise PositionError(f"window {number} is outside of {len(self)} windows")
        at = bisect_right(self._ends, number) - 1
        shard = self._shards.get(at, lambda: self._opened(at))
        window = shard[number - self._ends[at]]
        self._check(window, at)
        return window

    def _open(self) -> None:
        columns = len(self.info.columns)
        files = {"parquet": 1, "gathered": 2, "mds": 8}.get(self.info.format, 2 * columns)
        shards = max(2, min(max(_SHARDS, self._capacity), _OPEN // files))
        self._shards: Recent[_Shard] = Recent(shards, lambda shard: shard.close())
        self._groups: Recent[Any] = Recent(self._capacity)
        self._files: Recent[IdsFile] = Recent(FILES)

    def _opened(self, at: int) -> _Shard:
        name, windows = self.info.shards[at]
        stem = self.folder / name
        match self.info.format:
            case "parquet":
                return ParquetShard(stem, self._columns, windows, self._groups)
            case "megatron":
                return MegatronShard(stem, self.info, self._columns, windows)
            case "mds":
                return MdsShard(stem, self.info, self._columns, windows)
            case "numpy":
                return NumpyShard(stem, self.info, self._columns, windows)
            case "gathered":
                return GatheredShard(stem, self.info, self._columns, windows, self._files)

    def _check(self, window: dict[str, Any], at: int) -> None:
        """Refuse a window whose columns do not fit together: attention takes offsets on trust."""
        tokens, ends = len(window["input_ids"]), window["cu_seqlens"]
        wrong = [
            name
            for name, values in window.items()
            if name != "filled" and not is_ragged(name) and len(values) != tokens
        ]
        if not ends or ends[0] or ends[-1] != tokens or any(map(int.__gt__, ends, ends[1:])):
            wrong.append("cu_seqlens")
        if not 0 <= window["filled"] <= tokens <= self.info.window:
            wrong.append("filled")
        if wrong:
            path = self.folder / self.info.shards[at].name
            raise damaged(path, f"its column {wrong[0]!r:.100} does not fit the ids")


class SavedDataset:
    """Windows on disk as a dataset for a data loader, or to iterate: see `PackedDataset.open`.

    Args:
        folder, columns: as of `WindowFiles`.
        shard, shards: take every ``shards``-th window, starting from number ``shard``.
        even: leave out the last windows, so that every shard has as many.
        convert: applied to each array, such as ``torch.asarray`` or ``numpy.asarray``.

    Attributes:
        files: the windows of all shards.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        shard: int = 0,
        shards: int = 1,
        even: bool = False,
        convert: Callable[[Any], Any] | None = None,
        columns: Iterable[str] | None = None,
    ) -> None:
        shard, shards = check_shard(shard, shards)
        self.files = WindowFiles(folder, columns)
        windows = len(self.files)
        self._numbers = range(shard, windows - windows % shards if even else windows, shards)
        self._convert = convert

    @property
    def info(self) -> WindowsInfo:
        """What is known of the windows of all shards."""
        return self.files.info

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> dict[str, Any]:
        """One training window of the shard; a negative number counts from the end.

        Raises:
            PositionError: the shard has no such window.
            UsageError: it is no integer.
            ReadError, FormatError: its file cannot be read, or is damaged.
        """
        try:
            found = self._numbers[check_integer("window", number, -(2**62))]
        except IndexError:
            raise PositionError(f"window {number} is outside of {len(self)} windows") from None
        return converted(self.files[found], self._convert)


def check_shard(shard: int, shards: int) -> tuple[int, int]:
    """The number of a shard, and how many there are.

    Raises:
        UsageError: there is no such shard.
    """
    shard = check_integer("shard", shard, 0)
    if not shard < check_integer("shards", shards, 1):
        raise UsageError(f"invalid shard {shard} of {shards}", hint="shards are numbered from 0")
    return shard, shards


def converted(window: dict[str, Any], convert: Callable[[Any], Any] | None) -> dict[str, Any]:
    """A window whose arrays were converted."""
    if convert is None:
        return window
    return {
        name: convert(values) if isinstance(values, array) else values
        for name, values in window.items()
    }
