"""Windows gathered from files of ids are those of `PackedDataset` over the same documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import CtxtoolsError, FormatError, UsageError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.plan import Plan
from ctxtools.packing.windows.gathered import write_index
from ctxtools.packing.windows.info import Gathering, ShardInfo, WindowsInfo
from tests.packing.windows.problems import datasets

arrow = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")


def write_ids(folder: Path, documents: list[Any], per_file: int, per_batch: int) -> list[str]:
    """Files of ids, as a corpus has them."""
    rows = [each if isinstance(each, dict) else {"input_ids": each} for each in documents]
    types = {
        "input_ids": arrow.large_list(arrow.uint32()),
        "labels": arrow.list_(arrow.int32()),
        "attention_mask": arrow.list_(arrow.int8()),
        "loss_mask": arrow.large_list(arrow.int64()),
        "advantages": arrow.list_(arrow.float32()),
    }
    (folder / "_ids").mkdir(parents=True)
    names = []
    for start in range(0, len(rows), per_file):
        some = rows[start : start + per_file]
        table = arrow.table(
            {name: arrow.array([each[name] for each in some], types.get(name)) for name in rows[0]}
        )
        names.append(f"_ids/{start}")
        with ipc.new_file(folder / names[-1], table.schema) as writer:
            writer.write_table(table, max_chunksize=per_batch)
    return names


def pieces_of(plan: Plan, first: int, last: int, per_file: int) -> Iterator[Any]:
    """Tables of the pieces of some windows, of a few rows each."""
    rows = [
        {
            "window": 1000 + number,
            "file": document // per_file,
            "row": document % per_file,
            "start": start,
            "length": length,
        }
        for number in range(first, last)
        for document, start, length in zip(
            plan[number].documents, plan[number].starts, plan[number].lengths, strict=True
        )
    ]
    for at in range(0, len(rows), 3):
        yield arrow.Table.from_pylist(rows[at : at + 3])


def save(folder: Path, dataset: PackedDataset, per_file: int, per_shard: int, splits: bool) -> None:
    plan = dataset._plan
    names = write_ids(folder, dataset._documents, per_file, 2)
    shards = []
    for first in range(0, plan.bins, per_shard):
        last = min(first + per_shard, plan.bins)
        write_index(folder / f"w{first}", pieces_of(plan, first, last, per_file))
        shards.append(ShardInfo(f"w{first}", last - first))
    gathering = Gathering(tuple(names), "input_ids", splits, dataset._layout)
    WindowsInfo(
        "gathered",
        plan.window,
        dataset._layout.pad,
        gathering.columns(),
        tuple(shards),
        gathering=gathering,
    ).save(folder)


@settings(max_examples=20, deadline=None)
@given(datasets(), st.integers(1, 5), st.integers(1, 5))
def test_windows_are_gathered(
    tmp_path_factory: pytest.TempPathFactory, dataset: PackedDataset, per_file: int, per_shard: int
) -> None:
    folder = tmp_path_factory.mktemp("windows")
    splits = any(dataset._plan.starts)
    save(folder, dataset, per_file, per_shard, splits)
    read = PackedDataset.open(folder)
    assert list(read) == list(dataset)
    some = PackedDataset.open(folder, columns=[])
    assert {name for window in some for name in window} <= {
        "input_ids", "position_ids", "cu_seqlens", "filled"
    }  # fmt: skip
    assert [each["input_ids"] for each in some] == [each["input_ids"] for each in dataset]


def table_of(**columns: list[int]) -> Any:
    return arrow.table({"file": [0], "row": [0], "start": [0], "length": [1], **columns})


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([table_of(window=[2]), table_of(window=[4])], "a piece of window 4 comes after one of 2"),
        ([table_of(window=[2]), table_of(window=[1])], "a piece of window 1 comes after one of 2"),
        ([table_of(window=[0], row=[2**32])], "column 'row' of pieces: .*4294967296"),
        ([table_of(window=[0], start=[-1])], "column 'start' of pieces: .*-1"),
    ],
)
def test_pieces_that_are_no_index(tmp_path: Path, tables: list[Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_index(tmp_path / "a", tables)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": [1]}, "file 1 of 1"),
        ({"row": [7]}, "no row 7"),
        ({"start": [3]}, "window 0 has tokens that no document has"),
        ({"length": [4]}, "window 0 has tokens that no document has"),
        ({"length": [0]}, "window 0 has tokens that no document has"),
    ],
)
def test_an_index_of_other_files(tmp_path: Path, change: Any, message: str) -> None:
    dataset = PackedDataset(*_plan())
    save(tmp_path, dataset, 9, 9, True)
    write_index(tmp_path / "w0", [table_of(window=[0], **change), table_of(window=[1])])
    with pytest.raises(FormatError, match=message):
        PackedDataset.open(tmp_path)[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ids": ["../a"]}, "no name of a file"),
        ({"ids": ["/etc/passwd"]}, "no name of a file"),
        ({"eos": ["a"]}, "'a' is no number"),
        ({"separator": 5}, "not iterable"),
        ({"loss_mask": "nothing"}, "no column 'nothing'"),
        (
            {"of_tokens": [{"name": "mask", "fill": "a", "between": 0, "code": "q"}]},
            "of no numbers",
        ),
        (
            {"of_tokens": [{"name": "mask", "fill": 0.5, "between": 0, "code": "q"}]},
            "of no numbers",
        ),
        (
            {"of_tokens": [{"name": "mask", "fill": 0, "between": None, "code": "d"}]},
            "of no numbers",
        ),
        ({"of_tokens": [{"name": "mask", "fill": 0, "between": 0, "code": "u"}]}, "of no numbers"),
        ({"pad": 0}, "gathered windows of 1,099,511,627,776 tokens with padding"),
    ],
)
def test_another_gathering(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    save(tmp_path, PackedDataset(*_plan()), 9, 9, True)
    path = tmp_path / "windows.json"
    values = json.loads(path.read_text())
    values["gathering"] |= change
    values["window"] = 2**40
    path.write_text(json.dumps(values))
    with pytest.raises(FormatError, match=rf"windows\.json: not of windows .*{reason}"):
        PackedDataset.open(tmp_path)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_files_of_ids(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Each is read as something, or refused: no process ends."""
    folder = tmp_path_factory.getbasetemp() / "gathered"
    if not folder.exists():
        save(folder, PackedDataset(*_plan()), 9, 9, True)
    path = folder / "_ids" / "0"
    original = path.read_bytes()
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.sampled_from([0, 1, 127, 128, 255]))
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)) | st.just(len(damaged)))])
    try:
        for window in PackedDataset.open(folder):
            assert len(window["input_ids"]) <= 8
    except CtxtoolsError:
        pass
    finally:
        path.write_bytes(original)


def _plan() -> tuple[Plan, list[dict[str, Any]]]:
    from ctxtools.packing.training.sequences import pack_sequences

    rows = [{"input_ids": [*range(n)], "mask": [1] * n, "name": f"{n}"} for n in (3, 2, 8)]
    return pack_sequences([3, 2, 8], 8), rows
