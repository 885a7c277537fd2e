from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations.arrow import chunk_schema, chunk_table, chunks_to_table
from ctxtools.errors import MissingExtraError, UsageError

pa = pytest.importorskip("pyarrow")

TEXTS = ["First words of it. " * 9, "", "Größe, 漢字かな。" * 9]
DATA = {"id": [7, 8, 9], "text": TEXTS, "url": ["a", "b", "c"]}
NAMES = [field.name for field in fields(Chunk)]


@pytest.fixture
def chunker() -> Chunker:
    return Chunker(len, 50, 10)


def expected(chunker: Chunker) -> list[dict[str, Any]]:
    rows = []
    for id, text, url in zip(*DATA.values(), strict=True):
        for chunk in chunker.chunk(str(text)):
            row = {**asdict(chunk), "headings": list(chunk.headings)}
            rows.append({**row, "document_id": id, "url": url})
    return rows


def test_a_row_for_each_chunk_and_the_other_columns_repeated(chunker: Chunker) -> None:
    table = chunk_table(pa.table(DATA), chunker)
    assert table.column_names == [*NAMES, "document_id", "url"]
    assert table.to_pylist() == expected(chunker)
    assert table.num_rows > 6


@pytest.mark.parametrize(
    "type", ["string", "large_string", "string_view", "dictionary<values=string, indices=int32>"]
)
def test_every_kind_of_strings(type: str, chunker: Chunker) -> None:
    kind = (
        pa.dictionary(pa.int32(), pa.string()) if "dictionary" in type else pa.type_for_alias(type)
    )
    column = pa.chunked_array([pa.array(TEXTS[:1], pa.string()), pa.array(TEXTS[1:], pa.string())])
    table = pa.table({**DATA, "text": column.cast(kind)})
    assert chunk_table(table, chunker).to_pylist() == expected(chunker)


def test_a_batch_a_mapping_and_an_empty_table(chunker: Chunker) -> None:
    batch = pa.RecordBatch.from_pydict(DATA)
    assert chunk_table(batch, chunker).equals(chunk_table(DATA, chunker))
    empty = chunk_table(batch.slice(0, 0), chunker)
    assert (empty.num_rows, empty.schema.field("id").type) == (0, pa.string())
    assert empty.schema == chunk_table(batch, chunker).schema


def test_a_null_has_no_chunks(chunker: Chunker) -> None:
    """Guards against sources that are assigned to the wrong texts."""
    table = pa.table({"body": [None, "b", None, "d"], "path": ["1", "2", "3", None]})
    chunks = chunk_table(table, chunker, "body", source_column="path")
    assert chunks.column("text").to_pylist() == ["b", "d"]
    assert chunks.column("source").to_pylist() == ["2", ""]
    assert chunk_table({"text": [None, None]}, chunker).num_rows == 0


def test_equal_rows_have_different_ids(chunker: Chunker) -> None:
    ids = chunk_table({"text": ["X", "Other", "X", "X"]}, chunker).column("id").to_pylist()
    again = chunk_table({"text": ["X", "Other", "X", "X"]}, chunker).column("id").to_pylist()
    assert ids == again and len(set(ids)) == 4
    assert ids[:2] == [next(chunker.chunk(text)).id for text in ("X", "Other")]


def test_the_types_do_not_depend_on_the_values() -> None:
    assert chunks_to_table([]).schema == chunk_schema()
    table = chunks_to_table(Chunker(len, (40, 20)).chunk(TEXTS[0]))
    assert table.schema == chunk_schema()
    assert [field.name for field in table.schema if field.nullable] == ["parent_id"]
    assert set(table.column("parent_id").to_pylist()) > {None}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"body": ["a"]}, "unknown column 'text'"),
        ({"text": [1]}, "column 'text' must be of strings, got int64"),
        ({"text": ["a"], "id": [1], "document_id": [2]}, "columns of the same name: document_id"),
        (pa.table([["a"], ["b"]], names=["text", "text"]), "two columns 'text'"),
        (3, "must be a table, got int, which Arrow cannot read"),
        ({"text": ["a"], "n": [1, 2]}, "Arrow cannot read"),
    ],
)
def test_invalid_tables(data: Any, message: str, chunker: Chunker) -> None:
    with pytest.raises(UsageError, match=message):
        chunk_table(data, chunker)


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch, chunker: Chunker) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"\.\[parquet\]"):
        chunk_table({}, chunker)


def test_a_polars_frame(chunker: Chunker) -> None:
    polars = pytest.importorskip("polars")
    made = polars.from_arrow(chunk_table(polars.DataFrame(DATA), chunker))
    assert made.to_dicts() == expected(chunker)


def test_a_pandas_frame(chunker: Chunker) -> None:
    pandas = pytest.importorskip("pandas")
    made = chunk_table(pandas.DataFrame(DATA), chunker).to_pandas()
    assert made["text"].tolist() == [row["text"] for row in expected(chunker)]
    assert made["url"].tolist() == [row["url"] for row in expected(chunker)]


@pytest.mark.parametrize("form", [None, "arrow"])
def test_a_dataset(form: str | None, chunker: Chunker, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.config.HF_DATASETS_CACHE = tmp_path
    dataset = datasets.Dataset.from_dict(DATA).with_format(form)
    made = dataset.map(
        chunk_table,
        batched=True,
        batch_size=2,
        remove_columns=dataset.column_names,
        fn_kwargs={"chunker": chunker},
    )
    assert made.with_format(None).to_list() == expected(chunker)
