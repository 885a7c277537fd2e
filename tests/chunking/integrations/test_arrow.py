from collections import UserDict
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.integrations import arrow
from ctxtools.chunking.integrations.arrow import (
    chunk_arrow,
    chunk_schema,
    chunk_table,
    chunks_to_table,
)
from ctxtools.errors import MissingExtraError, UsageError

pa = pytest.importorskip("pyarrow")

TEXTS = ["First words of it. " * 9, "", "Größe, 漢字かな。" * 9]
DATA = {"id": [7, 8, 9], "text": TEXTS, "url": ["a", "b", "c"]}
NAMES = [field.name for field in fields(Chunk) if field.name != "metadata"]


@pytest.fixture
def chunker() -> Chunker:
    return Chunker(len, 50, 10)


def expected(chunker: Chunker) -> list[dict[str, Any]]:
    rows = []
    for id, text, url in zip(*DATA.values(), strict=True):
        for chunk in chunker.chunk(str(text)):
            row = {**asdict(chunk), "headings": list(chunk.headings)}
            assert row.pop("metadata") == {}
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
    assert chunk_table(batch, chunker).equals(chunk_table(UserDict(DATA), chunker))
    empty = chunk_table(batch.slice(0, 0), chunker)
    assert (empty.num_rows, empty.schema.field("id").type) == (0, pa.string())
    assert empty.schema == chunk_table(batch, chunker).schema


def test_a_null_has_no_chunks(chunker: Chunker) -> None:
    """Guards against sources that are assigned to the wrong texts."""
    table = pa.table({"body": [None, "b", None, "d"], "path": ["1", "2", "3", None]})
    chunks = chunk_table(table, chunker, "body", source_column="path")
    assert chunks.column("text").to_pylist() == ["b", "d"]
    assert chunks.column("source").to_pylist() == ["2", ""]
    assert chunk_table(pa.table({"text": [None, None]}), chunker).num_rows == 0


def test_equal_rows_have_different_ids(chunker: Chunker) -> None:
    texts = pa.table({"text": ["X", "Other", "X", "X"]})
    ids = chunk_table(texts, chunker).column("id").to_pylist()
    assert ids == chunk_table(texts, chunker).column("id").to_pylist() and len(set(ids)) == 4
    assert ids[:2] == [next(chunker.chunk(text)).id for text in ("X", "Other")]


def test_every_column_is_kept_under_a_name_of_its_own(chunker: Chunker) -> None:
    data = {"text": ["a"], "id": [1], "document_id": [2], "metadata": [{"id": 3}], "pages": [None]}
    (row,) = chunk_table(pa.table(data), chunker).to_pylist()
    assert {name: [value] for name, value in row.items()} == chunk_table(data, chunker)
    assert row["id"] == next(chunker.chunk("a")).id
    assert (row["document_id"], row["document_document_id"]) == (2, 1)
    assert (row["metadata"], row["pages"]) == ({"id": 3}, None)


def test_pages_are_columns(chunker: Chunker) -> None:
    table = chunk_arrow(pa.array(["a\fb " * 20, "c"]), chunker)
    chunks = list(chunker.chunk("a\fb " * 20))
    assert table.column("page_end").to_pylist() == [*(c.page_end for c in chunks), None]


def test_metadata_are_columns_of_their_type(chunker: Chunker) -> None:
    about: list[dict[str, Any]] = [
        {"id": 1, "tags": ["a"], "mixed": 1, "at": {"x": 1.5}, "big": 1 << 70},
        {"id": 2, "mixed": "é", "some": True, "big": 1, "text": "their own"},
    ]
    table = chunks_to_table(c for each in about for c in chunker.chunk("a", metadata=each))
    first, second = table.to_pylist()
    assert (first["document_id"], first["tags"], first["at"]) == (1, ["a"], '{"x": 1.5}')
    assert (second["document_id"], second["tags"], second["at"]) == (2, None, None)
    assert (first["mixed"], second["mixed"]) == ("1", "é")
    assert (first["big"], second["big"]) == (str(1 << 70), "1")
    assert (first["some"], second["some"]) == (None, True)
    assert (first["document_text"], second["document_text"]) == (None, "their own")
    assert (first["text"], second["text"]) == ("a", "a")


