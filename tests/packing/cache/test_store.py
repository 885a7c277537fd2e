"""Rows are kept in a file of limited size, whatever is wrong with that file."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.packing.cache import FILE, size_of, user_cache_folder
from ctxtools.packing.cache import store as module
from ctxtools.packing.cache.store import Store

ROWS = {bytes([i]) * 20: b"value %d" % i for i in range(50)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert Store(tmp_path).read(list(ROWS)) == {}
    assert size_of(tmp_path) is None
    Store(tmp_path / "new").write(ROWS)
    assert Store(tmp_path / "new").read([*ROWS, b"other"]) == ROWS
    assert size_of(tmp_path / "new") == (tmp_path / "new" / FILE).stat().st_size
    Store(tmp_path / "new").write({bytes(20): b"newer"})
    assert Store(tmp_path / "new").read([bytes(20)]) == {bytes(20): b"newer"}


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    Store(tmp_path / "a").write(ROWS)
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    assert (tmp_path / "a" / FILE).stat().st_mode & 0o077 == 0


def _of_another_version(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 77")
    connection.commit()
    connection.close()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "no database": lambda file: file.write_bytes(b"# not a database\n" * 500),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "zeros": lambda file: file.write_bytes(file.read_bytes()[:4096] + bytes(20_000)),
    "another version": _of_another_version,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_written_anew(damage: Callable[[Path], object], tmp_path: Path) -> None:
    Store(tmp_path).write(ROWS)
    damage(tmp_path / FILE)
    assert Store(tmp_path).read(list(ROWS)).items() <= ROWS.items()
    for _ in range(2):  # what the first finds damaged, the second has
        Store(tmp_path).write(ROWS)
    assert Store(tmp_path).read(list(ROWS)) == ROWS


def test_a_changed_value_is_not_read(tmp_path: Path) -> None:
    Store(tmp_path).write(ROWS)
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes().replace(b"value 7", b"value 8"))
    assert Store(tmp_path).read(list(ROWS)) == {k: v for k, v in ROWS.items() if v != b"value 7"}


def test_where_nothing_can_be_written_there_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / FILE).mkdir()
    for folder in (tmp_path / "file", tmp_path):
        Store(folder).write(ROWS)
        assert Store(folder).read(list(ROWS)) == {}


def test_another_run_that_writes_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    Store(tmp_path).write(ROWS)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    Store(tmp_path).write({b"x" * 20: b"y"})
    assert Store(tmp_path).read(list(ROWS)) == {}
    other.execute("ROLLBACK")
    other.close()
    assert Store(tmp_path).read([*ROWS, b"x" * 20]) == ROWS


def test_the_file_stays_small_and_keeps_what_was_used_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 200_000
    for day in range(40):
        monkeypatch.setattr(module, "time", lambda day=day: day * 86_400.0)
        Store(tmp_path, limit).write({b"%20d" % day: bytes([day]) * 10_000})
        used = Store(tmp_path, limit)
        assert used.read([b"%20d" % 0])  # it is read each day
        used.write({})
        assert (size_of(tmp_path) or 0) <= limit
    assert Store(tmp_path).read([b"%20d" % 39, b"%20d" % 38]).keys() == {b"%20d" % 39, b"%20d" % 38}
    assert Store(tmp_path).read([b"%20d" % 2]) == {}
    Store(tmp_path, limit).write({b"%20d" % i: bytes(10_000) for i in range(100, 200)})
    assert (size_of(tmp_path) or 0) <= limit


def test_runs_at_once_leave_a_file_that_can_be_read(tmp_path: Path) -> None:
    code = (
        "import sys; from ctxtools.packing.cache.store import Store\n"
        "for i in range(20):\n"
        "    Store(sys.argv[1]).write({f'{sys.argv[2]} {i}'.encode(): b'v' * 500})\n"
        "    Store(sys.argv[1]).read([f'0 {i}'.encode()])\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, tmp_path, str(n)]) for n in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    keys = [f"{n} {i}".encode() for n in range(3) for i in range(20)]
    found = Store(tmp_path).read(keys)
    assert found
    assert set(found.values()) == {b"v" * 500}


def test_it_is_in_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert user_cache_folder() == str(tmp_path / "ctxtools")
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert user_cache_folder() is None
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert os.path.isabs(user_cache_folder() or "")
