"""Ignore files: git is the oracle."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.documents import File, Skipped, find_files, ignore
from ctxtools.documents.git.ignored import ignored_by_git
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.git.repository import find_root
from tests.hanging import no_hang

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is the oracle")

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=m"]


@pytest.fixture(autouse=True)
def no_git_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither the global excludes of whoever runs the tests, nor a hook's environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in [name for name in os.environ if name.startswith("GIT_") and "CONFIG" not in name]:
        monkeypatch.delenv(name)


@pytest.fixture(params=["git", "patterns"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Git asked, and the patterns matched here."""
    if request.param == "patterns":
        monkeypatch.setattr(ignore, "ignored_by_git", lambda *_: None)
    return str(request.param)


def git(directory: Path, *arguments: str) -> str:
    command = [*GIT, "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")


def asked(directory: Path) -> frozenset[str] | None:
    """What git answers itself."""
    return ignored_by_git(str(find_root(str(directory))), str(directory), Patience())


def found(root: Path, **options: Any) -> list[str]:
    prefix = f"{root}/"
    return [f.path.removeprefix(prefix) for f in find_files(root, **options) if isinstance(f, File)]


names = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "c.log", "build"])
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
segments = st.one_of(
    names, st.sampled_from(["*", "**", "*.py", "?", "[ab]", "[!a]*", "a*", "*b", "[a-c].log"])
)
patterns = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(segments, min_size=1, max_size=2).map("/".join),
    st.sampled_from(["", "", "/"]),
)
files = st.dictionaries(  # directory -> its .gitignore
    st.sampled_from(["", "", "a/", "b/", "a/b/", "build/"]),
    st.lists(patterns, min_size=2, max_size=5),
    min_size=1,
    max_size=3,
)


def build_tree(root: Path, tree: list[str], ignores: dict[str, list[str]]) -> None:
    for path in tree:
        try:
            make(root, path)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # it is a directory here and a file there
    for directory, lines in ignores.items():
        if (root / directory).is_dir():
            (root / directory / ".gitignore").write_text("\n".join(lines) + "\n")


@given(tree=st.lists(paths, min_size=3, max_size=12), ignores=files, start=names)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_ways_are_git_s(
    tmp_path_factory: pytest.TempPathFactory,
    tree: list[str],
    ignores: dict[str, list[str]],
    start: str,
) -> None:
    root = tmp_path_factory.mktemp("tree")
    git(root, "init", "-q")
    build_tree(root, tree, ignores)
    listed = git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")[:-1]
    expected = sorted(path for path in listed if not path.endswith(".gitignore"))
    assert sorted(found(root)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ignore, "ignored_by_git", lambda *_: None)
        assert sorted(found(root)) == expected
        without = found(root / start) if (root / start).is_dir() else []
    if (root / start).is_dir():
        assert found(root / start) == without


@given(tree=st.lists(paths, min_size=3, max_size=12), ignores=files, tracked=st.sets(names))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_tracked_files_are_never_ignored(
    tmp_path_factory: pytest.TempPathFactory,
    tree: list[str],
    ignores: dict[str, list[str]],
    tracked: set[str],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    git(root, "init", "-q")
    build_tree(root, tree, ignores)
    add = [str(path) for name in sorted(tracked) for path in sorted(root.rglob(name))]
    if add:
        git(root, "add", "-f", *add)
    listed = git(root, "ls-files", "-co", "--exclude-standard", "-z").split("\0")[:-1]
    assert sorted(found(root)) == sorted(p for p in listed if not p.endswith(".gitignore"))


ODD_LINES = [
    b"a", b"!a", b"*", b"!*", b"a/", b"!b/", b"#a", b"\\#a", b"\\!a", b"a ", b"a\\ ", b"a\\ \\  ",
    b" a", b"a\t", b"a\r", b"a\r\r", b"*\0b", b"\0", b"", b" ", b"/", b"//", b"!", b"!!a", b"/a",
    b"a/b", b"**", b"a/**", b"**/a", b"a**/b", b"a/**/b", b"[", b"[a", b"[[:alpha:]]", b"a\\",
    b"\\\\", b"\xe9", b"?", b"[\xc3]?", b"\xc3\xa9", b"*.\xff", b"\xef\xbb\xbfa", b"b/*", b"!b/a",
    b"/*/a", b"*/", b"!*/", b"b\x0c",
]  # fmt: skip
ODD_NAMES = [
    b"a", b"b", b"#a", b"!a", b"a ", b" a", b"a\t", b"a\r", b"\\", b"\xe9", b"\xc3\xa9",
    b"x.\xff", b"[", b"[a", b"ab", b"\xef\xbb\xbfa", b"a\n", b"a  ", b"b\x0c",
]  # fmt: skip


@given(
    folders=st.lists(
        st.lists(st.sampled_from(ODD_LINES), min_size=1, max_size=6), min_size=4, max_size=8
    )
)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_odd_lines_are_what_they_are_to_git(
    tmp_path_factory: pytest.TempPathFactory, folders: list[list[bytes]]
) -> None:
    root = tmp_path_factory.mktemp("odd")
    git(root, "init", "-q")
    for number, lines in enumerate(folders):
        folder = bytes(root / str(number))
        for name in ODD_NAMES:
            os.makedirs(folder + b"/" + name)
            for inner in (b"a", b"b", b"\xe9"):
                Path(os.fsdecode(folder + b"/" + name + b"/" + inner)).touch()
            Path(os.fsdecode(folder + b"/" + name + b"1")).touch()
        Path(os.fsdecode(folder + b"/.gitignore")).write_bytes(b"\n".join(lines))
    command = [*GIT, "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z"]
    expected = {
        os.fsdecode(path) for path in subprocess.check_output(command).split(b"\0")[:-1]
    }  # git's list is sorted otherwise
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ignore, "ignored_by_git", lambda *_: None)
        assert {*found(root)} == {path for path in expected if not path.endswith("/.gitignore")}


