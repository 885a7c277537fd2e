"""``--html``: a page beside what a command prints."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.report.pages import check_page, data_of


@pytest.fixture
def files(folder: Path) -> Path:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text("def f():\n    return 1\n" * 20)
    (folder / "notes.md").write_text("# Title\n\nSome text, in which words are.\n" * 10)
    (folder / "x.bin").write_bytes(b"\0\1\2")
    return folder


def test_count(files: Path, run: Run) -> None:
    plain = run("count", ".", "-m", "gpt-5", "-m", "claude-opus-4-8")
    ran = run("count", ".", "-m", "gpt-5", "-m", "claude-opus-4-8", "--html", "report.html")
    assert (ran.exit_code, ran.stdout) == (plain.exit_code, plain.stdout)
    page = (files / "report.html").read_text("utf-8")
    check_page(page)
    data = data_of(page)
    assert data["files"]["name"] == ["notes.md", "a.py"]
    assert sum(data["files"]["tokens"][0]) == data["columns"][0]["tokens"]
    assert data["columns"][0]["limit"].startswith("272,000") and data["columns"][1]["inexact"]
    assert [(each["reason"], each["paths"]) for each in data["skipped"]] == [("binary", ["x.bin"])]
    assert any("estimate" in note for note in data["notes"])
    # The page is not a part of what is counted again, and is the same.
    again = run("count", ".", "-m", "gpt-5", "-m", "claude-opus-4-8", "--html", "report.html")
    assert again.stdout == plain.stdout
    assert ("report.html", "the output itself") in [
        (path, each["reason"])
        for each in data_of((files / "report.html").read_text("utf-8"))["skipped"]
        for path in each["paths"]
    ]


@pytest.mark.parametrize("command", ["count"])
def test_refusals(files: Path, run: Run, command: str) -> None:
    for arguments, message in (
        (["notes.md", "--html", "-"], "--html takes a file, not stdout"),
        (["notes.md", "--html", ""], "--html is an empty name"),
        (["notes.md", "--html", "notes.md"], "notes.md is both an input and an output"),
        (["notes.md", "--html", "none/x.html"], "there is no folder none"),
        (["notes.md", "--html", "src"], "src is a folder"),
    ):
        ran = run(command, *arguments)
        assert ran.exit_code == 2 and message in ran.stderr, arguments
    assert (files / "notes.md").read_text().startswith("# Title")


def test_nothing_is_written_of_nothing(files: Path, run: Run) -> None:
    (files / "old.html").write_text("old")
    for arguments in (["x.bin"], ["none.txt"]):
        assert run("count", *arguments, "--html", "old.html").exit_code == 2
    assert (files / "old.html").read_text() == "old"
