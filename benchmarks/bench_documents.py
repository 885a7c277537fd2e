"""The text of a PDF of 1,000 pages, beside pdfium's own loop over its pages and pdftotext."""

import random
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpora import CACHE
from benchmarks.timing import CLOCK, Settings
from ctxtools.bench.machine import cpu_name
from ctxtools.programs import find_program

PAGES = 1_000
_LINES = 45
_README = Path(__file__).parents[1] / "README.md"


def pdf_of(pages: int) -> Path:
    """A PDF with pages of text, each with a heading."""
    canvas_of = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab makes the PDF")
    path = CACHE / f"pages-{pages}.pdf"
    CACHE.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return path
    draw = random.Random(1)
    words = [word for word in _README.read_text().split() if word.isalpha()]
    canvas = canvas_of.Canvas(str(path))
    for page in range(pages):
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(60, 790, f"Chapter {page + 1} on {draw.choice(words)}")
        canvas.setFont("Helvetica", 10)
        for line in range(_LINES):
            canvas.drawString(60, 750 - 15 * line, " ".join(draw.choices(words, k=14)))
        canvas.showPage()
    canvas.save()
    return path


def by_ctxtools(path: Path) -> None:
    """The text with pages and headings, in a child process."""
    from ctxtools.documents.readers.extraction.run import extract

    with path.open("rb") as stream:
        [found] = extract("pdf", str(path), stream)
    assert found.headings


def by_pdfium(path: Path) -> None:
    """The text alone, in this process."""
    pdfium = pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
    document = pdfium.PdfDocument(path)
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        assert text.get_text_range()
        text.close()
        page.close()
    document.close()


def by_pdftotext(path: Path) -> None:
    """The text alone, by poppler's program."""
    program = find_program("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed")
    subprocess.run([program, path, "-"], stdout=subprocess.DEVNULL, check=True)


READERS: dict[str, Callable[[Path], None]] = {
    "ctxtools": by_ctxtools,
    "pypdfium2": by_pdfium,
    "pdftotext": by_pdftotext,
}


@pytest.mark.parametrize("engine", READERS)
def bench_pdf(benchmark: BenchmarkFixture, settings: Settings, engine: str) -> None:
    """It should take at most 1.5 times as long as pdfium's own loop."""
    path = pdf_of(PAGES // 100 if settings.rounds == 1 else PAGES)

    def one_round() -> None:
        start = perf_counter()
        READERS[engine](path)
        CLOCK.now += perf_counter() - start

    READERS[engine](path)  # which may skip this; a benchmark without a round could not be saved
    benchmark.group, benchmark.name = "text of a PDF", engine
    benchmark.pedantic(one_round, rounds=min(3, settings.rounds))
    about: dict[str, Any] = {"kind": "documents", "encoding": "", "corpus": "pdf", "tokens": 0}
    benchmark.extra_info.update(
        engine=engine,
        version="" if engine == "pdftotext" else version(engine),
        bytes=path.stat().st_size,
        threads=1,
        cpu=cpu_name(),
        status="ok",
        **about,
    )
