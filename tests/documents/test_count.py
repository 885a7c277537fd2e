"""Counting documents: every way to the same figures."""

import json
import os
from pathlib import Path
from threading import Barrier, Lock

import pytest

from ctxtools import documents
from ctxtools.documents import (
    DocumentCount,
    File,
    ReadOptions,
    Skipped,
    count_documents,
    find_files,
)
from ctxtools.documents import read as module
from ctxtools.documents.source import BLOCK
from ctxtools.encodings import get_encoding
from tests.oracles import reference

TEXT = "Some words, 日本語 and <|endoftext|>; it's 2026.\n" * 50
ENCODINGS = [get_encoding("o200k_base"), get_encoding("qwen2")]
COUNTS = tuple(len(reference(encoding.name)(TEXT)) for encoding in ENCODINGS)


@pytest.mark.parametrize("large", [1, 1 << 40])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_counted_alike_by_the_reader_and_by_the_engine(
    charset: str, threads: int, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large one is read by the engine itself, where it can; a small one never is."""
    monkeypatch.setattr(module, "_LARGE", large)
    (tmp_path / "a.txt").write_bytes(TEXT.encode(charset))
    [document] = count_documents([File(str(tmp_path / "a.txt"))], ENCODINGS, threads=threads)
    assert isinstance(document, DocumentCount)
    assert (document.counts, document.size) == (COUNTS, len(TEXT.encode(charset)))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no path of an open file")
def test_a_large_file_that_a_pipe_replaces_is_counted_as_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine opened the pipe, and waited for somebody to write to it."""
    monkeypatch.setattr(module, "_LARGE", 1)
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    is_large = module.Reader.is_large_text

    def replaced(reader: module.Reader) -> bool:
        path.unlink()
        os.mkfifo(path)
        return is_large(reader)

    monkeypatch.setattr(module.Reader, "is_large_text", replaced)
    [document] = count_documents([File(str(path), explicit=False)], ENCODINGS)
    assert isinstance(document, DocumentCount)
    assert (document.path, document.counts) == (str(path), COUNTS)


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("damage", [b"", b"\xff"])
def test_characters_across_blocks(shift: int, damage: bytes, tmp_path: Path) -> None:
    """Blocks are passed on as bytes up to where they are not UTF-8 any more."""
    text = "x" * shift + "日本語と文字。" * 9000
    data = text.encode()
    (tmp_path / "a.txt").write_bytes(data[: 3 * BLOCK] + damage + data[3 * BLOCK :])
    [count] = count_documents([File(str(tmp_path / "a.txt"))], ENCODINGS)
    assert isinstance(count, DocumentCount)
    whole = (tmp_path / "a.txt").read_bytes().decode(errors="replace")
    assert count.counts == tuple(encoding.count(whole) for encoding in ENCODINGS)
    assert bool(count.notes) == bool(damage)


@pytest.mark.parametrize("large", [1, 1 << 40])
def test_unread_files_are_reported(
    large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", large)
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0\0" + bytes(9000))
    (tmp_path / "text").write_text(TEXT)
    found = [*find_files(tmp_path), File(str(tmp_path / "gone"))]
    binary, text, gone = count_documents(found, ENCODINGS)
    assert isinstance(binary, Skipped)
    assert (binary.reason, binary.error) == ("binary (ELF program or library)", False)
    assert isinstance(text, DocumentCount)
    assert isinstance(gone, Skipped)
    assert (gone.reason, gone.error) == ("no such file or directory", True)


@pytest.mark.parametrize("large", [1, 1 << 40])
def test_records_are_counted_one_by_one(
    large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGE", large)
    lines = "\n".join(json.dumps({"text": TEXT}) for _ in range(3))
    (tmp_path / "a.jsonl").write_text(lines)
    options = ReadOptions(field="text")
    [document] = count_documents([File(str(tmp_path / "a.jsonl"))], ENCODINGS, options)
    assert isinstance(document, DocumentCount)
    assert (document.counts, document.records) == (tuple(3 * n for n in COUNTS), 3)


def test_large_files_share_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each took all of them, which were thousands with -j 64."""
    monkeypatch.setattr(module, "_LARGE", 1)
    encoding = get_encoding("o200k_base")
    all_at_once, lock = Barrier(8, timeout=30), Lock()
    asked: list[int] = []

    class Backend:
        shares_files = True

        def count_files(self, paths: list[str], threads: int) -> list[int]:
            with lock:
                asked.append(threads)
            all_at_once.wait()
            return [1 for _ in paths]

    monkeypatch.setattr(encoding, "backend", Backend())
    names = [str(tmp_path / f"{n}") for n in range(8 * 8)]  # a task has 8 files
    for name in names:
        Path(name).write_text(TEXT)
    list(count_documents(map(File, names), [encoding], threads=8))
    assert max(asked) == 8
    for i in range(0, len(asked), 8):  # eight that waited for each other in the barrier
        assert sum(asked[i : i + 8]) <= sum(8 // n for n in range(1, 9))


def test_progress_adds_up(tmp_path: Path) -> None:
    for i in range(5):
        (tmp_path / f"{i}.txt").write_text(TEXT * 300 * i)
    seen: list[int] = []
    counted = list(count_documents(find_files(tmp_path), ENCODINGS, progress=seen.append))
    assert sum(seen) == sum(
        document.size for document in counted if isinstance(document, DocumentCount)
    )


@pytest.mark.parametrize(
    ("former", "name"), [("Tally", "DocumentCount"), ("tally_documents", "count_documents")]
)
def test_former_names_warn(former: str, name: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"{former} is now {name}"):
        assert getattr(documents, former) is getattr(documents, name)
