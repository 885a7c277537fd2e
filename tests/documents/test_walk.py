"""Which files paths stand for, in what order, and what is listed as skipped."""

import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ctxtools import _core
from ctxtools.documents import File, Skipped, find_files
from ctxtools.errors import UsageError
from tests.hanging import no_hang


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A few files, in the current directory."""
    for path in ("b.py", "a.md", "src/z.py", "src/a/x.py", "src/a/y.txt", "src.txt", "docs/i.md"):
        make(tmp_path / path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(path: Path, data: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def listed(paths: Any = ".", **options: Any) -> list[str]:
    """The paths found; a skipped one with its reason."""
    found = find_files(paths, **options)
    return [f.path if isinstance(f, File) else f"{f.path}: {f.reason}" for f in found]


def test_a_directory_in_the_order_of_names(tree: Path) -> None:
    expected = ["a.md", "b.py", "docs/i.md", "src/a/x.py", "src/a/y.txt", "src/z.py", "src.txt"]
    assert listed() == expected
    assert listed("./") == listed([Path()]) == expected
    assert listed(tree) == [f"{tree}/{path}" for path in expected]
    assert listed("src/") == listed("src") == ["src/a/x.py", "src/a/y.txt", "src/z.py"]
    assert listed("../" + tree.name + "/docs") == [f"../{tree.name}/docs/i.md"]
    assert listed("src", include=()) == [*listed("src")]


def test_files_named_are_explicit_and_as_they_were_given(tree: Path) -> None:
    assert list(find_files(["./b.py", "docs"])) == [
        File("./b.py", explicit=True),
        File("docs/i.md", explicit=False),
    ]
    assert list(find_files("-")) == [File("-", explicit=True)]


def test_a_file_reached_twice_is_listed_once(tree: Path) -> None:
    paths = ["src/z.py", "src", "./src/z.py", "src/a", str(tree / "b.py"), "b.py", "-", "-"]
    assert listed(paths) == ["src/z.py", "src/a/x.py", "src/a/y.txt", str(tree / "b.py"), "-"]
    assert File("src/z.py", explicit=True) in list(find_files(["src", "src/z.py"]))


def test_a_bare_repository_says_how_it_is_read(tree: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "r.git"], check=True)
    (found,) = find_files("r.git")
    assert isinstance(found, Skipped) and found.error and "--ref" in (found.hint or "")


def test_hidden_files_and_git(tree: Path) -> None:
    make(tree / ".env")
    make(tree / "docs/.cache/x")
    make(tree / "docs/.git/config")
    assert listed("docs") == ["docs/i.md"]
    assert listed("docs", hidden=True) == ["docs/.cache/x", "docs/i.md"]
    assert listed([".env", "docs/.cache"]) == [".env", "docs/.cache/x"]


def test_include_and_exclude(tree: Path) -> None:
    assert listed(include=["*.py"]) == ["b.py", "src/a/x.py", "src/z.py"]
    assert listed(include=["*.py"], exclude=["src/a"]) == ["b.py", "src/z.py"]
    assert listed(include=["src/"]) == ["src/a/x.py", "src/a/y.txt", "src/z.py"]
    assert listed("src", exclude=["a/"]) == listed("src", exclude=["src/a/**"]) == ["src/z.py"]
    assert listed(tree / "src", exclude=["a/x.py", "/z.py"]) == [f"{tree}/src/a/y.txt"]
    assert listed(["b.py", "a.md"], exclude=["*.md"]) == [
        "b.py",
        "a.md: excluded by exclude '*.md'",
    ]
    assert listed(exclude=["*", "!*.md"]) == ["a.md"]


def test_a_bad_pattern_is_reported_at_once() -> None:
    with pytest.raises(UsageError) as error:
        find_files(".", include=["!"])
    assert error.value.hint


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.py", ["b.py"]),
        ("src/**/*.py", ["src/a/x.py", "src/z.py"]),
        ("**/*.md", ["a.md", "docs/i.md"]),
        ("s*", ["src/a/x.py", "src/a/y.txt", "src/z.py", "src.txt"]),
        ("src/?.py", ["src/z.py"]),
        ("src/[a-b]/*", ["src/a/x.py", "src/a/y.txt"]),
        ("./*/*.md", ["docs/i.md"]),
        ("*.c", ["*.c: no file matches this pattern"]),
        ("nowhere/*.py", ["nowhere/*.py: no file matches this pattern"]),
    ],
)
def test_patterns_that_the_shell_left(tree: Path, pattern: str, expected: list[str]) -> None:
    assert listed(pattern) == expected
    assert all(not f.explicit for f in find_files(pattern) if isinstance(f, File))


def test_patterns_respect_ignore_files_and_hidden_names(tree: Path) -> None:
    make(tree / ".hidden.py")
    make(tree / ".github/ci.yml")
    (tree / ".gitignore").write_text("b.py\n")
    assert listed("*.py") == ["*.py: no file matches this pattern"]
    assert listed(".*.py") == [".hidden.py"]
    assert listed(".github/*") == [".github/ci.yml"]


def test_an_existing_file_is_not_a_pattern(tree: Path) -> None:
    # Next.js names files so.
    make(tree / "pages/[id].tsx")
    assert list(find_files("pages/[id].tsx")) == [File("pages/[id].tsx")]


def test_a_pattern_of_known_depth_does_not_search_the_whole_tree(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: seen.append(path) or scandir(path))
    assert listed("*.md") == ["a.md"]
    assert seen == ["."]


def test_missing_and_broken_paths_are_errors(tree: Path) -> None:
    os.symlink("nowhere", "broken")
    os.symlink("loop", "loop")
    paths = ["gone", "broken", "loop", "b.py/x", "a\0b", "", "n" * 300]
    found = list(find_files([*paths, "a.md"]))
    assert found.pop() == File("a.md")
    assert all(isinstance(f, Skipped) and f.error for f in found)
    assert [f.reason for f in found if isinstance(f, Skipped)] == [
        "no such file or directory",
        "broken symbolic link",
        "broken symbolic link",
        "not a directory",
        "not a path",
        "no such file or directory",
        "file name too long",
    ]


def test_links_found_are_not_followed_and_links_named_are(tree: Path) -> None:
    os.symlink("../src", "docs/linked")
    os.symlink("..", "docs/up")
    os.symlink("i.md", "docs/j.md")
    os.symlink("nowhere", "docs/k.md")
    assert listed("docs") == [
        "docs/i.md",
        "docs/j.md: symbolic link, not followed",
        "docs/k.md: broken symbolic link",
        "docs/linked: symbolic link, not followed",
        "docs/up: symbolic link, not followed",
    ]
    assert not any(f.error for f in find_files("docs") if isinstance(f, Skipped))
    assert listed("docs/linked") == [
        "docs/linked/a/x.py",
        "docs/linked/a/y.txt",
        "docs/linked/z.py",
    ]
    assert list(find_files("docs/j.md")) == [File("docs/j.md")]
    assert listed("docs", exclude=["linked", "up", "?.md"]) == []


def test_special_files_are_listed_and_not_opened(tree: Path) -> None:
    os.mkfifo("docs/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("docs/socket")
        found = list(find_files("docs"))
    assert found[1:] == [Skipped("docs/pipe", "named pipe"), Skipped("docs/socket", "socket")]
    assert list(find_files("docs/pipe")) == [File("docs/pipe")]
    assert Skipped("/dev/null", "device") in list(find_files("/dev", ignore=False))


def test_an_unreadable_directory_is_an_error_and_the_walk_goes_on(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def deny(path: str) -> object:  # chmod does not stop root, who may be running this
        if path == "src/a/":
            raise PermissionError(13, "Permission denied")
        if path == "docs/":
            raise FileNotFoundError(2, "No such file or directory")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    monkeypatch.setattr(_core, "kernel", None)  # which lists folders without it
    found = list(find_files("."))
    assert Skipped("src/a", "permission denied", error=True) in found
    assert Skipped("docs", "no such file or directory", error=True) in found
    assert found[-1] == File("src.txt", explicit=False)
    assert list(find_files("docs")) == [Skipped("docs", "no such file or directory", error=True)]


def test_names_of_any_bytes(tree: Path) -> None:
    names = [b"new\nline", b"\xff\xfe.txt", "日本.md".encode(), b" ", b"-"]
    for name in names:
        make(tree / "odd" / os.fsdecode(name))
    assert sorted(os.fsencode(path) for path in listed("odd")) == sorted(b"odd/" + n for n in names)
    assert listed(os.fsdecode(b"odd/\xff\xfe.txt")) == ["odd/\udcff\udcfe.txt"]


def test_a_tree_deeper_than_python_s_stack(tree: Path) -> None:
    deep = tree / "deep"
    for _ in range(20):
        deep /= "/".join(["d"] * 60)
        deep.mkdir(parents=True)
    make(deep / "end.txt")
    try:
        assert listed("deep") == ["deep/" + "d/" * 1200 + "end.txt"]
    finally:
        # pytest's own cleaning, by shutil.rmtree, fails on such a tree.
        subprocess.run(["rm", "-rf", "deep"], check=True)


def test_a_large_directory(tree: Path) -> None:
    (tree / "large").mkdir()
    for number in range(3000):
        (tree / f"large/{number:04}").touch()
    assert listed("large") == [f"large/{number:04}" for number in range(3000)]


def test_submodules_that_are_not_checked_out_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was said of the folder in which a project has half of its code."""
    monkeypatch.chdir(tmp_path)
    for folder in (".git", "vendor/lib", "vendor/there", "empty", "sub/.git"):
        Path(folder).mkdir(parents=True)
    Path(".gitmodules").write_text(
        '[submodule "a"]\n\tpath = vendor/lib\n\turl = u\n[submodule "b"]\n\tpath = "vendor/there"'
    )
    Path("vendor/there/a.py").write_text("a")
    Path("vendor/b.py").write_text("b")
    expected = Skipped("vendor/lib", "submodule, not checked out")
    assert [each for each in find_files(".") if isinstance(each, Skipped)] == [expected]
    assert list(find_files("vendor/lib")) == [expected]
    found = list(find_files("vendor"))
    assert found == [File("vendor/b.py", False), expected, File("vendor/there/a.py", False)]
    assert list(find_files("empty")) == [], "an empty folder is none"


def test_the_list_of_submodules_is_read_in_linear_time_and_from_a_regular_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (".git", "lib", *(f"empty/{number}" for number in range(300))):
        Path(folder).mkdir(parents=True)
    modules = Path(".gitmodules")
    padding = b"\n" * 200_000 + b" " * 200_000 + b"b\npath = x" + b" " * 200_000 + b"y\n"
    modules.write_bytes(padding + b"path=lib/ \r\n\xff")
    with no_hang():
        assert list(find_files(".")) == [Skipped("lib", "submodule, not checked out")]
        modules.unlink()
        modules.symlink_to("/dev/zero")
        assert list(find_files(".")) == []
        modules.unlink()
        os.mkfifo(modules)
        assert list(find_files(".")) == []


def test_a_tree_deeper_than_a_path_may_be_long(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(450):
        os.mkdir("aaaaaaaaa", dir_fd=descriptor)
        inner = os.open("aaaaaaaaa", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    (found,) = find_files(tmp_path, include=["**/a*/**/b"])
    assert isinstance(found, Skipped)
    assert found.error
    assert found.reason == "file name too long"
