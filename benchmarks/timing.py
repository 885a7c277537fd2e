"""How a figure that a child process reports becomes one of pytest-benchmark's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpora import Text, reference, reference_of_files, vocab
from ctxtools.bench.engines import ENGINES
from ctxtools.bench.machine import cpu_name
from ctxtools.bench.measure import Outcome, Worker
from ctxtools.units import format_bytes

_FAILED_GROUP = "wrong or failed, so not timed"


class ReportedClock:
    """A clock that advances only by what a worker reports.

    pytest-benchmark times what it calls. Here that is a request to a child process, and neither the
    request nor the child's start are the engine's doing; the child's own clock is right.
    """

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now


CLOCK = ReportedClock()


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line asks for.

    Attributes:
        size: of a corpus, in bytes.
        growth: the sizes of the growth benchmark, in bytes.
        worst: of a worst-case input, in bytes.
        rounds: the maximum number of rounds of one benchmark.
        budget: seconds of rounds for one benchmark; one round is always run.
        timeout: seconds after which an engine has failed.
        adapters: the file that defines the engines.
    """

    size: int
    growth: tuple[int, ...]
    worst: int
    rounds: int
    budget: float
    timeout: float
    adapters: Path


@dataclass(slots=True)
class Bench:
    """Records what workers report."""

    fixture: BenchmarkFixture
    settings: Settings

    def time(
        self,
        group: str,
        one_round: Callable[[], Outcome],
        *,
        engine: str,
        text: Text | None = None,
        first: Outcome,
        threads: int = 1,
        max_rounds: int = 1_000,
        cost: float | None = None,
        version: str | None = None,
        **more: Any,
    ) -> None:
        """Time rounds of an engine whose first outcome is known, and record them.

        Args:
            group: the benchmark's kind; peers with the same text stand under each other.
            one_round: asks a worker; its outcome's seconds are what counts.
            engine: its name.
            text: what is counted, if anything.
            first: an outcome that has been compared with the reference. If it is not ``"ok"`` the
                engine is recorded as such and not timed.
            threads: how many it used.
            max_rounds: the maximum number of them.
            cost: the seconds that a round takes in all, if they are more than what is timed.
            version: the engine's, if it is a command.
            more: for ``extra_info``.
        """
        ok = first.status == "ok"

        def reported() -> None:
            outcome = one_round() if ok else first
            if ok and outcome.status != "ok":
                raise RuntimeError(f"{engine} failed in a later round: {outcome.detail}")
            CLOCK.now += outcome.seconds if ok else 0.0

        self._name(group, engine, more.get("encoding"), text, first)
        rounds = min(max_rounds, self._rounds(cost or first.seconds)) if ok else 1
        self.fixture.pedantic(reported, rounds=rounds)
        seconds = self.fixture.stats.stats.min if ok and self.fixture.stats else None
        self.fixture.extra_info.update(
            kind=group,
            engine=engine,
            version=version or ENGINES[engine].version(),
            corpus=text.name if text else None,
            sha256=text.sha256 if text else None,
            bytes=text.size if text else None,
            tokens=first.tokens,
            mb_per_s=text.size / seconds / 1e6 if text and seconds else None,
            tokens_per_s=first.tokens / seconds if text and seconds else None,
            threads=threads,
            cpu=cpu_name(),
            correct=ok,
            status=first.status,
            detail=first.detail,
            peak_rss=first.peak_rss,
            **more,
        )

    def _name(
        self, group: str, engine: str, encoding: str | None, text: Text | None, first: Outcome
    ) -> None:
        """Put the benchmark under its peers; one that failed under others that did."""
        about = [group, encoding]
        if text:
            about += [text.name, format_bytes(text.size)]
        self.fixture.group = ", ".join(filter(None, about))
        self.fixture.name = engine
        if first.status != "ok":
            self.fixture.group = f"{self.fixture.group}: {_FAILED_GROUP}"
            self.fixture.name += f": {first.status}, {first.detail[:60]}"

    def _rounds(self, seconds: float) -> int:
        """As many as the budget allows, at least one."""
        return max(1, min(self.settings.rounds, int(self.settings.budget / max(seconds, 1e-6))))


@dataclass(slots=True)
class Case(Bench):
    """One engine with one encoding."""

    engine: str
    encoding: str

    def worker(
        self,
        *,
        engine: str | None = None,
        encoding: str | None = None,
        threads: int = 1,
        timeout: float | None = None,
    ) -> Worker:
        """A new process, of this engine and encoding unless another is given; nothing is loaded."""
        return Worker(
            engine or self.engine,
            vocab(encoding or self.encoding),
            threads=threads,
            timeout=timeout or self.settings.timeout,
            adapters=self.settings.adapters,
        )

    def fresh_count(self, text: Text) -> tuple[Outcome, Outcome]:
        """Loading in a new process; and loading and a first count together."""
        with self.worker() as worker:
            load = worker.ask("load")
            if load.status != "ok":
                return load, load
            counted = worker.ask("count", path=str(text.path))
            return load, replace(counted, seconds=load.seconds + counted.seconds)

    def measure(
        self,
        kind: str,
        one_round: Callable[[], Outcome],
        text: Text,
        first: Outcome | None = None,
        **more: Any,
    ) -> None:
        """``time`` rounds over a text. The first is compared with the reference, if not given."""
        first = first or one_round().checked(reference(self.encoding, text))
        about: dict[str, Any] = {"engine": self.engine, "encoding": self.encoding, "text": text}
        self.time(kind, one_round, first=first, **about, **more)

    def repeat(
        self, kind: str, text: Text, request: dict[str, Any], *, threads: int = 1, **more: Any
    ) -> None:
        """Measure a request that a loaded worker serves again and again."""
        if paths := request.get("paths"):
            right = reference_of_files(self.encoding, paths)
        else:
            right = reference(self.encoding, text, request.get("length", 0))
        with self.worker(threads=threads) as worker:
            worker.ask("load")
            first = worker.ask(**request).checked(right)
            self.measure(kind, lambda: worker.ask(**request), text, first, threads=threads, **more)
