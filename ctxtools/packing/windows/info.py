"""What has to be known of windows on disk to read them: ``windows.json`` beside their shards."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from ctxtools.atomic import atomic_write
from ctxtools.checks import check_choice
from ctxtools.errors import FormatError, ReadError, UsageError
from ctxtools.packing.training.assembly import Layout
from ctxtools.packing.training.columns import Columns, TokenColumn
from ctxtools.regular_file import read_regular

WindowFormat = Literal["parquet", "megatron", "mds", "numpy", "gathered"]
"""How windows are kept: a table, in the files of Megatron-Core, of MosaicML Streaming or of NumPy,
or not at all: "gathered" has an index alone, by which they are put together when they are read."""

INFO = "windows.json"
"""The file's name."""

_LIMIT = 256 << 20  # bytes of the file that are read
_MAX_PADDED = 1 << 26  # tokens of a window that padding is made for, whatever a file says
_HINT = "name a folder that `ctx corpus pack` or PackedDataset.save has completed"


class ShardInfo(NamedTuple):
    """A shard: files with consecutive windows.

    Attributes:
        name: what the names of its files start with.
        windows: how many it has.
    """

    name: str
    windows: int


@dataclass(frozen=True, slots=True)
class Gathering:
    """How windows are put together that are gathered when they are read.

    Attributes:
        ids: the files of the documents' ids, by number, relative to the folder.
        column: of the ids in those.
        splits: documents that are longer than a window were split; else each is one piece.
        layout: what windows hold.
    """

    ids: tuple[str, ...]
    column: str
    splits: bool
    layout: Layout

    def columns(self) -> dict[str, str]:
        """What `WindowsInfo.columns` is of such windows; pieces have values as their documents."""
        layout = self.layout
        types = {"input_ids": "int64", "position_ids": "int32", "cu_seqlens": "int32"}
        types |= {
            each.name: "double" if each.code == "d" else "int64"
            for each in layout.columns.of_tokens
        }
        types.pop("labels", None)
        if layout.labels:
            types["labels"] = "int64"
        types |= {f"piece_{name}": "any" for name in layout.columns.of_documents}
        return {**types, "filled": "int64"}


