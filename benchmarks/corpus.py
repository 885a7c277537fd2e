"""What corpora cost on each engine: ``python -m benchmarks.corpus``.

Counting text in Parquet, writing included, against doing it by hand with pyarrow and
``count_arrow`` on two threads; on Daft, and on Daft over a Ray cluster of two nodes of this
machine; making ids, against datatrove's step; the memory of each process; and runs that are killed
at random moments. All engines go in turn, round after round, each in a process that stays, so that
from the second round on it is warm; medians and ratios of rounds are reported. Totals and ids are
compared before anything is timed. Engines that are not installed are left out, and named. With
``--measure`` some of it is measured, and added to what a folder of results has.
"""

import argparse
import datetime
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from hashlib import sha256
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from pyarrow import parquet

from benchmarks.corpora import CACHE
from benchmarks.corpus_inputs import first_rows, text_bytes, write_inputs
from benchmarks.corpus_jobs import ENCODING
from benchmarks.corpus_page import WINDOW, render
from benchmarks.scaling import RESULTS, machine
from ctxtools import WindowStream
from ctxtools.bench.machine import cpu_name
from ctxtools.corpus import PackOptions, Progress, load_manifest, pack
from ctxtools.units import parse_size

_NEEDS = {"hand": (), "local": (), "daft": ("daft",), "daft-on-ray": ("daft", "ray")}
_LIMITS = {"local": ("hand", 1.4), "daft": ("local", 1.5), "daft-on-ray": ("local", 2.5)}
_MEASURED = ("counts", "command", "ids", "pack", "kills")
_WINDOWS = 2000  # that are read
_ENCODED = 8_000_000  # bytes of text that datatrove is given, in two files
_KILLED = 24_000_000  # bytes of text of a run that is killed


