"""Daft: on this machine, or on the Ray cluster that its runner is set to. Needs ``ctxtools[daft]``.

Tasks are rows of a DataFrame, and are done by a function of a row.
"""

from collections.abc import Iterable, Iterator

from ctxtools.corpus.engines.local import LocalEngine, do_apart
from ctxtools.corpus.engines.task import result_of
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, import_extra


class DaftEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "daft"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._daft = import_extra("daft", "the engine Daft", "daft")

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none."""
        daft = self._daft
        listed = list(tasks)
        if not listed:
            return
        frame = daft.from_pydict({"task": listed})
        if daft.get_or_create_runner().name == "ray":
            frame = frame.into_partitions(len(listed))
        frame = frame.into_batches(1)  # or one thread would have all of them
        task = daft.func(do_apart, return_dtype=daft.DataType.string(), use_process=False)
        done = frame.select(task(daft.col("task")).alias("result"))
        for row in done.iter_rows():
            yield result_of(row["result"])
