"""``ctx chunk`` of records: which of their fields go along, and what their source is."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctxtools.cli.output import parquet_sink
from tests.cli.conftest import Run

PAGES: list[dict[str, Any]] = [
    {"id": "a7", "url": "https://e.org/cats.html?v=2", "n": 1, "text": "<h1>Cats</h1><p>Sleep."},
    {"id": "b8", "url": "https://e.org/dogs.md#top", "n": None, "text": "# Dogs\n\nThey bark."},
    {"id": "c9", "url": "https://e.org/dogs.md#top", "n": 2.5, "text": "# Dogs\n\nThey bark."},
]


def write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_fields_go_along_into_each_chunk(run: Run, folder: Path) -> None:
    write(folder / "a.jsonl", PAGES)
    ran = run("chunk", "a.jsonl", "--field", "text", "--keep", "id,n", "--keep", "url", "-s", "4")
    chunks = rows(ran.stdout)
    assert len(chunks) > len(PAGES)
    for chunk in chunks:
        page = PAGES[int(chunk["source"].partition("#")[2]) - 1]
        assert chunk["metadata"] == {name: page[name] for name in ("id", "n", "url")}
    assert "note" not in ran.stderr


def test_a_source_may_be_a_url_which_says_the_format(run: Run, folder: Path) -> None:
    write(folder / "a.jsonl", PAGES)
    ran = run("chunk", "a.jsonl", "--field", "text", "--source-field", "url", "-s", "6")
    chunks = rows(ran.stdout)
    assert {chunk["source"] for chunk in chunks} == {page["url"] for page in PAGES}
    assert ["Cats"] in [c["headings"] for c in chunks] and ["Dogs"] in [
        c["headings"] for c in chunks
    ]
    ids = [chunk["id"] for chunk in chunks]
    assert len({*ids}) == len(ids), "two records are equal, their source too"
    assert run("chunk", "a.jsonl", "--field", "text", "--source-field", "url", "-o", "o/", "-q")
    files = sorted(path.name for path in (folder / "o").iterdir())
    assert files == ["000001-cats.html", "000002-dogs.md", "000003-dogs.md", "chunks.jsonl"]


def test_a_field_that_no_record_has_writes_nothing(run: Run, folder: Path) -> None:
    write(folder / "a.jsonl", PAGES)
    ran = run("chunk", "a.jsonl", "--field", "text", "--keep", "urk", "-o", "out.jsonl")
    assert ran.exit_code == 2
    assert "error: no record has 'urk'\n\nhint: they have 'id', 'url', 'n', 'text'" in ran.stderr
    assert not (folder / "out.jsonl").exists()
    ran = run("chunk", "a.jsonl", "--keep", "id")
    assert ran.exit_code == 2 and "--keep is for records, and none are read" in ran.stderr


def test_a_field_that_some_records_have_is_noted(run: Run, folder: Path) -> None:
    write(folder / "a.jsonl", [{"text": "a", "id": 1}, {"text": "b"}])
    ran = run("chunk", "a.jsonl", "--field", "text", "--keep", "id")
    assert [chunk["metadata"] for chunk in rows(ran.stdout)] == [{"id": 1}, {}]
    assert "note: a.jsonl: 1 of 2 records without 'id', which was to be kept" in ran.stderr


def test_what_json_does_not_have(run: Run, folder: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "text": ["x"],
        "day": pa.array([19724], pa.date32()),
        "raw": [b"\xff\x00"],
        "bytes": [b"abc"],
        "nan": [float("nan")],
        "in": [[{"at": None, "nan": float("inf")}]],
    }
    parquet.write_table(pa.table(columns), folder / "a.parquet")
    ran = run("chunk", "a.parquet", "--column", "text", "--keep", "day,raw,bytes,nan,in")
    assert rows(ran.stdout)[0]["metadata"] == {
        "day": "2024-01-02",
        "raw": "/wA=",
        "bytes": "abc",
        "nan": None,
        "in": [{"at": None, "nan": None}],
    }


def test_columns_of_parquet(run: Run, folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write(folder / "a.jsonl", PAGES)
    options = ("chunk", "a.jsonl", "--field", "text", "--keep", "id,url,n")
    assert run(*options, "-o", "a.parquet").exit_code == 0
    table = parquet.read_table(folder / "a.parquet")
    assert table.column_names[-3:] == ["document_id", "url", "n"]
    assert table.column("document_id").to_pylist() == ["a7", "b8", "c9"]
    assert table.column("n").to_pylist() == [1, None, 2.5]
    (folder / "empty.jsonl").write_text("")
    ran = run("chunk", "empty.jsonl", "--field", "text", "--keep", "id", "-o", "b.parquet")
    assert ran.exit_code == 0
    assert parquet.read_table(folder / "b.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([None, None, None, "a", "b"], [None, None, None, "a", "b"]),
        ([1, 2, 3.5, None, 4], [1.0, 2.0, 3.5, None, 4.0]),
        ([1, 2, True, "a", None], ["1", "2", "true", "a", None]),
        ([2**60 + 1, 1, 0.5, 1, "a"], [str(2**60 + 1), "1", "0.5", "1.0", "a"]),
        ([0.5, 1, 2**60 + 1, 2, 2], ["0.5", "1.0", str(2**60 + 1), "2", "2"]),
        ([[], [], ["a"], None, ["b"]], [[], [], ["a"], None, ["b"]]),
        ([["a"], [1], 2, "é", {"x": ["é"]}], ['["a"]', "[1]", "2", "é", '{"x": ["é"]}']),
        ([{}, {"a": 1}, None, {"b": "x"}, {}], ["{}", '{"a": 1}', None, '{"b": "x"}', "{}"]),
        ([2**70, 1, None, 3, 4], [str(2**70), "1", None, "3", "4"]),
    ],
)
def test_a_column_gets_the_type_that_all_its_values_need(
    values: list[Any],
    expected: list[Any],
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Guards against row groups that do not fit to the first."""
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet_sink, "_ROWS", 2)
    write(folder / "a.jsonl", [{"text": f"t{i}", "v": v} for i, v in enumerate(values)])
    ran = run("chunk", "a.jsonl", "--field", "text", "--keep", "v", "-o", "out.parquet")
    assert ran.exit_code == 0, ran.stderr
    table = parquet.read_table(folder / "out.parquet")
    assert table.column("v").to_pylist() == expected
    assert table.column("text").to_pylist() == [f"t{i}" for i in range(len(values))]
    assert sorted(path.name for path in folder.iterdir()) == ["a.jsonl", "out.parquet"]


def test_any_values_can_be_written(run: Run, folder: Path) -> None:
    """A source is any string, and no name of a file; a value of a record is as deep as it is."""
    pytest.importorskip("pyarrow")
    sources = ["a\0b.md", "\ud800.md", "../..", "https://e.org/..", "https://e.org", "/", "x" * 999]
    value: Any = {"nan": float("nan"), "\ud800": ["\ud800", 2**99]}
    for _ in range(98):
        value = [value]
    write(folder / "a.jsonl", [{"text": "x", "v": value, "url": source} for source in sources])
    options = ("chunk", "a.jsonl", "--field", "text", "--keep", "v", "--source-field", "url")
    for output in ("o/", "o.parquet", "o.jsonl"):
        ran = run(*options, "-o", output)
        assert (ran.exit_code, "note" in ran.stderr) == (0, False), ran.stderr
    assert len([*(folder / "o").iterdir()]) == len(sources) + 1
    written = rows((folder / "o.jsonl").read_text())
    assert [row["source"] for row in written] == sources
    assert sorted(path.name for path in folder.iterdir()) == [
        "a.jsonl",
        "o",
        "o.jsonl",
        "o.parquet",
    ]
