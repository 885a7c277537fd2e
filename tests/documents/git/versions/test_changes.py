"""Which files and lines changed: git's own diff, file by file, is the oracle."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents import File, Skipped, find_files, read_documents
from ctxtools.documents.git.changes import changed_lines
from ctxtools.errors import UsageError
from tests.documents.git.repositories import git, make

# Lines that look like what git prints between them.
LINES = [
    "a",
    "b",
    "",
    "++ b/a.txt",
    "-- a/a.txt",
    "@@ -1 +1 @@",
    "diff --git a/x b/x",
    "\\ No",
    "é",
]
texts = st.tuples(st.lists(st.sampled_from(LINES), max_size=7), st.booleans()).map(
    lambda text: "\n".join(text[0]) + "\n" * text[1]
)


def spans_by_git(root: Path, *arguments: str) -> tuple[tuple[int, int], ...]:
    """The new lines in git's diff of one file."""
    printed = git(root, "diff", "-U0", "--no-renames", *arguments)
    spans, skipped = [], 0
    for line in printed.split("\n"):
        if skipped:
            skipped -= not line.startswith("\\")
        elif found := re.match(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line):
            removed, first, added = (1 if each is None else int(each) for each in found.groups())
            spans.append((max(first, 1), max(first, 1) + max(added - 1, 0)))
            skipped = removed + added
    return tuple(spans)