def test_the_types_do_not_depend_on_the_values() -> None:
    assert chunks_to_table([]).schema == chunk_schema()
    table = chunks_to_table(Chunker(len, (40, 20)).chunk(TEXTS[0]))
    assert table.schema == chunk_schema()
    nullable = [field.name for field in table.schema if field.nullable]
    pages, sources = ("page_start", "page_end"), ("source_start", "source_end")
    assert nullable == ["parent_id", *pages, *sources]
    assert set(table.column("parent_id").to_pylist()) > {None}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"body": ["a"]}, "unknown column 'text'"),
        ({"text": ["a", 1]}, "column 'text' must be of strings, got int"),
        (pa.table({"text": [1]}), "column 'text' must be of strings, got int64"),
        (pa.table([["a"], [1], [2]], names=["text", "n", "n"]), "columns of the same name: n"),
        (pa.table([["a"], ["b"]], names=["text", "text"]), "two columns 'text'"),
        (3, "must be a table, got int, which Arrow cannot read"),
        ({"text": ["a"], "n": [1, 2]}, "column 'n' has 2 rows, and 'text' has 1"),
        (UserDict({"text": ["a"], "n": [1, 2]}), "Arrow cannot read"),
    ],
)
def test_invalid_tables(data: Any, message: str, chunker: Chunker) -> None:
    with pytest.raises(UsageError, match=message):
        chunk_table(data, chunker)


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch, chunker: Chunker) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"\.\[parquet\]"):
        chunk_table(UserDict(), chunker)
    assert chunk_table({"text": ["a"]}, chunker)["token_count"] == [1]


def test_a_polars_frame(chunker: Chunker) -> None:
    polars = pytest.importorskip("polars")
    made = polars.from_arrow(chunk_table(polars.DataFrame(DATA), chunker))
    assert made.to_dicts() == expected(chunker)


def test_a_pandas_frame(chunker: Chunker) -> None:
    pandas = pytest.importorskip("pandas")
    made = chunk_table(pandas.DataFrame(DATA), chunker).to_pandas()
    assert made["text"].tolist() == [row["text"] for row in expected(chunker)]
    assert made["url"].tolist() == [row["url"] for row in expected(chunker)]


