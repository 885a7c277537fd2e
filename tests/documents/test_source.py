"""Blocks: full ones, whatever the pipe; and what is not there to be opened."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import File, UnreadableError, read_documents
from ctxtools.documents.source import BLOCK, Source, open_source
from tests.hanging import no_hang


def blocks_of(source: Source) -> list[bytes]:
    blocks, final = [], False
    while not final:
        block, final = source.block()
        blocks.append(block)
    source.close()
    return blocks


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 1])
def test_a_pipe_and_a_file_give_the_same_blocks(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    expected = blocks_of(open_source(File(f"{tmp_path}/file")))
    assert b"".join(expected) == data
    assert all(len(block) == BLOCK for block in expected[:-1])

    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write_in_bits, args=(tmp_path / "pipe", data))
    writer.start()
    blocks = blocks_of(open_source(File(f"{tmp_path}/pipe")))
    writer.join()
    assert [b for b in blocks if b] == [b for b in expected if b]


def write_in_bits(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as pipe:
        for start in range(0, len(data), 50_001):
            pipe.write(data[start : start + 50_001])


@given(st.lists(st.binary(min_size=1, max_size=5)))
def test_short_reads_of_a_pipe_are_filled_up(parts: list[bytes]) -> None:
    rest = iter(parts)
    source = Source(lambda _: next(rest, b""), lambda: None)
    assert b"".join(blocks_of(source)) == b"".join(parts)


def test_a_file_that_grows_or_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for change in (b"", b"x" * 10, b"x" * 3 * BLOCK):
        path.write_bytes(b"x" * 1000)
        source = open_source(File(str(path)))
        path.write_bytes(change)
        assert b"".join(blocks_of(source)) == change


def test_a_file_that_says_it_is_empty() -> None:
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("no /proc")
    assert path.stat().st_size == 0
    assert b"Name:" in b"".join(blocks_of(open_source(File(str(path)))))


@pytest.mark.parametrize(("explicit", "error"), [(True, True), (False, False)])
def test_a_directory_in_place_of_a_file(tmp_path: Path, explicit: bool, error: bool) -> None:
    with pytest.raises(UnreadableError) as caught:
        open_source(File(str(tmp_path), explicit))
    assert (caught.value.skipped.reason, caught.value.skipped.error) == ("directory", error)


def test_a_pipe_that_replaced_a_found_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="named pipe"):
        open_source(File(f"{tmp_path}/pipe", explicit=False))


def test_a_link_that_replaced_a_found_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "a.txt").symlink_to("secret")
    with pytest.raises(OSError, match="symbolic link"):
        open_source(File(f"{tmp_path}/a.txt", explicit=False))
    open_source(File(f"{tmp_path}/a.txt")).close()


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    for _ in range(20):
        with pytest.raises(UnreadableError):
            open_source(File(str(tmp_path)))
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.skipif(not hasattr(os, "SEEK_HOLE"), reason="this system tells of no holes")
def test_a_text_that_was_found_has_no_terabytes_of_holes(tmp_path: Path) -> None:
    """They took all memory, as one NUL after the other belongs to one pretoken."""
    sparse = tmp_path / "sparse.txt"
    sparse.write_bytes(b"words\n" * 10_000)
    os.truncate(sparse, 1 << 40)
    with open(sparse, "rb") as file:
        if os.lseek(file.fileno(), 0, os.SEEK_HOLE) == 1 << 40:
            pytest.skip("this file system tells of no holes")
    with no_hang():
        found = read_documents(tmp_path)
        assert list(found) == []
    (skipped,) = found.skipped
    assert skipped.reason == "sparse: it has holes, and a text has none"
    source = open_source(File(str(sparse)))
    assert source.size == 1 << 40, "what was named is read"
    source.close()
    whole = tmp_path / "whole.txt"
    whole.write_bytes(b"words\n" * 3_000_000)
    assert len(blocks_of(open_source(File(str(whole), explicit=False)))[0]) == BLOCK