@settings(max_examples=6)
@given(st.dictionaries(st.sampled_from(["a.txt", "s p.txt", 'q"é.txt']), st.tuples(texts, texts)))
def test_the_lines_are_those_of_gits_diff(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, tuple[str, str]]
) -> None:
    root = tmp_path_factory.mktemp("root")
    make(root, "same.txt")
    for path, (old, _) in contents.items():
        make(root, path, text=old)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    for path, (_, new) in contents.items():
        make(root, path, text=new)
    changed = {path: new for path, (old, new) in contents.items() if old != new}
    expected = {f"{root}/{path}": spans_by_git(root, "HEAD", "--", path) for path in changed}
    for each in root.glob("*.txt"):
        os.utime(each, (1, 1))  # git has to look into each
    assert {path: each.spans for path, each in changed_lines(root).items()} == expected
    files = {each.path: each.text for each in read_documents(root, diff="HEAD")}
    assert files == {f"{root}/{path}": new for path, new in changed.items()}
    git(root, "add", "-A")
    assert {path: each.spans for path, each in changed_lines(root, staged=True).items()} == expected
    git(root, "commit", "-q", "--allow-empty", "-m", "two")
    found = {path: each.spans for path, each in changed_lines(root, "HEAD~1..HEAD").items()}
    assert found == expected
    shutil.rmtree(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    make(root, "a.txt", "sub/b.txt", "gone.txt", "mode.sh", ".hidden/c.txt", text="1\n2\n3\n")
    make(root, "moved.txt", text="".join(f"{n}\n" for n in range(20)))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    return root


def test_every_kind_of_change(root: Path) -> None:
    make(root, "a.txt", ".hidden/c.txt", text="1\nnew\n3\n")
    make(root, "new.txt", "untracked.txt", text="n\n")
    (root / "gone.txt").unlink()
    (root / "mode.sh").chmod(0o755)
    (root / "binary").write_bytes(b"\0\1\2")
    git(root, "mv", "moved.txt", "to.txt")
    git(root, "add", "-N", "new.txt", "binary")
    changes = {os.path.relpath(path, root): each for path, each in changed_lines(root).items()}
    assert {path: each.status for path, each in changes.items()} == {
        ".hidden/c.txt": "changed",
        "a.txt": "changed",
        "binary": "added",
        "gone.txt": "deleted",
        "mode.sh": "changed",
        "new.txt": "added",
        "to.txt": "renamed",
    }
    assert changes["a.txt"].spans == ((2, 2),)
    assert changes["binary"].spans is None
    assert changes["mode.sh"].spans == changes["to.txt"].spans == ()
    assert changes["to.txt"].old_path == "moved.txt"
    files = find_files(root, diff="HEAD")
    listed = [os.path.relpath(each.path, root) for each in files]
    assert listed == ["a.txt", "binary", "mode.sh", "new.txt", "to.txt"]
    notes = "\n".join(files.notes)
    assert "deleted since HEAD" in notes and "gone.txt" in notes
    assert "left out" in notes and ".hidden/c.txt" in notes
    assert "does not track" in notes and "untracked.txt" in notes
    assert [each.path for each in find_files(root / "sub", diff="HEAD")] == []
    (skipped,) = find_files(root / "sub/b.txt", diff="HEAD")
    assert isinstance(skipped, Skipped) and "not changed" in skipped.reason
    assert [*find_files(root / "gone.txt", diff="HEAD")] == []
    everything = find_files(root, diff="HEAD", unchanged=True)
    assert {f"{root}/sub/b.txt", f"{root}/a.txt"} <= {each.path for each in everything}
    assert f"{root}/a.txt" in everything.changes and f"{root}/sub/b.txt" not in everything.changes


def test_untracked_files_are_told_of_where_they_were_named(root: Path) -> None:
    make(root, "a.txt", "sub/b.txt", "new.txt", "sub/new.txt", text="new\n")
    for named, told in (
        (["sub"], [f"{root}/sub/new.txt"]),
        (["sub", ""], [f"{root}/sub/new.txt", f"{root}/new.txt"]),
        (["a.txt"], []),
        (["a.txt", "new.txt"], [f"{root}/new.txt"]),
    ):
        files = find_files([root / each for each in named], diff="HEAD")
        assert f"{root}/{named[0]}".rstrip("/") in str([*files])
        notes = [each.split(": ")[-1].split(";")[0] for each in files.notes]
        assert notes == told


def test_a_submodule_at_another_commit_is_named(root: Path) -> None:
    commit = git(root, "rev-parse", "HEAD").strip()
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{commit},module")
    (skipped,) = find_files(root, staged=True)
    assert isinstance(skipped, Skipped) and skipped.reason == "submodule"
    git(root, "commit", "-qm", "two")
    assert [*find_files(root, diff="HEAD~1..HEAD")] == [skipped]
    assert [*find_files(root, diff="HEAD~1", ref="HEAD")] == [skipped]


def test_what_is_staged_has_the_content_of_the_index(root: Path) -> None:
    make(root, "a.txt", text="staged\n")
    git(root, "add", "-A")
    make(root, "a.txt", text="not staged\n")
    (document,) = read_documents(root, staged=True)
    assert (document.path, document.text) == (f"{root}/a.txt", "staged\n")
    (document,) = read_documents(root, diff="HEAD")
    assert document.text == "not staged\n"
    git(root, "commit", "-qm", "two")
    assert [*read_documents(root, staged=True)] == []
    (document,) = read_documents(root, staged=True, diff="HEAD~1")
    assert document.text == "staged\n"


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.txt", text="first\n")
    git(root, "init", "-q")
    assert [*read_documents(root, staged=True)] == []
    git(root, "add", "-A")
    (document,) = read_documents(root, staged=True)
    assert document.text == "first\n"
    asked: list[dict[str, Any]] = [{"ref": "HEAD"}, {"diff": "HEAD"}, {"log": 3}]
    for how in asked:
        with pytest.raises(UsageError, match="no commit") as raised:
            [*find_files(root, **how)]
        assert raised.value.hint == "it has no commit yet"


def test_a_merge_that_is_not_done(root: Path) -> None:
    git(root, "checkout", "-qb", "side")
    make(root, "a.txt", text="theirs\n")
    git(root, "commit", "-qam", "side")
    git(root, "checkout", "-q", "m")
    make(root, "a.txt", text="ours\n")
    git(root, "commit", "-qam", "two")
    with pytest.raises(Exception, match="merge"):
        git(root, "merge", "-q", "side")
    (skipped,) = find_files(root, staged=True)
    assert isinstance(skipped, Skipped) and skipped.error and "unmerged" in skipped.reason
    files = find_files(root, diff="HEAD")
    assert [each.path for each in files if isinstance(each, File)] == [f"{root}/a.txt"]
    assert "a merge is not done" in files.notes[0] and "a.txt" in files.notes[0]


def test_ranges(project: Path) -> None:
    for range_, expected in {
        "v1..HEAD": ["b/c.py", "new.py"],
        "v1..": ["b/c.py", "new.py"],
        "side...m": ["b/c.py", "new.py"],
        "m...side": ["side.txt"],
        "HEAD..side": ["b/c.py", "gone.txt", "old/name.py", "side.txt"],
    }.items():
        found = find_files(project, diff=range_)
        assert [os.path.relpath(each.path, project) for each in found] == expected, range_
        old, _, new = range_.partition("..")
        if not new.startswith("."):
            pair = find_files(project, diff=old, ref=new or "HEAD")
            assert [os.path.relpath(each.path, project) for each in pair] == expected
    assert changed_lines(project / "b", "v1..HEAD")[f"{project}/b/c.py"].spans == ((1, 1),)


def test_a_diff_that_is_too_long_names_the_files_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(root, "a.txt", text="line\n" * 2000)
    make(root, "sub/b.txt", text="1\n2\n")
    monkeypatch.setattr("ctxtools.documents.git.run._MAX_OUTPUT", 4000)
    changes = changed_lines(root)
    assert {os.path.relpath(path, root): each.spans for path, each in changes.items()} == {
        "a.txt": None,
        "sub/b.txt": None,
    }


WRONG: dict[str, Callable[[Path], object]] = {
    "no repository": lambda root: [*find_files(root.parent, ref="HEAD")],
    "stdin": lambda root: [*find_files("-", ref="HEAD")],
    "ref and staged": lambda root: find_files(root, ref="HEAD", staged=True),
    "ref of two": lambda root: find_files(root, ref="a..b"),
    "range and staged": lambda root: find_files(root, diff="a..b", staged=True),
    "an empty ref": lambda root: find_files(root, ref=" "),
    "a negative log": lambda root: find_files(root, log=-1),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_done(wrong: str, root: Path) -> None:
    with pytest.raises(UsageError):
        WRONG[wrong](root)
