import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools.atomic import MANIFEST, atomic_folder, atomic_write, is_temporary, remove_left

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


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such lock")
@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("call", ["os.open", "os.mkdir", "fcntl.flock", "os.fstat", "os.dup"])
def test_a_signal_while_the_temporary_file_is_made_leaves_nothing(
    call: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file was there, and nothing yet that would have removed it."""
    module, name = call.split(".")
    function = getattr(sys.modules[module], name)

    def interrupted(*arguments: Any, **options: Any) -> None:
        function(*arguments, **options)
        raise KeyboardInterrupt

    path = tmp_path / "out"
    if kind == "file":
        path.write_text("old")
    with pytest.raises(KeyboardInterrupt), monkeypatch.context() as patch:
        patch.setattr(call, interrupted)
        with atomic_write(path) if kind == "file" else atomic_folder(path):
            raise KeyboardInterrupt  # of a call that this kind does not make
    assert [each.name for each in tmp_path.iterdir()] == ["out"] * (kind == "file")


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


_HALF = """
import os, signal, sys
from pathlib import Path
from ctxtools.atomic import atomic_folder, atomic_write

if sys.argv[1] == "file":
    with atomic_write("out.txt") as file:
        file.write("half")
        file.flush()
        print("ready", flush=True)
        sys.stdin.read()
else:
    with atomic_folder("out") as (folder, manifest):
        (folder / "1.txt").write_text("half")
        print("ready", flush=True)
        sys.stdin.read()
"""


def _begin(kind: str, folder: Path) -> "subprocess.Popen[bytes]":
    """A process that is half-way through a file or a folder, and goes on when stdin ends."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _HALF, kind],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout and writer.stdout.readline() == b"ready\n"
    return writer


def _kill(writer: "subprocess.Popen[bytes]") -> None:
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


@linux
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_is_removed_by_the_next(kind: str, tmp_path: Path) -> None:
    """And nothing else: what another process is writing has a lock."""
    with _begin(kind, tmp_path) as live:
        [kept] = _names(tmp_path)
        killed = [_begin(each, tmp_path) for each in (kind, "file", "folder")]
        for each in killed:
            _kill(each)
        assert len(_names(tmp_path)) == 4
        assert all(map(is_temporary, _names(tmp_path)))
        with atomic_write(tmp_path / "other") as file:
            file.write("text")
            assert len(_names(tmp_path)) == 2
        assert _names(tmp_path) == [kept, "other"]
        with atomic_folder(tmp_path / "folder"):
            pass
        assert live.communicate() and live.returncode == 0
    assert _names(tmp_path) == ["folder", "other", "out.txt" if kind == "file" else "out"]


@linux
def test_a_writer_looks_at_few_of_many_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a run that writes very many files would look at each of them as often."""
    left = tmp_path / f".out.{'0' * 16}.ctxtools-tmp"
    left.write_bytes(b"")
    monkeypatch.setattr("ctxtools.atomic._SWEPT", 0)
    with atomic_write(tmp_path / "other"):
        pass
    assert left.exists()
    remove_left(tmp_path)
    assert _names(tmp_path) == ["other"]


@linux
def test_what_only_looks_like_a_temporary_file_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("old")
    odd = f".out.{'0' * 16}.ctxtools-tmp"
    for name in ("link", "linked", "pipe", "deep", "full", "socket"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / odd).symlink_to(tmp_path / "precious")
    (tmp_path / "linked" / odd).mkdir()
    (tmp_path / "linked" / odd / MANIFEST).symlink_to(tmp_path / "precious")
    os.mkfifo(tmp_path / "pipe" / odd)
    (tmp_path / "deep" / odd / "folder").mkdir(parents=True)
    (tmp_path / "full" / odd).mkdir()
    (tmp_path / "full" / odd / "precious").touch()
    for name in (".out.ctxtools-tmp", f"out.{'0' * 16}.ctxtools-tmp", f".out.{'0' * 8}.tmp"):
        (tmp_path / "socket" / name).touch()
    before = sorted(tmp_path.rglob("*"))
    for folder in [each for each in tmp_path.iterdir() if each.is_dir()]:
        with atomic_write(folder / "new"):
            pass
        (folder / "new").unlink()
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "precious").read_text() == "old"


@linux
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is removed there, since nothing says whether it is being written."""
    _kill(_begin("file", tmp_path))
    [left] = _names(tmp_path)

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", flock)
    with atomic_write(tmp_path / "new") as file:
        file.write("text")
    with atomic_folder(tmp_path / "folder"):
        pass
    assert _names(tmp_path) == [left, "folder", "new"]


@linux
@pytest.mark.parametrize("inside", [False, True])
def test_a_file_that_is_taken_for_left_before_it_is_locked(
    inside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may look between the two; then a second one is made."""
    import fcntl

    flock, seen = fcntl.flock, list[str]()

    def late(descriptor: int, operation: int) -> None:
        if len(seen) < 2:
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
            seen.append(path.name)
            path.unlink()
            if inside:
                path.parent.rmdir()
            if len(seen) == 1:
                raise BlockingIOError
        flock(descriptor, operation)

    monkeypatch.setattr("fcntl.flock", late)
    if inside:
        with atomic_folder(tmp_path / "new"):
            pass
    else:
        with atomic_write(tmp_path / "new"):
            pass
    assert len(seen) == 2
    assert _names(tmp_path) == ["new"]


@linux
def test_descriptors_stay_open_neither_after_success_nor_after_failure(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        with atomic_write(tmp_path / "a"), atomic_folder(tmp_path / "b"):
            pass
        (tmp_path / "b" / MANIFEST).unlink()
        with pytest.raises(Stop), atomic_write(tmp_path / "a"), atomic_folder(tmp_path / "b"):
            raise Stop
    assert os.listdir("/proc/self/fd") == before
