"""Fields of records that go along with their text, in every kind of file that has records."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.documents import Document, ReadOptions, open_document, read_documents
from ctxtools.errors import UsageError

names = st.sampled_from(["id", "url", "a.b", "é", "n"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
records = st.dictionaries(names, values)


def read(path: Path, **options: Any) -> list[Document]:
    return list(read_documents(path, **options))


def kept(record: Mapping[str, Any], keep: Sequence[str]) -> dict[str, Any]:
    return {name: record[name] for name in keep if name in record}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, min_size=1, max_size=6), st.lists(names, unique=True))
def test_fields_of_json_lines_are_kept_as_they_are(
    tmp_path: Path, rows: list[dict[str, Any]], keep: list[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({**row, "text": "x"}) + "\n" for row in rows))
    in_all = {name for row in rows for name in row}
    keep = [name for name in keep if name in in_all]
    found = read(path, field="text", keep=keep)
    assert [each.metadata for each in found] == [kept(row, keep) for row in rows]
    assert [each.name for each in found] == [f"{path}#{i + 1}" for i in range(len(rows))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(), st.text('ab,"\n é', max_size=5)), min_size=1))
def test_columns_of_tables_are_kept_as_text(tmp_path: Path, rows: list[tuple[int, str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([("id ", "note", "text"), *((*row, "x") for row in rows)])
    path = tmp_path / "a.csv"
    path.write_text(stream.getvalue(), newline="")
    found = read(path, column="text", keep=["note", "id"], source_field="id")
    assert [each.metadata for each in found] == [
        {"note": note, "id": str(number)} for number, note in rows
    ]
    assert [each.name for each in found] == [str(number) for number, _ in rows]


def test_fields_inside_of_objects_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    record = {"text": "x", "meta": {"by": "me", "tags": ["a", {"b": 1}]}, "meta.by": "dots"}
    path.write_text(json.dumps(record))
    keep = ["meta.by", "meta.tags.1.b", "meta.tags", "meta.tags.1.b"]
    (document,) = read(path, field="text", keep=keep, source_field="meta.tags.0")
    assert document.metadata == {
        "meta.by": "dots",
        "meta.tags.1.b": 1,
        "meta.tags": ["a", {"b": 1}],
    }
    assert document.name == "a"


class TestParquet:
    pa: Any = pytest.importorskip("pyarrow")
    pq: Any = pytest.importorskip("pyarrow.parquet")

    def test_columns_of_any_type_and_fields_in_them(self, tmp_path: Path) -> None:
        rows = [
            {
                "text": {"en": f"t{i}", "de": f"u{i}"},
                "id": i,
                "at": dt.datetime(2024, 1, 2, 3, i % 60),
                "price": Decimal("1.50"),
                "raw": b"\xff",
                "turns": [{"role": "user", "n": i}, {"role": "bot", "n": -i}],
                "none": None,
            }
            for i in range(1000)
        ]
        table = self.pa.Table.from_pylist(rows)
        coded = table.column("id").cast("string").dictionary_encode()
        table = table.append_column("coded", coded)
        self.pq.write_table(table, tmp_path / "a.parquet", row_group_size=170)
        keep = ["id", "at", "price", "raw", "turns.1.role", "turns", "none", "text.de", "coded"]
        found = read(tmp_path / "a.parquet", column="text.en", keep=keep)
        assert len(found) == 1000
        for row, document in zip(rows, found, strict=True):
            inside = {"turns.1.role": "bot", "text.de": f"u{row['id']!s}", "coded": str(row["id"])}
            expected = kept(row, keep) | inside
            assert (document.text, document.metadata) == (f"t{row['id']!s}", expected)

    def test_times_that_python_does_not_have_are_texts(self, tmp_path: Path) -> None:
        at = self.pa.array([2**62], self.pa.timestamp("us"))
        self.pq.write_table(self.pa.table({"text": ["x"], "at": at}), tmp_path / "a.parquet")
        (document,) = read(tmp_path / "a.parquet", column="text", keep=["at"])
        assert str(2**62) in document.metadata["at"]

    def test_rows_of_nulls_that_are_skipped(self, tmp_path: Path) -> None:
        table = self.pa.table({"text": ["a", None, "b"], "id": [1, 2, 3], "url": ["x", "y", None]})
        self.pq.write_table(table, tmp_path / "a.parquet")
        options = {"column": "text", "keep": ["id"], "source_field": "url"}
        found = read(tmp_path / "a.parquet", skip_bad_records=True, **options)
        assert [(each.name, each.metadata["id"]) for each in found] == [
            ("x", 1),
            (f"{tmp_path}/a.parquet#3", 3),
        ]

    def test_a_name_that_is_no_column(self, tmp_path: Path) -> None:
        self.pq.write_table(self.pa.table({"text": ["x"], "id": [1]}), tmp_path / "a.parquet")
        with pytest.raises(UsageError, match="no record has 'urk'") as error:
            read(tmp_path / "a.parquet", column="text", keep=["id", "urk"])
        assert error.value.hint == "they have 'text', 'id'"


def test_a_field_that_no_record_has_is_an_error_and_one_that_some_have_a_note(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.jsonl").write_text('{"t": "x", "id": 1}\n{"t": "y"}\n{"t": "z"}\n')
    (tmp_path / "b.jsonl").write_text('{"t": "x", "url": "u"}\n')
    documents = read_documents(tmp_path, field="t", keep=["id", "url"])
    notes = [each.notes for each in documents]
    assert notes == [
        (),
        (),
        (
            "2 of 3 records without 'id', which was to be kept",
            "3 of 3 records without 'url', which was to be kept",
        ),
        ("1 of 1 records without 'id', which was to be kept",),
    ]
    with pytest.raises(UsageError, match="no record has 'x' or 'y'") as error:
        read(tmp_path, field="t", keep=["id", "x"], source_field="y")
    assert error.value.hint == "they have 't', 'id'"
    assert read(tmp_path / "none.d", field="t", keep=["x"], strict=False) == []


def test_a_record_without_a_source_is_called_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sources: list[Any] = ["https://e.org/a.html", 7, None, "", ["x"], True]
    path.write_text("".join(json.dumps({"t": "x", "url": each}) + "\n" for each in sources))
    found = read(path, field="t", source_field="url")
    numbered = [f"{path}#{i}" for i in range(3, 7)]
    assert [each.name for each in found] == ["https://e.org/a.html", "7", *numbered]
    assert found[-1].notes == (
        "4 of 6 records without a text or number in 'url': their source is their number",
    )


def test_what_is_no_record_has_no_fields(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    (tmp_path / "b.jsonl").write_text('{"t": "x", "id": 1}\n')
    found = read(tmp_path, field="t", keep=["id"])
    assert [each.metadata for each in found] == [{}, {"id": 1}]
    for options in ({"keep": ["id"]}, {"source_field": "id"}):
        with pytest.raises(UsageError, match=f"{next(iter(options))} is for records"):
            ReadOptions(**options)
    with pytest.raises(UsageError, match="keep must be a list of str"):
        ReadOptions(field="t", keep="id")


def test_documents_have_no_metadata_in_common(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"t": "x"}\n{"t": "y"}\n')
    with open_document(tmp_path / "a.jsonl", ReadOptions(field="t")) as reader:
        first, second = reader.texts()
    assert first.metadata == {} and first.metadata is not second.metadata


def test_a_value_that_is_nested_too_deeply_is_not_kept(tmp_path: Path) -> None:
    """What writes, copies or compares it would recurse."""
    deep, flat = ("[" * n + "]" * n for n in (101, 100))
    mixed = '{"a": [' * 60 + "NaN" + "]}" * 60
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"t": "x", "v": {each}}}\n' for each in (deep, flat, mixed)))
    found = read(path, field="t", keep=["v"])
    assert [each.metadata for each in found] == [{}, {"v": json.loads(flat)}, {}]
    assert found[-1].notes == ("2 of 3 records whose 'v' was not kept: it is nested too deeply",)
