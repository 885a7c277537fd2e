"""What is held in memory of a pipe, which may never end."""

import gzip
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.chunker import Chunker
from ctxtools.documents import (
    Reader,
    Skipped,
    Text,
    UnreadableError,
    count_documents,
    open_document,
    read_documents,
)
from ctxtools.documents import text as module
from ctxtools.documents.file import File
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields
from ctxtools.documents.readers.options import DEFAULT
from ctxtools.documents.readers.table import read_cells
from ctxtools.encodings import get_encoding

NOTHING_KEPT = KeptFields(DEFAULT)


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_HELD", 1000)


def endless(block: str) -> Iterator[str]:
    return repeat(block)


def test_an_endless_text_is_refused_where_it_is_held() -> None:
    for read in (Text.read, lambda text: [*text.held()]):
        with pytest.raises(UnreadableError, match="pipe: more than 0 MiB, compressed or"):
            read(Text(endless("a b"), unsized=lambda: "pipe"))
    assert Text("ab" * 5000).read() == "ab" * 5000, "a file may have any size"
    assert Text("ab" * 500, unsized=lambda: "pipe").read() == "ab" * 500


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(UnreadableError, match="without the end of a line"):
        list(Text(endless("a b"), unsized=lambda: "pipe").lines())
    lines = Text(endless("a b\n"), unsized=lambda: "pipe").lines()
    assert [next(lines) for _ in range(5000)] == ["a b\n"] * 5000
    assert list(Text(["ab"] * 5000).lines()) == ["ab"] * 5000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("name", ["o200k_base", "qwen2"])
def test_what_can_be_split_nowhere_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A counter keeps it; anything else is counted in bounded memory."""
    encoding = get_encoding(name)
    monkeypatch.setattr(module, "_MAX_HELD", 1 << 22)
    for text, counted in (("some words\n", True), ("x", False)):
        read, write = os.pipe()

        def feed(write: int = write, text: str = text) -> None:
            with suppress(BrokenPipeError), open(write, "wb") as pipe:
                for _ in range(10):
                    pipe.write(text.encode() * ((1 << 20) // len(text)))

        writer = Thread(target=feed)
        writer.start()
        [found] = count_documents([File(f"/dev/fd/{read}")], [encoding])
        os.close(read)
        writer.join()
        assert isinstance(found, Skipped) is not counted
        if isinstance(found, Skipped):
            assert found.error and "MiB that can be split nowhere" in found.reason


def test_a_compressed_file_stands_for_any_size(tmp_path: Path) -> None:
    """A few kilobytes stood for gigabytes, in memory as a whole."""
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"some words\n" * 1000))
    with open_document(str(path)) as reader:
        [text] = reader.texts()
        with pytest.raises(UnreadableError, match=r"a\.txt\.gz: more than 0 MiB, compressed or"):
            text.read()
    (tmp_path / "b.txt").write_bytes(b"some words\n" * 1000)
    with open_document(str(tmp_path / "b.txt")) as reader:
        assert len(next(iter(reader.texts())).read()) == 11_000


def test_notebooks_and_lines_of_a_pipe(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, b'{"text": "' + b"x" * 2000)
    os.close(write)
    path = tmp_path / "a.ipynb"
    path.symlink_to(f"/dev/fd/{read}")
    with (
        open_document(str(path)) as reader,
        pytest.raises(UnreadableError, match="more than 0 MiB, compressed or from a pipe"),
    ):
        list(reader.texts())
    os.close(read)


@given(st.lists(st.text('a,"\r\n', max_size=8)), st.integers(1, 5))
def test_lines_of_tables_are_the_same_in_any_blocks(rows: list[str], size: int) -> None:
    """Joining what remained of a block with the next took quadratic time for a long line."""
    text = "a,b\n" + "".join(rows)

    def cells(blocks: list[str]) -> object:
        bad = BadRecords("x", skip=True)
        try:
            return list(read_cells("x", blocks, "a", bad, NOTHING_KEPT)), bad.count
        except ValueError as error:
            return str(error)

    assert cells([text[i : i + size] for i in range(0, len(text), size)]) == cells([text])


def test_pages_and_metadata_of_a_text_are_those_of_its_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of a format with pages says where they start, and chunks are numbered by that."""
    (tmp_path / "a.txt").write_text("One.\n\nTwo.")
    pages, about = (0, 6), {"title": "Numbers"}

    def texts(reader: Reader) -> Iterator[Text]:
        yield Text(reader.blocks(), metadata=about, source="n.txt", pages=pages)

    monkeypatch.setattr(Reader, "texts", texts)
    (document,) = read_documents(tmp_path / "a.txt")
    assert (document.name, document.metadata, document.pages) == ("n.txt", about, pages)
    chunks = list(Chunker(len, 6).chunk_document(document))
    assert [(chunk.text, chunk.page_start) for chunk in chunks] == [("One.\n\n", 1), ("Two.", 2)]
    assert all(chunk.metadata == about and chunk.source == "n.txt" for chunk in chunks)
