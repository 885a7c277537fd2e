"""Other versions of a repository on the command line: what is read, said and refused."""

import json
from pathlib import Path

import pytest

from ctxtools.documents.git.versions import remote
from tests.cli.conftest import Run
from tests.documents.git.repositories import git, make


@pytest.fixture
def root(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository in which one file changed, one is staged, one is gone."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    make(folder, "a.txt", "sub/b.txt", "gone.txt", text="one two three\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    make(folder, "a.txt", text="changed\n")
    make(folder, "new.txt", text="staged\n")
    git(folder, "add", "new.txt")
    (folder / "gone.txt").unlink()
    return folder


def paths(run: Run, *arguments: str) -> list[str]:
    ran = run("count", *arguments, "--json")
    assert ran.exit_code == 0, ran.stderr
    return [each["path"] for each in json.loads(ran.stdout)["files"]]


def test_count(root: Path, run: Run) -> None:
    assert paths(run, "--ref", "HEAD") == ["a.txt", "gone.txt", "sub/b.txt"]
    assert paths(run, "sub", "--ref", "HEAD") == ["sub/b.txt"]
    assert paths(run, "--diff", "HEAD") == ["a.txt", "new.txt"]
    assert paths(run, "--staged") == ["new.txt"]
    assert paths(run, "sub", "--log", "1") == ["sub/b.txt", "sub/git log"]
    assert run("count", "a.txt", "--ref", "HEAD").stdout == "4\n"
    assert "deleted since HEAD: gone.txt" in run("count", "--diff", "HEAD").stderr


def test_nothing_changed(root: Path, run: Run) -> None:
    for command in ("count", "pack", "chunk --size 64", "fits --limit 10"):
        ran = run(*command.split(), "sub", "--diff", "HEAD")
        assert ran.exit_code == 2 and "nothing changed in sub since HEAD" in ran.stderr, ran
        assert ran.stdout == ""
    ran = run("count", "a.txt", "--staged")  # it changed, but that is not staged
    assert ran.exit_code == 2 and "nothing changed in a.txt in the index" in ran.stderr


def test_what_changed_goes_into_a_pack(root: Path, run: Run) -> None:
    make(root, "sub/b.txt", text="many more words " * 200)
    git(root, "add", "sub")
    git(root, "commit", "-qm", "two")
    ran = run("pack", "--diff", "HEAD~1", "--limit", "100", "--exclude", "sub")
    assert ran.exit_code == 0 and "changed" in ran.stdout and "staged" in ran.stdout
    ran = run("pack", "--ref", "HEAD~1", "--limit", "200")
    assert ran.stdout.count("one two three") == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ref", "nope"], "no commit 'nope'"),
        (["--ref", "HEAD", "--staged"], "cannot be used together"),
        (["-", "--ref", "HEAD"], "stdin"),
        (["..", "--ref", "HEAD"], "not in a repository"),
        (["--diff", ""], "diff is empty"),
        (["nope.txt", "--ref", "HEAD"], "not in revision HEAD"),
    ],
)
def test_errors(arguments: list[str], message: str, root: Path, run: Run) -> None:
    ran = run("count", *arguments)
    assert ran.exit_code == 2 and message in ran.stderr, ran
    assert "hint:" in ran.stderr or "together" in message


def test_a_url(root: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "cache_folder", lambda: tmp_path / "cache")
    url = f"file://{root}"
    ran = run("pack", url, "--limit", "500", "--log", "1")
    assert ran.exit_code == 0, ran.stderr
    assert 'source="sub/b.txt"' in ran.stdout and 'source="git log"' in ran.stdout
    (kept,) = (each for each in json.loads(run("info", "--json").stdout)["caches"] if each == url)
    assert kept in run("info").stdout
    assert run("count", f"{url}/nope").exit_code == 2
