"""Parquet columns."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools import isolated
from ctxtools.documents import (
    DocumentCount,
    ReadOptions,
    UnreadableError,
    count_documents,
    open_document,
    read_documents,
)
from ctxtools.documents.file import File
from ctxtools.documents.readers import parquet
from ctxtools.encodings import get_encoding
from ctxtools.errors import FormatError, MissingExtraError, Skipped

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
    assert parquet._batch_size(file, ["t"]) in (9, 10)
    assert len(read(tmp_path / "b.parquet", "t")) == 100


def test_no_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"t": pa.array([], pa.string())}), tmp_path / "e.parquet")
    assert read(tmp_path / "e.parquet", "t") == []


@pytest.mark.parametrize(
    ("column", "message", "hint"),
    [
        ("body", "no column 'body'", "it has id, text, message"),
        ("id", "column 'id' is of type int64", "column of strings"),
        ("message", "column 'message' is of type struct", "message.content or message.n"),
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


def test_a_pipe(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table.read_bytes())))
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


def test_bytes_are_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "b.parquet"
    values = ["é".encode(), None, b"a\xff", b"abc"]
    for kind in (pa.binary(), pa.large_binary()):
        pq.write_table(pa.table({"t": pa.array(values, kind)}), path)
        assert read(path, "t") == [(1, "é"), (2, ""), (3, "a\ufffd"), (4, "abc")]
        with open_document(path, ReadOptions(column="t")) as reader:
            list(reader.texts())
            assert reader.notes == ("1 record is not UTF-8: invalid bytes read as U+FFFD",)
        skipping = read_documents(path, column="t", skip_bad_records=True)
        documents = list(skipping)
        assert [(each.record, each.text) for each in documents] == [(1, "é"), (4, "abc")]
    pq.write_table(pa.table({"t": pa.array([b"abc", b"def"], pa.binary(3))}), path)
    assert read(path, "t") == [(1, "abc"), (2, "def")]


def test_texts_in_lists_and_structs_are_one_text_of_their_record(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    rows = {
        "messages": [
            [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
            [],
            None,
            [{"role": "user", "content": None}, {"role": "user", "content": "é"}],
        ],
        "tags": [["a", "b"], [], None, ["c", None]],
        "deep": [{"x": {"y": ["1", "2"]}}, None, {"x": None}, {"x": {"y": ["3"]}}],
        "a.b": ["dot"] * 4,
    }
    pq.write_table(pa.table(rows), path)
    for column in ("messages.content", "messages.list.element.content"):
        texts = [text for _, text in read(path, column)]
        assert texts == ["Hi\nHello", "", "", "é"]
    assert [text for _, text in read(path, "tags")] == ["a\nb", "", "", "c"]
    assert [text for _, text in read(path, "deep.x.y")] == ["1\n2", "", "", "3"]
    assert [text for _, text in read(path, "a.b")] == ["dot"] * 4
    with pytest.raises(FormatError) as error:
        read(path, "messages")
    assert error.value.hint == "name a field inside it: messages.role or messages.content"


def test_counting_agrees_with_reading(tmp_path: Path) -> None:
    path = tmp_path / "n.parquet"
    pq.write_table(pa.table({"t": ["one two", None, "three"], "l": [["a b"], None, ["c"]]}), path)
    encoding = get_encoding("o200k_base")
    for column in ("t", "l"):
        for skip in (False, True):
            options = ReadOptions(column=column, skip_bad_records=skip)
            [found] = count_documents([File(str(path))], [encoding], options)
            texts = [
                each.text for each in read_documents(path, column=column, skip_bad_records=skip)
            ]
            assert isinstance(found, DocumentCount)
            assert found.counts[0] == sum(map(encoding.count, texts))
            assert found.records == len(texts) == 3 - skip
            assert bool(found.notes) == skip


def test_rows_that_are_all_bad_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "n.parquet"
    pq.write_table(pa.table({"t": pa.array([None, None], pa.string())}), path)
    with pytest.raises(FormatError, match="no good record: row 1: 't' is null; row 2"):
        list(read_documents(path, column="t", skip_bad_records=True))
    options = ReadOptions(column="t", skip_bad_records=True)
    [found] = count_documents([File(str(path))], [get_encoding("o200k_base")], options)
    assert isinstance(found, Skipped) and found.error


def test_a_file_that_ends_the_process_of_pyarrow(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole run ended with it."""
    started = isolated.Run
    good = table.with_name("u.parquet")
    good.write_bytes(table.read_bytes())

    def run(job: str, request: dict[str, Any], **arguments: Any) -> Any:
        crashes = request["path"] == str(table)
        return started("tests.jobs:crash_at_once" if crashes else job, request, **arguments)

    monkeypatch.setattr(isolated, "Run", run)
    for threads in (1, 4):
        found = list(
            count_documents(
                [File(str(table)), File(str(good))],
                [get_encoding("o200k_base")],
                ReadOptions(column="text"),
                threads=threads,
            )
        )
        assert isinstance(found[0], Skipped) and found[0].error
        assert "not a readable Parquet file (the library crashed" in found[0].reason
        assert isinstance(found[1], DocumentCount) and found[1].records == 5000


def test_large_batches_are_handed_over_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_LARGEST", 1000)
    values = pa.array(["x" * 300 + str(i) for i in range(10)])
    batch = pa.record_batch([values], [""])
    parts = [pa.ipc.open_stream(part).read_next_batch() for part in parquet._handed_over(batch)]
    assert len(parts) > 2 and all(part.num_rows for part in parts)
    assert [text for part in parts for text in part.column(0).to_pylist()] == values.to_pylist()
