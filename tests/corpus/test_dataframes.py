"""Steps on DataFrames: the rows of the step on the table, by every engine that is there."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import UnknownEncodingError, UsageError, get_encoding
from ctxtools.corpus import ChunkStep, CountStep, EncodeStep, StepFunction, count_table
from ctxtools.corpus.dataframes import map_daft, map_ray
from ctxtools.corpus.steps import Step
from tests.strategies import texts

pyarrow = pytest.importorskip("pyarrow")

STEPS: list[Step] = [
    CountStep(encodings=("o200k_base", "gpt-4")),
    EncodeStep(keep=("id",)),
    ChunkStep({"encoding": "o200k_base", "chunk_size": 8}),
]
ROWS: list[dict[str, Any]] = [
    {"id": n, "text": None if n % 7 == 0 else f"text {n}, " * n} for n in range(30)
]


def table_of(values: list[str | None]) -> Any:
    return pyarrow.table(
        {"id": range(len(values)), "text": pyarrow.array(values, pyarrow.string())}
    )


@given(st.lists(st.none() | texts, max_size=8), st.integers(1, 4), st.sampled_from(STEPS[:2]))
def test_batches_give_the_rows_of_the_table(values: list[str | None], size: int, step: Any) -> None:
    table = table_of(values)
    function = pickle.loads(pickle.dumps(StepFunction(step)))
    batches = [*function.map_in_arrow(table.to_batches(max_chunksize=size))]
    schema = function.schema(table.schema)
    assert all(batch.schema.equals(schema) for batch in batches)
    expected = step(table)
    assert function(table).equals(expected)
    assert pyarrow.Table.from_batches(batches, schema).to_pylist() == expected.to_pylist()


def test_chunks_of_batches() -> None:
    table = pyarrow.Table.from_pylist(ROWS)
    found = [*StepFunction(STEPS[2]).map_in_arrow(table.to_batches(max_chunksize=4))]
    rows = pyarrow.Table.from_batches(found).to_pylist()
    assert {row["document_id"] for row in rows} == {row["id"] for row in ROWS if row["text"]}
    joined = "".join(row["text"] for row in rows)
    assert joined == "".join(row["text"] or "" for row in ROWS)


def test_signed_types() -> None:
    function = StepFunction(EncodeStep(), signed=True)
    result = function(table_of(["a b", None]))
    assert result.schema.field("input_ids").type == pyarrow.list_(pyarrow.int32())
    assert result.column("input_ids").to_pylist() == [
        get_encoding("o200k_base").encode("a b"),
        None,
    ]


def test_what_is_wrong_is_said_first() -> None:
    with pytest.raises(UnknownEncodingError):
        StepFunction(CountStep(encodings=("none",)))
    with pytest.raises(UsageError, match="unknown column 'text'"):
        StepFunction(CountStep()).schema(pyarrow.schema({"body": pyarrow.string()}))


def expected_rows(step: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = step(pyarrow.Table.from_pylist(ROWS)).to_pylist()
    return rows


def sorted_rows(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row.get("id"), row.get("chunk_index", 0)))


@pytest.mark.parametrize("step", STEPS[:2])
def test_daft(step: Any) -> None:
    daft = pytest.importorskip("daft")
    frame = daft.from_arrow(pyarrow.Table.from_pylist(ROWS)).into_batches(7)
    assert sorted_rows(map_daft(frame, step).to_pylist()) == expected_rows(step)


def test_daft_makes_no_other_rows() -> None:
    daft = pytest.importorskip("daft")
    with pytest.raises(UsageError, match="step 'chunk' makes other rows"):
        map_daft(daft.from_pydict({"text": ["a"]}), STEPS[2])


class Batches:
    """A Dataset of Ray Data as far as `map_ray` knows one: the calls of its functions."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def map_batches(self, function: Any, *, batch_format: str, batch_size: int, **_: Any) -> Any:
        assert batch_format == "pyarrow"
        slices = range(0, len(self._table), batch_size)
        return pyarrow.concat_tables(
            function(self._table.slice(start, batch_size)) for start in slices
        )


def test_ray_by_its_interface() -> None:
    table = pyarrow.Table.from_pylist(ROWS)
    found = map_ray(Batches(table), CountStep(), batch_size=7)
    assert found.equals(count_table(table).drop_columns(["text"]), check_metadata=False)
    assert found.to_pylist() == expected_rows(CountStep())


# Clusters are started by processes of their own, which are ended if they do not answer.
_RAY = """
import json, sys, ray
options = {"include_dashboard": False, "logging_level": "error", "object_store_memory": 100 << 20}
ray.init(address="local", num_cpus=1, **options)
from ctxtools.corpus import EncodeStep, map_ray
rows = json.load(sys.stdin)
found = map_ray(ray.data.from_items(rows), EncodeStep(keep=("id",)), batch_size=7).take_all()
print(json.dumps([{**row, "input_ids": row["input_ids"] is None or [*map(int, row["input_ids"])]}
                  for row in found]))
"""
_SPARK = """
import json, sys
from pyspark.sql import SparkSession
from ctxtools.corpus import EncodeStep, map_spark
session = SparkSession.builder.master("local[1]").getOrCreate()
frame = session.createDataFrame(json.load(sys.stdin), "id long, text string")
found = map_spark(frame, EncodeStep(keep=("id",))).collect()
print(json.dumps([row.asDict() for row in found]))
"""


def rows_of_process(code: str) -> list[dict[str, Any]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])}
    try:
        ran = subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(ROWS),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("the engine did not start within four minutes")
    assert ran.returncode == 0, ran.stderr[-2000:]
    rows: list[dict[str, Any]] = json.loads(ran.stdout.splitlines()[-1])
    return rows


@pytest.mark.xdist_group("engines")
def test_ray_data() -> None:
    pytest.importorskip("ray.data")
    expected = [
        {**row, "input_ids": row["input_ids"] is None or row["input_ids"]}
        for row in expected_rows(EncodeStep(keep=("id",)))
    ]
    assert sorted_rows(rows_of_process(_RAY)) == expected


@pytest.mark.xdist_group("engines")
def test_spark() -> None:
    pytest.importorskip("pyspark")
    pytest.importorskip("pandas")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java (Debian's default-jre-headless)")
    assert sorted_rows(rows_of_process(_SPARK)) == expected_rows(EncodeStep(keep=("id",)))
