"""Compressed files: the same texts, in bounded memory, and damage is an error."""

import bz2
import gzip
import io
import lzma
import random
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.documents import ReadOptions, count_documents, open_document, read_documents
from ctxtools.documents.file import File
from ctxtools.documents.readers import compressed
from ctxtools.encodings import get_encoding
from ctxtools.errors import FormatError, MissingExtraError, UnreadableError

zstandard = pytest.importorskip("zstandard")

KINDS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}
RECORDS = b"".join(b'{"text": "record %d"}\n' % n for n in range(5000))


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(parts=st.lists(st.binary(max_size=200), min_size=1, max_size=4), factor=st.integers(1, 900))
def test_what_was_compressed_is_read(
    kind: str, parts: list[bytes], factor: int, tmp_path: Path
) -> None:
    """Also of several members one after the other."""
    (tmp_path / "a").write_bytes(b"".join(KINDS[kind](part * factor) for part in parts))
    [document] = read_documents(tmp_path / "a", charset="latin-1")
    assert document.text == (b"".join(part * factor for part in parts)).decode("latin-1")


@pytest.mark.parametrize("kind", KINDS)
def test_records(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"a.jsonl.{kind}"
    path.write_bytes(KINDS[kind](RECORDS))
    named = list(read_documents(path, field="text"))
    assert [each.text for each in named] == [f"record {n}" for n in range(5000)]
    assert list(read_documents(tmp_path, field="text"))[-1].text == "record 4999", "in a folder"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert len(list(read_documents("-", field="text"))) == 5000
    with open_document(path, ReadOptions(field="text")) as reader:
        assert sum(1 for _ in reader.texts()) == 5000
        assert reader.size == path.stat().st_size


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_read_if_they_are_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"notes.md.{kind}"
    path.write_bytes(KINDS[kind]("# Grüße\n".encode("cp1252") * 20))
    [document] = read_documents(path)
    assert document.text == "# Grüße\n" * 20
    found = read_documents(tmp_path)
    assert not list(found), "in a folder, compressed texts are data"
    assert "compressed file, which is read if it is named" in found.skipped[0].reason


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_an_error_that_names_the_file(kind: str, tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(30_000)
    whole = KINDS[kind](noise)
    path = tmp_path / f"a.txt.{kind}"
    for damaged in (whole[:-9], whole[: len(whole) // 2], whole + b"garbage at the end"):
        path.write_bytes(damaged)
        for field in (None, "text"):
            with pytest.raises(FormatError, match=f"a.txt.{kind}"):
                list(read_documents(path, charset="latin-1", field=field))
    [skipped] = count_documents([File(str(path))], [get_encoding("o200k_base")])
    assert skipped.error  # type: ignore[union-attr]


def test_a_binary_file_inside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\x89PNG\r\n\x1a\n\0"))
    with pytest.raises(UnreadableError, match="PNG image"):
        list(read_documents(tmp_path / "a.gz"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_that_stands_for_a_huge_one_takes_bounded_memory(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"bomb.txt.{kind}"
    path.write_bytes(KINDS[kind](b"\n" * 100_000_000))
    tracemalloc.start()
    with open_document(path) as reader:
        length = sum(len(block) for text in reader.texts() for block in text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length == 100_000_000
    assert peak < 24_000_000


def test_zstd_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("Python reads it")
    (tmp_path / "a.zst").write_bytes(zstandard.compress(b"text"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError, match="reading zstd needs zstandard"):
        list(read_documents(tmp_path / "a.zst"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_that_stands_for_a_huge_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ctx pack` holds all of its text, and 10 kB of zstd may be 10 GB."""
    path = tmp_path / f"a.md.{kind}"
    path.write_bytes(KINDS[kind](b"ab\n" * 1_000_000))
    assert len(next(iter(read_documents(path))).text) == 3_000_000
    monkeypatch.setattr(compressed, "_FREE", 1 << 20)
    with pytest.raises(FormatError, match="more than 250 bytes for each of the") as raised:
        list(read_documents(path))
    assert "decompress it" in (raised.value.hint or "")
    path.write_bytes(KINDS[kind](random.Random(1).randbytes(3_000_000)))
    assert len(next(iter(read_documents(path, charset="latin-1"))).text) == 3_000_000
