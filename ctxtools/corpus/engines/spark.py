"""Spark: the active session, or a local one. Needs ``ctxtools[spark]`` and Java.

Tasks are partitions of a range of numbers, which ``mapInArrow`` hands to workers, a few for each
core in a job and two jobs at once: ``toLocalIterator`` would do one partition after the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from ctxtools.corpus.engines.local import LocalEngine
from ctxtools.corpus.engines.task import do
from ctxtools.corpus.engines.waves import run_in_waves
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, import_extra

_ATTEMPTS = 4  # of a task on this machine, whose worker may be lost
_WAVE = 4  # tasks in a job for each core
_CORES = 64  # where Spark does not say how many it has


class SparkEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "spark"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._sql = import_extra("pyspark.sql", "the engine Spark", "spark")

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none."""
        session = self._sql.SparkSession.getActiveSession() or self._new_session()
        context = getattr(session, "_sc", None)  # not over Spark Connect
        cores = self._workers or (context.defaultParallelism if context else _CORES)
        partitions = self._workers or _WAVE * cores

        def together(wave: Sequence[str]) -> Iterator[tuple[int, str]]:
            numbers = session.range(0, len(wave), 1, min(len(wave), partitions))
            done = numbers.mapInArrow(partial(_results, wave), "number long, result string")
            return ((row["number"], row["result"]) for row in done.collect())

        yield from run_in_waves(tasks, together, _WAVE * cores, at_once=1 if self._workers else 2)

    def _new_session(self) -> Any:
        """That of the configuration; without one, of this machine."""
        spark = import_extra("pyspark", "the engine Spark", "spark")
        builder = self._sql.SparkSession.builder.appName("ctxtools")
        if not spark.SparkConf().contains("spark.master"):
            builder = builder.master(f"local[*, {_ATTEMPTS}]")
        return builder.getOrCreate()


def _results(tasks: Sequence[str], batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow

    for batch in batches:
        numbers = batch.column(0).to_pylist()
        results = [do(tasks[number]) for number in numbers]
        yield pyarrow.RecordBatch.from_pydict({"number": numbers, "result": results})
