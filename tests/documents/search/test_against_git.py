"""Which files are found in a repository: those that git itself lists."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents import File, find_files

NAMES = st.sampled_from(["a", "b", "a.log", "b.log", "build", "docs", ".hidden", "a b", "é", "[a]"])
LINES = st.sampled_from(
    [
        *("*.log", "!a.log", "build/", "/build", "a", "!a", "a/", "/a/b", "a/**", "**/b", "docs/*"),
        *("*", "!*/", "!docs/", "docs/**/a.log", "[ab]", r"\[a]", "*.l?g", ".*", "é", "# a", " "),
    ]
)
RULES = st.lists(LINES, max_size=4).map("\n".join)
FILES: st.SearchStrategy[Any] = st.just("words")
TREES = st.recursive(
    FILES,
    lambda below: st.tuples(st.dictionaries(NAMES, below, max_size=4), st.none() | RULES),
    max_leaves=16,
)
ROOTS = st.tuples(st.dictionaries(NAMES, TREES, min_size=1, max_size=5), st.none() | RULES)


def _make(path: Path, tree: Any) -> list[str]:
    """Make what a tree describes; returns the paths of its files."""
    if isinstance(tree, str):
        path.write_text(tree)
        return [str(path)]
    path.mkdir()
    entries, rules = tree
    files = [file for name, below in entries.items() for file in _make(path / name, below)]
    if rules is not None:
        (path / ".gitignore").write_text(rules)
    return files


@settings(max_examples=60)
@given(ROOTS, st.data())
def test_the_files_of_a_repository_are_those_that_git_lists(tree: Any, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "root")
        files = _make(root, tree)
        subprocess.run(["git", "init", "-q", root], check=True)
        if files and (tracked := data.draw(st.lists(st.sampled_from(files), max_size=3))):
            subprocess.run(["git", "-C", root, "add", "-f", "--", *tracked], check=True)
        listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
        done = subprocess.run([*listing, "--exclude-standard"], check=True, capture_output=True)
        expected = sorted(map(os.fsdecode, filter(None, done.stdout.split(b"\0"))))
        found = list(find_files(str(root), hidden=True))
        assert all(isinstance(each, File) for each in found)
        assert sorted(os.path.relpath(each.path, root) for each in found) == expected
