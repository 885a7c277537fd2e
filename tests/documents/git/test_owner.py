"""Whose repository git may be asked about: git itself is the oracle."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.git import owner
from ctxtools.documents.git.owner import is_trusted
from ctxtools.documents.git.repository import open_repository
from ctxtools.documents.history import History
from tests.documents.git.repositories import git
from tests.documents.git.test_ignored import asked, ordinary, worktree

VALUES: dict[str, tuple[list[str], bool]] = {
    "none": ([], False),
    "all": (["*"], True),
    "this": (["{root}"], True),
    "this with a slash": (["{root}/"], True),
    "another": (["{root}x", "{root}/sub"], False),
    "below a folder": (["{parent}/*"], True),
    "below its own": (["{root}/*"], False),
    "forgotten": (["{root}", ""], False),
    "forgotten and again": (["*", "", "{root}"], True),
    "of the home": (["~/root"], True),
    "relative": (["root"], False),
    "a link": (["{parent}/link"], True),
}
"""What ``safe.directory`` lists, and whether that includes the repository."""


def _knows_all(git_version: str) -> bool:
    """Whether this git understands all of these."""
    return tuple(map(int, re.findall(r"\d+", git_version)[:2])) >= (2, 47)


def _trusted(root: Path) -> bool:
    repository = open_repository(str(root))
    assert repository is not None
    return is_trusted(repository)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are of another kind")
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("kind", [ordinary, worktree], ids=["ordinary", "worktree"])
def test_the_user_s_configuration_says_what_is_safe(
    values: tuple[list[str], bool],
    kind: Callable[[Path], Path],
    tmp_path: Path,
    user_configuration: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = kind(tmp_path / "root")
    listed, safe = values
    (tmp_path / "link").symlink_to("root")
    monkeypatch.setenv("HOME", str(tmp_path))
    lines = [f'\tdirectory = "{each.format(root=root, parent=tmp_path)}"\n' for each in listed]
    user_configuration.write_text(f"[safe]\n{''.join(lines)}")
    monkeypatch.setattr(owner, "_is_owned", lambda path: False)
    environment = {**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    answers = subprocess.run(command, env=environment, capture_output=True).returncode == 0
    assert answers == safe or not _knows_all(git(root, "version"))
    assert _trusted(root) == safe
    assert (asked(root) is not None) == safe
    assert bool(History(str(root)).ages()[0]) == safe


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are of another kind")
def test_a_repository_cannot_call_itself_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = ordinary(tmp_path / "root")
    with (root / ".git/config").open("a") as file:
        file.write("[safe]\n\tdirectory = *\n")
    monkeypatch.setattr(owner, "_is_owned", lambda path: False)
    monkeypatch.chdir(root)
    assert not _trusted(root)
    found = [*find_files(root)]
    names = [each.path for each in found if isinstance(each, File)]
    assert f"{root}/a.txt" in names and f"{root}/a.log" not in names
    # Nor is `kept.log`, which is tracked: that is said, and how to trust it.
    (skipped,) = [each for each in found if isinstance(each, Skipped)]
    assert skipped.path == f"{root}/.git" and "another user" in skipped.reason
    assert f"safe.directory {root}" in (skipped.hint or "")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners are of another kind")
def test_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = ordinary(tmp_path / "root")
    monkeypatch.delenv("SUDO_UID", raising=False)
    assert _trusted(root)
    user = os.lstat(root).st_uid
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert not _trusted(root)
    # Only root was started by somebody.
    monkeypatch.setenv("SUDO_UID", str(user))
    assert not _trusted(root)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("name", ["", ".git"])
def test_what_belongs_to_another(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = ordinary(tmp_path / "root")
    monkeypatch.delenv("SUDO_UID", raising=False)
    os.chown(root / name, 12345, -1)
    assert asked(root) is None
    for user, answers in (("12345", True), ("1234", False), ("", False), ("x", False)):
        monkeypatch.setenv("SUDO_UID", user)
        command = ["git", "-C", str(root), "rev-parse", "HEAD"]
        assert (subprocess.run(command, capture_output=True).returncode == 0) == answers
        assert _trusted(root) == answers
