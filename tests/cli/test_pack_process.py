"""``ctx pack`` as a process: the same bytes whatever the threads, full disks, what it imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CTX = [sys.executable, "-m", "ctxtools"]
TEXT = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. 深度求索。\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for i in range(60):
        (here / f"{i}.md").write_text(TEXT * i)
    return here


def test_the_same_bytes_every_time(folder: Path) -> None:
    outputs = [
        subprocess.run(
            [*CTX, "pack", ".", "-l", "9000", "-j", threads, "--order", "edges"],
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for threads, seed in (("1", "1"), ("4", "2"), ("0", "3"), ("9" * 30, "4"))
    ]
    assert {(each.returncode, each.stderr) for each in outputs} == {(0, outputs[0].stderr)}
    assert len({each.stdout for each in outputs}) == 1 and outputs[0].stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*CTX, "pack", "."], stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 2
    assert b"error: stdout: no space left on device" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_folder_that_cannot_be_written_to_leaves_no_file(folder: Path) -> None:
    ran = subprocess.run(
        [*CTX, "pack", ".", "-o", "out.xml", "--stats", "missing/stats.json"], capture_output=True
    )
    assert ran.returncode == 2 and b"missing/stats.json" in ran.stderr
    assert not (folder / "out.xml").exists()


def test_names_that_are_not_text(folder: Path) -> None:
    try:
        (folder / os.fsdecode(b"caf\xe9.md")).write_text(TEXT)
    except OSError:
        pytest.skip("the file system takes no such name")
    for format in ("xml", "markdown", "json", "plain"):
        ran = subprocess.run([*CTX, "pack", ".", "--format", format], capture_output=True)
        assert ran.returncode == 0, ran.stderr
        assert rb"caf\xe9.md" in ran.stdout or rb"caf\\xe9.md" in ran.stdout


def test_changes_in_git_count(folder: Path) -> None:
    def git(*arguments: str, date: str = "2026-01-01T00:00:00") -> None:
        identity = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        identity |= {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER")
                     for what in ("NAME", "EMAIL")}  # fmt: skip
        subprocess.run(["git", *arguments], check=True, capture_output=True,
                       env=os.environ | identity)  # fmt: skip

    try:
        git("init")
    except OSError:
        pytest.skip("there is no git")
    git("add", ".")
    git("commit", "-m", "all", date="2025-01-01T00:00:00")
    (folder / "7.md").write_text(TEXT * 8)
    git("commit", "-am", "one")
    ran = subprocess.run([*CTX, "pack", ".", "--dry-run", "--explain"], capture_output=True)
    recent = [line for line in ran.stderr.decode().splitlines() if "recency 2.00" in line]
    assert [line.split()[-1] for line in recent] == ["7.md"]


def test_other_commands_do_not_import_packing(folder: Path) -> None:
    code = (
        "import sys; from ctxtools.cli.app import app\n"
        "app(['count', '1.md'], standalone_mode=False)\n"
        "assert not [name for name in sys.modules if name.startswith('ctxtools.packing')]\n"
        "app(['pack', '1.md', '-q'], standalone_mode=False)\n"
        "assert not {'numpy', 'rich.table', 'tree_sitter'} & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not tell")
def test_what_tee_writes_is_no_input(folder: Path) -> None:
    """It was packed, empty or half-written."""
    (folder / "out.xml").write_text("not a pack\n")
    command = f"{sys.executable} -m ctxtools pack . | tee out.xml | cat > /dev/null"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert "skipped: out.xml: open in another program of the pipeline" in ran.stderr
    assert 'source="out.xml"' not in (folder / "out.xml").read_text()
