"""Paths that go on in an archive, as a member, a folder of it or a pattern."""

from pathlib import Path

import pytest

from ctxtools.documents import File, find_files
from ctxtools.errors import Skipped
from tests.documents.archives.made import archive_of, found_in, zip_of

FILES = {
    "a.txt": b"a",
    "docs/one.md": b"one",
    "docs/in/two.md": b"two",
    "docs/.hidden.md": b"hidden",
    ".github/ci.yml": b"ci",
    "app/[id]/page.txt": b"page",
    ".gitignore": b"ignored.txt\n",
    "ignored.txt": b"ignored",
    "uv.lock": b"lock",
}


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
@pytest.mark.parametrize(
    ("named", "names"),
    [
        ("a.txt", ["a.txt"]),
        ("docs/one.md", ["docs/one.md"]),
        ("./docs//one.md", ["docs/one.md"]),
        ("docs", ["docs/one.md", "docs/in/two.md"]),
        ("docs/in/", ["docs/in/two.md"]),
        (".github", [".github/ci.yml"]),
        ("docs/.hidden.md", ["docs/.hidden.md"]),
        ("ignored.txt", ["ignored.txt"]),
        ("app/[id]/page.txt", ["app/[id]/page.txt"]),
        ("*.txt", ["a.txt"]),
        ("docs/*.md", ["docs/one.md"]),
        ("**/*.md", ["docs/one.md", "docs/in/two.md"]),
        ("docs/.*", ["docs/.hidden.md"]),
    ],
)
def test_what_a_path_stands_for(suffix: str, named: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(archive_of(FILES, suffix))
    texts, skipped = found_in(f"{path}/{named}")
    assert texts == {f"{path}/{name}": FILES[name].decode() for name in names}
    assert not skipped


def test_a_member_that_is_named_is_as_a_file_that_is(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of({**FILES, "binary": bytes(range(256))}))
    (found,) = find_files(f"{path}/uv.lock")
    assert isinstance(found, File) and found.explicit and found.marks == {"named"}
    _, skipped = found_in(f"{path}/binary")
    assert [error for _, error in skipped.values()] == [True]
    (left_out,) = find_files(f"{path}/a.txt", exclude=["*.txt"])
    assert isinstance(left_out, Skipped) and "exclude" in left_out.reason
    several = [*find_files([f"{path}/docs", f"{path}/docs/one.md", f"{path}/docs/*.md"])]
    assert [each.path for each in several] == [f"{path}/docs/one.md", f"{path}/docs/in/two.md"]


def test_archives_in_archives(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of({"in/y.jar": zip_of(FILES), "in/z.zip": zip_of(FILES)}))
    assert [*found_in(f"{path}/in/y.jar/docs/one.md")[0].values()] == ["one"]
    assert len(found_in(f"{path}/in/y.jar/docs")[0]) == 2
    assert [*found_in(f"{path}/in/y.jar")[0]] == [*found_in(f"{path}/in/y.jar/")[0]]
    texts, skipped = found_in(f"{path}/in")
    assert not texts and len(skipped) == 2  # which --archives looks into


def test_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of(FILES))
    (missing,) = find_files(f"{path}/docs/onee.md")
    assert isinstance(missing, Skipped) and missing.error
    assert missing.reason == f"not in {path}" and "docs/one.md" in (missing.hint or "")
    (missing,) = find_files(f"{path}/*.rst")
    assert isinstance(missing, Skipped) and "matches this pattern" in missing.reason
    path.write_bytes(zip_of(FILES)[:-9])
    (damaged,) = find_files(f"{path}/a.txt")
    assert isinstance(damaged, Skipped) and damaged.error and damaged.path == str(path)
    (tmp_path / "a.py").write_text("words")
    (missing,) = find_files(f"{tmp_path}/a.py/x")
    assert isinstance(missing, Skipped) and missing.reason == "not a directory"
