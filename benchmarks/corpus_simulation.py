"""What a run over a corpus takes on many workers, and that it loses nothing, without a cluster:
``python -m benchmarks.corpus_simulation``.

Events in simulated time: workers that start and end units, stragglers and second attempts at their
units, workers that are lost at any moment, and a driver that is killed and started again while
workers of its first life still write. All that decides what is done is the real code: the driver,
the names of parts, what a worker writes, entries, the manifest, the plan of windows. Files are
tiny, and a unit takes the time that a large one would, by a rate of ``benchmarks.corpus``.
"""

import argparse
import heapq
import json
import math
import random
import statistics
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest import mock

import pyarrow as pa
from pyarrow import parquet

from benchmarks.corpus_plan import measure_plan
from ctxtools.corpus import CountStep, check_plan, load_manifest, plan_windows, run, verify
from ctxtools.corpus import work as worker
from ctxtools.corpus.manifest import Entry, load_entry, save_entry
from ctxtools.corpus.reading import row_groups
from ctxtools.corpus.steps import Step, step_from_json, step_to_json
from ctxtools.corpus.units import Unit, unit_from_json
from ctxtools.errors import CtxtoolsError

_UNIT = 128e6  # bytes of text in a unit, in the mean
_ROWS = 3
_WINDOW = 64
_FATES = ("while it writes", "between part and entry", "after its entry")


@dataclass(frozen=True, slots=True)
class World:
    """How fast workers are, and what goes wrong.

    Attributes:
        rate: bytes of text a second, of a worker.
        start: seconds that a task takes beside its bytes.
        deaths: the share of attempts whose worker is lost.
        notice: seconds until that is noticed, and the worker replaced.
        stragglers: the share of attempts that are slow; ``slowness``: how many times.
        patience: how many times the median a unit may take until another worker tries it too.
        kills: moments at which the driver is killed, as shares of the time that the work takes
            without faults.
        orphans: the share of workers that go on when the driver is killed.
    """

    rate: float = 100e6
    start: float = 0.1
    deaths: float = 0.02
    notice: float = 10.0
    stragglers: float = 0.02
    slowness: float = 8.0
    patience: float = 2.0
    kills: tuple[float, ...] = (0.3, 0.6)
    orphans: float = 0.5


class DriverKilled(Exception):
    """The driver was killed, at a simulated moment."""


_Event = Callable[[], Entry | None]


@dataclass(slots=True, eq=False)
class _Attempt:
    unit: Unit
    start: float
    slow: float
    is_orphan: bool = False


