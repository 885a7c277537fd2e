"""Folders that the kernel lists: what is found is what the walk in Python finds."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import _core
from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.search.found import Reason
from tests.core import needs_kernel

pytestmark = [needs_kernel, pytest.mark.skipif(os.name == "nt", reason="names are bytes in POSIX")]

NAMES = st.sampled_from(
    [
        *(b"a", b"b", b"ab", b"A", b"a.txt", b"b.log", b".hidden", b"target", b"build", b"-"),
        *(b"\xff", b"a\xff", "é".encode(), "\ue000".encode(), "\U0001f600".encode(), b"a b"),
        b".a.0123456789abcdef.ctxtools-tmp",
    ]
)
PATTERNS = st.sampled_from(["*.log", "/build", "target/", "!a.log", "a*", "**/b", "*", "!*/", "é"])
CONTENTS = st.one_of(
    st.just("file"),
    st.sampled_from(["link to a", "broken link", "pipe", "repository", "empty submodule"]),
    st.lists(PATTERNS, max_size=3).map(lambda lines: ("rules", "\n".join(lines))),
)
TREES = st.recursive(
    CONTENTS, lambda below: st.dictionaries(NAMES, below, max_size=5), max_leaves=20
)

Listing = tuple[list[File | Skipped], dict[Reason, int]]


def _make(path: bytes, tree: Any) -> None:
    """Make what a tree describes at a path."""
    if isinstance(tree, dict):
        os.makedirs(path, exist_ok=True)
        for name, below in tree.items():
            _make(os.path.join(path, name), below)
    elif isinstance(tree, tuple):
        os.makedirs(path)
        lines = tree[1].encode()
        for name in (b".gitignore", b".ignore")[: 1 + len(lines) % 2]:
            Path(os.fsdecode(os.path.join(path, name))).write_bytes(lines)
        for name in (b"a.log", b"b.log", b"build", b"a.txt"):
            _make(os.path.join(path, name), "file")
    elif tree == "pipe":
        os.mkfifo(path)
    elif tree in ("link to a", "broken link"):
        os.symlink(b"a" if tree == "link to a" else b"nothing", path)
    elif tree == "repository":
        os.makedirs(path)
        subprocess.run(["git", "init", "-q", os.fsdecode(path)], check=True)
        _make(os.path.join(path, b"x"), ("rules", "*.log"))
    elif tree == "empty submodule":
        os.makedirs(path)
        name = os.path.basename(path)
        modules = Path(os.fsdecode(os.path.dirname(path)), ".gitmodules")
        modules.write_bytes(b"[submodule]\n\tpath = " + name + b"\n")
    else:
        Path(os.fsdecode(path)).write_bytes(b"words")


def _listing(root: str, **options: Any) -> Listing:
    found = find_files(root, **options)
    return list(found), found.left_out


def _in_python(root: str, **options: Any) -> Listing:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_core, "kernel", None)
        return _listing(root, **options)


@given(
    st.dictionaries(NAMES, TREES, max_size=6),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "*.log\ntarget/\n/build\n"]),
)
def test_the_kernel_lists_what_the_walk_in_python_does(
    tree: dict[bytes, Any], hidden: bool, ignore: bool, repository: str | None
) -> None:
    with TemporaryDirectory() as folder:
        root = os.path.join(folder, "root")
        _make(os.fsencode(root), tree)
        if repository is not None:
            subprocess.run(["git", "init", "-q", root], check=True)
            Path(root, ".gitignore").write_text(repository)
        found = _listing(root, hidden=hidden, ignore=ignore)
        assert found == _in_python(root, hidden=hidden, ignore=ignore)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_listed_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b").chmod(0)
    assert _listing(str(tmp_path)) == _in_python(str(tmp_path))


def test_a_tree_deeper_than_a_path_may_be_long_is_skipped_there(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(40):
            os.mkdir("n" * 200, dir_fd=descriptor)
            below = os.open("n" * 200, os.O_RDONLY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
    finally:
        os.close(descriptor)
    found = _listing(str(tmp_path))
    assert found == _in_python(str(tmp_path))
    assert [each.reason for each in found[0] if isinstance(each, Skipped)] == ["file name too long"]


@pytest.mark.parametrize("hidden", [False, True])
def test_the_current_folder_is_listed_without_a_prefix(
    hidden: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b/c", ".d/e", "a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    monkeypatch.chdir(tmp_path)
    paths = [each.path for each in _listing(".", hidden=hidden)[0]]
    assert paths == ([".d/e"] if hidden else []) + ["a", "b/c"]
