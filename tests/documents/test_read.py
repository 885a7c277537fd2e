"""Documents, read whole or in blocks, and what happens to those that cannot be."""

import io
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.documents import (
    Document,
    File,
    ReadOptions,
    Skipped,
    UnreadableError,
    open_document,
    read_documents,
    skipped_by,
    source,
)
from ctxtools.errors import FormatError, UsageError


class Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def whole(path: Any, **options: Any) -> list[str]:
    with open_document(path, ReadOptions(**options)) as reader:
        return [text.read() for text in reader.texts()]


@given(text=st.text(st.characters(exclude_categories=["Cs"])), size=st.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_join_to_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, size: int
) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    monkeypatch.setattr(source, "BLOCK", size)
    with open_document(path) as reader:
        assert "".join(block for text in reader.texts() for block in text) == text
    assert reader.size == path.stat().st_size
    assert reader.charset == "utf-8-sig"


def test_stdin_and_a_file_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ("plain\n" * 100_000 + "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e\n" * 9).encode("cp1252")
    (tmp_path / "file").write_bytes(data)
    monkeypatch.setattr(sys, "stdin", Stdin(data))
    assert whole("-") == whole(tmp_path / "file") == [data.decode("cp1252")]


def test_stdin_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UnreadableError, match="standard input is closed"):
        open_document("-")


