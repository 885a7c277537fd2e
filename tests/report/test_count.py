"""The page of a count has each file once, with its numbers."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.documents import DocumentCount, count_documents, find_files
from ctxtools.documents.file import display_name
from ctxtools.models import Interval
from ctxtools.report import CountColumn, CountedFile, count_page
from tests.report.pages import HOSTILE, check_page, data_of, skipped_of

names = st.text(st.characters(), min_size=1, max_size=6) | st.sampled_from(HOSTILE)
paths = st.lists(names, min_size=1, max_size=5).map("/".join)


@given(st.lists(st.tuples(paths, st.integers(0, 2**40), st.integers(0, 2**40)), max_size=12))
@example([("//0", 0, 0), ("/0", 1, 1), ("a//b/", 2, 2)])
def test_every_file_is_in_its_folder(files: list[tuple[str, int, int]]) -> None:
    counted = [CountedFile(path, size, (tokens, 1)) for path, size, tokens in files]
    page = count_page(counted, [CountColumn("a"), CountColumn("b", 10)])
    data = data_of(page)
    folders, table = data["folders"], data["files"]
    assert all(parent < number for number, parent in enumerate(folders["parent"]))

    def path_of(number: int) -> str:
        names = [table["name"][number]]
        at = table["folder"][number]
        while at:
            names.insert(0, folders["name"][at])
            at = folders["parent"][at]
        return "/".join(names)

    for number, (path, size, tokens) in enumerate(files):
        # A name that is empty, as after a final slash, is shown as a slash.
        split = [part or "/" for part in display_name(path).split("/")]
        assert path_of(number) == "/".join(split)
        assert (table["bytes"][number], table["tokens"][0][number]) == (size, tokens)
    assert data["columns"][0]["tokens"] == sum(tokens for _, _, tokens in files)
    assert data["columns"][1]["available"] == 10


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names(text: str) -> None:
    file = CountedFile(f"{text}/{text}", 1, (2,), notes=(text,))
    page = count_page(
        [file], [CountColumn(text, note=text)], skipped=[ctx.Skipped(text, text, hint=text)],
        notes=[text], title=text,
    )  # fmt: skip
    check_page(page)


def test_estimates_are_intervals() -> None:
    files = [
        CountedFile("a", 1, (10, Interval(8, 10, 12))),
        CountedFile("b", 1, (1, 5)),
    ]
    data = data_of(count_page(files, [CountColumn("x"), CountColumn("y", limit="20 at most")]))
    assert data["files"]["intervals"] == [{}, {"0": [8, 12]}]
    exact, estimate = data["columns"]
    assert (exact["tokens"], exact["low"], exact["high"], exact["inexact"]) == (11, 11, 11, False)
    found = [estimate[name] for name in ("tokens", "low", "high", "inexact", "limit")]
    assert found == [15, 13, 17, True, "20 at most"]


def test_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("some text")
    (tmp_path / "c.bin").write_bytes(b"\0\1")
    encoding = ctx.get_encoding("o200k_base")
    model = ctx.get_model("gpt-5")
    results = [*count_documents(find_files([str(tmp_path)]), [encoding, encoding])]
    page = count_page(results, [encoding, model], title="mine")
    check_page(page)
    data = data_of(page)
    assert data["title"] == "mine"
    assert [each["name"] for each in data["columns"]] == ["o200k_base", "gpt-5"]
    assert data["columns"][1]["available"] == model.budget().available
    assert data["files"]["name"] == ["b.txt"] and data["files"]["tokens"] == [[2], [2]]
    assert skipped_of(data) == {"binary": [str(tmp_path / "c.bin")]}
    assert page == count_page(results, [encoding, model], title="mine")


def test_wrong_arguments() -> None:
    column = CountColumn("a")
    with pytest.raises(ctx.UsageError, match="columns is empty"):
        count_page([], [])
    with pytest.raises(ctx.UsageError, match="a has 2 counts for 1 columns"):
        count_page([DocumentCount("a", 1, (1, 2))], [column])
    with pytest.raises(ctx.UsageError, match="a file must be"):
        count_page(["a"], [column])  # type: ignore[list-item]
    with pytest.raises(ctx.UsageError, match="a column must be"):
        count_page([], ["o200k_base"])  # type: ignore[list-item]
    with pytest.raises(ctx.UsageError, match="title must be"):
        count_page([], [column], title=None)  # type: ignore[arg-type]


def test_twenty_thousand_files_stay_small() -> None:
    files = [
        CountedFile(f"src/package{n % 200}/module{n % 7}/file_number_{n}.py", 9_000 + n, (n, n, n))
        for n in range(20_000)
    ]
    page = count_page(files, [CountColumn("a"), CountColumn("b"), CountColumn("c")])
    assert len(page.encode()) < 3_000_000