FORMS = [None, "arrow", "pandas", "polars", "numpy"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_dataset(form: str | None, streamed: bool, chunker: Chunker, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.config.HF_DATASETS_CACHE = tmp_path
    if form in ("pandas", "polars"):
        pytest.importorskip(form)
    dataset = datasets.Dataset.from_dict(DATA)
    columns = dataset.column_names
    if streamed:  # of which map takes what it gives: a dict if there is no format
        dataset = dataset.to_iterable_dataset()
        if form in ("arrow", "pandas", "polars"):
            columns = None  # they would be removed from what is returned
    made = dataset.with_format(form).map(
        chunk_table,
        batched=True,
        batch_size=2,
        remove_columns=columns,
        fn_kwargs={"chunker": chunker},
    )
    assert list(made.with_format(None)) == expected(chunker)


def test_a_dataset_in_several_processes_whose_first_batch_has_no_text(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.config.HF_DATASETS_CACHE = tmp_path
    data = {"text": [None, "one", None, "one two"], "n": [1, 2, 3, 4]}
    made = datasets.Dataset.from_dict(data).map(
        chunk_table,
        batched=True,
        batch_size=1,
        num_proc=2,
        remove_columns=["text", "n"],
        fn_kwargs={"chunker": Chunker("o200k_base", 1)},
    )
    assert [(row["text"], row["n"]) for row in made] == [
        ("one", 2),
        ("one", 4),
        (" two", 4),
    ]


def test_the_values_of_a_dict_of_lists_are_repeated_as_they_are(chunker: Chunker) -> None:
    """Arrow knows no images."""
    image = object()
    data = {"text": ["a " * 40, None, "b"], "image": [image, None, image], "p": ["x.md", "", None]}
    made = chunk_table(data, chunker, source_column="p")
    assert set(made["image"]) == {image} and len(made["image"]) == len(made["id"]) > 2
    assert set(made["source"]) == {"x.md", ""} and made["headings"][0] == []
    assert all(isinstance(values, list) for values in made.values())
    assert chunk_table({"text": []}, chunker) == {name: [] for name in NAMES}


@given(
    texts=st.lists(st.none() | st.text("ab .\n\f漢", max_size=60), max_size=6),
    sizes=st.sampled_from([(9,), (20, 7)]),
    named=st.booleans(),
)
def test_a_column_has_the_chunks_of_each_text(
    texts: list[str | None], sizes: tuple[int, ...], named: bool
) -> None:
    chunker = Chunker(len, sizes, 2)
    sources = [f"{number}.txt" for number in range(len(texts))]
    columns = {"sources": pa.array(sources, pa.string())} if named else {}
    table = chunker.chunk_arrow(pa.array(texts, pa.string()), **columns)
    assert table.schema.names == ["row", *NAMES]
    found = [*zip(*(table.column(name).to_pylist() for name in NAMES[1:]), strict=True)]
    chunks = [
        (number, chunk)
        for number, text in enumerate(texts)
        if text is not None
        for chunk in chunker.chunk(text, source=sources[number] if named else "")
    ]
    assert table.column("row").to_pylist() == [number for number, _ in chunks]
    parent = NAMES.index("parent_id") - 1
    for row, (_, chunk) in zip(found, chunks, strict=True):
        values = [getattr(chunk, name) for name in NAMES[1:]]
        expected = [list(each) if isinstance(each, tuple) else each for each in values]
        assert [*row[:parent], *row[parent + 1 :]] == [*expected[:parent], *expected[parent + 1 :]]
    ids, parents = table.column("id").to_pylist(), table.column("parent_id").to_pylist()
    assert len({*ids}) == len(ids)
    last = ""
    for id, parent_id, (_, chunk) in zip(ids, parents, chunks, strict=True):
        assert parent_id == (None if chunk.parent_id is None else last)
        last = id if chunk.parent_id is None else last


def test_columns_of_other_libraries_and_of_many_rows(
    chunker: Chunker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow, "_BATCH", 3)
    texts = pa.chunked_array([["a b. " * 20, None], [], ["c"]])
    made = chunk_arrow(texts, chunker)
    assert made.num_rows > 3 and made.column("row").num_chunks > 1
    for other in ("large_string", "string_view", pa.dictionary(pa.int8(), pa.string())):
        kind = pa.type_for_alias(other) if isinstance(other, str) else other
        assert chunk_arrow(texts.cast(kind), chunker).equals(made)
    assert chunk_arrow(pa.table({"t": texts}), chunker).equals(made)
    assert chunk_arrow(pa.nulls(3), chunker).num_rows == 0
    if polars := pytest.importorskip("polars", reason="not installed"):
        assert chunk_arrow(polars.Series(texts.to_pylist()), chunker).equals(made)


@pytest.mark.parametrize(
    ("column", "sources", "message"),
    [
        (["a"], None, "must be an Arrow array or stream, got list"),
        (pa.array([1]), None, "must be of strings, got type int64"),
        (pa.array(["a", "b"]), pa.array(["x"]), "another number of rows"),
        (pa.array(["a"]), pa.array(["x", "y"]), "another number of rows"),
        (pa.array(["a"]), pa.array([3]), "must be of strings, got type int64"),
    ],
)
def test_invalid_columns(column: Any, sources: Any, message: str, chunker: Chunker) -> None:
    with pytest.raises(UsageError, match=message):
        chunk_arrow(column, chunker, sources=sources)
