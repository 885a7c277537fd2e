"""A PDF for models that take none: the text of its pages is counted."""

import json
from pathlib import Path

import pytest

from ctxtools import get_encoding, image_tokens
from ctxtools.documents.readers.extraction import registry
from tests.cli.conftest import Run
from tests.messages.media.readers.pdfs import pdf

pytest.importorskip("pypdfium2", reason="the extra media is not installed")
TEXT = "Counting tokens"


def test_the_text_of_its_pages_is_counted(run: Run, folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(pdf((612, 792, TEXT), (612, 792, TEXT)))
    ran = run("count", "paper.pdf", "-m", "qwen3-8b")
    text = f"{TEXT}\n\n{TEXT}"
    assert (ran.exit_code, int(ran.stdout)) == (0, get_encoding("qwen2").count(text))
    assert "qwen3-8b takes no PDF as it is: the text of its 2 pages is counted" in ran.stderr
    assert "as images" not in ran.stderr


def test_what_the_pages_take_as_images_is_said(run: Run, folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(pdf((612, 792, TEXT)))
    ran = run("count", "paper.pdf", "-m", "qwen3-vl-8b")
    assert "as images of 150 dots an inch 1 page takes qwen3-vl-8b" in ran.stderr


def test_pages_without_text_are_counted_as_images_or_are_an_error(run: Run, folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(pdf((612, 792, ""), (612, 792, "")))
    ran = run("count", "scan.pdf", "-m", "qwen3-vl-8b")
    page = int(image_tokens("qwen3-vl-8b", 612 * 150 // 72, 792 * 150 // 72))
    assert (ran.exit_code, int(ran.stdout)) == (0, 2 * page)
    assert "no text: its 2 pages are counted as images of 150 dots an inch" in ran.stderr
    for options in ("-m", "qwen3-8b"), ("-e", "o200k_base"):
        ran = run("count", "scan.pdf", *options)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "error: scan.pdf: a PDF without text: its 2 pages may be images" in ran.stderr
        assert "hint: recognise its text first" in ran.stderr


def test_an_encoding_counts_the_text_and_a_folder_has_it(run: Run, folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(pdf((612, 792, TEXT)))
    (folder / "a.txt").write_text(TEXT)
    (folder / "broken.pdf").write_bytes(pdf((612, 792, TEXT))[:300])
    n = get_encoding("o200k_base").count(TEXT)
    ran = run("count", "paper.pdf")
    assert (ran.exit_code, int(ran.stdout)) == (0, n)
    ran = run("count", ".", "--json")
    rows = {each["path"]: each["tokens"]["o200k_base"] for each in json.loads(ran.stdout)["files"]}
    assert (ran.exit_code, rows) == (0, {"paper.pdf": n, "a.txt": n})
    assert "skipped: broken.pdf: a damaged PDF" in ran.stderr


def test_a_pipe_is_read_too(run: Run) -> None:
    ran = run("count", "-", input=pdf((612, 792, TEXT)))
    assert int(ran.stdout) == get_encoding("o200k_base").count(TEXT)


def test_chunks_and_packs_have_the_text(run: Run, folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(pdf((612, 792, TEXT), (612, 792, "More of it")))
    ran = run("chunk", "paper.pdf", "--format", "auto", "--break-at", "page")
    chunks = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [each["text"].strip() for each in chunks] == [TEXT, "More of it"]
    assert [(each["page_start"], each["page_end"]) for each in chunks] == [(1, 1), (2, 2)]
    ran = run("pack", "paper.pdf")
    assert f"{TEXT}\n\nMore of it" in ran.stdout


def test_an_extra_that_is_missing_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    (folder / "paper.pdf").write_bytes(pdf((612, 792, TEXT)))
    (folder / "a.txt").write_text(TEXT)
    ran = run("count", "paper.pdf")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: paper.pdf: needs pypdfium2" in ran.stderr
    assert "[pdf]" in ran.stderr
    ran = run("count", ".")
    assert ran.exit_code == 0
    assert "skipped: paper.pdf: needs pypdfium2" in ran.stderr
    for name in "bcde":
        (folder / f"{name}.pdf").write_bytes(pdf((612, 792, TEXT)))
    for command in [("count", "."), ("pack", ".", "--limit", "9k")]:
        ran = run(*command)
        (line,) = (each for each in ran.stderr.splitlines() if "pypdfium2" in each)
        assert "b.pdf and 4 other files: needs pypdfium2 (hint: pip install" in line
    skipped = json.loads(run("count", ".", "--json").stdout)["skipped"]
    assert len(skipped) == 5 and all("[pdf]" in each["hint"] for each in skipped)
