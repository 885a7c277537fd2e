"""Pages of 20,000 files: their size, and how soon a browser paints them and is done.

Each is compared with a page of as many bytes that shows one word and runs nothing, by turns, so
that what a machine is busy with slows both down.
"""

from pathlib import Path
from statistics import median

import pytest

from benchmarks.timing import Settings
from ctxtools.packing import Form, OmittedDocument, Pack, PackedDocument
from ctxtools.report import CountColumn, CountedFile, count_page, pack_page
from tests.browser import CHROMIUM, REASON, Browser

_FILES = 20_000
_ROUNDS = 9
_MAX_BYTES = 3_000_000
_MAX_RATIO = 3.0


def _path(number: int) -> str:
    return f"src/package_{number % 200}/part_{number % 7}/a_file_of_the_project_{number}.py"


def _count(files: int) -> str:
    counted = [CountedFile(_path(n), 9_000 + n, (2_000 + n, 2_100 + n, 1)) for n in range(files)]
    return count_page(counted, [CountColumn(name, 1_000_000) for name in ("a", "b", "c")])


def _pack(files: int) -> str:
    documents = [
        PackedDocument(_path(n), Form.WHOLE if n % 2 else Form.OUTLINE, 50, 1.5, False, 60)
        for n in range(0, files, 2)
    ]
    omitted = [
        OmittedDocument(_path(n), "other documents have more value", 70) for n in range(1, files, 2)
    ]
    return pack_page(Pack("text " * files, files, 2 * files, "a", tuple(documents), tuple(omitted)))


def _empty(size: int) -> str:
    start = "<!doctype html><title>x</title><p>word</p><script type='application/json'>"
    return f"{start}{'x' * (size - len(start) - 9)}</script>"


@pytest.mark.skipif(CHROMIUM is None, reason=REASON)
@pytest.mark.parametrize("kind", ["count", "pack"])
def bench_report(kind: str, tmp_path: Path, settings: Settings) -> None:
    """The size of a page, and its first paint as a multiple of an empty one's."""
    files = _FILES if settings.rounds > 1 else 500
    page = {"count": _count, "pack": _pack}[kind](files)
    report, empty = tmp_path / "report.html", tmp_path / "empty.html"
    report.write_text(page)
    size = report.stat().st_size
    empty.write_text(_empty(size))
    assert size < _MAX_BYTES
    paints: list[float] = []
    ends: list[float] = []
    ratios: list[float] = []
    with Browser() as browser:
        for _ in range(_ROUNDS if settings.rounds > 1 else 1):
            (first, end), (least, _) = (_times(browser, each) for each in (report, empty))
            paints.append(first)
            ends.append(end)
            ratios.append(first / least)
    print(
        f"\n{kind}, {files:,} files: {size / 1e6:.2f} MB; first paint {median(paints):.0f} ms, "
        f"{median(ratios):.2f} times an empty page's; done after {median(ends):.0f} ms"
    )
    if settings.rounds > 1:
        assert median(ratios) <= _MAX_RATIO


def _times(browser: Browser, path: Path) -> tuple[float, float]:
    """Milliseconds to the first paint of something, and until all is drawn."""
    with browser.page(path) as page:
        first = page.evaluate(
            "new Promise(done => new PerformanceObserver(list => list.getEntries()"
            ".filter(entry => entry.name === 'first-contentful-paint')"
            ".forEach(entry => done(entry.startTime))).observe({type: 'paint', buffered: true}))"
        )
        end = page.evaluate("performance.getEntriesByName('drawn')[0]?.startTime ?? 0")
        return float(first), float(end)
