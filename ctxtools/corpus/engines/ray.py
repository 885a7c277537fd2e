"""Ray: on this machine, or on the cluster that ``ray.init`` has joined. Needs ``ctxtools[ray]``.

A task is a remote function; one whose worker is lost is done again by another.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from ctxtools.corpus.engines.local import LocalEngine
from ctxtools.corpus.engines.task import do, result_of, task_of
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.steps import Step
from ctxtools.corpus.units import Unit
from ctxtools.errors import CtxtoolsError, ReadError, import_extra

_IN_FLIGHT = 256
_RETRIES = 3  # after a worker was lost; a file that ends each of them fails


class RayEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "ray"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._ray = import_extra("ray", "the engine Ray", "ray")

    def run(
        self, units: Iterable[Unit], step: Step, folder: str
    ) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each unit, or why there is none, in the order of the units."""
        ray = self._ray
        if not ray.is_initialized():
            ray.init(logging_level="error", include_dashboard=False)
        task = ray.remote(max_retries=_RETRIES)(do)
        waiting: deque[tuple[Unit, object]] = deque()
        rest = iter(units)
        while True:
            more = islice(rest, (self._workers or _IN_FLIGHT) - len(waiting))
            waiting.extend((unit, task.remote(task_of(unit, step, folder))) for unit in more)
            if not waiting:
                return
            unit, future = waiting.popleft()
            try:
                yield result_of(ray.get(future))
            except ray.exceptions.RayError as error:
                reason = str(error).strip().partition("\n")[0]
                yield ReadError(f"{unit}: {reason}", hint="the file may be damaged")
