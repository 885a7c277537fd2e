"""What git ignores in ordinary repositories of every kind: git itself is the oracle."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.git.ignored import ignored_by_git
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.git.repository import find_root
from ctxtools.documents.history import History, read_log
from tests.documents.git.repositories import ALLOW_FILES, git, make


def fill(root: Path) -> None:
    """A work tree with ignored files, and tracked ones that patterns match."""
    make(
        root, "a.txt", "a.log", "sub/b.txt", "sub/B.LOG", "sub/b.log", "deep/er/c.tmp", "deep/c.txt"
    )
    make(root, "build/out.txt", "kept.log", "deep/er/kept.log", "deep/.gitignore", "é/ü.log")
    make(root, ".gitignore", text="*.log\nbuild/\n")
    make(root, "deep/.gitignore", text="*.tmp\n")


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "add", "-f", "kept.log", "deep/er/kept.log")
    git(root, "commit", "-qm", "one")


def ordinary(root: Path) -> Path:
    root.mkdir()
    git(root, "init", "-q")
    fill(root)
    commit(root)
    make(root, "new.log", "new.txt")
    return root


def without_a_commit(root: Path) -> Path:
    root.mkdir()
    git(root, "init", "-q")
    fill(root)
    return root


def sha256(root: Path) -> Path:
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    fill(root)
    commit(root)
    return root


def reftable(root: Path) -> Path:
    root.mkdir()
    try:
        git(root, "init", "-q", "--ref-format=reftable")
    except subprocess.CalledProcessError:
        pytest.skip("this git has no reftables")
    fill(root)
    commit(root)
    return root


def clone(root: Path) -> Path:
    git(root.parent, "clone", "-q", str(ordinary(root.with_name("origin"))), str(root))
    make(root, "a.log", "build/x.txt")
    return root


def shallow(root: Path) -> Path:
    origin = ordinary(root.with_name("origin"))
    git(origin, "commit", "-q", "--allow-empty", "-m", "two")
    make(origin, "a.txt", text="new")
    git(origin, "commit", "-qam", "three")
    git(root.parent, "clone", "-q", "--depth=2", f"file://{origin}", str(root))
    make(root, "a.log")
    return root


def worktree(root: Path) -> Path:
    origin = ordinary(root.with_name("origin"))
    (origin / ".git/info/exclude").write_text("new.*\n")
    git(origin, "worktree", "add", "-q", str(root))
    make(root, "a.log", "new.txt")
    return root


def worktree_of_a_bare_repository(root: Path) -> Path:
    root.mkdir()
    git(root.parent, "clone", "-q", "--bare", str(ordinary(root / "origin")), str(root / ".bare"))
    (root / ".git").write_text("gitdir: ./.bare\n")
    git(root, "worktree", "add", "-q", "main")
    make(root / "main", "a.log", "new.txt")
    return root / "main"


def submodule(root: Path) -> Path:
    module = ordinary(root.with_name("module"))
    ordinary(root)
    git(root, *ALLOW_FILES, "submodule", "add", "-q", str(module), "vendor/module")
    make(root, "vendor/module/x.log", "vendor/module/x.txt")
    return root / "vendor/module"


def around_a_submodule(root: Path) -> Path:
    submodule(root)
    return root


def submodule_with_its_own_folder(root: Path) -> Path:
    """As old versions of git made them: `.git` is a folder."""
    submodule(root)
    module = root / "vendor/module"
    git(root, "submodule", "absorbgitdirs")
    git(module, "config", "--unset", "core.worktree")
    (module / ".git").unlink()
    (root / ".git/modules/vendor/module").rename(module / ".git")
    return module


def sparse(root: Path) -> Path:
    ordinary(root)
    git(root, "sparse-checkout", "set", "--cone", "sub")
    make(root, "deep/x.tmp", "deep/x.log", "build/y.txt", "sub/z.log")
    return root


def sparse_index(root: Path) -> Path:
    ordinary(root)
    git(root, "sparse-checkout", "set", "--cone", "--sparse-index", "sub")
    make(root, "build/y.txt", "sub/z.log", "x.log")
    return root


def around_another(root: Path) -> Path:
    ordinary(root)
    ordinary(root / "nested")
    make(root, "nested/in.log")
    return root


def around_a_bare_one(root: Path) -> Path:
    ordinary(root)
    git(root, "init", "-q", "--bare", "bare.git")
    git(root, "init", "-q", "--bare", "build.log")
    return root


def folder(root: Path) -> Path:
    return ordinary(root) / "deep"


def excludes_of_the_repository(root: Path) -> Path:
    ordinary(root)
    (root / ".git/info/exclude").write_text("new.txt\n!*.tmp\n!a.log\n/sub\n")
    return root


def excludes_of_the_user(root: Path) -> Path:
    ordinary(root)
    excludes = root.with_name("patterns")
    excludes.write_text("new.txt\n!sub/b.log\n")
    git(root, "config", "--global", "core.excludesFile", str(excludes))
    (root / ".git/info/exclude").write_text("!new.txt\nsub/b.txt\n")
    return root


def letters_of_either_case(root: Path) -> Path:
    ordinary(root)
    git(root, "config", "core.ignoreCase", "true")
    return root


def link_as_gitignore(root: Path) -> Path:
    ordinary(root)
    (root / "patterns").write_text("*.txt\n")
    try:
        (root / "sub/.gitignore").symlink_to("../patterns")
    except OSError:
        pytest.skip("links need a privilege")
    return root


def empty_git_folder_inside(root: Path) -> Path:
    ordinary(root)
    (root / "deep/.git").mkdir()
    return root / "deep"


KINDS = (
    *(ordinary, without_a_commit, sha256, reftable, clone, shallow, worktree),
    *(worktree_of_a_bare_repository, submodule, around_a_submodule),
    *(submodule_with_its_own_folder, sparse, sparse_index, around_another, around_a_bare_one),
    *(folder, excludes_of_the_repository, excludes_of_the_user, letters_of_either_case),
    *(link_as_gitignore, empty_git_folder_inside),
)
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def asked(directory: Path, patience: Patience | None = None) -> frozenset[str] | None:
    root = find_root(str(directory))
    assert root is not None
    return ignored_by_git(root, str(directory), patience or Patience())


def relative(path: str, folder: Path) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def by_git(directory: Path) -> frozenset[str]:
    command = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    return frozenset(path.rstrip("/") for path in git(directory, *command).split("\0") if path)


@kinds
def test_it_is_what_git_says(kind: Callable[[Path], Path], tmp_path: Path) -> None:
    place = tmp_path / ("é ' $x-" if os.name == "nt" else "é ' \" $x\n-:\\")
    place.mkdir()
    directory = kind(place / "root")
    expected = by_git(directory)
    assert asked(directory) == expected
    if kind is not empty_git_folder_inside:
        assert expected


@kinds
def test_files_are_those_that_git_lists(kind: Callable[[Path], Path], tmp_path: Path) -> None:
    directory = kind(tmp_path / "root")
    if kind in (around_a_submodule, around_another, sparse, sparse_index):
        pytest.skip("git lists what is not there, and leaves out nested repositories")
    if kind is letters_of_either_case:
        pytest.skip("these files could not be in such a file system")
    listed = git(directory, "ls-files", "-co", "--exclude-standard", "-z").split("\0")[:-1]
    found = [each for each in find_files(directory, hidden=True) if isinstance(each, File)]
    names = sorted(relative(each.path, directory) for each in found)
    assert names == sorted(each for each in listed if not (directory / each).is_symlink())


@kinds
def test_ages_are_those_of_git(
    kind: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = kind(tmp_path / "root")
    if kind is reftable:
        pytest.skip("whose refs are not read")
    ages, done = History(str(directory)).ages()
    assert done
    if kind is without_a_commit:
        assert not ages
        return
    log = ("log", "--format=format:%x01%ct", "--name-only", "--no-renames", "--relative")
    expected = read_log(git(directory, "-c", "core.quotePath=false", *log, "--", ".").encode(), "")
    assert {relative(path, directory): age for path, age in ages.items()} == expected
    assert expected
    git(directory, "pack-refs", "--all")
    assert History(str(directory)).ages()[0] == ages
    monkeypatch.chdir(directory)
    assert History("").ages()[0] == expected


def test_a_hook_s_environment_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = ordinary(tmp_path / "one"), excludes_of_the_repository(tmp_path / "two")
    expected = by_git(two), History(str(two)).ages()
    monkeypatch.setenv("GIT_DIR", str(one / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(one))
    monkeypatch.setenv("GIT_INDEX_FILE", str(one / ".git/index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert (asked(two), History(str(two)).ages()) == expected


def test_a_configuration_on_the_command_line_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patterns").write_text("new.txt\n")
    root = ordinary(tmp_path / "root")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.excludesFile")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(tmp_path / "patterns"))
    assert asked(root) == by_git(root)
    assert "new.txt" in by_git(root)


@pytest.mark.parametrize("name", ["build/a", "build/a/b", "build/a b/[x]", "build/*"])
def test_in_an_ignored_folder_its_patterns_count(name: str, tmp_path: Path) -> None:
    """Git lists nothing below such a folder, and fails there; its index is not to blame."""
    root = ordinary(tmp_path / "root")
    if os.name == "nt" and "*" in name:
        pytest.skip("no name there")
    make(root, f"{name}/a.txt", f"{name}/a.log", f"{name}/sub/b.log", f"{name}/sub/b.txt")
    patience = Patience()
    assert asked(root / name, patience) is None
    assert not patience.untold
    listed = [relative(each.path, root / name) for each in find_files(root / name)]
    assert listed == ["a.txt", "sub/b.txt"]


def test_a_damaged_index_is_told_in_an_ignored_folder_too(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    make(root, "build/deep/a.txt")
    (root / ".git/index").write_bytes(b"DIRC")
    patience = Patience()
    assert asked(root / "build/deep", patience) is None
    assert "damaged" in patience.untold[str(root)].reason


def test_a_folder_of_the_repository_itself_is_not_asked_about(tmp_path: Path) -> None:
    assert asked(ordinary(tmp_path / "root") / ".git") is None
    assert asked(tmp_path / "root/.git/info") is None


def test_files_where_a_sparse_index_has_none(tmp_path: Path) -> None:
    """To know them git would write into the repository, so they are not known as tracked."""
    root = sparse_index(tmp_path / "root")
    make(root, "deep/er/kept.log", "deep/x.tmp", "deep/x.txt")
    before = state(root)
    answer = asked(root)
    assert state(root) == before
    assert answer is not None
    assert answer - {"deep/er", "deep/er/kept.log"} == by_git(root) - {"deep/x.tmp"}


def state(root: Path) -> list[tuple[str, int, int]]:
    status = ((path, path.lstat()) for path in root.rglob("*"))
    return sorted((str(path), each.st_mtime_ns, each.st_size) for path, each in status)


@kinds
def test_nothing_is_written(kind: Callable[[Path], Path], tmp_path: Path) -> None:
    directory = kind(tmp_path / "root")
    before = state(tmp_path)
    asked(directory)
    History(str(directory)).ages()
    assert state(tmp_path) == before


def test_the_repository_that_git_sees_is_not_written(tmp_path: Path) -> None:
    from ctxtools.documents.git import run

    empty = Path(run.__file__).with_name("empty")
    before = state(empty)
    assert {Path(path).name for path, _, _ in before} >= {"HEAD", "config", "refs", ".keep"}
    root = ordinary(tmp_path / "root")
    asked(root)
    History(str(root)).ages()
    assert state(empty) == before


def test_a_split_index_is_named(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    git(root, "update-index", "--split-index")
    patience = Patience()
    if asked(root, patience) is None:  # `kept.log`, which is tracked, is left out
        assert [*patience.untold] == [str(root)]
        (skipped,) = [each for each in find_files(root) if isinstance(each, Skipped)]
        assert skipped.path == f"{root}/.git" and "tracks" in skipped.reason


def test_a_repository_elsewhere_is_named_unless_it_names_the_folder(tmp_path: Path) -> None:
    root = ordinary(tmp_path / "root")
    git(root, "init", "-q", f"--separate-git-dir={tmp_path / 'apart'}")
    (skipped,) = [each for each in find_files(root) if isinstance(each, Skipped)]
    assert skipped.path == f"{root}/.git" and "does not name this folder" in skipped.reason
    assert skipped in [*find_files(root / "sub")]
    git(root, "config", "core.worktree", str(root))
    found = [*find_files(root)]
    assert f"{root}/kept.log" in {each.path for each in found}
    assert not any(isinstance(each, Skipped) for each in found)
    # Nothing is tracked where there is none.
    (root / ".git").write_text(f"gitdir: {tmp_path / 'nowhere'}\n")
    assert not any(isinstance(each, Skipped) for each in find_files(root))
