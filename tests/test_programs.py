"""Programs are not looked for in the current folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctxtools import programs
from ctxtools.programs import find_program, program_environment


def install(folder: Path, name: str = "tool") -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="programs are named otherwise")
def test_only_absolute_folders_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("tool", "other"):
        install(here, name)
    install(here / "bin", "tool")
    expected = install(there)
    monkeypatch.chdir(here)
    for first in ("", ".", "./", "bin", "../here", "~", "$PWD"):
        monkeypatch.setenv("PATH", f"{first}:{there}:/nowhere:")
        assert find_program("tool") == expected
        assert find_program("other") is None
        assert program_environment()["PATH"] == f"{there}:/nowhere"
    monkeypatch.setenv("PATH", "")
    assert find_program("tool") is None
    assert program_environment()["PATH"] == ""
    monkeypatch.delenv("PATH")
    assert find_program("sh") is not None


@pytest.mark.skipif(os.name == "nt", reason="programs are named otherwise")
def test_a_program_is_a_file_that_can_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three"
    (one / "tool").mkdir(parents=True)
    os.chmod(install(two), 0o600)
    expected = install(three)
    monkeypatch.setenv("PATH", f"{one}:{two}:{three}")
    assert find_program("tool") == expected


def test_windows_looks_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_WINDOWS", True)
    assert program_environment()["NoDefaultCurrentDirectoryInExePath"] == "1"


STARTERS = {
    "documents/git/run.py": "git",
    "documents/git/versions/blobs.py": "git, by run.py: one that answers many questions",
    "documents/git/versions/remote.py": "git, for a URL that was named",
    "cli/output/clipboard.py": "the clipboard's",
    "isolated/run.py": "Python, isolated",
    "bench/measure.py": "Python",
    "messages/media/readers/ffprobe.py": "ffprobe, where the library for videos is missing",
}
"""The files that start programs, and which."""


def test_programs_are_started_in_few_places() -> None:
    """Where its arguments, its environment and the folder it runs in were thought about."""
    package = Path(programs.__file__).parent
    starts = re.compile(
        r"\bsubprocess\.|\bos\.(system|popen|exec|spawn|posix_spawn|startfile)|\bmultiprocessing\b"
        r"|\b(which|processor|uname|find_library)\("
    )
    sources = {
        path.relative_to(package).as_posix(): path.read_text("utf-8")
        for path in package.rglob("*.py")
    }
    found = {name for name, source in sources.items() if starts.search(source)}
    assert found - {"bench/machine.py"} == {*STARTERS}  # asks in Windows alone


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
def test_no_program_of_the_current_folder_runs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    for name in ("wl-copy", "pbcopy", "xclip", "clip.exe", "git", "uname", "ps", "bash", "sh"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n: > '{tmp_path}/{name} ran'\n")
        path.chmod(0o755)
    environment = {**os.environ, "PATH": f".::./:../{tmp_path.name}", "HOME": str(tmp_path)}
    for arguments, more in (
        (["pack", ".", "--copy"], {}),
        (["info"], {}),
        (["--show-completion"], {}),
        ([], {"_CTX_COMPLETE": "source_bash"}),
    ):
        subprocess.run(
            [sys.executable, "-P", "-m", "ctxtools", *arguments],
            cwd=tmp_path,
            env={**environment, **more},
            capture_output=True,
        )
    assert not [*tmp_path.glob("* ran")]
