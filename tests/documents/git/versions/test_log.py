"""Logs with patches: which of them are shown."""

import re
from pathlib import Path

import pytest

from ctxtools.documents import find_files, read_documents
from ctxtools.documents.git.versions.patches import shown_patches
from tests.documents.git.repositories import ALLOW_FILES, git, make


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of two commits, of files that people write and of others."""
    root = tmp_path_factory.mktemp("root")
    git(root, "init", "-q")
    make(root, "a.py", "b c.md", text="one\n")
    make(root, "package-lock.json", "sub/uv.lock", text="lock one\n" * 9)
    make(root, "node_modules/x/package.json", "node_modules/x/index.js", text="vendored one\n")
    make(root, "m.min.js", "long.js", text="var one=1;" * 300)
    make(root, "image.svg", text="<svg><!-- one --></svg>\n")
    make(root, "data.json", text='["one"' + ',"x"' * 800 + "]\n")
    make(root, "old.lock", text="moved\n" * 9)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "diff --git a/x b/x\n\ncommit 1")
    for path in root.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            path.write_text(path.read_text().replace("one", "two"))
    git(root, "mv", "old.lock", "new.lock")
    git(root, "commit", "-qam", "two")
    return root


HIDDEN = {
    "package-lock.json": "lock file",
    "sub/uv.lock": "lock file",
    "node_modules/x/package.json": "vendored",
    "node_modules/x/index.js": "vendored",
    "m.min.js": "minified",
    "long.js": "long lines",
    "image.svg": "image",
    "data.json": "long lines",
}


def test_patches_that_tell_nothing_are_named(root: Path) -> None:
    documents = read_documents(root, diff="HEAD~1", log=1)
    (log,) = (each for each in documents if each.path.endswith("git log"))
    found = re.findall(
        r"^diff --git a/(.+) b/.+\n(?:(?!diff).+\n)*?Not shown: (.+)\n", log.text, re.M
    )
    assert dict(found) == HIDDEN
    shown = re.findall(r"^\+\+\+ b/(.+?)\t?$", log.text, re.M)
    assert shown == ["a.py", "b c.md"]
    assert "rename from old.lock\nrename to new.lock" in log.text
    assert all(f" {path} " in log.text for path in HIDDEN)  # with the number of their lines
    (note,) = documents.notes
    assert note.startswith("git log: without the changes of ")
    assert "(vendored)" in note and "and 3 more" in note


def test_messages_and_the_next_commits_stay(root: Path) -> None:
    documents = read_documents(root, diff="HEAD~1", log=2)
    (log,) = (each for each in documents if each.path.endswith("git log"))
    assert log.text.count("\ncommit ") == 1 and log.text.startswith("commit ")
    assert "    diff --git a/x b/x\n    \n    commit 1\n" in log.text


def test_a_file_that_was_named_is_shown(root: Path) -> None:
    documents = read_documents(root / "package-lock.json", diff="HEAD~1", log=1)
    (log,) = (each for each in documents if each.path.endswith("git log"))
    assert "+lock two" in log.text and not documents.notes


def test_paths_with_odd_names() -> None:
    patches = b""
    for name in (b'"%s/\\303\\274 \\"x\\".lock"', b"%s/a b/x.lock"):
        names = name % b"a", name % b"b"
        patches += b"diff --git %s %s\n--- %s\n+++ %s\n@@ -1 +1 @@\n-a\n+b\n" % (names * 2)
    patches += b"diff --git a/gone.lock b/gone.lock\ndeleted file mode 100644\nindex 1..0\n"
    patches += b"--- a/gone.lock\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    shown, hidden = shown_patches(patches)
    assert [*hidden] == ['ü "x".lock', "a b/x.lock", "gone.lock"]
    assert shown.count(b"Not shown: lock file\n") == 3 and b"@@" not in shown
    assert b"deleted file mode 100644\nNot shown" in shown


def test_a_submodule_that_is_named_is_not_skipped(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, *ALLOW_FILES, "submodule", "add", "-q", str(root), "module")
    git(clone, "commit", "-qm", "three")
    for named, expected in (
        ([clone], ["module"]),
        ([clone, clone / "module"], []),
        ([clone / "module", clone], []),
        ([clone, clone / "module" / "sub"], ["module"]),
    ):
        paths = [str(each) for each in named]
        found = [each for each in find_files(paths, ref="HEAD") if not hasattr(each, "content")]
        assert [each.path[len(str(clone)) + 1 :] for each in found] == expected