def test_tracked_files_are_kept_as_git_keeps_them(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "tracked.log", "other.log", "main.py")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path, "add", "-f", "tracked.log")
    assert found(tmp_path) == ["main.py", "tracked.log"]


def test_gitignore_counts_outside_a_repository(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "a.pyc", "sub/b.pyc", "sub/keep.pyc")
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    (tmp_path / "sub/.gitignore").write_text("!keep.pyc\n")
    assert found(tmp_path) == ["a.py", "sub/keep.pyc"]
    assert found(tmp_path, ignore=False) == ["a.py", "a.pyc", "sub/b.pyc", "sub/keep.pyc"]


def test_the_last_pattern_decides(tmp_path: Path, either: str) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.log", "b.log", "c.log", "d.txt")
    (tmp_path / ".gitignore").write_text("!a.log\n*.log\n!b.log\n!c.log\nc.*\n")
    assert found(tmp_path) == ["b.log", "d.txt"]


def test_nothing_below_an_ignored_directory_comes_back(tmp_path: Path, either: str) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "build/keep.txt", "main.py")
    (tmp_path / ".gitignore").write_text("build/\n!build/keep.txt\n")
    assert found(tmp_path) == ["main.py"]


def test_rules_above_the_walk_count_up_to_the_repository(tmp_path: Path, either: str) -> None:
    make(tmp_path, ".gitignore", "repository/sub/deep/a.log", "repository/sub/deep/b.tmp")
    make(tmp_path, "repository/sub/deep/c.txt", "repository/sub/deep/d.md")
    (tmp_path / ".gitignore").write_text("*.md\n")  # outside the repository
    repository = tmp_path / "repository"
    git(repository, "init", "-q")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "sub/.gitignore").write_text("/deep/c.txt\n")
    (repository / ".git/info/exclude").write_text("*.tmp\n")
    assert found(repository / "sub/deep") == ["d.md"]


def test_global_excludes(tmp_path: Path, either: str) -> None:
    configuration = Path(os.environ["XDG_CONFIG_HOME"]) / "git"
    configuration.mkdir()
    (configuration / "ignore").write_text("*.swp\n")
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.swp", "a.txt")
    assert found(tmp_path) == ["a.txt"]


def test_dot_ignore_outranks_gitignore(tmp_path: Path, either: str) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.log", "b.txt", "sub/c.txt", "top.txt")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / ".ignore").write_text("!a.log\n/sub\n")
    assert found(tmp_path) == ["a.log", "b.txt", "top.txt"]
    # A directory that git would skip, re-included: the rules apply to its files again.
    make(tmp_path, "build/x.log", "build/x.py", "build/deep/y.tmp", "build/deep/y.py")
    (tmp_path / ".gitignore").write_text("*.log\nbuild/\n*.tmp\n")
    (tmp_path / ".ignore").write_text("!build\n")
    assert found(tmp_path / "build") == ["deep/y.py", "x.py"]
    assert found(tmp_path) == ["b.txt", "build/deep/y.py", "build/x.py", "sub/c.txt", "top.txt"]


