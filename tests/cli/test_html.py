"""``--html``: a page beside what a command prints."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.report.pages import check_page, data_of, skipped_of


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
    assert skipped_of(data) == {"binary": ["x.bin"]}
    assert any("estimate" in note for note in data["notes"])
    # The page is not a part of what is counted again, and is the same.
    again = run("count", ".", "-m", "gpt-5", "-m", "claude-opus-4-8", "--html", "report.html")
    assert again.stdout == plain.stdout
    data = data_of((files / "report.html").read_text("utf-8"))
    assert skipped_of(data) == {"binary": ["x.bin"], "the output itself": ["report.html"]}


@pytest.mark.parametrize("command", ["count", "chunk", "pack", "show"])
def test_refusals(files: Path, run: Run, command: str) -> None:
    for arguments, message in (
        (["notes.md", "--html", "-"], "--html takes a file, not stdout"),
        (["notes.md", "--html", ""], "--html is an empty name"),
        (["notes.md", "--html", "notes.md"], "notes.md is there already, and is no page"),
        (["notes.md", "--html", "none/x.html"], "there is no folder none"),
        (["notes.md", "--html", "src"], "src is a folder"),
    ):
        ran = run(command, *arguments)
        assert ran.exit_code == 2 and message in ran.stderr, arguments
    assert (files / "notes.md").read_text().startswith("# Title")


def test_pack(files: Path, run: Run) -> None:
    plain = run("pack", ".", "-l", "200")
    ran = run("pack", ".", "-l", "200", "--html", "report.html")
    assert (ran.exit_code, ran.stdout) == (0, plain.stdout)
    page = (files / "report.html").read_text("utf-8")
    check_page(page)
    data = data_of(page)
    assert data["parts"][0]["text"] == plain.stdout
    assert data["parts"][0]["tokens"] <= data["column"]["available"] == 200
    assert {*data["files"]["name"]} == {"a.py", "notes.md"}
    assert skipped_of(data) == {"binary": ["x.bin"]}
    # A dry run shows what would go in: on the page, too.
    (files / "report.html").unlink()
    dry = run("pack", ".", "-l", "200", "--dry-run", "--html", "report.html")
    assert dry.stdout == "" and (files / "report.html").read_text("utf-8") == page
    two = run("pack", ".", "--parts", "2", "-o", "out.xml", "--html", "report.html")
    assert two.exit_code == 0
    data = data_of((files / "report.html").read_text("utf-8"))
    texts = [(files / f"out.{n}-of-2.xml").read_text() for n in (1, 2)]
    assert [part["text"] for part in data["parts"]] == texts
    for option in ("--html", "--stats"):
        both = run("pack", ".", "--parts", "2", "-o", "x.xml", option, "./x.1-of-2.xml")
        assert both.exit_code == 2
        assert "error: a part of --output and another file are both x.1-of-2.xml" in both.stderr
        assert not (files / "x.1-of-2.xml").exists()
    for other in (["-o", "x.xml", "--html", "x.xml"], ["--stats", "x", "--html", "./x"]):
        same = run("pack", ".", *other)
        assert same.exit_code == 2 and " and --html name the same file" in same.stderr
    estimate = run("pack", "notes.md", "-m", "claude-opus-4-8", "--html", "report.html")
    assert estimate.exit_code == 0
    assert data_of((files / "report.html").read_text("utf-8"))["column"]["inexact"]


def test_chunk(files: Path, run: Run) -> None:
    plain = run("chunk", ".", "-s", "64", "--overlap", "8")
    ran = run("chunk", ".", "-s", "64", "--overlap", "8", "--html", "report.html")
    assert (ran.exit_code, ran.stdout) == (0, plain.stdout)
    page = (files / "report.html").read_text("utf-8")
    check_page(page)
    data = data_of(page)
    assert [each["name"] for each in data["documents"]] == ["notes.md", "src/a.py"]
    chunks = [json.loads(line) for line in plain.stdout.splitlines()]
    shown = [chunk for each in data["documents"] for chunk in each["levels"][0]]
    assert [(c[2] + c[1] + c[0], c[3]) for c in shown] == [
        (each["text"], each["token_count"]) for each in chunks
    ]
    assert data["levels"] == [64]
    run("chunk", ".", "-s", "64", "--overlap", "8", "--dry-run", "--html", "dry.html")
    assert (files / "dry.html").exists()
    same = run("chunk", "notes.md", "-o", "x.jsonl", "--html", "x.jsonl")
    assert same.exit_code == 2 and "--output and --html name the same file" in same.stderr


def test_show(files: Path, run: Run) -> None:
    plain = run("show", "notes.md", "-e", "cl100k_base")
    ran = run("show", "notes.md", "-e", "cl100k_base", "--html", "report.html")
    assert (ran.exit_code, ran.stdout) == (0, plain.stdout)
    page = (files / "report.html").read_text("utf-8")
    check_page(page)
    data = data_of(page)
    (group,) = data["groups"]
    assert "".join(data["texts"][n] for n in group["tokens"]) == (files / "notes.md").read_text()
    chat = [{"role": "user", "content": "<b>Hello</b> \u202e"}]
    (files / "chat.json").write_text(json.dumps(chat))
    assert run("show", "chat.json", "-m", "gpt-4o", "--html", "report.html").exit_code == 0
    data = data_of((files / "report.html").read_text("utf-8"))
    assert data["groups"] or data["parts"]
    ran = run("show", "chat.json", "-m", "claude-opus-4-8", "--html", "report.html")
    page = (files / "report.html").read_text("utf-8")
    check_page(page)
    assert sum(part["tokens"] for part in data_of(page)["parts"]) > 0
    assert data_of(page)["notes"]


@pytest.mark.parametrize("command", ["count", "chunk", "pack"])
def test_nothing_is_written_of_nothing(files: Path, run: Run, command: str) -> None:
    (files / "old.html").write_text("old")
    for arguments in (["x.bin"], ["none.txt"]):
        assert run(command, *arguments, "--html", "old.html").exit_code in (1, 2)
    assert (files / "old.html").read_text() == "old"
