import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_benchmark")

from benchmarks.report.__main__ import main
from benchmarks.report.compare import compare, render
from benchmarks.report.rows import Results, load_results
from benchmarks.report.tables import render_markdown

WARM = {"ctxtools": 0.010, "tiktoken": 0.040, "riptoken": 0.050}
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
MACHINE = {"cpu": "Some CPU", "cpus": 2, "system": "Linux x86_64", "python": "3.11.7"}

Write = Callable[..., Path]


def _benchmark(kind: str, engine: str, seconds: float, **info: Any) -> dict[str, Any]:
    about = {
        "kind": kind,
        "engine": engine,
        "version": "1.0",
        "encoding": "o200k_base",
        "corpus": "code",
        "sha256": "00",
        "bytes": 1_000_000,
        "tokens": 250_000,
        "threads": 1,
        "peak_rss": 50_000_000,
        "status": "ok",
        "correct": True,
        "detail": "",
    } | info
    stats = {"min": seconds, "median": seconds * 1.02, "iqr": seconds * 0.05, "rounds": 3}
    return {"name": engine, "group": kind, "stats": stats, "extra_info": about}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a run as pytest-benchmark does; arguments replace the warm seconds of engines."""

    def write_run(name: str, wrong: str = "", **seconds: float) -> Path:
        benchmarks = [_benchmark("warm", engine, s) for engine, s in (WARM | seconds).items()]
        for size in (1_000_000, 10_000_000):
            for engine in WARM:
                benchmarks.append(_benchmark("growth", engine, size / 1e9, bytes=size))
        benchmarks.append(_benchmark("load", "tiktoken", 0.2, corpus=None, bytes=None))
        benchmarks.append(_benchmark("texts of 20 characters", "tiktoken", 0.2, length=20))
        for engine in WARM:
            status = (
                {"status": "crash", "detail": "stack | overflow"} if engine == "tiktoken" else {}
            )
            benchmarks.append(_benchmark("worst case", engine, 0.1, corpus="spaces", **status))
        for each in benchmarks:
            if each["name"] == wrong and each["group"] == "warm":
                each["extra_info"] |= {"status": "wrong", "detail": "3 tokens instead of 4"}
        document = {
            "datetime": "2026-01-02T03:04:05",
            "machine_info": {"ctxtools": MACHINE},
            "benchmarks": benchmarks,
        }
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        return path

    return write_run


def test_a_report_shows_order_and_faults(write: Write, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run = write("run", wrong="riptoken")
    assert main([str(run), "--out", str(tmp_path / "out"), "--note", "A shared machine."]) == 0
    page = (tmp_path / "out" / "README.md").read_text()
    assert "# 2026-01-02: Some CPU" in page
    assert "A shared machine." in page
    warm = page.partition("## Warm")[2].partition("##")[0]
    lines = [line for line in warm.splitlines() if line.startswith("|")][2:]
    assert lines == [
        "| **ctxtools** | **100** |",
        "| tiktoken | 25 |",
        "| riptoken | ✗ wrong |",
    ]
    assert "✗ crash" in page
    assert "stack \\| overflow" in page
    assert "![warm](warm.svg)" in page
    for plot in ("warm", "growth", "worst-cases"):
        assert "<svg" in (tmp_path / "out" / f"{plot}.svg").read_text()


def test_a_report_shows_how_full_windows_are(tmp_path: Path) -> None:
    case = {"corpus": "1M documents into 8,192", "bins": 80_000, "gap": 0, "efficiency": 0.99999}
    worse = case | {"bins": 90_000, "gap": 10_000, "efficiency": 0.88}
    failed = case | {"status": "crash", "efficiency": 0.0}
    document = {
        "datetime": "2026-01-02T03:04:05",
        "machine_info": {"ctxtools": MACHINE},
        "benchmarks": [
            _benchmark("sequences", "next-fit", 0.1, **worse),
            _benchmark("sequences", "ctxtools", 0.0712, **case),
            _benchmark("sequences", "seqpacker", 0.5, **failed),
        ],
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    page = render_markdown(load_results(path), [], "")
    table = page.partition("### 1M documents into 8,192\n\n")[2].splitlines()[2:5]
    assert table == [
        "| **ctxtools** | 0.071 | 80,000 | 0 | 99.9990% |",
        "| next-fit | 0.1 | 90,000 | 10,000 | 88.0000% |",
        "| seqpacker | ✗ crash |  |  |  |",
    ]


def test_a_report_shows_what_chunks_are_like(tmp_path: Path) -> None:
    about = {
        "chunks": 120,
        "fewest": 100,
        "fill": 0.834,
        "spread": 0.1,
        "last": 9,
        "whole": True,
        "good_cuts": 0.75,
        "cuts": {"sentence": 3, "inside": 1},
        "tiny_last": False,
        "overlap": 0,
        "overlap_met": 0.0,
        "broken": [],
        "corpus": "prose",
    }
    faults = {"broken": ["3 over the limit (worst +7)"], "tiny_last": True, "whole": False}
    kind = "chunks of 512"
    benchmarks = [
        _benchmark(kind, "ctxtools", 0.02, **about),
        _benchmark(kind, "semchunk", 0.1, **about | faults | {"bytes": 20_000}),
        _benchmark(kind, "chonkie token", 0.0, **about | {"status": "crash", "detail": "a panic"}),
        _benchmark(f"{kind}, overlap 64", "semchunk", 0.1, **about | {"overlap": 64}),
        _benchmark("chunk growth", "semchunk", 0.1, ratio=4.03, corpus="base64"),
        _benchmark("chunk growth", "ctxtools", 0.1, ratio=2.0, corpus="base64"),
    ]
    document = {
        "datetime": "2026-01-02T03:04:05",
        "machine_info": {"ctxtools": MACHINE},
        "benchmarks": benchmarks,
    }
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    page = render_markdown(load_results(path), [], "")
    lines = page.splitlines()
    assert "### prose, 512 tokens (1.0 MB, at least 100 chunks)" in lines
    assert "| **ctxtools** | 50 | 120 | 83.4% | 0.10 | 75.0% | 25.0% | 9 |  |" in lines
    faulty = "3 over the limit (worst +7); tiny last chunk"
    assert (
        f"| semchunk | 0.2 (20.0 kB) | 120 | 83.4% | 0.10 | 75.0% | 25.0% | 9 | {faulty} |" in lines
    )
    assert "| chonkie token | ✗ crash |  |  |  |  |  |  | a panic |" in lines
    assert "overlap 0 on average" in page.partition("### prose, 512, overlap 64 tokens")[2]
    assert "| **ctxtools** | **2.0** |" in lines
    assert "| semchunk | 4.0 |" in lines
    assert "Not installed, or not selected: ctxtools greedy, semantic-text-splitter," in page


def test_what_a_report_keeps_can_be_reported_again(write: Write, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run = write("run")
    main([str(run), "--out", str(tmp_path / "out")])
    kept = load_results(tmp_path / "out" / "results.json")
    assert kept.rows == load_results(run).rows
    assert main(["--compare", str(run), str(tmp_path / "out")]) == 0


def test_plots_of_the_same_results_are_the_same_files(write: Write, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("a", "b"):
        main([str(write("run")), "--out", str(tmp_path / name)])
    assert (tmp_path / "a" / "warm.svg").read_bytes() == (tmp_path / "b" / "warm.svg").read_bytes()


def test_compare_names_what_became_slower(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write("old"), write("new", ctxtools=0.013, tiktoken=0.041)
    assert main(["--compare", str(old), str(new)]) == 1
    output = capsys.readouterr().out
    assert "warm, ctxtools, o200k_base, code: 0.01 s to 0.013 s, 1.30 times" in output
    assert "tiktoken" not in output
    assert output.endswith("1 slower, 0 faster, 0 wrong or failing\n")


def test_a_change_within_the_interquartile_ranges_is_noise(write: Write) -> None:
    old, new = _load(write("old")), _load(write("new", ctxtools=0.013))
    assert compare(old, new, threshold=0.2).slower
    assert not compare(old, new, threshold=0.35).slower


def test_compare_names_what_became_wrong(write: Write) -> None:
    comparison = compare(_load(write("old")), _load(write("new", wrong="riptoken")))
    assert comparison.is_worse
    assert "now wrong: 3 tokens instead of 4" in render(comparison)


def test_compare_names_what_became_faster_and_succeeds(write: Write) -> None:
    comparison = compare(_load(write("old")), _load(write("new", ctxtools=0.004)))
    assert not comparison.is_worse
    assert [change.row.engine for change in comparison.faster] == ["ctxtools"]


def test_compare_warns_of_another_text(write: Write) -> None:
    old, new = write("old"), write("new")
    new.write_text(new.read_text().replace('"sha256": "00"', '"sha256": "11"'))
    assert "the texts differ: code, spaces" in render(compare(_load(old), _load(new)))


def _load(path: Path) -> Results:
    return load_results(path)


# Those of retrieval and relevance have no times, the others a form of their own.
_OTHERS = ("-retrieval", "-relevance", "-corpus", "-documents")
_TIMED = sorted(
    path for path in RESULTS.glob("*/results.json") if not path.parent.name.endswith(_OTHERS)
)


@pytest.mark.parametrize("run", _TIMED, ids=lambda path: path.parent.name)
def test_archived_runs_can_be_compared(run: Path) -> None:
    """Guards against a KeyError for benchmarks that have no text."""
    results = load_results(run)
    comparison = compare(results, results)
    assert comparison.compared == len(results.rows)
    assert not comparison.is_worse