@dataclass(frozen=True, slots=True)
class WindowsInfo:
    """Of windows on disk, what is needed to read them.

    Attributes:
        format: how they are kept.
        window: the tokens of a window, at most; all have as many if they are padded.
        pad: the id that they are padded with, or None.
        columns: the type of the values of each column, as Arrow calls it, by name.
        shards: in the order of the windows.
        vocabulary: the number of ids: each is below, those of padding, EOS and separators too; None
            if it is not known. It decides on the bytes of an id in a file.
        gathering: of the format "gathered".
    """

    format: WindowFormat
    window: int
    pad: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    shards: tuple[ShardInfo, ...] = ()
    vocabulary: int | None = None
    gathering: Gathering | None = None

    def __post_init__(self) -> None:
        check_choice("format of windows", self.format, WindowFormat)
        if (self.gathering is None) != (self.format != "gathered"):
            raise UsageError("the format 'gathered', and no other, has a gathering")

    @property
    def windows(self) -> int:
        """The number of all windows."""
        return sum(shard.windows for shard in self.shards)

    def save(self, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Write it into the folder of the shards, completely or not at all: the last file of them,
        but for ``index.json`` of the format "mds", which is written too.

        Returns:
            The files that were written.

        Raises:
            ReadError, FormatError: a shard of the format "mds" cannot be read.
            OSError: a file could not be written.
        """
        from ctxtools import __version__

        root, written = Path(folder), []
        if self.format == "mds":
            from ctxtools.packing.windows.formats.mds import save_index

            written.append(save_index(root, self))

        values: dict[str, Any] = {
            "format": self.format,
            "window": self.window,
            "windows": self.windows,
            "pad": self.pad,
            "vocabulary": self.vocabulary,
            "columns": dict(self.columns),
            "shards": [shard._asdict() for shard in self.shards],
            "ctxtools": __version__,
        }
        if self.gathering is not None:
            values["gathering"] = _gathering_to_json(self.gathering)
        with atomic_write(root / INFO) as file:
            file.write(json.dumps(values, indent=1) + "\n")
        return (*written, root / INFO)

    @staticmethod
    def load(folder: str | os.PathLike[str]) -> "WindowsInfo":
        """Read that of a folder.

        Raises:
            ReadError: there is none: the folder is not complete, or has no windows.
            FormatError: it is damaged.
        """
        path = Path(folder) / INFO
        if not os.path.exists(path):  # not Path.exists, which raises for a long name
            raise ReadError(f"{os.fspath(folder)}: no folder of training windows", hint=_HINT)
        text = read_regular(path, _LIMIT)
        try:
            return _from_json(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = str(error).partition("\n")[0] or "too deep"
            raise FormatError(f"{path}: not of windows ({reason})", hint=_HINT) from error


def _from_json(values: Mapping[str, Any]) -> WindowsInfo:
    shards = tuple(
        ShardInfo(_name(shard["name"]), _integer(shard["windows"])) for shard in values["shards"]
    )
    pad, vocabulary = values["pad"], values["vocabulary"]
    gathering = values.get("gathering")
    info = WindowsInfo(
        format=values["format"],
        window=_integer(values["window"], 1),
        pad=None if pad is None else _integer(pad),
        columns={str(name): str(kind) for name, kind in values["columns"].items()},
        shards=shards,
        vocabulary=None if vocabulary is None else _integer(vocabulary),
        gathering=None if gathering is None else _gathering_from_json(gathering),
    )
    if gathering is not None and gathering["pad"] is not None and info.window > _MAX_PADDED:
        raise ValueError(f"gathered windows of {info.window:,} tokens with padding")
    if info.windows != values["windows"]:
        raise ValueError(f"{values['windows']!r:.20} windows, {info.windows} in shards")
    return info


def _gathering_to_json(gathering: Gathering) -> dict[str, Any]:
    layout = gathering.layout
    return {
        "ids": list(gathering.ids),
        "column": gathering.column,
        "splits": gathering.splits,
        "eos": list(layout.eos),
        "separator": list(layout.separator),
        "pad": layout.pad,
        "of_tokens": [
            {"name": each.name, "fill": each.fill, "between": each.between, "code": each.code}
            for each in layout.columns.of_tokens
        ],
        "of_documents": list(layout.columns.of_documents),
        "labels": layout.labels,
        "ignore": sorted(layout.ignore),
        "loss_mask": layout.loss_mask,
    }


def _gathering_from_json(values: Mapping[str, Any]) -> Gathering:
    pad, mask = values["pad"], values["loss_mask"]
    of_tokens = [
        TokenColumn(str(each["name"]), each["fill"], each["between"], each["code"])
        for each in values["of_tokens"]
    ]
    for each in of_tokens:
        numbers = (int,) if each.code == "q" else (int, float)
        if each.code not in ("q", "d") or not isinstance(each.fill, numbers):
            raise ValueError(f"a column {each.name!r:.50} of no numbers")
        if not isinstance(each.between, numbers):
            raise ValueError(f"a column {each.name!r:.50} of no numbers")
    if mask is not None and mask not in [each.name for each in of_tokens]:
        raise ValueError(f"no column {mask!r:.50}")
    layout = Layout(
        _integers(values["eos"]),
        _integers(values["separator"]),
        None if pad is None else _integer(pad),
        Columns(tuple(of_tokens), tuple(map(str, values["of_documents"]))),
        bool(values["labels"]),
        frozenset(values["ignore"]),
        mask,
    )
    ids = tuple("/".join(map(_name, str(each).split("/"))) for each in values["ids"])
    return Gathering(ids, str(values["column"]), bool(values["splits"]), layout)


def _integers(values: Sequence[Any]) -> list[int]:
    return [_integer(value) for value in values]


def _integer(value: Any, minimum: int = 0) -> int:
    if type(value) is not int or not minimum <= value < 2**62:
        raise ValueError(f"{value!r:.20} is no number of this kind")
    return value


def _name(value: Any) -> str:
    """The name of a file in the folder: a stranger's may lead nowhere else."""
    if not isinstance(value, str) or value in ("", ".", "..") or {*value} & {"/", "\\", "\0", ":"}:
        raise ValueError(f"{value!r:.50} is no name of a file")
    return value


FORMATS: tuple[WindowFormat, ...] = get_args(WindowFormat)
"""The names of all formats."""