class SimulatedEngine:
    """An engine for `ctxtools.corpus.run` on workers that are events.

    Attributes:
        now: simulated seconds since the first start.
        counts: what happened, by name.
    """

    name = "simulated"

    def __init__(self, workers: int, world: World, seed: int) -> None:
        self.workers, self.world = workers, world
        self.now, self.counts = 0.0, Counter[str]()
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, _Attempt | None, _Event]] = []
        self._number = 0
        self._folder = Path()
        self._step: Step = CountStep()
        self._todo = set[str]()
        self._wakes = False
        self._seconds: list[float] = []
        self._running: dict[str, list[_Attempt]] = {}
        self._waiting: deque[Unit] = deque()
        self._free = workers
        self._kills: deque[float] | None = None

    def row_groups(self, unit: Unit) -> list[int]:
        """As of any engine."""
        return row_groups(unit)

    def seconds(self, unit: Unit) -> float:
        """What a unit takes on a worker that is not slow."""
        chosen = random.Random(f"{Path(unit.input.uri).name} {unit.row_groups}")
        size = _UNIT * chosen.lognormvariate(-0.08, 0.4)
        return self.world.start + size / self.world.rate

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entries of units, as they are done in simulated time.

        Raises:
            DriverKilled: it is to be killed now.
        """
        self._waiting = deque()
        for task in tasks:
            values = json.loads(task)["values"]
            self._folder, self._step = Path(values["folder"]), step_from_json(values["step"])
            self._waiting.append(unit_from_json(values["unit"]))
        self._todo = {self._part(unit) for unit in self._waiting}
        if self._kills is None:
            whole = sum(map(self.seconds, self._waiting)) / self.workers
            self._kills = deque(whole * share for share in self.world.kills)
        self._hand_out()
        while self._todo:
            if self._kills and self._kills[0] <= self._events[0][0]:
                self.now = max(self.now, self._kills.popleft())
                self._be_killed()
                raise DriverKilled
            self.now, _, _, event = heapq.heappop(self._events)
            entry = event()
            if entry is not None and entry.part in self._todo:
                self._todo.remove(entry.part)
                yield entry
            self._hand_out()

    def drain(self) -> None:
        """Let those workers end that are still at work: second attempts, and orphans."""
        while self._events:
            self.now, _, _, event = heapq.heappop(self._events)
            event()

    def _part(self, unit: Unit) -> str:
        return unit.part(step_to_json(self._step))

    def _at(self, seconds: float, attempt: _Attempt | None, event: _Event) -> None:
        self._number += 1
        heapq.heappush(self._events, (self.now + seconds, self._number, attempt, event))

    def _wake(self) -> None:
        self._wakes = False

    def _hand_out(self) -> None:
        """Give units to workers that have none."""
        while self._free and (unit := self._next()) is not None:
            self._free -= 1
            self.counts["attempts"] += 1
            slow = 1.0
            if self._random.random() < self.world.stragglers:
                self.counts["stragglers"] += 1
                slow = self.world.slowness
            attempt = _Attempt(unit, self.now, slow)
            self._running.setdefault(self._part(unit), []).append(attempt)
            self._begin(attempt)

    def _next(self) -> Unit | None:
        """A unit that waits; then one that takes too long, of which a second attempt is made."""
        if self._waiting:
            return self._waiting.popleft()
        if not self._seconds:
            return None
        allowed = self.world.patience * statistics.median(self._seconds)
        alone = [
            found[0]
            for part, found in self._running.items()
            if len(found) == 1 and part in self._todo
        ]
        late = [each for each in alone if self.now - each.start > allowed]
        if not late:
            if alone and not self._wakes:
                soonest = min(each.start for each in alone) + allowed - self.now
                self._wakes = True
                self._at(soonest + 1.0, None, self._wake)
            return None
        self.counts["second attempts"] += 1
        return min(late, key=lambda each: each.start).unit

    def _begin(self, attempt: _Attempt) -> None:
        unit, part = attempt.unit, self._part(attempt.unit)
        entry = load_entry(self._folder, part)
        if entry is not None:  # as `work` does
            self.counts["found done"] += 1
            self._at(self.world.start, attempt, lambda: self._report(attempt, entry))
            return
        seconds = self.seconds(unit) * attempt.slow
        fate = self._random.choice(_FATES) if self._random.random() < self.world.deaths else ""
        if fate == _FATES[0]:
            until = seconds * self._random.random()
            self._at(until, attempt, lambda: self._die_writing(attempt))
        else:
            self._at(seconds, attempt, lambda: self._write(attempt, fate))

    def _die_writing(self, attempt: _Attempt) -> None:
        """It leaves what `ctxtools.atomic` had not named yet."""
        left = f".{self._part(attempt.unit)}.parquet.{self._random.randbytes(8).hex()}.ctxtools-tmp"
        (self._folder / left).write_bytes(b"PAR1")
        self._die(attempt, _FATES[0])

    def _write(self, attempt: _Attempt, fate: str) -> None:
        """The part and its histogram get their names; the entry is made later."""
        entries: list[tuple[Path, Entry]] = []
        later = mock.patch.object(worker, "save_entry", lambda *given: entries.append(given))
        anew = mock.patch.object(
            worker, "load_entry", lambda *_, **__: None
        )  # it was looked for before
        if (self._folder / f"{self._part(attempt.unit)}.parquet").exists():
            self.counts["parts written again"] += 1
        with later, anew:
            worker.work(attempt.unit, self._step, str(self._folder))
        ((root, entry),) = entries
        if fate == _FATES[1]:
            self._die(attempt, fate)
        else:
            until = 0.05 * self._random.random()
            self._at(until, attempt, lambda: self._enter(attempt, fate, root, entry))

    def _enter(self, attempt: _Attempt, fate: str, root: Path, entry: Entry) -> None:
        save_entry(root, entry)
        if fate == _FATES[2]:
            self._die(attempt, fate)
        else:
            self._at(0.01, attempt, lambda: self._report(attempt, entry))

    def _die(self, attempt: _Attempt, fate: str) -> None:
        self.counts[f"lost {fate}"] += 1
        self._at(self.world.notice, attempt, lambda: self._notice(attempt))

    def _notice(self, attempt: _Attempt) -> None:
        """The worker is replaced, and its unit is done again if no other worker has it."""
        self._free += 1
        if not attempt.is_orphan:
            self._end(attempt)
            part = self._part(attempt.unit)
            if part in self._todo and part not in self._running:
                self._waiting.appendleft(attempt.unit)

    def _report(self, attempt: _Attempt, entry: Entry) -> Entry | None:
        self._free += 1
        if attempt.is_orphan:
            return None
        self._end(attempt)
        self._seconds.append(self.now - attempt.start)
        return entry

    def _end(self, attempt: _Attempt) -> None:
        part = self._part(attempt.unit)
        self._running[part].remove(attempt)
        if not self._running[part]:
            del self._running[part]

    def _be_killed(self) -> None:
        """Some workers end with the driver; others go on, and know nothing of the next one."""
        self.counts["driver killed"] += 1
        goes_on = {
            attempt: self._random.random() < self.world.orphans
            for attempts in self._running.values()
            for attempt in attempts
        }
        for attempt in goes_on:
            attempt.is_orphan = True
        self._events = [each for each in self._events if each[2] and goes_on.get(each[2], True)]
        heapq.heapify(self._events)
        self.counts["orphans"] += sum(goes_on.values())
        self._free = self.workers - len(self._events)
        self._running, self._wakes = {}, False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a simulated run came to.

    Attributes:
        seconds: simulated, until the manifest was there.
        ideal: the same of workers that never fail and all end at once.
        counts: of `SimulatedEngine`.
        digests: of all files.
    """

    seconds: float
    ideal: float
    counts: dict[str, int]
    digests: dict[str, str]


