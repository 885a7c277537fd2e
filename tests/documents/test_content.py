"""Files whose bytes come from elsewhere than a path: read, counted and limited like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools.documents import (
    DocumentCount,
    File,
    ReadOptions,
    Skipped,
    UnreadableError,
    count_documents,
    each_document,
    open_document,
)
from ctxtools.documents.document import Document
from ctxtools.documents.each import documents_of
from ctxtools.documents.source import BLOCK, Source, open_source
from tests.documents.test_source import blocks_of


@dataclass(frozen=True)
class Held:
    """Bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> Source:
        return Source.held(self.data)


class Unreadable:
    """What is listed, and cannot be read."""

    size = 3

    def open(self) -> Source:
        raise UnreadableError(Skipped("inner/a.txt", "damaged", error=True))


def held(path: str, data: bytes, *, explicit: bool = False) -> File:
    return File(path, explicit, content=Held(data))


def documents(
    files: Sequence[File], options: ReadOptions | None = None
) -> list[Document | Skipped]:
    return list(each_document(files, documents_of, options or ReadOptions()))


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_the_blocks_are_those_of_a_file(tmp_path: Path, size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    (tmp_path / "file").write_bytes(data)
    on_disk = blocks_of(open_source(File(f"{tmp_path}/file")))
    assert blocks_of(open_source(held("file", data))) == on_disk


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8), st.sampled_from([1, 2]))
def test_counts_are_those_of_files(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], threads: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    encoding = get_encoding("o200k_base")
    paths = [f"{folder}/content{number}.txt" for number in range(len(contents))]
    for path, data in zip(paths, contents, strict=True):
        Path(path).write_bytes(data)
    on_disk = [File(path, explicit=False) for path in paths]
    in_memory = [held(path, data) for path, data in zip(paths, contents, strict=True)]
    expected = list(count_documents(on_disk, [encoding], threads=threads))
    for path in paths:
        Path(path).unlink()  # nothing of that path is looked at
    assert list(count_documents(in_memory, [encoding], threads=threads)) == expected


def test_a_file_of_the_same_path_on_the_disk_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("on the disk")
    (found,) = documents([held(str(path), b"in the archive")])
    assert isinstance(found, Document)
    assert (found.text, found.size) == ("in the archive", 14)


def test_records_and_rows_are_read() -> None:
    pytest.importorskip("pyarrow")
    import pyarrow as arrow
    from pyarrow import parquet

    sink = arrow.BufferOutputStream()
    parquet.write_table(arrow.table({"text": ["one", "two"]}), sink)
    table = held("in.zip/t.parquet", sink.getvalue().to_pybytes())
    found = documents([table], ReadOptions(column="text"))
    assert [each.text for each in found if isinstance(each, Document)] == ["one", "two"]
    encoding = get_encoding("o200k_base")
    (counted,) = count_documents([table], [encoding], ReadOptions(column="text"))
    assert isinstance(counted, DocumentCount)
    assert (counted.records, counted.counts) == (2, (2,))

    lines = held("in.zip/t.jsonl", b'{"text": "three"}\n')
    (record,) = documents([lines], ReadOptions(field="text"))
    assert isinstance(record, Document)
    assert (record.name, record.text) == ("in.zip/t.jsonl#1", "three")


def test_its_size_is_known_before_it_is_opened() -> None:
    too_large = File("in.zip/a.txt", explicit=False, content=Unreadable())
    (skipped,) = documents([too_large], ReadOptions(max_file_size=2))
    assert isinstance(skipped, Skipped)
    assert "above the maximum file size" in skipped.reason
    (damaged,) = documents([too_large], ReadOptions(max_file_size=3))
    assert damaged == Skipped("inner/a.txt", "damaged", error=True)


def test_what_is_in_memory_is_no_pipe() -> None:
    with open_document(held("a.txt", b"words")) as reader:
        assert (reader.unsized, reader.descriptor, reader.file_size) == (None, None, 5)
        assert reader.held() == b"words"
