"""Tars that are damaged, or made to harm: each member is read or listed with its reason."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents.archives import tape, tars
from ctxtools.documents.readers import compressed
from tests.documents.archives.made import archive_of, found_in, tar_of

TEXT = b"some words, and more of them\n" * 20


def write(folder: Path, data: bytes, name: str = "a.tar") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def tar_with(*infos: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    return buffer.getvalue()


def info_of(name: str, type: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type, target
    return info


@pytest.mark.parametrize(
    ("type", "reason"),
    [
        (tarfile.SYMTYPE, "symbolic link, not followed"),
        (tarfile.LNKTYPE, "hard link, not followed"),
        (tarfile.CHRTYPE, "character device"),
        (tarfile.BLKTYPE, "block device"),
        (tarfile.FIFOTYPE, "named pipe"),
    ],
)
def test_what_is_no_file(tmp_path: Path, type: bytes, reason: str) -> None:
    data = tar_with(info_of("a", type, "/etc/passwd"), info_of("empty.txt"))
    path = write(tmp_path, data)
    assert found_in(path) == ({f"{path}/empty.txt": ""}, {f"{path}/a": (reason, False)})


@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd", "C:/a.txt", "b/../../c.txt"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, tar_of({name: b"secret", "good\\name.txt": b"good"}))
    texts, skipped = found_in(path)
    assert texts == {f"{path}/good\\name.txt": "good"}
    ((listed, (reason, error)),) = skipped.items()
    assert (listed, error) == (str(path), False)
    assert reason.startswith(f"member '{name}': its name ")


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.txt")
    path = write(tmp_path, tar_of({name: b"words"}, tarfile.GNU_FORMAT))
    assert found_in(path) == ({f"{path}/{name}": "words"}, {})


def test_sparse_members(tmp_path: Path) -> None:
    headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,5"}
    info = info_of("a.txt")
    info.pax_headers = {**headers, "GNU.sparse.size": str(1 << 40), "GNU.sparse.numblocks": "1"}
    info.size = 5
    path = write(tmp_path, tar_with(info))
    reason = "sparse: it has holes, and a text has none"
    assert found_in(path) == ({}, {f"{path}/a.txt": (reason, False)})


def test_a_member_that_says_it_is_huge(tmp_path: Path) -> None:
    block = bytearray(tar_of({"a.txt": TEXT})[:512])
    info = tarfile.TarInfo("a.txt")
    info.size = 1 << 50
    block[:] = info.tobuf(tarfile.GNU_FORMAT)
    path = write(tmp_path, bytes(block) + TEXT)
    texts, skipped = found_in(path)
    assert texts == {}
    assert skipped.pop(f"{path}/a.txt")[0].startswith("larger than ")
    ((reason, error),) = skipped.values()
    assert error and "unexpected end of data" in reason


def test_the_last_of_members_of_the_same_name_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for data in (b"first", b"second"):
            info = tarfile.TarInfo("a.txt")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path = write(tmp_path, buffer.getvalue())
    texts, skipped = found_in(path)
    assert texts == {f"{path}/a.txt": "second"}
    assert skipped == {f"{path}/a.txt": ("replaced by a later member of the same name", False)}


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz"])
def test_an_archive_that_ends_too_early(tmp_path: Path, suffix: str) -> None:
    files = {f"{number}.txt": os.urandom(9000).hex().encode() for number in range(8)}
    data = archive_of(files, suffix)
    path = write(tmp_path, data[: len(data) // 2], f"a{suffix}")
    texts, skipped = found_in(path)
    assert 0 < len(texts) < 8
    for name, text in texts.items():
        assert text.encode() == files[name.rpartition("/")[2]]
    assert skipped[str(path)][1]
    assert all(error for _, error in skipped.values())


def test_a_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    data = bytearray(tar_of({"a.txt": TEXT, "b.txt": TEXT}))
    second = data.index(b"b.txt")
    data[second + 148] ^= 1  # of the checksum
    path = write(tmp_path, bytes(data))
    texts, skipped = found_in(path)
    assert texts == {f"{path}/a.txt": TEXT.decode()}
    ((reason, error),) = skipped.values()
    assert error and "bad checksum" in reason


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(tar_of({"a.txt": b"x" * (1 << 20), "b.txt": TEXT}))
    path = write(tmp_path, bomb, "a.tgz")
    assert len(found_in(path)[0]) == 2
    monkeypatch.setattr(tape, "MAX_BYTES", 1 << 19)
    ((reason, error),) = found_in(path)[1].values()
    assert error and "more than 524 kB in it" in reason
    monkeypatch.undo()
    monkeypatch.setattr(compressed, "_FREE", 1 << 10)
    ((reason, error),) = found_in(path)[1].values()
    assert error and "more than 250 bytes for each of the gzip file" in reason


def test_a_header_that_is_huge(tmp_path: Path) -> None:
    name = tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    path = write(tmp_path, name.tobuf(tarfile.GNU_FORMAT) + b"n" * 5000)
    ((reason, error),) = found_in(path)[1].values()
    assert error and "a header of 1.1 GB" in reason


def test_a_chain_of_headers(tmp_path: Path) -> None:
    link = tarfile.TarInfo("././@LongLink")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 2
    chain = (link.tobuf(tarfile.GNU_FORMAT) + b"n\0".ljust(512, b"\0")) * 3000
    path = write(tmp_path, chain)
    texts, skipped = found_in(path)
    ((_, error),) = skipped.values()
    assert (texts, error) == ({}, True)


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, tar_of({f"{number}.txt": b"words" for number in range(9)}))
    monkeypatch.setattr(tars, "MAX_MEMBERS", 5)
    texts, skipped = found_in(path)
    assert len(texts) == 5
    assert skipped == {str(path): ("more than 5 members; the others are not read", True)}


@given(
    position=st.integers(0, 3000),
    mask=st.integers(1, 255),
    cut=st.one_of(st.none(), st.integers(0, 5000)),
    is_compressed=st.booleans(),
)
@settings(max_examples=60)
def test_any_damage(position: int, mask: int, cut: int | None, is_compressed: bool) -> None:
    data = tar_of({"a.txt": TEXT, "b/c.txt": b"short", "d.md": TEXT})
    data = gzip.compress(data) if is_compressed else data
    damaged = bytearray(data)
    damaged[position % len(data)] ^= mask
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"
    path = Path(folder, f"damaged{os.getpid()}.tar")
    path.write_bytes(damaged[:cut])
    try:
        texts, skipped = found_in(path, archives=True)
    finally:
        path.unlink()
    assert texts or skipped or cut is not None
