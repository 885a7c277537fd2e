"""Spark: the active session, or a local one. Needs ``ctxtools[spark]`` and Java.

Tasks are rows of a DataFrame, each a partition, which ``mapInArrow`` hands to a worker.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ctxtools.corpus.engines.local import LocalEngine
from ctxtools.corpus.engines.task import do, result_of
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, import_extra

_ATTEMPTS = 4  # of a task on this machine, whose worker may be lost


class SparkEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "spark"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._sql = import_extra("pyspark.sql", "the engine Spark", "spark")

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none."""
        rows = [(task,) for task in tasks]
        if not rows:
            return
        session = self._sql.SparkSession.getActiveSession() or self._new_session()
        frame = session.createDataFrame(rows, "task string").repartition(len(rows))
        for row in frame.mapInArrow(_results, "result string").toLocalIterator():
            yield result_of(row["result"])

    def _new_session(self) -> Any:
        """That of the configuration; without one, of this machine."""
        spark = import_extra("pyspark", "the engine Spark", "spark")
        builder = self._sql.SparkSession.builder.appName("ctxtools")
        if not spark.SparkConf().contains("spark.master"):
            builder = builder.master(f"local[*, {_ATTEMPTS}]")
        return builder.getOrCreate()


def _results(batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow

    for batch in batches:
        results = [do(task) for task in batch.column(0).to_pylist()]
        yield pyarrow.RecordBatch.from_pydict({"result": results})
