"""Documents whose text is extracted, as inputs of a corpus."""

from pathlib import Path

import pytest

from ctxtools.corpus.inputs import list_inputs
from ctxtools.corpus.reading import read_tables
from ctxtools.corpus.units import Unit
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, UsageError
from tests.messages.media.readers.pdfs import pdf

arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")


def test_a_document_is_a_row_with_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf((612, 792, "First"), (612, 792, "Second")))
    [found] = list_inputs([tmp_path])
    table = arrow.concat_tables(read_tables(Unit(found), text="content"))
    [row] = table.to_pylist()
    assert row == {"content": "First\n\nSecond", "path": str(path), "pages": [0, 7]}


def test_of_a_folder_with_tables_and_documents_a_pattern_says_which(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf((612, 792, "First")))
    (tmp_path / "b.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(UsageError, match="has tables, and 1 document whose text"):
        list_inputs([tmp_path])
    assert [each.format for each in list_inputs([tmp_path / "*.jsonl"])] == ["jsonl"]
    assert [each.format for each in list_inputs([tmp_path / "*.pdf"])] == ["document"]


def test_what_cannot_be_read_is_a_bad_record(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf((612, 792, "")))
    [found] = list_inputs([tmp_path / "a.pdf"])
    with pytest.raises(FormatError, match="a PDF without text"):
        [*read_tables(Unit(found))]
    bad = BadRecords(found.uri, skip=True)
    assert sum(len(table) for table in read_tables(Unit(found), bad=bad)) == 0
    assert (bad.count, bad.first) == (1, ("a PDF without text: its 1 page may be images",))
