"""Chunkers: how well their chunks are found again by questions.

``pytest benchmarks/bench_retrieval.py -s`` prints the tables for the data set in the folder that
``CTX_RETRIEVAL`` names; without it, and with ``--quick``, for a small generated one, on which all
chunkers are good. ``python -m benchmarks.bench_retrieval FOLDER`` keeps them below ``results/``.
"""

import argparse
import datetime
import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.corpora import vocab
from ctxtools import get_encoding
from ctxtools.bench.machine import machine_info
from ctxtools.bench.retrieval.chunkings import measured_chunkers
from ctxtools.bench.retrieval.dataset import Dataset, generated_dataset, load_dataset
from ctxtools.bench.retrieval.measure import LIMIT, MEANS, Result, cache_of, measure
from ctxtools.bench.retrieval.rankers import installed_rankers
from ctxtools.bench.retrieval.table import (
    COLUMNS,
    as_json,
    compared,
    comparison_heads,
    comparison_rows,
    comparisons_as_json,
    heads,
    rows,
)

_ENCODING = "o200k_base"
_RESULTS = Path(__file__).parent / "results"


@pytest.mark.filterwarnings("ignore")  # warnings of other packages
def bench_retrieval(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """All chunkers with all rankers."""
    folder, quick = os.environ.get("CTX_RETRIEVAL"), request.config.getoption("--quick")
    wanted = request.config.getoption("--chunkers") or request.config.getoption("--engines")
    names = [name for name in wanted.split(",") if name]
    if folder and not quick:
        results = run(load_dataset(Path(folder)), tmp_path, names)
    else:
        results = run(generated_dataset(), tmp_path, names, limit=100, means=[60])
    print(_page(results))


def run(
    dataset: Dataset,
    cache: Path,
    chunkers: Sequence[str] = (),
    limit: int = LIMIT,
    means: Sequence[int] = MEANS,
    rankers: Sequence[str] = (),
) -> list[Result]:
    """The results of those chunkers and rankers that are installed, or wanted among them."""
    return measure(
        dataset,
        vocab(_ENCODING),
        get_encoding(_ENCODING).count_batch,
        measured_chunkers(chunkers),
        [ranker(cache_of(cache)) for ranker in installed_rankers(rankers).values()],
        limit=limit,
        means=means,
        step=lambda name: print(name, flush=True),
    )


def _page(results: Sequence[Result]) -> str:
    """The tables, in Markdown."""
    lines = []
    for way, found in compared(results).items():
        lines += [f"## At {way}", "", f"{' / '.join(COLUMNS)}, in %.", ""]
        lines += [*_table(heads(found), rows(found)), ""]
        if differences := comparison_rows(found):
            lines += [f"Difference in {COLUMNS[-1]} to the best peer, in points:", ""]
            lines += [*_table(comparison_heads(found), differences), ""]
    return "\n".join(lines)


def _table(names: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    ruler = ["---", *["---:"] * (len(names) - 1)]
    return ["| " + " | ".join(line) + " |" for line in (names, ruler, *lines)]


def _versions(results: Sequence[Result]) -> dict[str, Any]:
    chunkers = {result.chunker: result.version for result in results}
    return chunkers | {name: each.versions() for name, each in installed_rankers().items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure chunkers by retrieval; keep the results.")
    parser.add_argument("folder", type=Path, help="a data set, see ctx bench --help")
    parser.add_argument("--chunkers", default="", help="these only, with commas between")
    parser.add_argument("--rankers", default="", help="these only, with commas between")
    parser.add_argument("--cache", type=Path, help="a folder that keeps vectors from run to run")
    options = parser.parse_args()
    dataset = load_dataset(options.folder)
    names, rankers = (
        [name for name in given.split(",") if name] for given in (options.chunkers, options.rankers)
    )
    with TemporaryDirectory() as temporary:
        results = run(dataset, options.cache or Path(temporary), names, rankers=rankers)
    machine, page = machine_info(), _page(results)
    cpu = "-".join(str(machine["cpu"]).lower().replace("(r)", "").split()[:2])
    folder = _RESULTS / f"{datetime.date.today()}-{cpu}-retrieval"
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "machine": machine,
        "encoding": _ENCODING,
        "versions": _versions(results),
        "questions": len(dataset.questions),
        "spans": dataset.spans,
        "results": as_json(results),
        "beside_best_peer": comparisons_as_json(results),
    }
    (folder / "results.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    (folder / "tables.md").write_text(page + "\n", "utf-8")
    print(page, f"\nkept in {folder}")


if __name__ == "__main__":
    main()
