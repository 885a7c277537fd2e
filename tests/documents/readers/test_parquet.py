"""Parquet columns."""

import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools.documents import ReadOptions, UnreadableError, open_document, read_documents
from ctxtools.documents.document import File
from ctxtools.documents.readers import parquet
from ctxtools.errors import FormatError, MissingExtraError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    rows = [f"row {i} é" for i in range(5000)]
    columns = {
        "id": list(range(5000)),
        "text": [None if i == 3 else row for i, row in enumerate(rows)],
        "message": [{"content": row, "n": 1} for row in rows],
    }
    pq.write_table(pa.table(columns), path, row_group_size=700)
    return path


def read(path: Any, column: str | None) -> list[tuple[int | None, str]]:
    with open_document(path, ReadOptions(column=column)) as reader:
        texts = [(text.record, text.read()) for text in reader.texts()]
    assert reader.size == Path(reader.file.path).stat().st_size
    return texts


def test_rows(table: Path) -> None:
    rows = read(table, "text")
    assert rows == [(i + 1, "" if i == 3 else f"row {i} é") for i in range(5000)]


def test_a_field_of_a_struct(table: Path) -> None:
    assert read(table, "message.content")[4999] == (5000, "row 4999 é")


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_kinds_of_strings(tmp_path: Path, kind: str) -> None:
    values = pa.array(["a", None, "b"])
    values = values.dictionary_encode() if kind == "dictionary" else values.cast(kind)
    pq.write_table(pa.table({"t": values}), tmp_path / "k.parquet")
    assert read(tmp_path / "k.parquet", "t") == [(1, "a"), (2, ""), (3, "b")]


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(
        pa.table({"t": ["x" * 10_000] * 100}),
        tmp_path / "b.parquet",
        compression="none",
        use_dictionary=False,
    )
    file = pq.ParquetFile(tmp_path / "b.parquet")
    monkeypatch.setattr(parquet, "_BATCH", 100_000)
    assert parquet._batch_size(file, "t") in (9, 10)
    assert len(read(tmp_path / "b.parquet", "t")) == 100


def test_no_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"t": pa.array([], pa.string())}), tmp_path / "e.parquet")
    assert read(tmp_path / "e.parquet", "t") == []


@pytest.mark.parametrize(
    ("column", "message", "hint"),
    [
        ("body", "no column 'body'", "it has id, text, message"),
        ("id", "column 'id' is of type int64", "column of strings"),
        ("message", "column 'message' is of type struct", "column of strings"),
        (None, "no column was named", "--column; it has id, text, message"),
    ],
)
def test_wrong_columns(table: Path, column: str | None, message: str, hint: str) -> None:
    with pytest.raises(FormatError) as error:
        read(table, column)
    assert error.value.message.startswith(f"{table}: ")
    assert message in error.value.message
    assert hint in (error.value.hint or "")


def test_in_a_walk_without_a_column(table: Path) -> None:
    documents = read_documents(table.parent)
    assert list(documents) == []
    assert [(s.reason, s.error) for s in documents.skipped] == [
        ("Parquet, but no column was named", False)
    ]
    with pytest.raises(UnreadableError):
        read(File(str(table), explicit=False), None)


@pytest.mark.parametrize("damage", ["empty", "text", "truncated", "footer", "pages"])
def test_corrupt_files(table: Path, damage: str) -> None:
    data = bytearray(table.read_bytes())
    if damage == "footer":
        data[-4000:-2000] = b"\xff" * 2000
    elif damage == "pages":
        data[4:20_000] = b"\xff" * 19_996
    else:
        half = data[: len(data) // 2]
        data = {"empty": bytearray(), "text": bytearray(b"no Parquet"), "truncated": half}[damage]
    table.write_bytes(data)
    with pytest.raises(FormatError, match="not a readable Parquet file"):
        read(table, "text")


def test_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError, match="cannot be read from a pipe") as error:
        read("-", "text")
    assert error.value.hint


def test_without_pyarrow(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as error:
        read(table, "text")
    assert 'pip install ".[parquet]"' in (error.value.hint or "")
    with pytest.raises(FormatError):
        read(table, None)
