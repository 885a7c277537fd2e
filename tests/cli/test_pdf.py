"""A PDF for models that take none: the text of its pages is counted."""

from pathlib import Path

import pytest

from ctxtools import get_encoding
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


def test_pages_without_text_are_not_nothing(run: Run, folder: Path) -> None:
    (folder / "scan.pdf").write_bytes(pdf((612, 792, "")))
    ran = run("count", "scan.pdf", "-m", "qwen3-8b")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: scan.pdf: qwen3-8b takes no PDF, and its pages have no text" in ran.stderr
    assert "hint: render its pages as images, and count these" in ran.stderr
