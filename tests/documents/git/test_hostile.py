"""Repositories of strangers: no program runs, nothing outside is read, nothing hangs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.git.repository import Repository, find_root, open_repository
from ctxtools.documents.history import History
from tests.documents.git.repositories import git, hostile_repository, make
from tests.documents.git.test_ignored import asked, by_git, ordinary, state
from tests.hanging import no_hang

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs are scripts, pipes have names")

IN_PYTHON = """
import ctxtools
documents = ctxtools.read_documents(".")
ctxtools.pack({each.path: each.text for each in documents}, "o200k_base", budget=200)
"""
COMMANDS = {
    "count": ("-m", "ctxtools", "count", "."),
    "fits": ("-m", "ctxtools", "fits", ".", "--limit", "10"),
    "chunk": ("-m", "ctxtools", "chunk", ".", "--size", "100"),
    "pack": ("-m", "ctxtools", "pack", ".", "--limit", "200"),
    "python": ("-c", IN_PYTHON),
}
VERSIONS = {
    "ref": ("-m", "ctxtools", "count", ".", "--ref", "HEAD~1", "--hidden"),
    "diff": ("-m", "ctxtools", "count", ".", "--diff", "HEAD~1", "--log", "3"),
    "range": ("-m", "ctxtools", "pack", ".", "--diff", "HEAD~2..HEAD", "--limit", "900"),
    "staged": ("-m", "ctxtools", "chunk", ".", "--staged", "--log", "3", "--size", "100"),
    "python": ("-c", 'from ctxtools.documents.git.changes import *; changed_lines(".", "HEAD~1")'),
}


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Callable[[], list[str]]]:
    folder = tmp_path_factory.mktemp("hostile")
    return folder / "root", hostile_repository(folder / "root", folder / "outside")


@pytest.fixture(scope="module")
def complete(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Callable[[], list[str]]]:
    """The same without a missing object, so that its versions can be read."""
    folder = tmp_path_factory.mktemp("complete")
    return folder / "root", hostile_repository(folder / "root", folder / "outside", missing=False)


def _importable() -> dict[str, str]:
    """An environment in which Python finds ctxtools in any folder, installed or not."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_no_program_of_a_repository_runs(
    hostile: tuple[Path, Callable[[], list[str]]], arguments: tuple[str, ...]
) -> None:
    root, ran = hostile
    path = f".{os.pathsep}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-P", *arguments]
    before = state(root)
    environment = {**_importable(), "PATH": path}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert "No module named ctxtools" not in done.stderr
    assert ran() == []
    assert state(root) == before