def write_inputs(folder: Path, units: int) -> None:
    """A corpus of this many units: files of some row groups, which are units of their own if
    `ctxtools.corpus.units` splits files of any size."""
    folder.mkdir(parents=True)
    made = 0
    while made < units:
        groups = min(20, units - made)
        rows = range(made * _ROWS, (made + groups) * _ROWS)
        texts = [f"row {row} " + "of words " * (row * 7919 % 50) for row in rows]
        table = pa.table({"id": pa.array(rows), "text": texts})
        parquet.write_table(table, folder / f"{made:08}.parquet", row_group_size=_ROWS)
        made += groups


def simulate(inputs: Path, out: Path, workers: int, world: World, seed: int) -> Outcome:
    """Run a corpus to its end, starting the driver again whenever it is killed.

    Raises:
        AssertionError: a row is missing or there twice, or a file is damaged.
    """
    engine, step = SimulatedEngine(workers, world, seed), CountStep()
    with each_row_group_a_unit():
        while True:
            try:
                result = run([inputs], step, out, engine=engine)
                break
            except DriverKilled:
                continue
    seconds = engine.now
    engine.drain()
    if result.failed or result.manifest is None:
        raise AssertionError(f"parts failed: {result.failed[:3]}")
    if problems := verify(out):
        raise AssertionError(f"problems: {problems[:3]}")
    rows = [
        row
        for entry in result.manifest.entries
        for row in parquet.read_table(out / f"{entry.part}.parquet").column("id").to_pylist()
    ]
    if rows != [*range(len(rows))] or len(rows) != result.manifest.totals()["rows_in"]:
        raise AssertionError("rows are missing, doubled or out of order")
    units = [entry_unit(entry, inputs) for entry in result.manifest.entries]
    ideal = sum(map(engine.seconds, units)) / workers
    return Outcome(seconds, ideal, dict(engine.counts), digests(out))


