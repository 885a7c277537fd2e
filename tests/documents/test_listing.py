"""Lists of paths, and texts that turn out to be some."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import read_documents, read_file_list, read_files0
from ctxtools.documents.listing import ListDetector
from ctxtools.errors import UsageError


@given(st.lists(st.binary(min_size=1, max_size=8).map(lambda name: name.replace(b"\0", b"/"))))
def test_files0(names: list[bytes]) -> None:
    data = b"\0".join(names)
    paths = [os.fsdecode(name) for name in names]
    assert read_files0(io.BytesIO(data)) == paths
    if names:
        assert read_files0(io.BytesIO(data + b"\0")) == paths


def test_files0_with_an_empty_path() -> None:
    with pytest.raises(UsageError, match="path 2 in the list is empty") as error:
        read_files0(io.BytesIO(b"a\0\0b"))
    assert error.value.hint


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1)
    .filter(str.strip)
    .filter(lambda name: not name.startswith(("\ufeff", '"')))
)


@given(NAMES, st.sampled_from(["\n", "\r\n", "\n\n"]), st.booleans())
def test_names_on_lines(names: list[str], line_break: str, ended: bool) -> None:
    text = line_break.join(names) + line_break * ended
    for charset in ("utf-8", "utf-8-sig", "utf-16"):  # with a mark, as PowerShell writes
        assert read_file_list(io.BytesIO(text.encode(charset))) == names


def test_names_on_lines_that_are_not_utf_8() -> None:
    assert read_file_list(io.BytesIO(b"a\xff\nb")) == [os.fsdecode(b"a\xff"), "b"]


def test_names_that_git_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = rb"""a
"caf\303\251.txt"
"say \"hi\"\t\\.md"
"really"
"""
    (tmp_path / '"really"').touch()
    found = read_file_list(io.BytesIO(listed))
    assert found == ["a", "café.txt", 'say "hi"\t\\.md', '"really"']


def test_a_list_with_nul_is_not_one_of_lines() -> None:
    with pytest.raises(UsageError, match="NUL") as error:
        read_file_list(io.BytesIO(b"a\0b\0"))
    assert "--files0-from" in str(error.value.hint)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        (b"a\nsub/b\n", "--files-from"), (b"a\r\n\r\nsub/b", "--files-from"),
        (b"sub\n", "--files-from"), (b"a", "--files-from"), (b"a\0sub/b\0", "--files0-from"),
        (b"", None), (b"\n\n", None), (b"a\nno\n", None), (b"a text\n", None), (b"\0\0", None),
        (b"a\n" * 2000 + b"b", None), (b"a" * 10_000, None), (b"x = 1\na\n", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [1, 3, 100_000])
def test_a_text_of_names_is_recognised(
    text: bytes, option: str | None, step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").touch()
    (tmp_path / "sub" / "b").touch()
    detector = ListDetector()
    for start in range(0, len(text), step):
        detector.feed(text[start : start + step])
    found = detector.finish()
    assert (option is None) == (found is None)
    assert found is None or f"{option} - " in found


def test_a_named_file_of_names_is_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_text("list\n")
    assert [each.notes for each in read_documents("list")] == [()]
