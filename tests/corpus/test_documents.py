"""Documents whose text is extracted, as inputs of a corpus."""

import os
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from ctxtools import read_documents
from ctxtools.chunking import Chunker
from ctxtools.chunking.integrations.arrow import chunks_to_table
from ctxtools.corpus import ChunkStep, get_engine, run
from ctxtools.corpus.inputs import list_inputs
from ctxtools.corpus.reading import read_tables
from ctxtools.corpus.units import Unit
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError, UsageError
from tests.documents.readers.extraction.making import Block, make_docx
from tests.messages.media.readers.pdfs import pdf

arrow = pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")


def rows_of(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pytest.importorskip("pyarrow.parquet").read_table(file).to_pylist()
    return rows


def test_a_document_is_a_row_with_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf((612, 792, "First"), (612, 792, "Second")))
    [found] = list_inputs([tmp_path])
    table = arrow.concat_tables(read_tables(Unit(found), text="content"))
    [row] = table.to_pylist()
    about = {"path": str(path), "pages": [0, 7], "headings": [], "format": "text"}
    assert row == {"content": "First\n\nSecond", **about}


def test_chunks_of_documents_are_those_of_their_pages_and_headings(tmp_path: Path) -> None:
    """They were chunked as plain text, without either."""
    inputs, blocks = tmp_path / "in", [*map(Block, ["heading", "paragraph"], [("A",), ("b c",)])]
    inputs.mkdir()
    pages = [(612, 792, f"{name} page of a few words") for name in ("First", "Second")]
    (inputs / "a.pdf").write_bytes(pdf(*pages))
    (inputs / "b.docx").write_bytes(make_docx([*blocks, *blocks]))
    options: dict[str, Any] = {"encoding": "o200k_base", "chunk_size": 8, "format": "auto"}
    step = ChunkStep(options, column="content")
    assert run([inputs], step, tmp_path / "out", engine=get_engine("local", workers=1)).manifest
    [*found] = [row for file in (tmp_path / "out").glob("*.parquet") for row in rows_of(file)]
    expected = chunks_to_table(
        chunk
        for document in read_documents([os.path.realpath(inputs)])
        for chunk in Chunker(**options).chunk_document(document)
    ).to_pylist()
    assert sorted(found, key=itemgetter("source", "index")) == expected
    assert [row["page_start"] for row in expected] == [1, 2, None, None]
    assert [row["headings"] for row in expected] == [[], [], ["A"], ["A"]]


def test_documents_are_named_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf((612, 792, "First")))
    [found] = list_inputs([tmp_path])
    [*_, table] = read_tables(Unit(found))
    options = {"encoding": "o200k_base", "chunk_size": 8}
    assert ChunkStep(options, source_column="path").of_documents(table).num_rows == 1
    with pytest.raises(UsageError, match="unknown column 'name'"):
        ChunkStep(options, source_column="name").of_documents(table)


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
