"""No command reads what it writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ctxtools.cli.output.files import OutputFiles
from tests.cli.conftest import Run

TEXT = "It was the best of times, it was the worst of times. " * 50


@pytest.mark.parametrize("output", ["out.jsonl", "./out.jsonl", "sub/out.parquet"])
def test_chunks_are_not_chunked_again(output: str, run: Run, folder: Path) -> None:
    """The output of the run before was an input of the next: 12 chunks, then 29, then 51."""
    (folder / "sub").mkdir()
    (folder / "a.txt").write_text(TEXT)
    first = run("chunk", ".", "-s", "64", "-o", output)
    content = (folder / output).read_bytes()
    second = run("chunk", ".", "-s", "64", "-o", output)
    assert (folder / output).read_bytes() == content
    assert "the output itself" not in first.stderr
    assert f"skipped: {Path(output)}: the output itself" in second.stderr


@pytest.mark.parametrize("output", ["out.jsonl", "out/", "sub/out/"])
def test_a_hidden_file_that_is_being_written_is_not_read(
    output: str, run: Run, folder: Path
) -> None:
    """With --hidden the temporary file was read while it was written."""
    (folder / "sub").mkdir()
    (folder / "a.txt").write_text(TEXT)
    ran = run("chunk", ".", "--hidden", "-s", "64", "-o", output)
    assert ran.exit_code == 0
    assert ".ctxtools-tmp: temporary file of an output" in ran.stderr
    manifest = folder / output / "chunks.jsonl" if output.endswith("/") else folder / output
    sources = {json.loads(line)["source"] for line in manifest.read_text().splitlines()}
    assert sources == {"a.txt"}


def test_an_output_that_is_named_as_input_is_refused(run: Run, folder: Path) -> None:
    (folder / "a.jsonl").write_text(TEXT)
    (folder / "link.jsonl").symlink_to("a.jsonl")
    (folder / "hard.jsonl").hardlink_to("a.jsonl")
    (folder / "ids.txt").write_text("17\n")
    (folder / "list.txt").write_text("a.jsonl\n")
    for arguments in (
        "chunk a.jsonl -o link.jsonl",
        "chunk link.jsonl -o a.jsonl",
        "chunk hard.jsonl -o a.jsonl",
        "chunk a.jsonl -o ../here/./a.jsonl",
        "chunk --files-from=list.txt -o a.jsonl",
        "chunk --files-from=list.txt -o list.txt",
        "chunk a.jsonl -e ids.txt -o ids.txt",
        "pack a.jsonl -o link.jsonl",
        "pack a.jsonl -o x --stats hard.jsonl",
        "pack a.jsonl --template ids.txt -o ids.txt",
        "pack-sequences a.jsonl -w 64 -o a.jsonl",
        "pack-sequences a.jsonl -w 64 -o x.jsonl --stats a.jsonl",
        "encode a.jsonl -o a.jsonl",
        "encode hard.jsonl -o link.jsonl",
        "encode a.jsonl -e ids.txt#gpt2 -o ids.txt",
        "decode ids.txt -o ids.txt",
        "decode ids.txt -o ./ids.txt --format lines",
        "truncate a.jsonl -l 9 -o link.jsonl",
        "truncate a.jsonl -l 9 --json -o hard.jsonl",
    ):
        before = {each.name: each.read_text() for each in folder.iterdir()}
        ran = run(*arguments.split())
        assert ran.exit_code == 2, arguments
        assert " is both an input and an output\n\nhint: " in ran.stderr, arguments
        assert ran.stdout == ""
        assert {each.name: each.read_text() for each in folder.iterdir()} == before


def test_html_replaces_nothing_but_a_page(run: Run, folder: Path) -> None:
    """``ctx count --html README.md`` counted the folder, and wrote its page over that file."""
    (folder / "a.jsonl").write_text(TEXT)
    (folder / "link.jsonl").symlink_to("a.jsonl")
    (folder / "hard.jsonl").hardlink_to("a.jsonl")
    (folder / "ids.txt").write_text("17\n")
    (folder / "other.html").write_text("<!doctype html><title>By hand</title>")
    for arguments in (
        "count --html a.jsonl",
        "count . --html other.html",
        "count a.jsonl --html link.jsonl",
        "chunk a.jsonl --html hard.jsonl",
        "chunk a.jsonl -o x --html link.jsonl",
        "pack a.jsonl -o x --html a.jsonl",
        "show a.jsonl --html link.jsonl",
        "show a.jsonl -e ids.txt --html ids.txt",
        "count a.jsonl -e ids.txt --html ids.txt",
    ):
        before = {each.name: each.read_text() for each in folder.iterdir()}
        ran = run(*arguments.split())
        assert ran.exit_code == 2 and ran.stdout == "", arguments
        assert " is there already, and is no page of an earlier run\n\nhint: " in ran.stderr
        assert {each.name: each.read_text() for each in folder.iterdir()} == before
    (folder / "empty.html").touch()
    for arguments in ("count . --html empty.html", "show a.jsonl --html empty.html"):
        assert run(*arguments.split()).exit_code == 0, arguments
    ran = run("count", "empty.html", "--html", "empty.html")  # now a page
    assert ran.exit_code == 2 and " is both an input and an output\n\nhint: " in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
@pytest.mark.parametrize(
    "command",
    [
        "encode -o a.txt < a.txt",
        "encode /dev/stdin -o a.txt < a.txt",
        "encode >> a.txt < a.txt",
        "encode a.txt -o /dev/stdout >> a.txt",
        "truncate a.txt -l 9 >> a.txt",
        "truncate - -l 9 1<> a.txt < a.txt",
        "decode -o hard.txt < a.txt",
        "chunk -o a.txt < a.txt",
        "chunk a.txt >> hard.txt",
        "pack - -o a.txt < a.txt",
    ],
)
def test_an_output_that_the_shell_opened_as_input_is_refused(command: str, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    (folder / "hard.txt").hardlink_to("a.txt")
    ran = subprocess.run(f"{sys.executable} -m ctxtools {command}", shell=True, capture_output=True)
    assert ran.returncode == 2
    assert b" is both an input and an output\n\nhint: write to another file\n" in ran.stderr
    assert (folder / "a.txt").read_text() == TEXT


def test_a_plan_is_not_a_document_of_the_next(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    arguments = ("pack-sequences", ".", "-w", "64", "-o", "plan.jsonl", "--stats", "stats.json")
    run(*arguments)
    plan = (folder / "plan.jsonl").read_text()
    ran = run(*arguments)
    assert (folder / "plan.jsonl").read_text() == plan
    for name in ("plan.jsonl", "stats.json"):
        assert f"skipped: {name}: the output itself" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
def test_the_file_that_stdout_is_redirected_to_is_not_read(run: Run, folder: Path) -> None:
    """``ctx chunk . > out.jsonl`` read the chunks that it had just written."""
    (folder / "a.txt").write_text(TEXT * 100)
    expected = run("chunk", "a.txt", "-s", "16").stdout_bytes
    for command in ("chunk . -s 16 > out.jsonl", "chunk . -s 16 -o /dev/stdout > out.jsonl"):
        ran = subprocess.run(
            f"{sys.executable} -m ctxtools {command}", shell=True, capture_output=True
        )
        assert ran.returncode == 0
        assert b"skipped: out.jsonl: the output itself" in ran.stderr
        assert (folder / "out.jsonl").read_bytes() == expected


def test_outputs_are_recognised(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    plain = OutputFiles(["real/a(1).jsonl", None, "-"])
    for path in ("real/a(1).jsonl", "./real/../real/a(1).jsonl", "link/a(1).jsonl"):
        assert path in plain, path
    for path in ("real/a(1).jsonl.bak", "real/a(1).1-of-2.jsonl", "a(1).jsonl", "-", "real"):
        assert path not in plain, path
    assert "real/a(1).1-of-2.jsonl" in OutputFiles(["link/a(1).jsonl"], parts=True)
    assert "real/out/000001-a.txt" in OutputFiles(["real/out/"])
    assert "real/a.txt" not in OutputFiles([])
