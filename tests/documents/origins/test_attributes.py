"""`.gitattributes`: as git reads them, for the attributes of github-linguist."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctxtools.documents import File, Skipped, find_files, read_documents
from ctxtools.documents.origins.attributes import mark_files

_NAMES = ("linguist-generated", "linguist-vendored")


def make(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def marks(root: Path, *named: str) -> dict[str, set[str]]:
    paths = [str(root / name) for name in named or ("",)]
    return {
        os.path.relpath(file.path, root): {*file.marks}
        for file in mark_files(find_files(paths), paths)
        if isinstance(file, File)
    }


FILES = {
    ".gitattributes": (
        "# comment\n"
        "[attr]machine linguist-generated -diff\n"
        "*.gen linguist-generated\n"
        "gen/** linguist-generated=true\n"
        "lib linguist-vendored\n"
        "third/** linguist-vendored\n"
        '"with space.py" linguist-generated\n'
        "/top.py machine\n"
        "a.gen -linguist-generated\n"
        "b.gen linguist-generated=false\n"
        "*.txt text\n"
        '"q\\"u\\\\o\\164e[a-z].py" linguist-generated\n'
        "/?.py linguist-vendored\n"
        "/??.py linguist-generated\n"
        "[[:upper:]]*[!a]?.py\tlinguist-generated\t-linguist-vendored \r\n"
    ),
    "third/own/.gitattributes": "*.py -linguist-vendored\nc.py !linguist-vendored\n",
    **dict.fromkeys(
        [
            "x.gen", "a.gen", "sub/a.gen", "b.gen", "gen/deep/y.py", "lib/z.py", "third/t.py",
            "third/own/o.py", "third/own/c.py", "with space.py", "top.py", "sub/top.py", "n.txt",
            'q"uotes.py', "é.py", "Ab.py", "Abc.py", "Aac.py",
        ],
        "x",
    ),
}  # fmt: skip


def test_they_are_read_as_git_reads_them(tmp_path: Path) -> None:
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    make(tmp_path, FILES)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    found = marks(tmp_path)
    listed = "\0".join(found).encode()
    command = ["git", "-C", str(tmp_path), "check-attr", "-z", "--stdin", *_NAMES]
    ran = subprocess.run(command, input=listed + b"\0", capture_output=True, check=True)
    words = ran.stdout.decode().split("\0")
    expected: dict[str, set[str]] = {path: set() for path in found}
    for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=False):
        if value in ("set", "true"):
            expected[path].add(name)
        elif value in ("unset", "false"):
            expected[path].add(f"-{name}")
    assert found == expected
    assert found['q"uotes.py'] == {"linguist-generated"}
    assert found["third/own/o.py"] == {"-linguist-vendored"} and found["top.py"]
    # Those above the folder that was named count too, up to the root of the repository.
    assert marks(tmp_path, "gen") == {"gen/deep/y.py": {"linguist-generated"}}


def test_outside_a_repository_those_above_the_named_folder_do_not_count(tmp_path: Path) -> None:
    make(tmp_path, FILES)
    assert marks(tmp_path)["gen/deep/y.py"] == {"linguist-generated"}
    assert marks(tmp_path, "gen") == {"gen/deep/y.py": set()}


def test_marks_of_folders_and_of_what_was_named(tmp_path: Path) -> None:
    make(tmp_path, {"my/pyvenv.cfg": "", "my/lib/a.py": "", "b.py": ""})
    assert marks(tmp_path)["my/lib/a.py"] == {"pyvenv.cfg"}
    assert marks(tmp_path, "my")["my/lib/a.py"] == set()
    assert marks(tmp_path, "b.py") == {"b.py": {"named"}}
    both = mark_files(find_files([str(tmp_path), f"{tmp_path}/./b.py"]), [f"{tmp_path}/./b.py"])
    assert [file.path for file in both if isinstance(file, File) and "named" in file.marks] == [
        f"{tmp_path}/b.py"
    ]
    (document,) = read_documents(tmp_path / "b.py")
    assert document.marks == {"named"}


def test_an_attribute_file_that_is_none(tmp_path: Path) -> None:
    make(
        tmp_path,
        {"a/a.py": "", "b/.gitattributes/x": "", "c/c.py": "", "secret": "* linguist-generated"},
    )
    (tmp_path / "c" / ".gitattributes").symlink_to(tmp_path / "secret")
    (tmp_path / "b" / "b.py").write_text("")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "a" / ".gitattributes")  # reading it would never end
    assert set().union(*marks(tmp_path).values()) == set()
    found = mark_files(find_files(tmp_path), [str(tmp_path)])
    skipped = {each.path: each.reason for each in found if isinstance(each, Skipped)}
    expected = {f"{tmp_path}/c/.gitattributes": "leads out of its folder"}
    if hasattr(os, "mkfifo"):
        expected[f"{tmp_path}/a/.gitattributes"] = "a named pipe, not a regular file"
    assert skipped == {k: f"its attributes do not count: {v}" for k, v in expected.items()}


def test_a_deep_folder(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 900)
    deep.mkdir(parents=True)
    (deep / "a.py").write_text("")
    (tmp_path / ".gitattributes").write_text("*.py linguist-generated\n")
    assert [*marks(tmp_path).values()] == [{"linguist-generated"}]
