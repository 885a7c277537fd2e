"""Which files of what is named are inputs of a corpus, and what is said of the others."""

import os
from pathlib import Path

import pytest

from ctxtools.corpus import CountStep, list_inputs, run
from ctxtools.errors import ReadError, Skipped, UsageError

pytest.importorskip("pyarrow")


def write_corpus(folder: Path, files: int = 4) -> Path:
    """A folder of inputs, ``0.jsonl`` and so on."""
    folder.mkdir()
    for number in range(files):
        (folder / f"{number}.jsonl").write_text('{"text": "a"}\n')
    return folder


def test_duplicates_are_refused(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in")
    (corpus / "link.jsonl").symlink_to("0.jsonl")
    links = corpus / "link.jsonl"
    several: list[list[str | Path]] = [
        [corpus / "0.jsonl", corpus / "0.jsonl"],
        [corpus / "0.jsonl", links],
        [f"{corpus}/0.*", f"{corpus}/[0-3].jsonl"],
    ]
    for named in several:
        with pytest.raises(UsageError, match="named twice"):
            list_inputs(named)


def test_links_are_followed_only_where_they_are_named(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in", 1)
    (corpus / "link.jsonl").symlink_to("0.jsonl")
    (corpus / "notes.txt").symlink_to("0.jsonl")
    assert [Path(each.uri).name for each in list_inputs([corpus / "link.jsonl"])] == ["0.jsonl"]
    with pytest.raises(UsageError, match=r"link.jsonl: a link"):
        list_inputs([corpus])


def test_what_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(ReadError, match="no such file"):
        list_inputs([tmp_path / "missing"])
    with pytest.raises(UsageError, match="no file of a known format"):
        list_inputs([tmp_path])
    with pytest.raises(UsageError, match="unknown format"):
        list_inputs([tmp_path / "notes.txt"])
    with pytest.raises(UsageError, match="no input"):
        list_inputs([])
    for name in ("a.zip", "a.jsonl.tar.gz", "a.whl"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(UsageError, match=f"{name}: an archive") as found:
            list_inputs([tmp_path / name])
        assert "unpack" in (found.value.hint or "")
    with pytest.raises(UsageError, match="no file of a known format") as found:
        list_inputs([tmp_path])
    assert "unpack archives" in (found.value.hint or "")


def test_what_is_skipped_is_listed(tmp_path: Path) -> None:
    """Archives of a folder were left out without a word."""
    corpus, out = write_corpus(tmp_path / "in", 1), tmp_path / "in" / "out"
    (corpus / "sub").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (corpus / "folder").symlink_to(tmp_path / "elsewhere")
    for name in ("a.tar.zst", "sub/notes.md", "_SUCCESS", ".hidden"):
        (corpus / name).write_bytes(b"")
    expected = {
        "a.tar.zst": "an archive",
        "folder": "a link to a folder, which is not followed",
        "sub/notes.md": "neither a table nor a document whose text is extracted",
    }
    for _ in range(2):  # also without what the first run has written
        result = run([corpus], CountStep(), out)
        found = {os.path.relpath(each.path, corpus): each.reason for each in result.skipped}
        assert found == expected
        assert all(each.hint for each in result.skipped)
    skipped: list[Skipped] = []
    assert len(list_inputs([f"{corpus}/[0a]*"], skipped=skipped)) == 1
    assert [Path(each.path).name for each in skipped] == ["a.tar.zst"]


def test_patterns_and_folders(tmp_path: Path) -> None:
    for name in ("a/b/c.parquet", "a/d.jsonl.zst", "_temporary/e.parquet", "a/.f.csv", "a/g.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    names = [Path(each.uri).name for each in list_inputs([tmp_path])]
    assert names == ["c.parquet", "d.jsonl.zst"]
    assert [Path(e.uri).name for e in list_inputs([f"{tmp_path}/**/*.parquet"])] == ["c.parquet"]
    assert [Path(e.uri).name for e in list_inputs([f"{tmp_path}/*/d.*"])] == ["d.jsonl.zst"]
