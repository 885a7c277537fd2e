"""What a plan of a corpus costs: ``python -m benchmarks.corpus_plan``.

Log-normal lengths in parts, whose histograms are given. Planned, and all documents placed, part
after part, as one core does it, against `pack_sequences` of the same lengths in the same round; and
planned for a billion documents in 1,000 parts, in a process of its own, which says how much memory
it took.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa

from ctxtools import pack_sequences
from ctxtools.corpus import CorpusPlan, plan_windows
from ctxtools.corpus.lengths import LENGTH, ROWS, histogram_of

_MEDIAN, _SIGMA, _LONGEST = 400, 1.2, 1 << 18
_WINDOW, _EOS = 8192, 1


def lengths_of_parts(documents: int, parts: int) -> "list[np.ndarray[Any, Any]]":
    """The lengths of documents, part by part."""
    random = np.random.default_rng(1)
    drawn = np.maximum(1, random.lognormal(math.log(_MEDIAN), _SIGMA, documents))
    return np.array_split(drawn.astype(np.int64), parts)


def histograms(documents: int, parts: int) -> Iterator[pa.Table]:
    """Histograms of such parts, without the lengths."""
    random = np.random.default_rng(1)
    ends = np.array([_below(length) for length in range(1, _LONGEST + 1)])
    expected = np.diff(ends, prepend=0.0) * documents / parts
    for _ in range(parts):
        counts = random.poisson(expected)
        found = counts.nonzero()[0]
        yield pa.table({LENGTH: pa.array(found + 1), ROWS: pa.array(counts[found])})


def _below(length: int) -> float:
    """The share of documents of at most this length."""
    return (1 + math.erf(math.log((length + 1) / _MEDIAN) / (_SIGMA * math.sqrt(2)))) / 2


def measure_all(documents: int, parts: int, rounds: int, seed: int | None) -> dict[str, Any]:
    """Planning and placing all documents, against packing them in one place."""
    lengths = lengths_of_parts(documents, parts)
    whole = np.concatenate(lengths)
    given = [histogram_of(pa.array(part)) for part in lengths]
    seconds: dict[str, list[float]] = {"pack_sequences": [], "plan": [], "place": []}
    for _ in range(rounds):
        start = perf_counter()
        packed = pack_sequences(whole, _WINDOW, eos_tokens=_EOS, seed=seed)
        seconds["pack_sequences"].append(perf_counter() - start)
        start = perf_counter()
        plan = plan_windows(given, _WINDOW, eos_tokens=_EOS, seed=seed)
        seconds["plan"].append(perf_counter() - start)
        start = perf_counter()
        for number, part in enumerate(lengths):
            plan.place(number, part)
        seconds["place"].append(perf_counter() - start)
        if plan.bins != packed.bins:
            raise AssertionError(f"{plan.bins} windows, not {packed.bins}")
    best = {name: min(times) for name, times in seconds.items()}
    both = zip(seconds["plan"], seconds["place"], seconds["pack_sequences"], strict=True)
    return {
        "documents": documents,
        "parts": parts,
        "seed": seed,
        "seconds": best,
        "ratio": min((plan + place) / packed for plan, place, packed in both),
        "windows": plan.bins,
        "gap": plan.bins - plan.lower_bound,
        "plan_bytes": saved_bytes(plan),
    }


def measure_plan(documents: int, parts: int) -> dict[str, Any]:
    """Planning alone, of histograms that are given."""
    given = list(histograms(documents, parts))
    start = perf_counter()
    plan = plan_windows(given, _WINDOW, eos_tokens=_EOS)
    seconds = perf_counter() - start
    start = perf_counter()
    plan.placer(parts - 1)
    return {
        "documents": plan.documents,
        "parts": parts,
        "seconds": {"plan": seconds, "last part": perf_counter() - start},
        "windows": plan.bins,
        "gap": plan.bins - plan.lower_bound,
        "peak_bytes": peak_bytes(),
        "plan_bytes": saved_bytes(plan),
    }


def saved_bytes(plan: CorpusPlan) -> int:
    """The size of a plan's file, which is read again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.parquet"
        plan.save(path)
        if CorpusPlan.load(path).summary() != plan.summary():
            raise AssertionError("another plan was read")
        return path.stat().st_size


def peak_bytes() -> int:
    """The most memory that this program had; not, as `getrusage` says, its parent."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    """Measure, and print a line of JSON for each result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--parts", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plan-only", action="store_true")
    options = parser.parse_args()
    if options.plan_only:
        print(json.dumps(measure_plan(options.documents, options.parts)))
        return
    results = []
    for seed in (None, 1):
        results.append(measure_all(options.documents, options.parts, options.rounds, seed))
        print(json.dumps(results[-1]), flush=True)
    command = [sys.executable, "-m", "benchmarks.corpus_plan", "--plan-only"]
    for documents, parts in ((options.documents, options.parts), (100 * options.documents, 1000)):
        sizes = ["--documents", str(documents), "--parts", str(parts)]
        found = subprocess.run([*command, *sizes], check=True, capture_output=True, text=True)
        print(found.stdout, end="", flush=True)
        results.append(json.loads(found.stdout))
    few, many = (result["seconds"]["plan"] for result in results[2:])
    placed = few + results[0]["seconds"]["place"]
    print(
        json.dumps(
            {
                "plan of 100 times as many, to plan": many / few,
                "to plan and placement": many / placed,
            }
        )
    )


if __name__ == "__main__":
    main()
