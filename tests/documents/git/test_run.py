"""Running git: it ends in time, what it prints has an end, and nothing stays behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.documents import Skipped, find_files
from ctxtools.documents.git import run
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.git.run import Run
from ctxtools.documents.history import History
from tests.documents.git.repositories import git
from tests.documents.git.test_ignored import asked, by_git, ordinary
from tests.hanging import no_hang

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are scripts")

Git = Callable[[str], Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Installs a script as git; the file into which it may write its process ids."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(script: str) -> Path:
        path = folder / "git"
        path.write_text(f"#!/bin/sh\nids='{tmp_path}/ids'\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return tmp_path / "ids"

    return install


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_git_is_stopped_with_what_it_started(tmp_path: Path, fake: Git) -> None:
    root = ordinary(tmp_path / "root")
    ids = fake('trap "" TERM; sleep 1000 & echo $! $$ > "$ids"; wait; sleep 1000')
    patience = Patience(0.5)
    with no_hang():
        assert asked(root, patience) is None
    assert patience.seconds < 0.1
    for process in ids.read_text().split():
        deadline = time.monotonic() + 60
        while is_alive(int(process)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_alive(int(process))


def test_a_search_waits_for_git_only_so_long(tmp_path: Path, fake: Git) -> None:
    roots = [ordinary(tmp_path / name) for name in ("a", "b", "c")]
    ids = fake('echo once >> "$ids"; sleep 1000')
    patience = Patience(0.5)
    assert [asked(root, patience) for root in roots] == [None] * 3
    assert ids.read_text() == "once\n"
    assert [*patience.untold] == [*map(str, roots)]


def test_ages_are_not_waited_for_either(
    tmp_path: Path, fake: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctxtools.documents.history._TIMEOUT", 0.2)
    root = ordinary(tmp_path / "root")
    fake("sleep 1000")
    assert History(str(root)).ages() == ({}, False)


@pytest.mark.parametrize(
    "script", ["exit 1", "kill -9 $$", "printf '.\\0'", "printf 'a.txt\\0'; exit 3"]
)
def test_an_answer_that_is_none(script: str, tmp_path: Path, fake: Git) -> None:
    root = ordinary(tmp_path / "root")
    fake(script)
    assert asked(root) is None


def test_output_without_end(tmp_path: Path, fake: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_MAX_OUTPUT", 1 << 20)
    root = ordinary(tmp_path / "root")
    fake("yes")
    patience = Patience()
    assert asked(root, patience) is None
    assert [*patience.untold] == [str(root)]
    # The newest commits come first, so a log may be cut.
    fake('printf "\\0019\\n"; yes')
    with no_hang():
        assert History(str(root)).ages() == ({f"{root}/y": 0.0}, True)


def test_a_program_that_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = ordinary(tmp_path / "root")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("\0\0\0")
    (folder / "git").chmod(0o755)
    for path in (str(folder), str(tmp_path / "nowhere"), ""):
        monkeypatch.setenv("PATH", path)
        assert asked(root) is None
        assert History(str(root)).ages() == ({}, True)


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="Linux tells what waits")
def test_git_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    (root / "deep/.gitignore").unlink()
    os.mkfifo(root / "deep/.gitignore")
    patience = Patience(1000.0)
    with no_hang():
        assert asked(root, patience) is None
    found = [*find_files(root)]
    skipped = [each.path for each in found if isinstance(each, Skipped)]
    assert skipped == [f"{root}/.git", f"{root}/deep/.gitignore"]
    assert f"{root}/a.log" not in [each.path for each in found]


@pytest.mark.parametrize("name", [".gitignore", "deep/.gitignore"])
def test_pipes_that_git_would_read_first(name: str, tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    (root / name).unlink()
    os.mkfifo(root / name)
    patience = Patience(1000.0)
    assert asked(root / "deep", patience) is None
    assert patience.seconds == 1000 or patience.seconds > 998


def test_an_unfinished_run_ends_with_us(tmp_path: Path, fake: Git) -> None:
    root = ordinary(tmp_path / "root")
    ids = fake('echo $$ > "$ids"; sleep 1000')
    code = (
        "import os, sys, time; from ctxtools.documents.history import History\n"
        f"history = History({str(root)!r})\n"
        f"while not os.path.exists({str(ids)!r}): time.sleep(0.01)\n"
        "time.sleep(0.1); sys.exit(3)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 3
    assert not is_alive(int(ids.read_text()))


def test_the_environment_of_git(tmp_path: Path, fake: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    fake("env")
    for name in ("GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_TRACE", "GIT_EXEC_PATH"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}sub/bin{os.pathsep}{os.environ['PATH']}")
    output = Run(["version"]).output(60)
    assert output is not None
    variables = dict(line.partition("=")[::2] for line in output.decode().splitlines())
    assert "mine" not in variables.values()
    assert all(os.path.isabs(folder) for folder in variables["PATH"].split(os.pathsep))
    assert variables["GIT_NO_LAZY_FETCH"] == "1" and variables["GIT_ALLOW_PROTOCOL"] == "none"


def test_a_damaged_index_or_tree_takes_no_more_than_its_share(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    index = root / ".git/index"
    data = bytearray(index.read_bytes())
    data[8:12] = b"\xff\xff\xff\xff"  # the number of entries
    for damaged in (bytes(data), b"", b"DIRC", data[: len(data) // 2], os.urandom(1000)):
        index.write_bytes(damaged)
        with no_hang():
            asked(root)
            assert [*find_files(root)]


def test_a_tree_of_endless_files_is_cut_off(tmp_path: Path) -> None:
    """Ten entries for each of ten levels: a tree of 10 ** 10 files in 11 objects."""
    root = ordinary(tmp_path / "root")
    kind, name = "100644 blob", git(root, "hash-object", "-w", "a.txt").strip()
    for _ in range(10):
        listing = "".join(f"{kind} {name}\t{letter}\n" for letter in "abcdefghij")
        name = git(root, "mktree", "--missing", text=listing).strip()
        kind = "040000 tree"
    commit = git(root, "commit-tree", "-m", "endless", name).strip()
    git(root, "update-ref", "HEAD", commit)
    with no_hang():
        ages, _ = History(str(root)).ages()
    assert len(ages) <= 500_000
    assert asked(root) == by_git(root)


def test_the_time_of_a_commit_may_be_anything(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    tree = git(root, "rev-parse", "HEAD^{tree}").strip()
    for time_of_it in ("", "x", "-5 +0000", "9" * 40 + " +0000", "1 +0000\x00"):
        text = f"tree {tree}\nauthor a <b> 1 +0000\ncommitter a <b> {time_of_it}\n\nm\n"
        options = ("-t", "commit", "-w", "--stdin", "--literally")
        name = git(root, "hash-object", *options, text=text).strip()
        (root / ".git/refs/heads/m").write_text(f"{name}\n")
        ages, done = History(str(root)).ages()
        assert done and all(0 <= age < float("inf") for age in ages.values())
