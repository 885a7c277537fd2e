"""CSV and TSV columns."""

import csv
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import ReadOptions, open_document, read_documents
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record
from ctxtools.documents.readers.options import DEFAULT
from ctxtools.documents.readers.table import read_cells
from ctxtools.errors import FormatError

NOTHING_KEPT = KeptFields(DEFAULT)

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(
    st.lists(st.tuples(cells, cells), min_size=1),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
def test_as_python_writes_them(
    rows: list[tuple[str, str]], delimiter: str, end: str, size: int
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *rows])
    written = stream.getvalue()
    blocks = [written[i : i + size] for i in range(0, len(written), size)]
    found = list(read_cells("f", blocks, "text", BadRecords("f"), NOTHING_KEPT))
    assert found == [Record(i, text) for i, (_, text) in enumerate(rows, start=1)]


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a mark, in another charset, with tabs, from a pipe, with a name that says nothing."""
    table = 'id,text\n1,"grüße, ""Welt"""\n2,zwei\n'
    expected = [(1, 'grüße, "Welt"'), (2, "zwei")]
    for name, data in (
        ("a.csv", table.encode()),
        ("b.csv", b"\xef\xbb\xbf" + table.encode()),
        ("c.csv", table.encode("utf-16")),
        ("d.csv", table.encode("cp1252")),
        ("e.txt", table.encode()),
        ("f.csv", table.replace("\n", "\r").encode()),
        ("g.tsv", 'id\ttext\n1\t"grüße, ""Welt"""\n2\tzwei\n'.encode()),
        ("h.csv", 'id;text\n1;"grüße, ""Welt"""\n2;zwei\n'.encode()),
    ):
        (tmp_path / name).write_bytes(data)
        found = [
            (each.record, each.text) for each in read_documents(tmp_path / name, column="text")
        ]
        assert found == expected, name
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table.encode())))
    assert [(each.record, each.text) for each in read_documents("-", column="text")] == expected


def test_a_column_that_is_not_there_and_short_records(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,one\n2\n\n3,three\n")
    with pytest.raises(FormatError, match="no column 'body'") as error:
        list(read_documents(path, column="body"))
    assert error.value.hint == "it has 'id', 'text'"
    (tmp_path / "prose.csv").write_text("A long sentence. " * 20 + "\n" + ",x" * 30)
    with pytest.raises(FormatError, match="no column 'text'") as error:
        list(read_documents(tmp_path / "prose.csv", column="text"))
    assert error.value.hint == "it has 'A long sentence. A long sentence. A long…'"
    (tmp_path / "wide.csv").write_text(",".join(f"c{i}" for i in range(30)) + "\n")
    with pytest.raises(FormatError, match="no column 'text'") as error:
        list(read_documents(tmp_path / "wide.csv", column="text"))
    assert error.value.hint is not None and error.value.hint.endswith("'c19' and 10 more")
    with pytest.raises(FormatError, match=r"record 2 \(line 3\) has 1 of 2 columns"):
        list(read_documents(path, column="text"))
    with open_document(path, ReadOptions(column="text", skip_bad_records=True)) as reader:
        assert [(text.record, text.read()) for text in reader.texts()] == [(1, "one"), (3, "three")]
        assert reader.notes == ("1 bad record was skipped: record 2 (line 3) has 1 of 2 columns",)
    path.write_text('id,text\n1,"open\n2,two\n')
    with pytest.raises(FormatError, match="record 1"):
        list(read_documents(path, column="text"))


def test_a_field_longer_than_python_s_limit(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n" + "x" * 200_000 + "\n")
    [document] = read_documents(tmp_path / "a.csv", column="text")
    assert len(document.text) == 200_000


@pytest.mark.parametrize(
    ("name", "options", "hint"),
    [("a.jsonl", {"column": "t"}, "--field t"), ("a.csv", {"field": "t"}, "--column t")],
)
def test_the_other_option_is_named(
    name: str, options: dict[str, str], hint: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(FormatError) as error:
        list(read_documents(tmp_path / name, **options))  # type: ignore[arg-type]
    assert hint in (error.value.hint or "")


@pytest.mark.parametrize("text", ["a\rtext\nb,c\n", "te\rxt", "\r\r\n", "a,\r,text\n1,2,3\n"])
def test_a_header_that_is_broken_by_a_carriage_return(text: str, tmp_path: Path) -> None:
    """The choice of a delimiter ended with a traceback."""
    (tmp_path / "a.csv").write_bytes(text.encode())
    with pytest.raises(FormatError):
        list(read_documents(tmp_path / "a.csv", column="text"))


@given(st.text(alphabet='ab,;\t|\r\n"\0x', max_size=40))
def test_any_text_is_a_table_or_an_error(text: str) -> None:
    for delimiter in (None, "\t"):
        bad = BadRecords("a.csv", skip=True)
        try:
            for _, cell, _, _ in read_cells("a.csv", [text], "a", bad, NOTHING_KEPT, delimiter):
                assert isinstance(cell, str)
        except FormatError as error:
            assert error.message.startswith("a.csv: ")