def each_row_group_a_unit() -> Any:
    """As large files have it."""
    return mock.patch.multiple("ctxtools.corpus.units", SPLIT=1, _UNIT=1)


def entry_unit(entry: Entry, inputs: Path) -> Unit:
    """The unit of an entry, as far as its name goes."""
    from ctxtools.corpus import Input

    return Unit(Input(entry.input, 0, "", "parquet", ""), entry.row_groups)


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a folder, by its path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def check_windows(out: Path) -> int:
    """Plan windows by what a run left, place each part by its own lengths, and check the plan; how
    many windows there are.

    Raises:
        AssertionError: it is wrong.
    """
    plan = plan_windows(out, _WINDOW, eos_tokens=1, seed=1)
    entries = load_manifest(out).entries
    lengths = (
        parquet.read_table(out / f"{entry.part}.parquet").column("o200k_base").combine_chunks()
        for entry in entries
    )
    if problems := check_plan(plan, lengths):
        raise AssertionError(f"the plan is wrong: {problems[:3]}")
    return plan.bins


def measure(units: int, workers: int, world: World, seed: int) -> dict[str, Any]:
    """A simulated run with faults, compared with one without.

    Raises:
        AssertionError: the files differ, rows are missing or there twice, or the plan is wrong.
    """
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # tiny files, and all are synced
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        root, start = Path(folder), perf_counter()
        write_inputs(root / "in", units)
        calm = replace(world, deaths=0.0, stragglers=0.0, kills=())
        expected = simulate(root / "in", root / "calm", workers, calm, seed)
        found = simulate(root / "in", root / "out", workers, world, seed)
        if found.digests != expected.digests:
            raise AssertionError("other files than of a run without faults")
        windows = check_windows(root / "out")
    return {
        "workers": workers,
        "units": units,
        "seconds": {
            "ideal": found.ideal,
            "without faults": expected.seconds,
            "with faults": found.seconds,
        },
        "happened": found.counts,
        "windows": windows,
        "simulated in": perf_counter() - start,
    }


def table(results: Sequence[dict[str, Any]]) -> str:
    """Results as a table of Markdown."""
    names = ("second attempts", "parts written again", "orphans")
    lost = [f"lost {fate}" for fate in _FATES]
    lines = [
        "| workers | ideal | without faults | with faults | attempts for parts | workers lost | "
        "driver killed | second attempts | parts written again | workers of a killed driver |",
        "|" + " ---: |" * 10,
    ]
    for result in results:
        seconds, happened = result["seconds"], Counter(result["happened"])
        cells = [
            f"{result['workers']:,}",
            *(f"{seconds[name]:,.0f} s" for name in ("ideal", "without faults", "with faults")),
            f"{happened['attempts']:,} for {result['units']:,}",
            f"{sum(happened[each] for each in lost):,}",
            f"{happened['driver killed']:,}",
            *(f"{happened[name]:,}" for name in names),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, and print a table and a line of JSON for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--terabytes", type=float, default=0.25, help="of text")
    parser.add_argument("--results", type=Path, help="of benchmarks.corpus, which has the rate")
    parser.add_argument("--rate", type=float, default=100.0, help="else: MB/s of text, of a worker")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 10, 1000])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    units = math.ceil(options.terabytes * 1e12 / _UNIT)
    rate = options.rate * 1e6
    if options.results:
        found = json.loads(options.results.read_text())
        rate = found["bytes"] / found["counts"]["seconds"]["local"] / found["cores"]
    world = World(rate=rate)
    results = []
    for workers in options.workers:
        results.append(measure(units, workers, world, options.seed))
        print(json.dumps(results[-1]), flush=True)
    print(json.dumps({"plan": measure_plan(10_000_000, 1000)}))
    print(
        f"{options.terabytes} TB of text, {rate / 1e6:.0f} MB/s a worker\n\n{table(results)}",
        end="",
    )


if __name__ == "__main__":
    main()
