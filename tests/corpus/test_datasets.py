"""Folders of Hugging Face: which files of them are rows."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import FormatError, ReadError, UsageError
from ctxtools.corpus import CountStep, list_inputs, run
from ctxtools.corpus.reading import read_tables
from ctxtools.corpus.units import Unit

pyarrow = pytest.importorskip("pyarrow")


def write_rows(path: Path, texts: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table({"text": texts})
    with pyarrow.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


def write_dataset(folder: Path, shards: list[list[str]], **state: Any) -> Path:
    """What ``save_to_disk`` writes, with what ``map`` leaves beside it."""
    names = [f"data-{n:05}-of-{len(shards):05}.arrow" for n in range(len(shards))]
    for name, texts in zip(names, shards, strict=True):
        write_rows(folder / name, texts)
    write_rows(folder / "cache-0123456789abcdef.arrow", ["not a row"])
    write_rows(folder / "data-00000-of-00099.arrow", ["of an earlier save"])
    state = {"_data_files": [{"filename": name} for name in names], "_split": None, **state}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def texts_of(*inputs: Path | str) -> list[str]:
    tables = (
        table for each in list_inputs(inputs) for table in read_tables(Unit(each), text="text")
    )
    return [text for table in tables for text in table.column("text").to_pylist()]


@given(st.lists(st.lists(st.text("ab", max_size=3), max_size=3), min_size=1, max_size=4))
def test_the_rows_are_those_of_the_listed_files(
    tmp_path_factory: pytest.TempPathFactory, shards: list[list[str]]
) -> None:
    folder = write_dataset(tmp_path_factory.mktemp("saved"), shards)
    assert texts_of(folder) == [text for shard in shards for text in shard]


def test_splits_are_those_that_are_listed(tmp_path: Path) -> None:
    for name in ("test", "train", "old"):
        write_dataset(tmp_path / "saved" / name, [[f"{name} 1"], [f"{name} 2"]])
    (tmp_path / "saved" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    expected = ["test 1", "test 2", "train 1", "train 2"]
    assert texts_of(tmp_path / "saved") == expected
    assert texts_of(tmp_path) == expected
    assert texts_of(tmp_path / "saved" / "old") == ["old 1", "old 2"]


def test_a_run_counts_them(tmp_path: Path) -> None:
    write_dataset(tmp_path / "saved", [["a b"], ["c"]])
    result = run([tmp_path / "saved"], CountStep(), tmp_path / "out")
    assert result.manifest and result.manifest.totals()["tokens"] == 3


def test_a_selection_by_indices_is_refused(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, [["a"]], _indices_files=[{"filename": "indices.arrow"}])
    with pytest.raises(UsageError, match=r"state\.json: the dataset is a selection") as raised:
        list_inputs([folder])
    assert "flatten_indices" in str(raised.value)


def test_a_file_that_is_missing_or_elsewhere(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "a", [["a"], ["b"]])
    (folder / "data-00001-of-00002.arrow").unlink()
    with pytest.raises(ReadError, match=r"data-00001-of-00002\.arrow: no such file, and state"):
        list_inputs([folder])
    for name in ("../b.arrow", "/etc/b.arrow", 7):
        folder = write_dataset(tmp_path / "c", [["a"]], _data_files=[{"filename": name}])
        with pytest.raises(FormatError, match="is no file of the folder"):
            list_inputs([folder])
    (folder / "state.json").write_text("{")
    with pytest.raises(FormatError, match=r"state\.json: not JSON"):
        list_inputs([folder])


def test_the_state_of_something_else(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.arrow", ["a"])
    for content in ("[]", '{"version": 4}'):
        (tmp_path / "state.json").write_text(content)
        assert texts_of(tmp_path) == ["a"]


def test_caches_beside_a_dataset_that_was_prepared(tmp_path: Path) -> None:
    """As in ~/.cache/huggingface/datasets: without a list of files."""
    write_rows(tmp_path / "squad-train.arrow", ["a"])
    write_rows(tmp_path / "cache-0123456789abcdef.arrow", ["b"])
    assert texts_of(tmp_path) == ["b", "a"]
    (tmp_path / "dataset_info.json").write_text("{}")
    assert texts_of(tmp_path) == ["a"]
    assert texts_of(f"{tmp_path}/*.arrow") == ["b", "a"]


def write_hub(folder: Path) -> Path:
    """The cache of a dataset of the hub: a snapshot of links to blobs."""
    parquet = pytest.importorskip("pyarrow.parquet")
    blobs = folder / "datasets--org--name" / "blobs"
    data = folder / "datasets--org--name" / "snapshots" / "0123" / "data"
    blobs.mkdir(parents=True)
    data.mkdir(parents=True)
    for number, name in enumerate(("test-00000.parquet", "train-00000.parquet")):
        parquet.write_table(pyarrow.table({"text": [name]}), blobs / f"{number:064x}")
        (data / name).symlink_to(Path("../../../blobs") / f"{number:064x}")
    (data.parent / "README.md").write_text("# A dataset")
    return data.parent


def test_a_snapshot_of_the_hub(tmp_path: Path) -> None:
    snapshot = write_hub(tmp_path)
    assert texts_of(snapshot) == ["test-00000.parquet", "train-00000.parquet"]
    names = [Path(each.uri).name for each in list_inputs([snapshot])]
    assert names == ["test-00000.parquet", "train-00000.parquet"]
    with pytest.raises(UsageError, match="named twice"):
        list_inputs([snapshot, snapshot / "data" / "test-00000.parquet"])


def test_a_link_out_of_the_hub_is_not_followed(tmp_path: Path) -> None:
    snapshot = write_hub(tmp_path / "hub")
    write_rows(tmp_path / "secret.arrow", ["secret"])
    (snapshot / "data" / "other.arrow").symlink_to(tmp_path / "secret.arrow")
    with pytest.raises(UsageError, match=r"other\.arrow: a link"):
        list_inputs([snapshot])


def test_what_datasets_itself_writes(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    texts = [f"text {n}" for n in range(20)]
    rows = datasets.Dataset.from_dict({"text": texts})
    rows.save_to_disk(tmp_path / "one", num_shards=3)
    assert texts_of(tmp_path / "one") == texts
    splits = rows.train_test_split(5, shuffle=False)
    splits.save_to_disk(tmp_path / "two")
    assert texts_of(tmp_path / "two") == [*texts[15:], *texts[:15]]
    rows.select(range(3, 6)).save_to_disk(tmp_path / "three")
    assert texts_of(tmp_path / "three") == texts[3:6]
    loaded = datasets.load_from_disk(str(tmp_path / "one"))
    loaded.map(lambda row: {"text": row["text"].upper()}).filter(lambda row: "1" in row["text"])
    assert texts_of(tmp_path / "one") == texts
