"""Shards on disk, read by independent readers, against the windows that were written."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ctxtools.errors import ConfigError, UsageError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.columns import listed
from ctxtools.packing.training.sequences import pack_sequences
from ctxtools.packing.windows.formats import write_windows
from ctxtools.packing.windows.info import WindowsInfo
from tests.packing.windows.problems import datasets

parquet = pytest.importorskip("pyarrow.parquet")
arrow = pytest.importorskip("pyarrow")


def as_lists(windows: Any) -> list[dict[str, Any]]:
    return [{name: listed(values) for name, values in each.items()} for each in windows]


@settings(max_examples=30, deadline=None)
@given(datasets())
def test_parquet(tmp_path_factory: pytest.TempPathFactory, dataset: PackedDataset) -> None:
    folder = tmp_path_factory.mktemp("windows")
    info = dataset.save(folder / "out", windows_per_shard=2)
    assert WindowsInfo.load(folder / "out") == info
    assert info.windows == len(dataset)
    rows: list[dict[str, Any]] = []
    for shard in info.shards:
        table = parquet.read_table(folder / "out" / f"{shard.name}.parquet")
        assert len(table) == shard.windows
        assert table.column("input_ids").type.value_type == arrow.int32()
        rows += table.to_pylist()
    assert rows == as_lists(dataset)


def table_of(lengths: list[int]) -> Any:
    ints = arrow.list_(arrow.int32())
    ids = [[*range(length)] for length in lengths]
    return arrow.table(
        {
            "input_ids": arrow.array(ids, ints),
            "position_ids": arrow.array(ids, ints),
            "cu_seqlens": arrow.array([[0, length] for length in lengths], ints),
            "filled": arrow.array(lengths, arrow.int32()),
        }
    )


def test_bytes_do_not_depend_on_the_tables(tmp_path: Path) -> None:
    info = WindowsInfo("parquet", 60_000)
    table = table_of([5, 60_000, 7, 8, 9])
    write_windows("parquet", tmp_path / "a", [table], info)
    apart = [table.slice(0, 1), table.slice(1, 3), table.slice(3, 0), table.slice(4)]
    write_windows("parquet", tmp_path / "b", apart, info)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert parquet.read_metadata(tmp_path / "a.parquet").num_row_groups == 3


def test_tables_that_are_none_of_windows(tmp_path: Path) -> None:
    info, table = WindowsInfo("parquet", 10), table_of([3])
    for tables, message in [
        ([], "given as no table"),
        ([table.drop(["filled"])], "needs a column 'filled'"),
        ([table, table.append_column("labels", [[[1, 2, 3]]])], "different columns"),
        ([table.append_column("name", [["a"]])], "column 'name' of windows cannot be of type str"),
    ]:
        with pytest.raises(UsageError, match=message):
            write_windows("parquet", tmp_path / "a", tables, info)
    assert not [*tmp_path.iterdir()]


def test_only_a_new_folder_is_written(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    dataset = PackedDataset(pack_sequences([3], 8), [[1, 2, 3]])
    with pytest.raises(ConfigError, match="is not empty"):
        dataset.save(tmp_path)