def test_a_large_file_takes_the_memory_of_blocks(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes("価格とbytes\r\n".encode() * 2_000_000)  # 32 MB
    tracemalloc.start()
    with open_document(path) as reader:
        length = sum(len(block) for text in reader.texts() for block in text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length == 10 * 2_000_000
    assert peak < 8 * source.BLOCK < 32_000_000 / 10


def test_documents_say_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfa\r\n")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "c.txt").write_bytes("Тест кодировки: русский текст".encode("cp1251"))
    (tmp_path / "empty").write_bytes(b"")
    documents = read_documents(tmp_path, strict=False)
    expected = [
        Document(f"{tmp_path}/a.txt", "a\r\n", 6, "utf-8-sig"),
        Document(
            f"{tmp_path}/c.txt",
            "Тест кодировки: русский текст",
            29,
            "cp1251",
            notes=("decoded as cp1251 (detected)",),
        ),
        Document(f"{tmp_path}/empty", "", 0),
    ]
    for _ in range(2):  # each iteration starts anew
        assert list(documents) == expected
        assert documents.skipped == [Skipped(f"{tmp_path}/b.png", "binary (PNG image)")]


def test_a_binary_file_that_was_named_is_refused(tmp_path: Path) -> None:
    """2,295 tokens of a PDF are no answer."""
    (tmp_path / "b.png").write_bytes(b"\x89PNG\0\0")
    with pytest.raises(UnreadableError, match="PNG image") as error:
        list(read_documents(tmp_path / "b.png"))
    assert error.value.skipped.error
    assert error.value.hint is not None and "--charset" in error.value.hint
    [document] = read_documents(tmp_path / "b.png", charset="utf-8")
    assert document.text == "\ufffdPNG\0\0"


def test_a_text_that_was_named_is_read_though_it_looks_binary(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"a text with one \xff and \0")
    [document] = read_documents(tmp_path / "b.png")
    assert document.text == "a text with one \ufffd and \0"
    assert document.notes == (
        "decoded as utf-8, though it looks binary",
        "1 invalid byte sequence read as U+FFFD, the first at byte 16",
    )


def test_missing_files_are_listed_or_raise(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.bin").write_bytes(b"\0")
    paths = [tmp_path / "gone", tmp_path]
    documents = read_documents(paths, strict=False)
    assert [document.text for document in documents] == ["a"]
    gone = Skipped(f"{tmp_path}/gone", "no such file or directory", error=True)
    assert documents.skipped == [gone, Skipped(f"{tmp_path}/b.bin", "binary")]
    with pytest.raises(OSError, match="gone: no such file or directory"):
        list(read_documents(paths, strict=True))
    assert len(list(read_documents(tmp_path, strict=True))) == 1  # a binary file is not an error


def test_a_path_that_vanishes_between_finding_and_reading(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    documents = read_documents(tmp_path, strict=False)
    texts = iter(documents)
    assert next(texts).text == "a"
    (tmp_path / "b").unlink()
    assert [document.text for document in texts] == ["c"]
    assert [s.reason for s in documents.skipped] == ["no such file or directory"]


def test_a_disk_that_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3 * source.BLOCK)
    read, calls = os.read, []

    def fail(descriptor: int, size: int) -> bytes:
        calls.append(size)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", fail)
    with pytest.raises(UnreadableError, match="a: input/output error") as error:
        whole(tmp_path / "a")
    assert error.value.skipped.error


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a").write_text("x")
    monkeypatch.setattr(os, "open", deny)
    documents = read_documents(tmp_path / "a", strict=False)
    assert list(documents) == []
    assert documents.skipped == [Skipped(f"{tmp_path}/a", "permission denied", error=True)]


def test_a_directory_is_not_a_document(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="directory"):
        open_document(tmp_path)


def test_usage_errors_come_before_the_first_document() -> None:
    with pytest.raises(UsageError, match="unknown charset"):
        read_documents(".", charset="utf-9")
    with pytest.raises(UsageError):
        read_documents(".", exclude=["!"])


def test_a_named_charset(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xe9\0")
    assert whole(tmp_path / "a", charset="latin-1") == ["é\0"]


def test_formats_follow_the_name_or_the_option(tmp_path: Path) -> None:
    line = b'{"text": "a"}\n'
    for name in ("a.jsonl", "a.ndjson", "a.json", "a.txt"):
        (tmp_path / name).write_bytes(line)
        assert whole(tmp_path / name) == [line.decode()]
        assert whole(tmp_path / name, field="text") == ["a"]
    found = read_documents(tmp_path, field="text")
    assert [document.record for document in found] == [None, 1, 1, None]


def test_records_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin('{"t": "é"}\n\n{"t": "bc"}'.encode()))
    assert list(read_documents("-", field="t")) == [
        Document("-", "é", 2, record=1),
        Document("-", "bc", 2, record=3),
    ]


def test_a_bad_record_ends_its_file_only(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n{"text": \n{"text": "c"}\n')
    (tmp_path / "b.jsonl").write_text('{"text": "b"}\n')
    documents = read_documents(tmp_path, field="text", strict=False)
    assert [document.text for document in documents] == ["a", "b"]
    [skipped] = documents.skipped
    assert skipped.error and skipped.reason.startswith("line 2: not JSON")
    with pytest.raises(FormatError, match=r"a\.jsonl: line 2: not JSON"):
        list(read_documents(tmp_path, field="text", strict=True))


def test_a_notebook_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    [document] = read_documents(tmp_path)
    assert document.text == "{"
    [note] = document.notes
    assert note.startswith("not a notebook (not JSON: ") and note.endswith("), read as plain text")


def test_a_notebook_without_text_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": []}')
    [document] = read_documents(tmp_path)
    assert (document.text, document.notes) == ("", ("a notebook without text",))


def test_any_error_has_a_report_line() -> None:
    assert skipped_by("a", OSError(28, "ENOSPC")) == Skipped("a", "no space left on device", True)
    assert skipped_by("a", FormatError("a: line 1: bad")) == Skipped("a", "line 1: bad", True)


def test_a_plain_file_needs_no_other_library(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("é")
    code = (
        "import sys; from ctxtools.documents import read_documents as r; "
        f"assert [d.text for d in r({str(tmp_path / 'a.txt')!r})] == ['é']; "
        "print([m for m in ('chardet', 'pyarrow', 'json', 'subprocess') "
        "if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert output.stdout == b"[]\n"


def test_an_explicit_pipe_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hello")
    os.close(writing)
    try:
        assert whole(File(f"/dev/fd/{reading}")) == ["hello"]
    finally:
        os.close(reading)


def test_a_document_is_shown_in_a_line() -> None:
    assert repr(Document("a.md", "x" * 5000, 5000)) == "<Document 'a.md' (5,000 characters)>"
    assert repr(Document("a.jsonl", "x", 1, record=3)) == "<Document 'a.jsonl#3' (1 characters)>"


def test_files_above_a_size_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small.txt").write_text("é" * 50)
    (tmp_path / "large.txt").write_text("é" * 50 + ".")
    (tmp_path / "large.ipynb").write_text(" " * 2000)
    found = read_documents(tmp_path, max_file_size=100)
    assert [Path(each.path).name for each in found] == ["small.txt"]
    assert [(Path(each.path).name, each.reason, each.error) for each in found.skipped] == [
        ("large.ipynb", "2,000 bytes, above the maximum file size of 100", False),
        ("large.txt", "101 bytes, above the maximum file size of 100", False),
    ]
    named = read_documents(str(tmp_path / "large.txt"), max_file_size=100)
    assert list(named) == [] and len(named.skipped) == 1
    # Of a pipe the size is not known.
    monkeypatch.setattr(sys, "stdin", Stdin(b"x" * 200))
    assert [each.size for each in read_documents("-", max_file_size=100)] == [200]
    with pytest.raises(UsageError, match="max_file_size must be >= 0, got -1"):
        read_documents(tmp_path, max_file_size=-1)
