"""What revisions name, and the log: git itself is the oracle."""

from pathlib import Path

import pytest

from ctxtools.documents import read_documents
from ctxtools.documents.git.versions.named import open_named
from ctxtools.documents.git.versions.revisions import resolve
from ctxtools.errors import UsageError
from tests.documents.git.repositories import git, make

REVISIONS = [
    *("HEAD", "@", "m", "side", "v1", "refs/heads/side", "heads/m", "tags/v1", "origin/topic"),
    *(
        "HEAD~1",
        "HEAD^",
        "@~1",
        "v1^{}",
        "v1^{commit}",
        "side~1^0",
        "HEAD^1",
        "remotes/origin/topic",
    ),
]


@pytest.mark.parametrize("packed", [False, True])
def test_revisions_are_those_of_git(packed: bool, project: Path, tmp_path: Path) -> None:
    root = project
    if packed:
        root = tmp_path / "root"
        git(tmp_path, "clone", "-q", "--mirror", str(project), str(root))
        git(root, "pack-refs", "--all")
    objects = open_named(str(root)).objects
    head = git(root, "rev-parse", "HEAD").strip()
    for revision in [*REVISIONS, head, head[:7], head[:12].upper(), f"v1-1-g{head[:8]}"]:
        expected = git(root, "rev-parse", f"{revision}^{{commit}}").strip()
        assert resolve(objects, revision) == expected, revision


@pytest.mark.parametrize(
    ("revision", "hint"),
    [
        ("sied", "did you mean side?"),
        ("HEAD~99", "history ends earlier"),
        ("HEAD@{1}", "not looked up"),
        ("HEAD:b", "are the paths"),
        ("--all", None),
        ("-n1", None),
        ("../../etc/passwd", None),
        ("m\0", None),
        ("f" * 40, None),
        ("HEAD^{/x}", None),
        (":/one", None),
    ],
)
def test_revisions_that_are_none(revision: str, hint: str | None, project: Path) -> None:
    with pytest.raises(UsageError, match="no commit") as raised:
        resolve(open_named(str(project)).objects, revision)
    assert raised.value.hint and (hint is None or hint in raised.value.hint)


def test_a_branch_whose_commit_is_damaged(tmp_path: Path) -> None:
    """The hint was to look for the names of branches."""
    root = tmp_path / "root"
    make(root, "a.txt")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    name = git(root, "rev-parse", "HEAD").strip()
    (path := root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    path.write_bytes(b"damaged")
    for revision in ("HEAD", "m", "HEAD~1"):
        with pytest.raises(UsageError, match="no commit") as raised:
            resolve(open_named(str(root)).objects, revision)
        assert "git fsck" in (raised.value.hint or "")


def test_a_shallow_clone_says_so(project: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{project}", str(clone))
    assert len([*read_documents(clone, ref="HEAD")]) > 5
    with pytest.raises(UsageError) as raised:
        [*read_documents(clone, ref="HEAD~1")]
    assert raised.value.hint and "shallow" in raised.value.hint
    documents = read_documents(clone, log=5, include=["git log"])
    assert len([*documents]) == 1 and "shallow" in documents.notes[0]


def test_the_log(project: Path) -> None:
    def log(**how: object) -> str:
        documents = read_documents(project, **how)  # type: ignore[arg-type]
        (document,) = (each for each in documents if each.path.endswith("git log"))
        return document.text

    text = log(log=5)
    names = git(project, "log", "--format=%H").split()
    assert [line[7:] for line in text.splitlines() if line.startswith("commit ")] == names
    assert "    two" in text and "b/c.py" in text and "2 files changed" not in log(log=1, ref="v1")
    assert "with a body" in log(log=1, ref="side") and "side.txt" in log(log=1, ref="side")
    assert "+first" not in text and "+first" in log(log=1, diff="v1")
    assert log(log=1).count("commit ") == 1
    dates = git(project, "log", "--format=%aI").split()
    assert all(f"Date: {date}" in text for date in dates)


def test_the_log_of_a_folder_is_that_of_its_files(project: Path, tmp_path: Path) -> None:
    documents = read_documents(project / "b", log=9)
    (log,) = (each for each in documents if each.path == f"{project}/b/git log")
    wanted = git(project, "log", "--format=%H", "--", "b").split()
    assert [line[7:] for line in log.text.splitlines() if line.startswith("commit ")] == wanted


def test_the_log_is_utf_8_whatever_the_files_are(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init", "-q")
    (root / "old.txt").write_bytes("Käse\n".encode("latin-1"))
    (root / "new.txt").write_text("日本語\n", encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "Grüße")
    git(root, "commit", "-q", "--allow-empty", "-m", "empty")
    documents = read_documents(root, log=2, diff="HEAD~1")
    (log,) = (each for each in documents if each.path.endswith("git log"))
    assert "+Käse\n" in log.text and "+日本語\n" in log.text and "Grüße" in log.text
    assert not log.notes


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.txt", text="1\n")
    git(root, "init", "-q", "--object-format=sha256")
    git(root, "add", "-A")
    (document,) = read_documents(root, staged=True)
    git(root, "commit", "-qm", "one")
    make(root, "a.txt", text="2\n")
    (old,) = read_documents(root, ref="HEAD")
    (new,) = read_documents(root, diff="HEAD")
    assert (document.text, old.text, new.text) == ("1\n", "1\n", "2\n")
