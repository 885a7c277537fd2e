"""Zips that are damaged, or made to harm: each member is read or listed with its reason."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents.archives import zips
from tests.documents.archives.made import found_in, zip_of

TEXT = b"some words, and more of them\n" * 20


def write(folder: Path, data: bytes, name: str = "a.zip") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def one_member(change: Callable[[zipfile.ZipInfo], None], data: bytes = TEXT) -> bytes:
    """A zip whose only member was changed before it was written."""
    buffer = io.BytesIO()
    info = zipfile.ZipInfo("a.txt")
    info.compress_type = zipfile.ZIP_DEFLATED
    change(info)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.txt", "its name may lead out of the archive"),
        ("a/../../secret.txt", "its name may lead out of the archive"),
        ("..\\secret.txt", "its name may lead out of the archive"),
        ("/etc/passwd", "its name is an absolute path"),
        ("//server/share.txt", "its name is an absolute path"),
        ("C:/windows.txt", "its name starts with a drive"),
        ("c:windows.txt", "its name starts with a drive"),
        ("n" * 5000, "its name is longer than 4,096 characters"),
        ("d/" * 300 + "a.txt", "its name has more than 255 folders"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str, reason: str) -> None:
    data = zip_of({name: b"secret", "good.txt": b"good"})
    path = write(tmp_path, data)
    texts, skipped = found_in(path)
    assert texts == {f"{path}/good.txt": "good"}
    ((listed, (said, error)),) = skipped.items()
    assert (listed, error) == (str(path), False)
    assert said.startswith("member '") and said.endswith(reason)


def test_names_are_made_plain(tmp_path: Path) -> None:
    files = {"./a.txt": b"1", "b//c.txt": b"2", "d\\e.txt": b"3", "naïve.txt": b"4"}
    path = write(tmp_path, zip_of(files))
    texts, skipped = found_in(path)
    assert skipped == {}
    names = ["a.txt", "b/c.txt", "d/e.txt", "naïve.txt"]
    assert texts == {f"{path}/{name}": str(n) for n, name in enumerate(names, 1)}


def test_names_in_other_charsets(tmp_path: Path) -> None:
    plain = zip_of({"xxxxx.txt": b"words"})
    for raw, name in (
        ("naïv".encode(), "naïv"),  # UTF-8 that does not say so
        (b"na\x8bve", "naïve"),  # DOS
    ):
        path = write(tmp_path, plain.replace(b"xxxxx", raw))
        assert found_in(path) == ({f"{path}/{name}.txt": "words"}, {})
    no_utf8 = zip_of({"ä.txt": b"words"}).replace("ä".encode(), b"\xff\xfe")
    path = write(tmp_path, no_utf8)
    ((listed, text),) = found_in(path)[0].items()
    assert (os.fsencode(listed), text) == (bytes(path) + b"/\xff\xfe.txt", "words")


def test_links_encrypted_members_and_unknown_methods(tmp_path: Path) -> None:
    def link(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, 0o120777 << 16

    def pipe(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, 0o010644 << 16

    deflated = one_member(lambda info: None)
    at = deflated.index(b"PK\1\2")
    encrypted = deflated[: at + 8] + b"\1\0" + deflated[at + 10 :]
    other = deflated[: at + 10] + b"\x09\0" + deflated[at + 12 :]
    unknown = deflated[: at + 10] + b"\xee\0" + deflated[at + 12 :]
    for data, reason in (
        (one_member(link), "symbolic link, not followed"),
        (one_member(pipe), "not a regular file"),
        (encrypted, "encrypted"),
        (other, "compressed by Deflate64, which is not read"),
        (unknown, "compressed by method 238, which is not read"),
    ):
        path = write(tmp_path, data)
        assert found_in(path) == ({}, {f"{path}/a.txt": (reason, False)})


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods(tmp_path: Path, method: int) -> None:
    large = os.urandom(100_000).hex()
    path = write(tmp_path, zip_of({"a.txt": TEXT, "b.txt": large.encode(), "c.txt": b""}, method))
    expected = {"a.txt": TEXT.decode(), "b.txt": large, "c.txt": ""}
    texts, skipped = found_in(path)
    assert skipped == {}
    assert texts == {f"{path}/{name}": text for name, text in expected.items()}


def test_zstd_in_a_zip(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.compress(TEXT)
    stored = bytearray(zip_of({"a.txt": packed}, zipfile.ZIP_STORED))
    for start in (stored.index(b"PK\3\4") + 8, stored.index(b"PK\1\2") + 10):
        struct.pack_into("<H", stored, start, 93)
    for start in (stored.index(b"PK\3\4") + 14, stored.index(b"PK\1\2") + 16):
        struct.pack_into("<LLL", stored, start, zlib.crc32(TEXT), len(packed), len(TEXT))
    path = write(tmp_path, bytes(stored))
    assert found_in(path) == ({f"{path}/a.txt": TEXT.decode()}, {})


def test_bombs(tmp_path: Path) -> None:
    path = write(tmp_path, zip_of({"a.txt": b"x" * (17 << 20), "b.txt": TEXT}))
    texts, skipped = found_in(path)
    assert [*texts] == [f"{path}/b.txt"]
    reason = "more than 250 bytes for each in the archive, which no text has"
    assert skipped == {f"{path}/a.txt": (reason, False)}

    # One that says it is small is read no further than that.
    lying = bytearray(zip_of({"a.txt": b"x" * (1 << 20)}))
    struct.pack_into("<L", lying, lying.index(b"PK\1\2") + 24, 100)
    path = write(tmp_path, bytes(lying))
    reason = "damaged: longer than the archive's directory says"
    assert found_in(path) == ({}, {f"{path}/a.txt": (reason, True)})


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, zip_of({f"{number}.txt": b"words" for number in range(9)}))
    monkeypatch.setattr(zips, "MAX_MEMBERS", 5)
    texts, skipped = found_in(path)
    assert len(texts) == 5
    assert skipped == {str(path): ("more than 5 members; the others are not read", True)}


def test_members_of_the_same_name(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", "first")
        archive.writestr("a.txt", "second")
    path = write(tmp_path, buffer.getvalue())
    texts, skipped = found_in(path)
    assert texts == {f"{path}/a.txt": "second"}
    assert skipped == {f"{path}/a.txt": ("replaced by a later member of the same name", False)}


def test_a_program_in_front_and_a_comment_at_the_end(tmp_path: Path) -> None:
    buffer = io.BytesIO(zip_of({"a.txt": TEXT}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"PK\5\6 is no end" * 100
    path = write(tmp_path, b"#!/bin/sh\nexit\n" + buffer.getvalue())
    assert found_in(path) == ({f"{path}/a.txt": TEXT.decode()}, {})
    path = write(tmp_path, b"MZ\0\0" + zip_of({"a.txt": TEXT}))
    assert found_in(path) == ({f"{path}/a.txt": TEXT.decode()}, {})


def test_large_figures(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as f:
        f.write(TEXT)
    path = write(tmp_path, buffer.getvalue())
    assert found_in(path) == ({f"{path}/a.txt": TEXT.decode()}, {})

    # More members than two bytes count.
    plain = zip_of({"a.txt": TEXT})
    end = plain.rindex(b"PK\5\6")
    length, offset = struct.unpack_from("<LL", plain, end + 12)
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    small = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = write(tmp_path, plain[:end] + large + locator + small)
    assert found_in(path) == ({f"{path}/a.txt": TEXT.decode()}, {})


def test_a_directory_that_is_damaged(tmp_path: Path) -> None:
    data = zip_of({"a.txt": TEXT, "b.txt": TEXT})
    second = data.rindex(b"PK\1\2")
    path = write(tmp_path, data[:second] + b"PK\0\0" + data[second + 4 :])
    texts, skipped = found_in(path)
    assert [*texts] == [f"{path}/a.txt"]
    ((reason, error),) = skipped.values()
    assert error and "its directory ends 1 entries too early" in reason

    path = write(tmp_path, data[:-30])  # as a download that was interrupted
    texts, skipped = found_in(path)
    ((reason, error),) = skipped.values()
    assert (texts, error) == ({}, True)
    assert reason == "not a readable zip archive (it has no directory at its end)"


@given(
    position=st.integers(0, 10**6),
    mask=st.integers(1, 255),
    cut=st.one_of(st.none(), st.integers(0, 10**6)),
)
@settings(max_examples=60)
def test_any_damage(position: int, mask: int, cut: int | None) -> None:
    data = bytearray(zip_of({"a.txt": TEXT, "b/c.txt": b"short", "d.md": TEXT * 30}))
    data[position % len(data)] ^= mask
    path = Path("/dev/shm" if os.path.isdir("/dev/shm") else "/tmp", f"damaged{os.getpid()}.zip")
    path.write_bytes(data[: None if cut is None else cut % len(data)])
    try:
        texts, skipped = found_in(path, archives=True)
    finally:
        path.unlink()
    whole = {TEXT.decode(), "short", TEXT.decode() * 30}
    inside = {name: text for name, text in texts.items() if name != str(path)}
    assert set(inside.values()) <= whole  # a checksum is checked
    assert texts or skipped or cut is not None


def test_members_do_not_share_their_bytes(tmp_path: Path) -> None:
    """A zip bomb of Fifield's, whose directory names the same bytes again and again."""
    data = zip_of({"a.txt": TEXT, "b.txt": TEXT})
    at = data.index(b"PK\1\2")
    end = len(data) - 22
    again = data[at:end].replace(b"a.txt", b"c.txt").replace(b"b.txt", b"d.txt")
    figures = struct.pack("<2H2LH", 4, 4, 2 * (end - at), at, 0)
    path = write(tmp_path, data[:end] + again + data[end : end + 8] + figures)
    texts, skipped = found_in(path)
    assert {*texts} == {f"{path}/a.txt", f"{path}/b.txt"}
    ((listed, (said, error)),) = skipped.items()
    assert listed == str(path) and error
    assert "2 members with bytes that are another's too" in said