@pytest.mark.parametrize("arguments", VERSIONS.values(), ids=VERSIONS)
def test_no_program_of_a_version_runs(
    complete: tuple[Path, Callable[[], list[str]]], arguments: tuple[str, ...]
) -> None:
    root, ran = complete
    before = {(path, size) for path, _, size in state(root)}
    command = [sys.executable, "-P", *arguments]
    done = subprocess.run(command, cwd=root, env=_importable(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ran() == []
    # Where the index is sparse, git renews the time of the trees that stand for its folders.
    assert {(path, size) for path, _, size in state(root)} == before


def test_git_would_have_run_them(hostile: tuple[Path, Callable[[], list[str]]]) -> None:
    root, ran = hostile
    assert ran() == []
    subprocess.run(["git", "status"], cwd=root, capture_output=True, stdin=subprocess.DEVNULL)
    subprocess.run(["git", "log", "-p"], cwd=root, capture_output=True)
    assert "remote.origin.uploadpack" in ran()


def test_nothing_of_the_configuration_matters(tmp_path: Path) -> None:
    """Whatever a variable is called, git does not see it."""
    root = ordinary(tmp_path / "root")
    expected = by_git(root)
    listed = git(root, "help", "--config-for-completion").split()
    assert len(listed) > 300
    pairs = [key.rpartition(".") for key in listed if key != "extensions.objectFormat"]
    lines = [f"[{section}]\n\t{name} = x" for section, _, name in pairs if name[:1].isalpha()]
    config = root / ".git/config"
    config.write_text("\n".join(lines) + config.read_text().partition("\n")[2])
    assert subprocess.run(["git", "-C", str(root), "log"], capture_output=True).returncode
    assert asked(root) == expected
    assert History(str(root)).ages()[0]


FILES = (
    *(
        ".git",
        ".git/HEAD",
        ".git/index",
        ".git/config",
        ".git/config.worktree",
        ".git/info/exclude",
    ),
    *(".git/objects", ".git/objects/info", ".git/objects/info/alternates", ".git/objects/pack"),
    *(".git/packed-refs", ".git/commondir", ".git/gitdir", ".git/shallow", ".git/refs"),
    *(".git/refs/heads/m", ".git/info/grafts", ".git/info/attributes", ".git/modules"),
    *(".gitignore", ".gitattributes", ".gitmodules", ".mailmap", "deep/.gitignore", "nested/.git"),
)
REPLACEMENTS: dict[str, Callable[[Path], None]] = {
    "pipe": lambda path: os.mkfifo(path),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path.name),
    "folder": lambda path: path.mkdir(),
    "huge": lambda path: _sparse_file(path, 1 << 40),
    "noise": lambda path: _write(path, b"\xff\0[\n" * 1000),
}


def _sparse_file(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ordinary(tmp_path_factory.mktemp("template") / "root")


@pytest.mark.parametrize("kind", REPLACEMENTS)
@pytest.mark.parametrize("name", FILES)
def test_special_files(name: str, kind: str, template: Path, tmp_path: Path) -> None:
    if kind == "pipe" and name == "deep/.gitignore":
        pytest.skip("git waits, and is stopped: see test_run.py")
    root = Path(shutil.copytree(template, tmp_path / "root"))
    target = root / name
    if target.exists():
        target.rename(tmp_path / "before")
    target.parent.mkdir(exist_ok=True)
    REPLACEMENTS[kind](target)
    with no_hang():
        found = [*find_files(root)]
        ages, done = History(str(root)).ages()
    assert done and ages is not None
    paths = [os.path.relpath(each.path, root) for each in found if isinstance(each, File)]
    assert {"a.txt", "new.txt", "deep/c.txt"} <= {*paths}
    assert not [each for each in found if isinstance(each, Skipped) and each.error]


def _private(tmp_path: Path) -> Path:
    """A repository of the user's, of which a stranger's folder may know the path."""
    private = ordinary(tmp_path / "private")
    make(private, "secret.log")
    git(private, "add", "-f", "secret.log")
    git(private, "commit", "-qm", "two")
    return private


LEADS: dict[str, Callable[[Path, Path], None]] = {
    "file": lambda root, private: _git_file(root, f"gitdir: {private}/.git\n"),
    "relative file": lambda root, private: _git_file(root, "gitdir: ../private/.git"),
    "file to a worktree": lambda root, private: _git_file(root, f"gitdir: {_worktree(private)}\n"),
    "link": lambda root, private: _replace(root / ".git", private / ".git"),
    "link to a file": lambda root, private: _replace(
        root / ".git", private.parent / "other" / ".git", _worktree(private)
    ),
    "index": lambda root, private: _replace(root / ".git/index", private / ".git/index"),
    "objects": lambda root, private: _replace(root / ".git/objects", private / ".git/objects"),
    "packs": lambda root, private: _replace(
        root / ".git/objects/pack", private / ".git/objects/pack"
    ),
    "alternates": lambda root, private: _write(
        root / ".git/objects/info/alternates", f"{private}/.git/objects\n".encode()
    ),
    "common": lambda root, private: _write(root / ".git/commondir", f"{private}/.git\n".encode()),
    "excludes": lambda root, private: _replace(
        root / ".git/info/exclude", private / ".git/info/exclude"
    ),
}


def _git_file(root: Path, content: str) -> None:
    (root / ".git").rename(root / "was-git")
    (root / ".git").write_text(content)


def _worktree(private: Path) -> Path:
    git(private, "worktree", "add", "-q", str(private.parent / "other"))
    return private / ".git/worktrees/other"


def _replace(path: Path, target: Path, _: Path | None = None) -> None:
    if path.exists():
        path.rename(path.with_name("was-here"))
    path.symlink_to(target)


@pytest.mark.parametrize("lead", LEADS)
def test_nothing_outside_is_read(lead: str, tmp_path: Path) -> None:
    private, root = _private(tmp_path), ordinary(tmp_path / "root")
    LEADS[lead](root, private)
    if lead in ("objects", "packs", "alternates"):  # which are not needed
        assert asked(root) is not None
    else:
        assert find_root(str(root)) is None or asked(root) is None
    assert not any("secret" in path for path in History(str(root)).ages()[0])
    make(root, "secret.log")
    names = [each.path for each in find_files(root) if isinstance(each, File)]
    assert f"{root}/a.txt" in names and f"{root}/secret.log" not in names


@pytest.mark.parametrize(
    "content",
    [
        "ref: refs/heads/../../../private/.git/refs/heads/m",
        "ref: ../../private/.git/refs/heads/m",
        "ref: /etc/passwd",
        "ref: refs/heads/loop",
        "ref: refs/heads/m\0",
        "ref: refs/heads/outside",
        "ref: refs",
        "ref:",
        "--output=x",
        "0" * 39,
        "0" * 41,
        "",
        "\x1b[31m",
    ],
)
def test_heads_that_lead_nowhere(content: str, tmp_path: Path) -> None:
    private, root = _private(tmp_path), ordinary(tmp_path / "root")
    heads = root / ".git/refs/heads"
    (heads / "loop").write_text("ref: refs/heads/loop\n")
    (heads / "outside").symlink_to(private / ".git/refs/heads/m")
    (root / ".git/HEAD").write_text(content)
    repository = open_repository(str(root))
    assert repository is not None and repository.head() is None
    assert History(str(root)).ages() == ({}, True)


def test_refs_may_lead_to_others(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    commit = git(root, "rev-parse", "HEAD").strip()
    git(root, "symbolic-ref", "refs/heads/other", "refs/heads/m")
    git(root, "symbolic-ref", "HEAD", "refs/heads/other")
    repository = open_repository(str(root))
    assert repository is not None and repository.head() == commit
    git(root, "checkout", "-q", "--detach")
    assert repository.head() == commit


def test_a_folder_named_git_that_is_no_repository_is_passed_over(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    for number in range(30):
        make(root, f"deep/{number}/.git/config", f"deep/{number}/a.log", f"deep/{number}/a.txt")
    assert find_root(f"{root}/deep/0") == str(root)
    assert "deep/0/a.log" in (asked(root) or ())
    names = [each.path for each in find_files(root / "deep") if isinstance(each, File)]
    assert f"{root}/deep/0/a.txt" in names and f"{root}/deep/0/a.log" not in names


def test_settings_are_read_as_git_reads_them(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    (root / ".git/config").write_text(
        '[core] repositoryFormatVersion=1\n[Core "sub"]\n\tignoreCase = no\n[CORE]\n'
        'ignorecase ; set\n\tlongpaths = "true" # comment\n[include]\n\tpath = /dev/zero\n'
        "[extensions]\nobjectFormat = sha1\n[broken\nx=\n"
    )
    settings = Repository(str(root), f"{root}/.git", f"{root}/.git").settings()
    assert settings == {
        "core.repositoryformatversion": "1",
        "core.ignorecase": "",
        "core.longpaths": "true",
        "include.path": "/dev/zero",
        "extensions.objectformat": "sha1",
        "extensions.x": "",
    }
