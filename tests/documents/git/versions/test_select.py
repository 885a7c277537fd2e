"""A revision is searched as its checkout is: the walk of the disk, and git, are the oracles."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents import File, Skipped, find_files, open_document, read_documents
from ctxtools.documents.search.found import Reason
from ctxtools.errors import UsageError
from tests.documents.git.repositories import git, make

SEARCHES: list[tuple[str, dict[str, Any]]] = [
    (".", {}),
    (".", {"hidden": True}),
    (".", {"ignore": False, "hidden": True}),
    (".", {"include": ["*.py", "!d.py"]}),
    (".", {"include": ["docs/", "app/[id]/*"], "exclude": ["b/c/"]}),
    (".", {"exclude": ["src/", "*.md"]}),
    ("b", {}),
    ("b/", {"exclude": ["c/"]}),
    ("src", {"hidden": True}),
    ("docs/skip", {}),
    ("a.txt", {}),
    ("src/a.lock", {}),
    ("a.txt", {"exclude": ["a.*"]}),
    ("b", {"exclude": ["b"]}),
    ("**/*.py", {}),
    ("b/*.py", {}),
    ("{b,src}/*.py", {}),
    ("src/.*", {}),
    ("app/[id]/*.tsx", {}),
]


def found(path: str, **how: Any) -> tuple[list[str], dict[Reason, int]]:
    files = find_files(path, **how)
    return [each.path for each in files if isinstance(each, File)], files.left_out


@pytest.mark.parametrize(("path", "how"), SEARCHES, ids=str)
def test_a_revision_is_searched_as_its_checkout(
    path: str, how: dict[str, Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    on_disk = [each for each in found(path, **how)[0] if not each.startswith("module/")]
    paths, left_out = found(path, **how, ref="HEAD")
    assert paths == on_disk
    assert left_out == found(path, **how)[1] or not how.get("ignore", True)
    assert found(path, **how, staged=False, ref="m") == (paths, left_out)


def test_documents_are_those_of_the_checkout(project: Path) -> None:
    on_disk = {each.path: each for each in read_documents(project, exclude=["module/"])}
    there = {each.path: each for each in read_documents(project, ref="HEAD")}
    assert there == on_disk
    assert there[f"{project}/latin.txt"].charset != "utf-8"
    old = read_documents([project], ref="v1")
    texts = {os.path.relpath(each.path, project): each.text for each in old}
    for path, text in texts.items():
        if path != "latin.txt":
            assert text == git(project, "show", f"v1:{path}")
    assert {"old/name.py", "gone.txt"} <= {*texts} and "new.py" not in texts
    reasons = {os.path.relpath(each.path, project): each.reason for each in old.skipped}
    assert reasons["link"] == "symbolic link, not followed"
    assert reasons["module"] == "submodule"
    assert "LFS pointer" in reasons["big.bin.txt"]
    assert not any(each.error for each in old.skipped)


def test_a_path_that_is_gone_from_the_disk(project: Path) -> None:
    paths, _ = found(f"{project}/old", ref="v1")
    assert paths == [f"{project}/old/name.py"]
    (document,) = read_documents(f"{project}/gone.txt", ref="v1")
    assert document.text == "1\n2\n3\n4\n5\n" and document.marks == {"named"}
    (missing,) = find_files(f"{project}/gone.txt", ref="HEAD")
    assert isinstance(missing, Skipped) and missing.error and "revision HEAD" in missing.reason
    (missing,) = find_files(f"{project}/no*.txt", ref="HEAD")
    assert isinstance(missing, Skipped) and missing.error


def test_large_files_are_streamed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [each.text for each in read_documents(project / "b", ref="HEAD")]
    monkeypatch.setattr("ctxtools.documents.git.versions.blobs._HELD", 1)
    assert [each.text for each in read_documents(project / "b", ref="HEAD")] == expected
    documents = read_documents(project / "b.txt", ref="HEAD", max_file_size=1)
    assert [*documents] == [] and "above the maximum" in documents.skipped[0].reason


names = st.lists(
    st.text(st.sampled_from("ab.-+ é\n\udcff"), min_size=1, max_size=3).filter(
        lambda name: name not in (".", "..")
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=8)
@given(st.lists(names, min_size=1, max_size=8))
def test_names_of_any_kind_come_in_the_order_of_a_walk(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
) -> None:
    root = tmp_path_factory.mktemp("names")
    for each in paths:
        target = root.joinpath(*each)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("x")
        except OSError:  # a folder is a file already, or the reverse
            continue
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    expected = [*find_files(root, hidden=True)]
    there = [*find_files(root, hidden=True, ref="HEAD")]
    assert [each.path for each in there] == [each.path for each in expected]
    assert [each.path for each in find_files(root, ref="HEAD")] == [
        each.path for each in find_files(root)
    ]
    shutil.rmtree(root)


def test_repositories_without_a_work_tree(project: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", str(project), str(bare))
    expected = {os.path.relpath(p, project): d for p, d in _texts(project, "v1").items()}
    assert {os.path.relpath(p, bare): d for p, d in _texts(bare, "v1").items()} == expected
    inside = {os.path.relpath(p, bare): d for p, d in _texts(bare / "b", "v1").items()}
    assert inside == {path: text for path, text in expected.items() if path.startswith("b/")}
    changed = {os.path.relpath(p, bare) for p, _ in _changed(bare, "v1..HEAD").items()}
    assert changed == {"b/c.py", "new.py"}
    with pytest.raises(UsageError, match="bare repository"):
        [*find_files(bare, staged=True)]


def _texts(folder: Path, ref: str) -> dict[str, str]:
    return {each.path: each.text for each in read_documents(folder, ref=ref)}


def _changed(folder: Path, diff: str) -> dict[str, str]:
    return {each.path: each.text for each in read_documents(folder, diff=diff)}


def test_worktrees_and_submodules_are_repositories(project: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(project, tmp_path / "copy", symlinks=True))
    other = tmp_path / "other"
    git(root, "worktree", "add", "-q", str(other), "side")
    assert f"{other}/side.txt" in _texts(other, "HEAD")
    assert f"{root}/side.txt" not in _texts(root, "HEAD")
    make(other, "side.txt", text="changed\n")
    assert [*_changed(other, "HEAD")] == [f"{other}/side.txt"]
    assert [*_texts(project / "module", "HEAD")] == [f"{project}/module/m.txt"]


def test_what_a_partial_clone_lacks_is_listed(project: Path, tmp_path: Path) -> None:
    origin = Path(shutil.copytree(project, tmp_path / "origin", symlinks=True))
    git(origin, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    url = f"file://{origin}"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, str(clone))
    documents = read_documents(clone, ref="HEAD", strict=False)
    assert [*documents] == []
    lacking = [each for each in documents.skipped if each.error]
    assert lacking and all("partial clone" in each.reason for each in lacking)
    objects = {*subprocess.check_output(["find", str(clone / ".git/objects")]).split()}
    [*find_files(clone, diff="v1..HEAD")]
    assert {*subprocess.check_output(["find", str(clone / ".git/objects")]).split()} == objects


def test_objects_that_are_missing(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    git(tmp_path, "clone", "-q", "--no-local", str(project), str(root))
    for pack in (root / ".git/objects/pack").glob("*.pack"):
        shutil.move(pack, tmp_path)
        with open(tmp_path / pack.name, "rb") as stream:
            subprocess.run(
                ["git", "-C", str(root), "unpack-objects", "-q"], stdin=stream, check=True
            )
    name = git(root, "rev-parse", "HEAD:b/c.py").strip()
    (root / ".git/objects" / name[:2] / name[2:]).unlink()
    documents = read_documents(root, ref="HEAD", strict=False)
    assert len([*documents]) > 5
    (error,) = [each for each in documents.skipped if each.error]
    assert error.path == f"{root}/b/c.py" and "missing" in error.reason
    tree = git(root, "rev-parse", "HEAD:b").strip()
    (root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        [*find_files(root, ref="HEAD")]
    with pytest.raises(UsageError, match="cannot compare"):
        [*find_files(root, diff="v1..HEAD")]


def test_a_file_is_read_as_often_as_it_is_asked_for(project: Path) -> None:
    (file,) = (each for each in find_files(project / "a.txt", ref="HEAD"))
    assert isinstance(file, File)
    for _ in range(2):
        with open_document(file) as reader:
            assert [text.read() for text in reader.texts()] == ["x\n"]


def test_attributes_are_those_of_the_revision(tmp_path: Path, monkeypatch: Any) -> None:
    """The marks of a checkout are the oracle; without attribute files there are none."""
    root = tmp_path / "root"
    make(root, "a.py", "lib/b.py", "lib/own/c.py", "lib/own/d.js", "e.js", "é/f.js")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    macro = "[attr]made linguist-generated\n"
    make(root, ".gitattributes", text=f"{macro}lib/** linguist-vendored\n*.js made\né/*.js -made\n")
    make(root, "lib/own/.gitattributes", text="\ufeff*.py -linguist-vendored\n/d.js !made\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")

    def marks(named: str, **how: Any) -> dict[str, frozenset[str]]:
        return {each.path: each.marks for each in read_documents(named, **how)}

    monkeypatch.chdir(root)
    expected = marks(".")
    assert expected["lib/b.py"] == {"linguist-vendored"} and expected["e.js"]
    shutil.rmtree(root / "lib")
    (root / ".gitattributes").unlink()
    assert marks(".", ref="HEAD") == expected
    assert marks("lib", ref="HEAD") == {k: v for k, v in expected.items() if k[:4] == "lib/"}
    assert marks("e.js", ref="HEAD") == {"e.js": expected["e.js"] | {"named"}}
    assert not any(marks(".", ref="HEAD~1").values())


@pytest.mark.parametrize("name", [".gitattributes", ".ignore"])
def test_rules_that_git_cannot_read(name: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, name, "a.txt", text="*.txt linguist-vendored\n")
    git(root, "init", "-q")
    make(root, name, text="*.md linguist-vendored\n" * 99)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    blob = git(root, "rev-parse", f"HEAD:{name}").strip()
    path = root / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:40])
    documents = read_documents(root, ref="HEAD", strict=False)
    assert [each.text for each in documents] == ["*.txt linguist-vendored\n"]
    (skipped,) = documents.skipped
    assert skipped.path == f"{root}/{name}" and "git cannot read it" in skipped.reason
