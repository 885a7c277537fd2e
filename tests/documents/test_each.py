"""The one loop over files: order, reasons for skipping, threads; and names of documents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxtools.documents import Document, File, Reader, ReadOptions, Skipped, each_document
from ctxtools.documents.each import documents_of, read_documents
from ctxtools.documents.file import display_name, record_name
from ctxtools.documents.walk import find_files
from ctxtools.errors import FormatError, UnreadableError, UsageError

OPTIONS = ReadOptions(field="text")


@pytest.fixture
def files(tmp_path: Path) -> list[File | Skipped]:
    """A text, records of which the third is broken, a binary file, a missing one, a device."""
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "b.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n{"text": 3}\n')
    (tmp_path / "c").write_bytes(b"\0\1\2")
    found = [File(f"{tmp_path}/{name}", explicit=False) for name in ("a.txt", "b.jsonl", "c", "d")]
    return [*found, Skipped("e", "device"), found[0]]


def shown(result: Document | Skipped) -> str:
    name = Path(result.path).name
    return f"{name}: {result.reason if isinstance(result, Skipped) else result.text}"


@pytest.mark.parametrize(("threads", "share"), [(1, 1), (2, 1), (3, 2), (0, 9)])
def test_results_are_in_the_order_of_the_files(
    threads: int, share: int, files: list[File | Skipped]
) -> None:
    found = each_document(files, documents_of, OPTIONS, threads=threads, share=share)
    assert list(map(shown, found)) == [
        "a.txt: text",
        "b.jsonl: one",
        "b.jsonl: two",
        "b.jsonl: line 3: 'text' is a number, not a string",
        "c: binary",
        "d: no such file or directory",
        "e: device",
        "a.txt: text",
    ]


def test_a_reader_that_fails_at_once_yields_nothing_else(files: list[File | Skipped]) -> None:
    """`ctx pack` takes all records of a file, or none."""
    found = each_document(files[1:2], lambda reader: list(documents_of(reader)), OPTIONS)
    assert [isinstance(each, Skipped) for each in found] == [True]


def test_strict_raises_what_went_wrong(files: list[File | Skipped]) -> None:
    for wrong, error in ((files[1], FormatError), (files[3], UnreadableError)):
        with pytest.raises(error):
            list(each_document([wrong], documents_of, OPTIONS, strict=True))
    # What is merely not text did not go wrong.
    others = [files[2], files[4]]
    skipped = list(each_document(others, documents_of, OPTIONS, strict=True))
    assert all(isinstance(each, Skipped) for each in skipped)


def test_results_are_passed_on_before_the_next_is_read(files: list[File | Skipped]) -> None:
    events = []

    def read(reader: Reader) -> Iterator[str]:
        for text in reader.texts():
            events.append(f"read {text.record}")
            yield text.read()

    for _ in each_document(files[:2], read, OPTIONS):
        events.append("took")
    assert events == ["read None", "took", "read 1", "took", "read 2", "took", "took"]


def test_a_document_from_no_file() -> None:
    assert Document("a", "b") == Document("a", "b", 0)


def test_names() -> None:
    assert record_name("a.jsonl", 3) == Document("a.jsonl", "", 0, record=3).name == "a.jsonl#3"
    assert record_name("a.md", None) == Document("a.md", "", 0).name == "a.md"
    assert [display_name(name) for name in ("-", "-#3", "-a", "a")] == [
        "stdin",
        "stdin#3",
        "-a",
        "a",
    ]


@pytest.mark.parametrize("name", ["include", "exclude"])
def test_a_pattern_is_not_a_list_of_patterns(name: str) -> None:
    """The string was iterated: include="*.md" listed all files, and exclude="*.md" none."""
    calls: tuple[Any, ...] = (read_documents, find_files)
    for call in calls:
        with pytest.raises(UsageError, match=f"{name} must be a list of str, got str") as caught:
            call(".", **{name: "*.md"})
        assert caught.value.hint == "pass a list: ['*.md']"
