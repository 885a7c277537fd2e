"""How counting and encoding scale over threads: ``python -m benchmarks.scaling``.

Files, batches of ``str`` and Arrow columns, counts and ids, on 1, 2, 4, … threads. Each result is
compared with that of one thread before anything is timed. Rounds go through all numbers of threads
in turn, so that what else runs on the machine meets them alike; of each the minimum is reported.
"""

import argparse
import datetime
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import ctxtools
from benchmarks import corpora
from ctxtools.encodings import Encoding

RESULTS = Path(__file__).parent / "results"

# What makes the input, outside the clock, and what is called with it and a number of threads.
Job = tuple[Callable[[], Any], Callable[[Any, int], Any]]


def jobs(encoding: Encoding, text: str, size: int, folder: Path) -> dict[str, Job]:
    """What is measured of texts of this many characters, by name."""

    def texts() -> list[str]:
        """Made anew for each call, so that none has a conversion that Python kept."""
        return [text[at : at + size] for at in range(0, len(text), size)]

    paths = [folder / f"{size}-{number}.txt" for number, _ in enumerate(texts())]
    for path, each in zip(paths, texts(), strict=True):
        path.write_text(each, encoding="utf-8")
    found: dict[str, Job] = {
        "files, counts": (lambda: paths, lambda paths, n: encoding.count_files(paths, threads=n)),
        "str, counts": (texts, lambda texts, n: encoding.count_batch(texts, threads=n)),
        "str, ids": (texts, lambda texts, n: encoding.encode_batch_to_arrow(texts, threads=n)),
    }
    try:
        import pyarrow
    except ImportError:
        return found
    column = pyarrow.array(texts())
    return found | {
        "column, counts": (lambda: column, lambda rows, n: encoding.count_arrow(rows, threads=n)),
        "column, ids": (lambda: column, lambda rows, n: encoding.encode_arrow(rows, threads=n)),
    }


def measure(job: Job, threads: list[int], rounds: int) -> list[float]:
    """The seconds that a job takes on each number of threads, at best.

    Raises:
        AssertionError: a result depends on the number of threads.
    """
    make, call = job
    expected = _comparable(call(make(), 1))
    if any(_comparable(call(make(), n)) != expected for n in threads):
        raise AssertionError("a result depends on the number of threads")
    best = [float("inf")] * len(threads)
    for _ in range(rounds):
        for i, n in enumerate(threads):
            made = make()
            start = perf_counter()
            call(made, n)
            best[i] = min(best[i], perf_counter() - start)
    return best


def _comparable(result: Any) -> Any:
    """Counts, or all ids and where the lists end."""
    return (result.ids, result.offsets) if hasattr(result, "ids") else result


def powers(cores: int) -> list[int]:
    """1, 2, 4, … and the number of cores."""
    return sorted({*(1 << i for i in range(cores.bit_length())), cores})


def machine() -> dict[str, Any]:
    """Where and with what this was measured."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "ctxtools": ctxtools.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--encoding", default="o200k_base")
    parser.add_argument("--corpus", default="prose", help="a corpus of benchmarks/, or a file")
    parser.add_argument("--megabytes", type=int, default=32, help="of text")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 1 << 16], help="characters")
    parser.add_argument("--threads", type=int, nargs="+", help="default: 1, 2, 4, … each core")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="the file of results")
    options = parser.parse_args()

    threads = options.threads or powers(os.cpu_count() or 1)
    encoding = ctxtools.get_encoding(options.encoding)
    path = corpora.corpus_text(options.corpus, options.megabytes * 1_000_000).path
    data = Path(path).read_bytes()
    text, size_in_bytes = data.decode(), len(data)
    results = []
    print(f"{options.corpus}, {size_in_bytes / 1e6:.1f} MB, {options.encoding}; MB/s")
    print(f"{'texts':>8}  {'what':<15}", *(f"{n:>7} thr" for n in threads), " scaling")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            for name, job in jobs(encoding, text, size, Path(folder)).items():
                seconds = measure(job, threads, options.rounds)
                results.append({"size": size, "what": name, "seconds": seconds})
                speeds = (f"{size_in_bytes / 1e6 / each:>11.0f}" for each in seconds)
                print(f"{size:>8}  {name:<15}", *speeds, f"  x{seconds[0] / min(seconds):.2f}")
                sys.stdout.flush()
    found = {
        **machine(),
        "encoding": options.encoding,
        "corpus": options.corpus,
        "bytes": size_in_bytes,
        "threads": threads,
        "results": results,
    }
    out = options.out or RESULTS / f"scaling-{found['date'][:10]}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"written to {out}")


if __name__ == "__main__":
    main()
