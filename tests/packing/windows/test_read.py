"""Windows that are read from a folder are those that were written, in every format."""

import datetime
import decimal
import os
import pickle
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import PositionError, ReadError, UsageError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.sequences import pack_sequences
from ctxtools.packing.windows.info import WindowFormat
from tests.packing.training.test_columns import PLAN, ROWS
from tests.packing.windows.problems import datasets

pytest.importorskip("pyarrow")

FORMATS: list[WindowFormat] = [each for each in get_args(WindowFormat) if each != "gathered"]


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=15, deadline=None)
@given(dataset=datasets(), per_shard=st.integers(1, 4), is_known=st.booleans())
def test_windows_are_those_that_were_written(
    tmp_path_factory: pytest.TempPathFactory,
    format: WindowFormat,
    dataset: PackedDataset,
    per_shard: int,
    is_known: bool,
) -> None:
    folder = tmp_path_factory.mktemp("windows")
    vocabulary = 20_000 if is_known else None
    dataset.save(folder, format, windows_per_shard=per_shard, vocabulary=vocabulary)
    read = PackedDataset.open(folder)
    assert len(read) == len(dataset)
    assert list(read) == list(dataset)
    if len(read):
        last = read[-1]
        assert last == dataset[-1]
        for name in ("input_ids", "position_ids", "cu_seqlens", "labels"):
            assert last[name].typecode == dataset[-1][name].typecode


