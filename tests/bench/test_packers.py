"""The suite's packers: they run, keep their limits, and become tables."""

from pathlib import Path

import pytest

from benchmarks.report.pack_tables import pack_sections
from benchmarks.report.rows import load_results
from tests.bench.conftest import run_suite


def test_the_suite_times_and_judges_packers(tmp_path: Path) -> None:
    pytest.importorskip("pytest_benchmark")
    result = tmp_path / "result.json"
    arguments = [
        *("benchmarks/bench_pack.py", "--quick", "--benchmark-json", str(result)),
        f"--benchmark-storage=file://{tmp_path}",
    ]
    ran = run_suite(arguments)
    assert ran.returncode == 0, ran.stdout
    results = load_results(result)
    chosen = results.of("selection")
    assert {row.engine for row in chosen} == {"ctxtools", "density greedy", "priority, then stop"}
    for row in chosen:
        assert row.ok and 0 < row.info["tokens"] <= row.info["limit"]
        best = max(each.info["share"] for each in chosen if each.corpus == row.corpus)
        assert row.info["share"] <= 1 + 1e-9
        assert row.engine != "ctxtools" or row.info["share"] == best
    (ours,) = (row for row in results.of("prompt") if row.engine == "ctxtools")
    assert ours.ok and ours.info["latin"] > 0
    page = "\n".join(pack_sections(results))
    assert "### 50 files into 8,192 tokens" in page and "| **ctxtools** | 100.000% |" in page