@pytest.mark.parametrize("start", ["node_modules", "node_modules/package"])
def test_an_ignored_directory_that_was_named_is_walked(
    tmp_path: Path, either: str, start: str
) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "node_modules/package/index.js", "node_modules/package/a.log")
    (tmp_path / ".gitignore").write_text("node_modules/\n*.log\n")
    assert found(tmp_path) == []
    assert found(tmp_path / start) == [f"{'package/' if start[-1] == 's' else ''}index.js"]


def test_a_nested_repository_starts_afresh(tmp_path: Path, either: str) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.log", "nested/b.log", "nested/c.txt", "nested/d.tmp")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git(tmp_path / "nested", "init", "-q")
    (tmp_path / "nested/.gitignore").write_text("*.tmp\n")
    assert found(tmp_path) == ["nested/b.log", "nested/c.txt"]


def test_odd_ignore_files(tmp_path: Path, either: str) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.log", "b.tmp", "c d", "#e", "f", "é.x", "g")
    lines = b"\xef\xbb\xbf*.log\r\n\r\n# comment\r\n*.tmp\nc\\ d\n\\#e\n\xff\xfe\n[\n\\\n*.x\nf"
    (tmp_path / ".gitignore").write_bytes(lines)
    assert found(tmp_path) == ["g"]


def test_an_unreadable_ignore_file_has_no_patterns(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    (tmp_path / ".gitignore").mkdir()
    (tmp_path / ".ignore").symlink_to("nowhere")
    assert found(tmp_path) == ["a.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", [".ignore", ".gitignore"])
@pytest.mark.parametrize("kind", ["device", "elsewhere", "pipe", "huge"])
def test_an_ignore_file_that_is_no_file_of_the_folder_is_named(
    tmp_path: Path, name: str, kind: str
) -> None:
    """Reading it never ended, or took all memory; or it was a file that the user had not named."""
    make(tmp_path / "walk", "a.txt", "sub/b.txt")
    (tmp_path / "secret").write_text("*.txt\n")
    for folder in ("walk", "walk/sub"):
        file = tmp_path / folder / name
        if kind == "device":
            file.symlink_to("/dev/zero")
        elif kind == "elsewhere":
            file.symlink_to(tmp_path / "secret")
        elif kind == "pipe":
            os.mkfifo(file)
        else:
            file.touch()
            os.truncate(file, 1 << 40)
    reason = {
        "device": "leads out of its folder",
        "elsewhere": "leads out of its folder",
        "pipe": "a named pipe, not a regular file",
        "huge": "larger than 1.0 MB",
    }[kind]
    with no_hang():
        files = list(find_files(tmp_path / "walk"))
    assert [each.path for each in files if isinstance(each, File)] == [
        str(tmp_path / "walk" / each) for each in ("a.txt", "sub/b.txt")
    ]
    assert [(each.path, each.reason) for each in files if isinstance(each, Skipped)] == [
        (str(tmp_path / folder / name), f"its patterns are not applied: {reason}")
        for folder in ("walk", "walk/sub")
    ]


def test_a_link_to_another_ignore_file_of_the_repository_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "a.log", "a.txt", "sub/b.log", "sub/b.txt")
    git(tmp_path, "init", "-q")
    (tmp_path / "patterns").write_text("*.log\npatterns\n")
    (tmp_path / ".ignore").symlink_to("patterns")
    assert found(tmp_path) == ["a.txt", "sub/b.txt"]
    (tmp_path / ".ignore").unlink()
    (tmp_path / "sub" / ".ignore").symlink_to("../patterns")
    assert found(tmp_path / "sub") == ["b.txt"]


@pytest.mark.parametrize("failure", ["missing", "refuses"])
def test_without_git_the_patterns_are_matched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.log", "a.txt")
    (tmp_path / ".gitignore").write_text("*.log\n")
    if failure == "missing":
        monkeypatch.setenv("PATH", "/nonexistent")
    else:
        (tmp_path / ".git/index").write_text("DIRC, or not")
    assert asked(tmp_path) is None
    assert found(tmp_path) == ["a.txt"]


def test_a_repository_cannot_make_us_run_a_program(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.txt")
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(program))
    assert asked(tmp_path) is not None
    assert not (tmp_path / "ran").exists()


def test_a_hook_s_environment_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        make(tmp_path, f"{name}/a.log", f"{name}/a.txt")
        git(tmp_path / name, "init", "-q")
    (tmp_path / "two/.gitignore").write_text("*.log\n")
    (tmp_path / "one/.git/info/exclude").write_text("*.txt\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "one/.git"))
    assert found(tmp_path / "two") == ["a.txt"]
