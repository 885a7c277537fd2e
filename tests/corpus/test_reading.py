"""Every row of a file is read or reported: against Python's own readers, record by record."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import FormatError, UsageError
from ctxtools.corpus import list_inputs
from ctxtools.corpus.reading import jsonl as jsonl_reader
from ctxtools.corpus.reading import read_tables, separated
from ctxtools.corpus.units import Unit
from ctxtools.documents.readers.bad import BadRecords
from tests.strategies import texts

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

DATES = ["2020-01-01", "2020-01-01 12:30:00", "2021-02-03T04:05:06Z"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("read")


def read(
    path: Path, columns: Sequence[str] | None = None, *, skip: bool = False, text: str = "text"
) -> tuple[list[dict[str, Any]], BadRecords]:
    """All rows of a file, and its bad records."""
    (found,) = list_inputs([path])
    bad = BadRecords(found.uri, skip=skip)
    tables = [*read_tables(Unit(found), columns, text=text, bad=bad)]
    for table in tables:
        table.validate(full=True)
    return [row for table in tables for row in table.to_pylist()], bad


values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), texts
)
text_values = st.one_of(st.none(), st.sampled_from(DATES), texts)
good_lines = st.fixed_dictionaries(
    {"text": text_values}, optional={"id": st.one_of(st.none(), st.integers(0, 9)), "other": values}
).map(lambda record: json.dumps(record, ensure_ascii=len(record) > 1).encode())
bad_lines = st.sampled_from(
    [
        b"null",
        b"[1]",
        b"7",
        b'{"text": "a"} {"text": "b"}',
        b'{"text": "a"',
        b'{"text": 5}',
        b'{"text": ["a"]}',
        b'{"text": "\xff"}',
        b"{text}",
    ]
)
lines = st.lists(st.one_of(good_lines, good_lines, bad_lines, st.sampled_from([b"", b" \r"])))


def expected_of(line: bytes) -> dict[str, Any] | None:
    """The record of a line, by Python; None if it is bad."""
    try:
        record = json.loads(line.decode())
    except ValueError:
        return None
    is_good = isinstance(record, dict) and isinstance(record.get("text"), str | None)
    return record if is_good else None


@given(lines, st.integers(1, 200))
def test_each_line_is_a_row_or_reported(folder: Path, written: list[bytes], block: int) -> None:
    records = [line for line in written if line.strip()]
    expected = [found for line in records if (found := expected_of(line)) is not None]
    path = folder / "lines.jsonl"
    path.write_bytes(b"\n".join(written))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_reader, "BLOCK", block)
        is_named = any("text" in record for record in expected)
        if expected and not is_named:
            return
        rows, bad = read(path, ["text"], skip=True)
    assert rows == [{"text": record.get("text")} for record in expected]
    assert len(rows) + bad.count == len(records)
    if bad.count:
        number = next(
            n for n, line in enumerate(written, 1) if line.strip() and expected_of(line) is None
        )
        assert bad.first[0].startswith(f"line {number} ")
        with pytest.raises(FormatError, match=rf"lines\.jsonl: line {number} "):
            read(path, ["text"])


@given(st.lists(st.fixed_dictionaries({"text": text_values, "id": values.filter(bool)})))
def test_fields_that_go_along_are_as_they_were(folder: Path, records: list[Any]) -> None:
    """Or the field is named that has values of several types."""
    path = folder / "fields.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    kinds = {type(record["id"]) for record in records if record["id"] is not None}
    try:
        rows, _ = read(path, ["text", "id"])
    except FormatError as error:
        assert "field 'id'" in str(error)
        integers = [record["id"] for record in records if type(record["id"]) is int]
        assert len(kinds) > 1 or (min(integers) < 0 and max(integers) >= 2**63)
        return
    if kinds == {int, float}:  # then all are floats, as in JavaScript
        records = [{**record, "id": record["id"] and float(record["id"])} for record in records]
    else:
        assert len(kinds) <= 1
    assert rows == records


def test_columns_that_are_not_read_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "meta": 1, "id": 1}\n{"text": "b", "meta": "x", "id": 2}\n')
    assert read(path, ["text", "id"])[0] == [{"text": "a", "id": 1}, {"text": "b", "id": 2}]
    with pytest.raises(FormatError, match="field 'meta': a number in line 1 and a string in line"):
        read(path)


mixed_values = st.sampled_from([[1, {"q": 2}], {"a": [["x"], 1]}, 2**64, [True, "x"]])


@given(
    st.lists(st.one_of(st.integers(0, 9), mixed_values), min_size=1, max_size=9),
    st.integers(20, 200),
)
def test_lines_with_several_types_inside_a_field(
    folder: Path, extra: list[Any], block: int
) -> None:
    """Are named, or left out and counted."""
    path = folder / "mixed.jsonl"
    records = [{"text": "z", "extra": value} for value in extra]
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    good = [record for record in records if record["extra"] in range(10)]
    wrong = [n for n, record in enumerate(records, 1) if record not in good]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_reader, "BLOCK", block)
        rows, bad = read(path, skip=True)
        assert rows == good
        assert bad.count == len(wrong)
        assert read(path, ["text"])[0] == [{"text": "z"}] * len(records)
        if wrong:
            assert bad.first[0].startswith(f"line {wrong[0]}: field 'extra': ")
            with pytest.raises(FormatError, match=rf"mixed\.jsonl: line {wrong[0]}: ") as caught:
                read(path)
            assert "--skip-bad-records leaves such records out" in str(caught.value.hint)


def test_the_line_of_another_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [{"text": "a", "in": {"b": 1}}] * 5 + [{"text": "b", "in": {"b": "x"}}] * 2
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    for skip in (False, True):  # which of the two is wrong, nobody knows
        with pytest.raises(FormatError, match="field 'in': line 6 has another type"):
            read(path, skip=skip)


def test_what_looks_like_a_date_is_a_string(tmp_path: Path) -> None:
    record = {"text": "2020-01-01", "day": "2020-01-02", "in": {"day": "2020-01-03"}, "days": DATES}
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps(record)}\n" * 3)
    assert read(path)[0] == [record] * 3
    assert read(path, ["text", "in"])[0] == [{"text": "2020-01-01", "in": record["in"]}] * 3


def test_a_field_in_some_lines_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_reader, "BLOCK", 20)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n' * 9 + '{"text": "b", "id": 7}\n' + '{"text": "c"}\n' * 3)
    rows, _ = read(path, ["text", "id"])
    assert [row["id"] for row in rows] == [None] * 9 + [7] + [None] * 3
    with pytest.raises(UsageError, match=r"a\.jsonl: unknown column 'url'"):
        read(path, ["text", "url"])
    with pytest.raises(UsageError, match="unknown column 'body'"):
        read(path, ["body"], text="body")


def test_fields_inside_a_field_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl_reader, "BLOCK", 40)
    records: list[dict[str, Any]] = [
        {"text": "a", "in": {"a": 1}},
        {"text": "b", "in": {"a": 1, "b": 2}},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    rows, _ = read(path, ["text", "in"])
    assert rows == records


def test_no_line_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n\n")
    (found,) = list_inputs([tmp_path])
    tables = [*read_tables(Unit(found), ["text", "id"], text="text")]
    assert [table.column_names for table in tables] == [["text", "id"]]
    assert sum(map(len, tables)) == 0


def test_surrogates_and_numbers_that_no_column_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "\\ud83d", "id": 18446744073709551615}\n{"text": "b", "id": 1}')
    expected = [{"text": "\ufffd", "id": 2**64 - 1}, {"text": "b", "id": 1}]
    assert read(path)[0] == expected
    path.write_text('{"text": "a", "id": 18446744073709551616}\n')
    with pytest.raises(FormatError, match="line 1: field 'id': an integer of more than 64"):
        read(path)
    assert read(path, ["text"])[0] == [{"text": "a"}]


fields = st.one_of(st.none(), texts.map(lambda text: text.replace("\r", "").replace("\0", "")))


def separated_line(record: Sequence[str | None]) -> str:
    """RFC 4180: null is nothing, anything else is in quotes."""
    quoted = ('"' + field.replace('"', '""') + '"' for field in record if field is not None)
    return ",".join("" if field is None else next(quoted) for field in record)


@given(
    st.lists(st.one_of(st.tuples(fields, fields, fields), st.tuples(fields, fields))),
    st.booleans(),
)
def test_each_record_of_csv_is_a_row_or_reported(
    folder: Path, records: list[tuple[str | None, ...]], ends: bool
) -> None:
    path = folder / "records.csv"
    written = ["id,text,other", *map(separated_line, records)]
    path.write_text("\n".join(written) + "\n" * ends, encoding="utf-8", newline="")
    good = [record for record in records if len(record) == 3]
    rows, bad = read(path, ["text", "id"], skip=True)
    assert rows == [{"text": record[1], "id": record[0]} for record in good]
    assert bad.count == len(records) - len(good)
    if bad.count:
        number = next(n for n, record in enumerate(records, 1) if len(record) == 2)
        with pytest.raises(FormatError, match=rf"record {number} has 2 of 3 columns"):
            read(path)


@given(st.lists(st.tuples(texts, texts), min_size=1))
def test_what_python_writes_as_csv(folder: Path, records: list[tuple[str, str]]) -> None:
    """It writes nothing for an empty text, which is null here."""
    out = io.StringIO()
    csv.writer(out).writerows([("id", "text"), *records])
    path = folder / "python.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    if any("\0" in field for record in records for field in record):
        return
    rows, _ = read(path)
    assert [(row["id"] or "", row["text"] or "") for row in rows] == records


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'id,text\n1,a\n2,"b\n3,c\n', "a quote is not closed"),
        (b'id,text\n1,a\n2,"b', "a quote is not closed"),
        (b"", "no header"),
        (b"id,text\n1,a\n2,\xff\n", "record 2: 'text' is not UTF-8"),
        (b"id,text\n1\n2,\xff\n", "record 1 has 1 of 2 columns"),
    ],
)
def test_csv_that_is_wrong(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FormatError, match=reason):
        read(tmp_path / "a.csv")


def test_records_of_csv_that_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,text\n1,a\n2\n3,\xff\n4,d\n5,e,f\n6,\xff\n")
    rows, bad = read(tmp_path / "a.csv", skip=True)
    assert [row["id"] for row in rows] == ["1", "4"]
    assert bad.count == 4
    assert bad.first == (
        "record 2 has 1 of 2 columns",
        "record 5 has 3 of 2 columns",
        "record 3: 'text' is not UTF-8",
    )


def test_a_record_larger_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separated, "BLOCK", 1000)
    (tmp_path / "a.csv").write_text('id,text\n1,"' + "a\n" * 2000 + '"\n')
    with pytest.raises(FormatError, match="a record has more than 1,000 bytes"):
        read(tmp_path / "a.csv")


def write_groups(path: Path, groups: int = 5, rows: int = 40) -> list[dict[str, Any]]:
    """A Parquet file of small row groups without compression, with checksums."""
    table = pyarrow.table(
        {"id": [*range(groups * rows)], "text": [f"text {n}" for n in range(groups * rows)]}
    )
    parquet.write_table(
        table,
        path,
        row_group_size=rows,
        compression="none",
        use_dictionary=False,
        write_page_checksum=True,
    )
    found: list[dict[str, Any]] = table.to_pylist()
    return found


@given(st.sets(st.integers(0, 4), max_size=4), st.data())
def test_each_row_group_is_read_or_reported(
    folder: Path, broken: set[int], data: st.DataObject
) -> None:
    path = folder / "groups.parquet"
    rows = write_groups(path)
    metadata = parquet.read_metadata(path)
    content = bytearray(path.read_bytes())
    for number in broken:
        column = metadata.row_group(number).column(1)
        end = column.data_page_offset + column.total_compressed_size
        content[data.draw(st.integers(end - 200, end - 1))] ^= 0x55
    path.write_bytes(content)
    found, bad = read(path, ["id", "text"], skip=True)
    assert found == [row for row in rows if row["id"] // 40 not in broken]
    assert len(found) + bad.count == len(rows)
    if broken:
        assert bad.first[0].startswith(f"row group {min(broken)}: ")
        with pytest.raises(FormatError, match=f"row group {min(broken)}: "):
            read(path, ["id", "text"])


def test_texts_of_parquet_that_are_not_utf8(tmp_path: Path) -> None:
    data = pyarrow.array([b"a", b"\xff", None, b"b"], pyarrow.binary())
    strings = pyarrow.Array.from_buffers(pyarrow.string(), 4, data.buffers())
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"text": strings}), path, row_group_size=1)
    with pytest.raises(FormatError, match=r"row 2: 'text' is not UTF-8"):
        read(path)
    rows, bad = read(path, skip=True)
    assert [row["text"] for row in rows] == ["a", None, "b"]
    assert (bad.count, bad.first) == (1, ("row 2: 'text' is not UTF-8",))


def test_small_row_groups_are_read_together(tmp_path: Path) -> None:
    rows = write_groups(tmp_path / "a.parquet", 300, 2)
    (found,) = list_inputs([tmp_path])
    (table,) = read_tables(Unit(found), text="text")
    assert table.to_pylist() == rows
    (table,) = read_tables(Unit(found, (10, 20)), text="text")
    assert table.to_pylist() == rows[20:40]


def test_a_table_has_few_rows_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ctxtools.corpus.reading import parquet as reader

    monkeypatch.setattr(reader, "BATCH", 1000)
    rows = write_groups(tmp_path / "a.parquet", 2, 1000)
    (found,) = list_inputs([tmp_path])
    tables = [*read_tables(Unit(found), text="text")]
    assert max(table.nbytes for table in tables) < 4 * 1000
    assert [row for table in tables for row in table.to_pylist()] == rows


def test_members_of_a_compressed_file(tmp_path: Path) -> None:
    data = gzip.compress(b'{"text": "a"}\n') + gzip.compress(b'{"text": "b"}\n')
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    assert [row["text"] for row in read(tmp_path / "a.jsonl.gz")[0]] == ["a", "b"]
    (tmp_path / "a.jsonl.gz").write_bytes(data[:-12])
    with pytest.raises((FormatError, OSError), match=r"a\.jsonl\.gz"):
        read(tmp_path / "a.jsonl.gz")
