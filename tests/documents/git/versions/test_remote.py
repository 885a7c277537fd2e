"""Repositories that a URL names: fetched, kept, updated, and given up on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.documents import read_documents
from ctxtools.documents.git.versions import remote
from ctxtools.documents.git.versions.remote import cached_repositories, is_url, url_folder
from ctxtools.errors import NetworkError, UsageError
from tests.documents.git.repositories import git, make

Texts = Callable[..., dict[str, str]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(remote, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    root = tmp_path / "origin"
    make(root, "a.txt", "sub/b.txt", text="1\n")
    git(root, "init", "-q")
    for number in ("one", "two", "three"):
        make(root, "n.txt", text=f"{number}\n")
        git(root, "add", "-A")
        git(root, "commit", "-qm", number)
    git(root, "tag", "v1", "HEAD~1")
    git(root, "checkout", "-qb", "side")
    make(root, "side.txt", text="side\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "aside")
    git(root, "checkout", "-q", "m")
    return root


def texts(origin: Path, **how: object) -> dict[str, str]:
    documents = read_documents(f"file://{origin}", **how)  # type: ignore[arg-type]
    folder = url_folder(f"file://{origin}")
    assert documents.folders == (folder,)
    return {os.path.relpath(each.path, folder): each.text for each in documents}


def test_the_newest_commit_is_read_and_kept(origin: Path, cache: Path) -> None:
    expected = {"a.txt": "1\n", "n.txt": "three\n", "sub/b.txt": "1\n"}
    assert texts(origin) == expected
    (kept,) = cached_repositories()
    assert kept.url == f"file://{origin}" and kept.size > 0 and Path(kept.path).parent == cache
    assert (Path(kept.path) / "shallow").exists()
    make(origin, "n.txt", text="four\n")
    git(origin, "commit", "-qam", "four")
    assert texts(origin) == expected | {"n.txt": "four\n"}
    assert len(cached_repositories()) == 1
    gone = origin.rename(origin.parent / "gone")
    documents = read_documents(f"file://{origin}")
    assert len([*documents]) == 3
    assert "what was fetched on" in documents.notes[0]
    with pytest.raises(NetworkError):
        texts(origin, ref="v1")
    with pytest.raises(NetworkError):
        texts(origin, cache=False)
    gone.rename(origin)


def test_revisions_of_it(origin: Path) -> None:
    commit = git(origin, "rev-parse", "v1").strip()
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    assert texts(origin, ref="side")["side.txt"] == "side\n"
    assert texts(origin, ref="v1")["n.txt"] == texts(origin, ref=commit)["n.txt"] == "two\n"
    assert texts(origin, ref="m~2")["n.txt"] == "one\n"
    assert [*texts(origin, diff="v1..side")] == ["n.txt", "side.txt"]
    assert [*texts(origin, diff="v1")] == ["n.txt"]
    log = texts(origin, log=2)["git log"]
    assert log.count("commit ") == 2 and "three" in log and "a.txt" not in log
    for wrong, kind in (("nope", NetworkError), ("m@{1}", UsageError), ("-x", UsageError)):
        with pytest.raises(kind):
            texts(origin, ref=wrong)


def test_without_a_cache_nothing_stays(
    origin: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert "a.txt" in texts(origin, cache=False)
    assert not cache.exists() and [*(tmp_path / "tmp").iterdir()] == []
    cache.write_text("no folder")
    documents = read_documents(f"file://{origin}")
    assert len([*documents]) == 3 and "not kept" in documents.notes[0]


def test_what_a_killed_run_left_is_removed(origin: Path, cache: Path) -> None:
    texts(origin)
    (kept,) = cached_repositories()
    lock, new = Path(kept.path) / "shallow.lock", cache / ".new-x"
    lock.write_text("")
    new.mkdir()
    for each in (lock, new):
        os.utime(each, (1, 1))
    make(origin, "n.txt", text="four\n")
    git(origin, "commit", "-qam", "four")
    assert texts(origin)["n.txt"] == "four\n"
    assert not lock.exists() and not new.exists()


STOPPED = {
    "nothing came": ("sleep 1000", "_STALLED", 0.2),
    "not done in": ("while :; do echo x >&2; sleep 0.05; done", "_TIMEOUT", 0.3),
    "more than": ("while :; do echo x >&2; sleep 0.05; done", "_MAX_FETCHED", -1),
}


@pytest.mark.skipif(os.name == "nt", reason="programs are scripts")
@pytest.mark.parametrize("reason", STOPPED)
def test_a_url_that_hangs_is_given_up_on(
    reason: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, name, limit = STOPPED[reason]
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(remote, name, limit)
    with pytest.raises(NetworkError, match=reason) as raised:
        [*read_documents("https://user:secret@example.com/a/b.git")]
    assert "secret" not in str(raised.value)
    assert [*cache.iterdir()] == []


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("https://github.com/a/b", "github.com/a/b"),
        ("https://user:password@example.com/a/b.git", "example.com/a/b"),
        ("ssh://git@example.com:22/a/b/", "example.com:22/a/b"),
        ("git@example.com:a/b.git", "example.com/a/b"),
        ("file:///srv/a.git", "srv/a"),
    ],
)
def test_what_urls_are_called(path: str, folder: str) -> None:
    assert is_url(path) and url_folder(path) == folder


@pytest.mark.parametrize(
    "path",
    ["a.txt", "ext::sh -c x", "C:/a", "a@b", "-oProxyCommand=x@y", "ftp://x/y", "a:b", "x@y:"],
)
def test_what_is_no_url(path: str) -> None:
    assert not is_url(path)
