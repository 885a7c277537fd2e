"""Daft: on this machine, or on the Ray cluster that its runner is set to. Needs ``ctxtools[daft]``.

Tasks are rows of a DataFrame, and are done by a function of a row.
"""

from collections.abc import Iterable, Iterator, Sequence

from ctxtools.corpus.engines.local import LocalEngine, do_apart
from ctxtools.corpus.engines.waves import run_in_waves
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, import_extra

_WAVE = 4096  # tasks in a query


class DaftEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "daft"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._daft = import_extra("daft", "the engine Daft", "daft")

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none."""
        yield from run_in_waves(tasks, self._together, _WAVE)

    def _together(self, wave: Sequence[str]) -> Iterator[tuple[int, str]]:
        daft = self._daft
        frame = daft.from_pydict({"number": [*range(len(wave))], "task": [*wave]})
        if daft.get_or_create_runner().name == "ray":
            frame = frame.into_partitions(len(wave))
        frame = frame.into_batches(1)  # or one thread would have all of them
        task = daft.func(do_apart, return_dtype=daft.DataType.string(), use_process=False)
        done = frame.select(daft.col("number"), task(daft.col("task")).alias("result"))
        for row in done.iter_rows():
            yield row["number"], row["result"]
