import os
import stat
import sys
from pathlib import Path

import pytest

from ctxtools.atomic import atomic_write

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and pipes")


class Stop(Exception):
    pass


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_new_file_has_the_text_and_the_permissions_that_the_umask_gives(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    with atomic_write(path) as file:
        file.write("Zeile\r\n中文\n")
        assert not path.exists()
    assert path.read_bytes() == "Zeile\r\n中文\n".encode()
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert _names(tmp_path) == ["new.txt", "plain"]


def test_bytes(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "b", "wb") as file:
        file.write(b"\x00\xff")
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"


def test_the_permissions_of_an_existing_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o600)
    with atomic_write(path) as file:
        file.write("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "kept"
    path.write_text("old")
    with pytest.raises(error), atomic_write(path) as file:
        file.write("half")
        raise error
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["kept"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "kept"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left.*kept'$"), atomic_write(path) as file:
        file.write("new")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["kept"]


@linux
def test_a_device_that_is_full_says_so() -> None:
    with pytest.raises(OSError, match=r"No space left.*/full'$"), atomic_write("/dev/full") as file:
        file.write("x" * 100_000)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with atomic_write(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "absent")
    with atomic_write(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert (tmp_path / "absent").read_text() == "new"


@linux
def test_standard_output_is_written_through_and_not_truncated(tmp_path: Path) -> None:
    # A rename over the file behind `>>` would lose what is there, and so would truncating it.
    path = tmp_path / "log"
    path.write_text("before\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        with atomic_write(f"/dev/fd/{descriptor}") as file:
            file.write("after\n")
    finally:
        os.close(descriptor)
    assert path.read_text() == "before\nafter\n"


@linux
def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with atomic_write(f"/dev/fd/{writer}", "wb") as file:
        file.write(b"through")
    os.close(writer)
    assert os.read(reader, 100) == b"through"
    os.close(reader)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path):
        pass


def test_a_missing_folder_is_named_by_the_path_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "file"
    with pytest.raises(FileNotFoundError) as caught, atomic_write(path):
        pass
    assert caught.value.filename == str(path)


def test_the_error_names_a_folder_at_the_path_and_not_the_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(IsADirectoryError) as caught, atomic_write(path) as file:
        file.write("text")
        path.mkdir()
    assert (caught.value.filename, caught.value.filename2) == (str(path), None)
    assert _names(tmp_path) == ["file"]
