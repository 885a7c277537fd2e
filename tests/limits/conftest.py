"""A folder to check, and a repository of it."""

from pathlib import Path

import pytest

from tests.documents.git.repositories import git

WORD = "hello"  # " hello" is one token, and so is "hello" at the start


def write(path: Path, tokens: int) -> None:
    """A file of so many tokens, of o200k_base and of cl100k_base."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(" ".join([WORD] * tokens))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable in ("CTXTOOLS_CONFIG", "CTXTOOLS_MODEL", "CTXTOOLS_ENCODING", "CTXTOOLS_LIMIT"):
        monkeypatch.delenv(variable, raising=False)
    return here


@pytest.fixture
def repository(folder: Path) -> Path:
    """The same in git, with one commit."""
    git(folder, "init", "-q")
    for name, tokens in (("AGENTS.md", 100), ("docs/a.md", 200), ("docs/b.md", 300)):
        write(folder / name, tokens)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder
