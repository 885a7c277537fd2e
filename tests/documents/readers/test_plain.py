"""Files that the kernel counts or reads: the same results as where each is read by itself."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import signatures
from ctxtools.documents import (
    DocumentCount,
    File,
    ReadOptions,
    Skipped,
    count_documents,
    find_files,
)
from ctxtools.documents.decode import HEAD, MARKS
from ctxtools.documents.document import Document
from ctxtools.documents.each import documents_of, each_document
from ctxtools.documents.readers.plain import read_plain
from ctxtools.encodings import Encoding, get_encoding
from tests.core import needs_kernel

pytestmark = needs_kernel

ENCODING = get_encoding("o200k_base")


class _Other:
    """A backend that is not known as the kernel's."""

    name = "another"

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


ONE_BY_ONE = Encoding("another", _Other(ENCODING.backend))

STARTS = [*MARKS, *signatures.STARTS]
PARTS = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=12),
    st.sampled_from(
        [
            *STARTS,
            *(b'\x1b$B$"$$\x1b(B', b"~{VPND~}", b"~{", b"\x1b$", b"%PDF-1.4\n1 0 obj"),
            *(b"+package", b"+AGEAYgBj-", b"+ZeVnLIqe-", b"Hi +U,BTZQ-", b"+++++++", b"+ZeVnLIqe"),
            *(b"\0", b"\x7f", b"\x0b", b"\x0c", b"\x08", b"\r\n\t ", "日本語".encode(), b"\xa4"),
            *("Grüße".encode("latin-1"), "漢字".encode("utf-16-le"), b"; coding: cp1252\n"),
        ]
    ),
    st.integers(1, 3).map(lambda n: b"some words, " * (n * HEAD // 20)),
)


@given(
    contents=st.lists(st.lists(PARTS, max_size=4).map(b"".join), max_size=6),
    threads=st.sampled_from([1, 3]),
    found=st.sampled_from(["in a folder", "named", "listed"]),
)
def test_files_are_counted_as_if_read_one_by_one(
    contents: list[bytes], threads: int, found: str
) -> None:
    with TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{number}.txt") for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            Path(path).write_bytes(content)
        if found == "in a folder":
            files = [*find_files(folder)]
        else:
            files = [File(path, listed=found == "listed") for path in paths]
        counted = count_documents(files, [ENCODING], threads=threads)
        assert list(counted) == list(count_documents(files, [ONE_BY_ONE], threads=threads))
        assert _documents(files, threads) == _documents_one_by_one(files)


@pytest.mark.parametrize("size", [0, 9, HEAD, 1 << 15, 1 << 16])
def test_bytes_of_every_kind_at_the_ends_of_blocks(size: int, tmp_path: Path) -> None:
    """Where a block of the kernel's, or the head that decides, ends in the middle of something."""
    hostile = (
        *(b"\xff", b"\xe2\x82", b"\xf0\x9f\x98", "€😀".encode(), b"\xc3", b"\x80", b"\xed\xa0\x80"),
        *(b"\0", b"\r\n", b"\r", b'\x1b$B$"', b"~{VP~}", b"\xef\xbb\xbf", "ü".encode("utf-16")),
    )
    number = 0
    for piece in hostile:
        for offset in range(-len(piece) - 1, 2):
            for rest in (b"", b"\nmore"):
                data = b"word " * (size // 5 + 1)
                data = data[: max(0, size + offset)] + piece + rest
                (tmp_path / f"{number:04}.txt").write_bytes(data)
                number += 1
    assert _results(str(tmp_path), [ENCODING]) == _results(str(tmp_path), [ONE_BY_ONE])
    files = [*find_files(tmp_path)]
    assert _documents(files) == _documents_one_by_one(files)


def _documents(
    files: Sequence[File | Skipped], threads: int = 2, **options: Any
) -> list[Document | Skipped]:
    how, sizes = ReadOptions(**options), list[int]()
    plain = [*read_plain(files, how, threads, sizes.append)]
    assert sum(sizes) == sum(each.size for each in plain if isinstance(each, Document))
    return list(each_document(plain, documents_of, how))


def _documents_one_by_one(files: Iterable[File | Skipped], **options: Any) -> list[Any]:
    return list(each_document(files, documents_of, ReadOptions(**options)))


def _results(
    folder: str, encodings: Sequence[Encoding], threads: int = 2, **options: Any
) -> list[DocumentCount | Skipped | None]:
    return list(
        count_documents(find_files(folder), encodings, ReadOptions(**options), threads=threads)
    )


@pytest.mark.parametrize("start", STARTS, ids=range(len(STARTS)))
def test_what_starts_like_something_known_is_left_to_those_that_know(
    start: bytes, tmp_path: Path
) -> None:
    for number, rest in enumerate((b"", b" and words", b"\0\0\0\1" * 9, b"\n" * HEAD)):
        (tmp_path / f"{number}.txt").write_bytes(start + rest)
    assert _results(str(tmp_path), [ENCODING]) == _results(str(tmp_path), [ONE_BY_ONE])


def test_every_type_of_file_is_told_by_a_start_or_by_a_control_byte() -> None:
    starts = tuple(signatures.STARTS)
    for name, found, _, _ in signatures._SIGNATURES:
        assert all(each.startswith(starts) for each in found), name


@pytest.mark.parametrize("maximum", [0, 1, 6, 7, None])
def test_a_file_above_the_maximum_size_is_skipped(maximum: int | None, tmp_path: Path) -> None:
    for name in ("", "a", "ab cde", "ab cdef"):
        (tmp_path / f"{len(name)}.txt").write_text(name)
    found = _results(str(tmp_path), [ENCODING], max_file_size=maximum)
    assert found == _results(str(tmp_path), [ONE_BY_ONE], max_file_size=maximum)
    skipped = sum(isinstance(each, Skipped) for each in found)
    assert skipped == (0 if maximum is None else sum(n > maximum for n in (0, 1, 6, 7)))
    files = [*find_files(tmp_path)]
    read = _documents(files, max_file_size=maximum)
    assert read == _documents_one_by_one(files, max_file_size=maximum)


OPTIONS: list[dict[str, Any]] = [
    {}, {"charset": "cp1252"}, {"field": "text"}, {"column": "text"}, {"render": "markdown"},
    {"outputs": True}, {"field": "text", "skip_bad_records": True},
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("named", [True, False])
def test_files_of_every_kind_are_read_as_one_by_one(
    named: bool, options: dict[str, Any], tmp_path: Path
) -> None:
    names = ["a.txt", "a.jsonl", "a.json", "a.csv", "a.html", "a.ipynb", "a.parquet", "a.pdf"]
    names += ["a.txt.gz", "a.jsonl.gz", "a.rtf", "a.eml", "noname", "a.py", "a.docx", "a.zip"]
    contents = {"word": b"words, and more", "json": b'{"text": "x"}\n{"text": "y"}\n', "e": b""}
    contents |= {"pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"}
    contents |= {"latin": "Grüße aus München, schöne Straße".encode("latin-1")}
    contents |= {"utf16": "of two bytes".encode("utf-16"), "bom": b"\xef\xbb\xbfmarked"}
    for folder, content in contents.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(content)
    files = [*find_files(tmp_path)]
    marks = frozenset({"linguist-generated"})
    files = [
        each._replace(explicit=named, marks=marks) if isinstance(each, File) else each
        for each in files
    ]
    assert _documents(files, **options) == _documents_one_by_one(files, **options)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_results_are_in_the_order_of_the_files(threads: int, tmp_path: Path) -> None:
    for number in range(300):
        content = b"\0" if number % 7 == 3 else b"word " * (number * number % 977)
        (tmp_path / f"{number:03}.txt").write_bytes(content)
    found = _results(str(tmp_path), [ENCODING, get_encoding("cl100k_base")], threads)
    assert [os.path.basename(each.path) for each in found if each] == [
        f"{number:03}.txt" for number in range(300)
    ]
    assert found == _results(str(tmp_path), [ONE_BY_ONE, get_encoding("cl100k_base")], 1)
    files = [*find_files(tmp_path)]
    assert _documents(files, threads) == _documents_one_by_one(files)


def test_what_takes_too_much_memory_to_be_held_is_read_when_it_is_its_turn(tmp_path: Path) -> None:
    for number in range(80):  # 64 MiB are held
        (tmp_path / f"{number:02}.txt").write_text(f"{number}\n" * 330_000)
    files = [*find_files(tmp_path)]
    plain = [*read_plain(files, ReadOptions(), 2, lambda size: None)]
    assert {type(each) for each in plain} == {Document, File}
    assert [len(each.text) for each in _documents(files) if isinstance(each, Document)] == [
        os.path.getsize(each.path) for each in files
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_regular_file_any_more_is_skipped_with_its_reason(tmp_path: Path) -> None:
    names = ["gone", "pipe", "link", "folder", "unreadable"]
    files = [File(str(tmp_path / name), explicit=False) for name in names]
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "folder").mkdir()
    (tmp_path / "unreadable").write_text("words")
    (tmp_path / "unreadable").chmod(0)
    found = list(count_documents(files, [ENCODING], threads=2))
    assert found == list(count_documents(files, [ONE_BY_ONE], threads=2))
    assert all(isinstance(each, Skipped) for each in found[:4])
    assert _documents(files) == _documents_one_by_one(files)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_was_named_and_is_no_regular_file_is_read(tmp_path: Path) -> None:
    def write() -> None:
        (tmp_path / "pipe").write_text("of a pipe")

    (tmp_path / "file").write_text("words")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "broken").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    names = ["file", "link", "pipe", "gone", "broken", "file/below", "."]
    files = [File(str(tmp_path / name)) for name in names]
    results = []
    for encoding in (ENCODING, ONE_BY_ONE):
        writer = Thread(target=write)
        writer.start()
        results.append(list(count_documents(files, [encoding], threads=2)))
        writer.join()
    assert results[0] == results[1]
    counts = [each.counts[0] for each in results[0] if isinstance(each, DocumentCount)]
    assert counts == [ENCODING.count(text) for text in ("words", "words", "of a pipe")]


def test_progress_adds_up_to_the_bytes_of_all_files(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}.txt").write_text("word " * number)
    seen: list[int] = []
    found = list(count_documents(find_files(str(tmp_path)), [ENCODING], progress=seen.append))
    assert sum(seen) == sum(each.size for each in found if isinstance(each, DocumentCount)) > 0
