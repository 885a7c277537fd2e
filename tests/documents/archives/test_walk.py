"""An archive lists what a folder with the same files lists, and reads the same texts."""

import io
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools.documents import (
    DocumentCount,
    File,
    ReadOptions,
    Skipped,
    count_documents,
    find_files,
    read_documents,
)
from ctxtools.documents.archives import limits, tars, walk
from ctxtools.documents.search.found import FOUND_ARCHIVE
from tests.documents.archives.made import FORMATS, archive_of, found_in, listed, tar_of, zip_of

NAMES = st.sampled_from(["a.py", "b.md", ".hidden", "c.log", "build", ".gitignore", ".ignore"])
FOLDERS = st.lists(st.sampled_from(["src", "docs", ".config", "build"]), max_size=3)
PATHS = st.builds(lambda folders, name: "/".join([*folders, name]), FOLDERS, NAMES)
PATTERNS = st.sampled_from(["*.py", "build", "/docs", "src/", "*.log", "docs/**/a.py"])


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Files of which none is called like a folder."""
    files: dict[str, bytes] = {}
    for path in draw(st.lists(PATHS, min_size=1, max_size=10)):
        is_folder = any(other.startswith(f"{path}/") for other in files)
        parents = [path[:at] for at, character in enumerate(path) if character == "/"]
        if is_folder or any(parent in files for parent in parents):
            continue
        ignores = path.endswith("ignore")
        line = draw(PATTERNS) if ignores else draw(st.text("ab é\n", max_size=20))
        files[path] = line.encode()
    return files


@given(
    files=trees(),
    format=st.sampled_from([".zip", ".tar", ".tar.gz"]),
    hidden=st.booleans(),
    ignore=st.booleans(),
    include=st.lists(PATTERNS, max_size=1),
    exclude=st.lists(PATTERNS, max_size=1),
)
@settings(max_examples=40)
def test_the_same_files_are_listed(
    files: dict[str, bytes],
    format: str,
    hidden: bool,
    ignore: bool,
    include: list[str],
    exclude: list[str],
) -> None:
    options = {"hidden": hidden, "ignore": ignore, "include": include, "exclude": exclude}
    with TemporaryDirectory() as folder:
        unpacked = Path(folder, "tree")
        for path, data in files.items():
            target = unpacked / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        archive = Path(folder, f"archive{format}")
        archive.write_bytes(archive_of(files, format))
        found = find_files(str(archive), **options)  # type: ignore[arg-type]
        contents = {}
        for each in found:
            assert isinstance(each, File) and each.content is not None
            contents[each.path.removeprefix(f"{archive}/")] = each.content.open().data
        assert contents == {path: files[path] for path in listed(unpacked, **options)}


@pytest.mark.parametrize("format", FORMATS)
def test_texts_of_every_format(tmp_path: Path, format: str) -> None:
    if format == ".tar.zst":
        pytest.importorskip("zstandard")
    files = {f"src/{number}.txt": f"words {number}".encode() * number for number in range(40)}
    path = tmp_path / f"a{format}"
    path.write_bytes(archive_of(files, format))
    texts, skipped = found_in(path)
    assert skipped == {}
    assert texts == {f"{path}/{name}": data.decode() for name, data in files.items()}
    assert list(texts) == [f"{path}/{name}" for name in files]  # in the order of the archive
    unnamed = tmp_path / "without a suffix"
    path.rename(unnamed)
    assert len(found_in(unnamed)[0]) == len(files)


@pytest.mark.parametrize("format", [".zip", ".tar.gz"])
def test_counts_are_those_of_the_folder(tmp_path: Path, format: str) -> None:
    files = {f"{number}.txt": b"some words\n" * number for number in range(30)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    encoding = get_encoding("o200k_base")
    expected = {
        each.path.removeprefix(f"{tmp_path}/"): each[1:]
        for each in count_documents(find_files(str(tmp_path)), [encoding])
    }
    path = tmp_path / f"a{format}"
    path.write_bytes(archive_of(files, format))
    counted = [*count_documents(find_files(str(path)), [encoding], threads=2)]
    assert all(isinstance(each, DocumentCount) for each in counted)
    assert {each.path.removeprefix(f"{path}/"): each[1:] for each in counted} == expected


def test_a_found_archive_is_listed_or_looked_into(tmp_path: Path) -> None:
    inner = zip_of({"in.txt": b"inner"})
    (tmp_path / "a.zip").write_bytes(zip_of({"b.jar": inner, "c.txt": b"outer"}))
    (tmp_path / "chicken.egg").write_text("((synopsis text))")  # by its name alone an archive
    assert found_in(tmp_path) == (
        {f"{tmp_path}/chicken.egg": "((synopsis text))"},
        {f"{tmp_path}/a.zip": (FOUND_ARCHIVE, False)},
    )
    texts, skipped = found_in(tmp_path, archives=True)
    assert skipped == {}
    assert list(texts.values()) == ["inner", "outer", "((synopsis text))"]
    assert f"{tmp_path}/a.zip/b.jar/in.txt" in texts
    named, skipped = found_in(tmp_path / "a.zip")
    assert [*named.values()] == ["outer"]
    assert skipped == {f"{tmp_path}/a.zip/b.jar": (FOUND_ARCHIVE, False)}
    found = find_files([str(tmp_path), f"{tmp_path}/a.zip"])  # found first, and named
    assert [each.path.removeprefix(f"{tmp_path}/") for each in found] == [
        *("chicken.egg", "a.zip/b.jar", "a.zip/c.txt"),
    ]


def test_each_member_that_is_skipped_is_listed_among_several_archives(tmp_path: Path) -> None:
    data = zip_of({"../a.txt": b"a", "/b.txt": b"b", "c.txt": b"c"})
    paths = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for path in paths:
        path.write_bytes(data)
    alone = [found for path in paths for found in find_files(path)]
    assert len(alone) == 6
    assert [each.path for each in find_files([*paths, paths[0]])] == [each.path for each in alone]


def test_patterns_apply_to_members_of_found_archives(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    files = {"src/a.py": b"a", "src/b.md": b"b"}
    (tmp_path / "lib/a.zip").write_bytes(zip_of(files))
    assert listed(tmp_path, archives=True, include=["*.py"]) == ["lib/a.zip/src/a.py"]
    assert listed(tmp_path, archives=True, include=["lib/a.zip/src/b.md"]) == ["lib/a.zip/src/b.md"]
    assert listed(tmp_path, archives=True, exclude=["*.zip"]) == []
    (skipped,) = find_files(f"{tmp_path}/lib/a.zip", exclude=["*.zip"])
    assert isinstance(skipped, Skipped)
    assert "excluded by" in skipped.reason
    found = find_files(f"{tmp_path}/lib/a.zip", include=["*.txt"])
    assert [*found] == []
    assert [each.pattern for each in found.unmatched] == ["*.txt"]


def test_archives_in_archives_are_bounded(tmp_path: Path) -> None:
    data = zip_of({"deep.txt": b"deep"})
    for number in range(limits.MAX_DEPTH):
        data = zip_of({f"{number}.zip": data, f"{number}.txt": b"words"})
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    texts, skipped = found_in(path, archives=True)
    assert len(texts) == limits.MAX_DEPTH
    ((name, (reason, error)),) = skipped.items()
    assert name.endswith("/1.zip/0.zip")
    assert (reason, error) == (f"archive in {limits.MAX_DEPTH} archives, the maximum", False)


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({f"{number}.txt": b"words" * 10 for number in range(5)}))
    too_large = found_in(path)
    assert (len(too_large[0]), too_large[1]) == (5, {})
    options = ReadOptions(max_file_size=49)
    (first, *_) = count_documents(find_files(str(path)), [get_encoding("o200k_base")], options)
    assert "above the maximum file size" in getattr(first, "reason", "")
    monkeypatch.setattr(walk, "MAX_BYTES", 120)
    texts, skipped = found_in(path)
    assert len(texts) == 2
    ((reason, error),) = skipped.values()
    assert error and "more than 120 B in it" in reason
    monkeypatch.setattr(walk, "MAX_BYTES", 1 << 40)
    monkeypatch.setattr(walk, "FREE_IN_ALL", 120)
    assert len(found_in(path)[0]) == 5  # 250 bytes, and the archive has more than one of them
    monkeypatch.setattr(walk, "MAX_RATIO", 0.2)
    texts, skipped = found_in(path)
    assert 2 <= len(texts) < 5
    ((reason, error),) = skipped.values()
    assert error and "bytes in it for each that it has" in reason


def test_a_large_tar_is_read_by_tapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{number}.txt": f"words {number} ".encode() * 500 for number in range(60)}
    path = tmp_path / "a.tar.gz"
    path.write_bytes(archive_of(files, ".tar.gz"))
    monkeypatch.setattr(walk, "MAX_HELD", 10_000)
    tapes = []
    monkeypatch.setattr(
        tars.TarArchive,
        "_tape",
        lambda self, make=tars.TarArchive._tape: tapes.append(0) or make(self),
    )
    assert len(found_in(path)[0]) == 60
    assert len(tapes) == 2  # to list and to read, whatever the number of members
    tapes.clear()
    counted = [*count_documents(find_files(str(path)), [get_encoding("o200k_base")], threads=4)]
    assert [each.size for each in counted if isinstance(each, DocumentCount)] == [
        len(data) for data in files.values()
    ]
    assert len(tapes) <= 12
    backwards = [each for each in find_files(str(path)) if isinstance(each, File)][::-1]
    for each in backwards:
        assert each.content is not None
        assert each.content.open().data == files[each.path.rpartition("/")[2]]


def test_an_archive_that_changes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"a.txt": b"one"}))
    (found,) = find_files(str(path))
    path.write_bytes(zip_of({"a.txt": b"another"}))
    (counted,) = count_documents([found], [get_encoding("o200k_base")])
    assert counted == Skipped(
        f"{path}/a.txt", "the archive was changed while it was read", error=True
    )


def test_documents_of_an_archive_have_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    path.write_bytes(zip_of({"pack/a.py": b"a = 1\n"}))
    documents = read_documents(str(path))
    assert [each.path for each in documents] == [f"{path}/pack/a.py"]
    assert documents.folders == (str(path),)


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names(tmp_path: Path, format: int) -> None:
    name = "/".join(["folder"] * 15) + "/" + "n" * 90 + ".txt"
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of({name: b"words"}, format))
    assert found_in(path) == ({f"{path}/{name}": "words"}, {})


def test_an_empty_archive_has_no_files(tmp_path: Path) -> None:
    for name, data in (("a.zip", zip_of({})), ("a.tar", tar_of({}))):
        (tmp_path / name).write_bytes(data)
        assert found_in(tmp_path / name) == ({}, {})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz"):
        pass
    (tmp_path / "b.tgz").write_bytes(buffer.getvalue())
    assert found_in(tmp_path / "b.tgz") == ({}, {})
