"""Daft: on this machine, or on the Ray cluster that its runner is set to. Needs ``ctxtools[daft]``.

Units are rows of a DataFrame, and a task is a function of a row.
"""

from collections.abc import Iterable, Iterator

from ctxtools.corpus.engines.local import LocalEngine, do_apart
from ctxtools.corpus.engines.task import result_of, task_of
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.steps import Step
from ctxtools.corpus.units import Unit
from ctxtools.errors import CtxtoolsError, import_extra


class DaftEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "daft"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._daft = import_extra("daft", "the engine Daft", "daft")

    def run(
        self, units: Iterable[Unit], step: Step, folder: str
    ) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each unit, or why there is none."""
        daft = self._daft
        tasks = [task_of(unit, step, folder) for unit in units]
        if not tasks:
            return
        frame = daft.from_pydict({"task": tasks})
        if daft.get_or_create_runner().name == "ray":
            frame = frame.into_partitions(len(tasks))
        frame = frame.into_batches(1)  # or one thread would have all of them
        task = daft.func(do_apart, return_dtype=daft.DataType.string(), use_process=False)
        done = frame.select(task(daft.col("task")).alias("result"))
        for row in done.iter_rows():
            yield result_of(row["result"])