class Child:
    """A process with an engine."""

    def __init__(self, name: str, printed: Path) -> None:
        self.name = name
        self._printed = printed.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.corpus_jobs", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
        )
        self._answer()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._printed.close()

    def run(self, job: str, inputs: Path, out: Path) -> tuple[float, dict[str, int]]:
        """The seconds of a job, and its totals; what it wrote to an earlier run is removed."""
        assert self._process.stdin
        shutil.rmtree(out, ignore_errors=True)
        request = json.dumps([job, str(inputs), str(out)])
        self._process.stdin.write(request.encode() + b"\n")
        self._process.stdin.flush()
        answer = self._answer()
        return answer["seconds"], answer["totals"]

    def peaks(self) -> list[int]:
        """The peak memory in bytes of this process and all below it that are still there."""
        return sorted(peak for process in _tree(self._process.pid) if (peak := _peak(process)))

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended; see {self._printed.name}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _tree(process: int) -> list[int]:
    """A process and those that it and they started."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [process]
    for each in found:
        found += children.get(each, [])
    return found


def _peak(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def measure_counts(children: Sequence[Child], inputs: Path, out: Path, rounds: int) -> Any:
    """Counting, in turn: a first round that also checks totals, then those that are timed.

    Raises:
        AssertionError: totals differ.
    """
    first: dict[str, float] = {}
    seconds: dict[str, list[float]] = {child.name: [] for child in children}
    totals = set()
    for number in range(rounds + 1):
        for child in children:
            job = "hand" if child.name == "hand" else "count"
            took, found = child.run(job, inputs, out / child.name)
            totals.add((found["tokens"], found["rows_out"]))
            if len(totals) != 1:
                raise AssertionError(f"{child.name} has other totals: {totals}")
            if number:
                seconds[child.name].append(took)
            else:
                first[child.name] = took
    files = {child.name: digests(out / child.name) for child in children if child.name != "hand"}
    if any(found != files["local"] for found in files.values()):
        raise AssertionError("engines wrote different files")
    ratios = {
        name: {"to": to, "ratio": _ratio(seconds[name], seconds[to]), "limit": limit}
        for name, (to, limit) in _LIMITS.items()
        if name in seconds
    }
    ((tokens, rows),) = totals
    return {
        "tokens": tokens,
        "rows": rows,
        "read bytes": _size(inputs),
        "written bytes": _size(out / "local"),
        "first": first,
        "seconds": {name: statistics.median(found) for name, found in seconds.items()},
        "rounds": seconds,
        "ratios": ratios,
        "peak bytes of a process": {child.name: max(child.peaks()) for child in children},
    }


def measure_ids(local: Child, datatrove: Child, folder: Path, inputs: Path, rounds: int) -> Any:
    """Ids in Parquet, against datatrove's step.

    Raises:
        AssertionError: ids differ.
    """
    few = first_rows(inputs, folder / "few" / "in", _ENCODED, 2)
    seconds: dict[str, list[float]] = {"ctxtools": [], "datatrove": []}
    for number in range(rounds + 1):
        ours, _ = local.run("encode", few, folder / "ids")
        theirs, _ = datatrove.run("datatrove", few, folder / "datatrove")
        if number:
            seconds["ctxtools"].append(ours)
            seconds["datatrove"].append(theirs)
        elif [*_our_ids(folder / "ids")] != [*_their_ids(folder / "datatrove")]:
            raise AssertionError("datatrove has other ids")
    all_seconds = [local.run("encode", inputs, folder / "ids")[0] for _ in range(rounds + 1)]
    return {
        "all": {
            "seconds": statistics.median(all_seconds[1:]),
            "rounds": all_seconds[1:],
            "written bytes": _size(folder / "ids"),
        },
        "bytes": text_bytes(few),
        "seconds": {name: statistics.median(found) for name, found in seconds.items()},
        "rounds": seconds,
        "times as fast": _ratio(seconds["datatrove"], seconds["ctxtools"]),
        "limit": 3.0,
    }


def _our_ids(folder: Path) -> Iterator[list[int]]:
    """The ids of each file."""
    for entry in load_manifest(folder).entries:
        column = parquet.read_table(folder / f"{entry.part}.parquet").column("input_ids")
        yield [token for row in column.to_pylist() for token in row]


def _their_ids(folder: Path) -> Iterator[list[int]]:
    for path in sorted(folder.glob("*.ds")):
        yield array("I", path.read_bytes()).tolist()


def measure_command(inputs: Path, out: Path, rounds: int) -> float:
    """``ctx corpus count``, from its start to its end."""
    seconds = []
    for _ in range(rounds):
        shutil.rmtree(out, ignore_errors=True)
        start = perf_counter()
        subprocess.run(_command(inputs, out), check=True)
        seconds.append(perf_counter() - start)
    return statistics.median(seconds)


def measure_pack(inputs: Path, folder: Path) -> dict[str, Any]:
    """From texts to windows, exchanged or gathered: seconds, bytes, and reading windows again."""
    found: dict[str, Any] = {}
    for format in ("parquet", "gathered"):
        out, read = folder / format, 0
        options = PackOptions(WINDOW, encoding=ENCODING, format=format, keep=(), seed=1)
        written: Counter[str] = Counter()

        def add(progress: Progress, written: Counter[str] = written) -> None:
            written[progress.phase] += sum(file.bytes for file in progress.entry.files)

        start = perf_counter()
        result = pack([inputs], out, options, progress=add)
        seconds = perf_counter() - start
        if result.manifest is None:
            raise AssertionError(f"parts failed: {result.failed[:3]}")
        plan = result.manifest.facts["plan"]
        start = perf_counter()
        for window in islice(WindowStream(out, seed=1), _WINDOWS):
            read += window["filled"]
        found[format] = {
            "seconds": seconds,
            "written bytes": dict(written),
            "windows": plan["bins"],
            "gap": plan["bins"] - plan["lower_bound"],
            "read tokens/s": read / (perf_counter() - start),
            "peak bytes of a worker": max(map(_peak, _tree(os.getpid())[1:])),
            "peak bytes of the reader": _peak(os.getpid()),
        }
    return found


def measure_kills(inputs: Path, folder: Path, kills: int, seed: int) -> Any:
    """Runs whose processes are all killed at a random moment, and started again.

    Raises:
        AssertionError: other files than of a run that was not killed.
    """
    few = first_rows(inputs, folder / "killed" / "in", _KILLED, 16)
    start = perf_counter()
    subprocess.run(_command(few, folder / "once"), check=True)
    seconds = perf_counter() - start
    expected = digests(folder / "once")
    chosen, out, unfinished = random.Random(seed), folder / "again", 0
    for _ in range(kills):
        shutil.rmtree(out, ignore_errors=True)
        process = subprocess.Popen(_command(few, out), start_new_session=True)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chosen.uniform(0, seconds))
        unfinished += process.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        subprocess.run(_command(few, out), check=True)
        if differing := dict(set(digests(out).items()) ^ set(expected.items())):
            raise AssertionError(f"other files than of a run that was not killed: {differing}")
    return {"kills": kills, "before their end": unfinished, "identical": kills}


def _command(inputs: Path, out: Path) -> list[str]:
    options = ["--column", "text", "-e", ENCODING, "-o", str(out), "--quiet"]
    return [sys.executable, "-m", "ctxtools", "corpus", "count", str(inputs), *options]


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a folder, by its path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def _size(folder: Path) -> int:
    """The bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _ratio(seconds: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios of rounds."""
    return statistics.median(a / b for a, b in zip(seconds, others, strict=True))


def main() -> None:
    """Measure, and write a folder of results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("--bytes", default="500MB", help="of text")
    parser.add_argument("--engines", nargs="+", choices=[*_NEEDS][1:], default=[*_NEEDS][1:])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", nargs="+", choices=_MEASURED, default=_MEASURED)
    parser.add_argument("--out", type=Path, help="the folder of results")
    options = parser.parse_args()
    names = ["hand", *dict.fromkeys(["local", *options.engines])]
    absent = [name for name in names if not all(map(find_spec, _NEEDS[name]))]
    absent += [] if find_spec("datatrove") else ["datatrove"]
    day = datetime.date.today().isoformat()
    out = options.out or RESULTS / f"{day}-corpus"
    out.mkdir(parents=True, exist_ok=True)
    earlier = out / "results.json"
    found: dict[str, Any] = json.loads(earlier.read_text()) if earlier.exists() else {}
    inputs = write_inputs(CACHE, parse_size(options.bytes))
    found |= {**machine(), "cpu": cpu_name(), "not installed": absent, "bytes": text_bytes(inputs)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if "counts" in options.measure:
            with ExitStack() as stack:
                children = [
                    stack.enter_context(Child(name, folder / f"{name}.log"))
                    for name in names
                    if name not in absent
                ]
                found["counts"] = measure_counts(
                    children, inputs, folder / "counts", options.rounds
                )
        if "command" in options.measure:
            found["command"] = measure_command(inputs, folder / "command", options.rounds)
        if "ids" in options.measure and find_spec("datatrove"):
            with (
                Child("local", folder / "local.log") as local,
                Child("datatrove", folder / "datatrove.log") as datatrove,
            ):
                found["ids"] = measure_ids(local, datatrove, folder, inputs, options.rounds)
        if "pack" in options.measure:
            found["pack"] = measure_pack(inputs, folder)
        if "kills" in options.measure:
            found["killed"] = measure_kills(inputs, folder, options.kills, options.seed)
    (out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (out / "README.md").write_text(render(found), encoding="utf-8")
    print(render(found), end="")


if __name__ == "__main__":
    main()