@pytest.fixture(params=FORMATS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    DATASET.save(tmp_path / "out", request.param, windows_per_shard=2)
    return tmp_path / "out"


LENGTHS = [5, 3, 7, 6, 8, 2, 9, 4, 4, 8, 1]
DATASET = PackedDataset(
    pack_sequences(LENGTHS, 10, eos_tokens=1),
    [{"input_ids": [*range(n)], "mask": [n % 2] * n, "source": f"{n}"} for n in LENGTHS],
    eos=0,
    pad=0,
)
WINDOWS = list(DATASET)


def test_the_same_windows_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    info = PackedDataset.open(folder).info
    DATASET.save(tmp_path / "again", info.format, windows_per_shard=2)
    names = sorted(each.name for each in folder.iterdir())
    assert names == sorted(each.name for each in (tmp_path / "again").iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_columns_can_be_chosen(folder: Path) -> None:
    always = {"input_ids", "position_ids", "cu_seqlens", "filled"}
    chosen = PackedDataset.open(folder, columns=["piece_source"])
    assert {*chosen[3]} == always | {"piece_source"}
    assert chosen[3]["piece_source"] == WINDOWS[3]["piece_source"]
    assert {*PackedDataset.open(folder, columns=[])[0]} == always
    assert {*PackedDataset.open(folder)[0]} == always | {"labels", "mask", "piece_source"}
    with pytest.raises(UsageError, match="have no column 'nothing'"):
        PackedDataset.open(folder, columns=["nothing"])
    with pytest.raises(UsageError, match="columns must be a list"):
        PackedDataset.open(folder, columns="labels")


def test_shards_share_the_windows(folder: Path) -> None:
    count = len(WINDOWS)
    assert count % 3
    shards = [PackedDataset.open(folder, shard=i, shards=3) for i in range(3)]
    for i, shard in enumerate(shards):
        assert list(shard) == WINDOWS[i::3]
    even = [PackedDataset.open(folder, shard=i, shards=3, even=True) for i in range(3)]
    assert {len(each) for each in even} == {count // 3}
    with pytest.raises(UsageError, match="invalid shard 3 of 3"):
        PackedDataset.open(folder, shard=3, shards=3)


def test_a_dataset_goes_to_other_processes(folder: Path) -> None:
    dataset = PackedDataset.open(folder, convert=list)
    first = dataset[0]
    copy = pickle.loads(pickle.dumps(dataset))
    assert (
        copy[0]
        == first
        == {k: getattr(v, "tolist", lambda v=v: v)() for k, v in WINDOWS[0].items()}
    )


def test_few_files_are_open(tmp_path: Path) -> None:
    """A folder has more shards than a process may have files."""
    for format in FORMATS:
        DATASET.save(tmp_path / format, format, windows_per_shard=1)
        dataset = PackedDataset.open(tmp_path / format)
        dataset.files._shards._capacity = 2
        before = len(os.listdir("/proc/self/fd"))
        assert list(dataset) == WINDOWS
        assert len(os.listdir("/proc/self/fd")) - before <= 2 * 12


def test_numbers_outside(folder: Path) -> None:
    dataset = PackedDataset.open(folder)
    for number in (len(WINDOWS), -len(WINDOWS) - 1):
        with pytest.raises(PositionError, match="is outside of"):
            dataset[number]
    with pytest.raises(UsageError, match="window must be an integer"):
        dataset[0:2]  # type: ignore[index]


def test_a_folder_that_is_not_complete(folder: Path) -> None:
    (folder / "windows.json").unlink()
    with pytest.raises(ReadError, match="no folder of training windows"):
        PackedDataset.open(folder)


@pytest.mark.parametrize("format", FORMATS)
def test_no_windows(tmp_path: Path, format: WindowFormat) -> None:
    PackedDataset(pack_sequences([0], 8), [[]]).save(tmp_path, format)
    assert list(PackedDataset.open(tmp_path)) == []


@pytest.mark.parametrize("format", ["megatron", "numpy"])
def test_ids_that_do_not_fit_the_vocabulary(tmp_path: Path, format: WindowFormat) -> None:
    dataset = PackedDataset(pack_sequences([2], 8), [[1, 70_000]])
    with pytest.raises(UsageError, match=r"column 'input_ids' of windows: .*70000"):
        dataset.save(tmp_path, format, vocabulary=1000)
    assert not [*tmp_path.iterdir()]


def test_columns_of_any_name_and_of_other_types(tmp_path: Path) -> None:
    names = ["a/b", "offsets", "cu_seqlens.offsets", "..", "a.b", "é"]
    rows: list[dict[str, Any]] = [
        {"input_ids": [1, 2, 3], **{name: [i, 1, 0] for i, name in enumerate(names)}}
    ]
    rows.append({"input_ids": [4, 5], **{name: [7, 8] for name in names}, "extra": [None, "a"]})
    dataset = PackedDataset(pack_sequences([3, 2], 6), rows)
    for format in FORMATS:
        dataset.save(tmp_path / format, format)
        assert list(PackedDataset.open(tmp_path / format)) == list(dataset)


@pytest.mark.parametrize(
    "value", [b"\xff", datetime.date(2024, 1, 2), [decimal.Decimal(1)], {"a": [b"\xff"]}]
)
def test_values_that_json_does_not_have(tmp_path: Path, value: Any) -> None:
    rows = [{**each, "raw": value} for each in ROWS]
    PackedDataset(PLAN, rows).save(tmp_path / "parquet")
    assert PackedDataset.open(tmp_path / "parquet")[0]["piece_raw"] == [value] * 3
    for format in ("mds", "numpy", "megatron"):
        with pytest.raises(
            UsageError, match="column 'raw' cannot be written as JSON: it has values"
        ):
            PackedDataset(PLAN, rows).save(tmp_path / format, format)
        assert not (tmp_path / format).exists()


@pytest.mark.parametrize(
    "value", [True, None, 1.5, "é", [1, None], {"a": [{"b": "c"}], "d": None}, [[True], []]]
)
@pytest.mark.parametrize("format", FORMATS)
def test_values_that_json_has(tmp_path: Path, value: Any, format: WindowFormat) -> None:
    rows = [{**each, "raw": value} for each in ROWS]
    PackedDataset(PLAN, rows).save(tmp_path, format)
    assert list(PackedDataset.open(tmp_path)) == list(PackedDataset(PLAN, rows))


def test_values_of_several_types(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"input_ids": [1], "x": 1}, {"input_ids": [2], "x": "a"}]
    with pytest.raises(UsageError, match="column 'x' has values of several types"):
        PackedDataset(pack_sequences([1, 1], 4), rows).save(tmp_path)
