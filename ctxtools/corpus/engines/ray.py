"""Ray: on this machine, or on the cluster that ``ray.init`` has joined. Needs ``ctxtools[ray]``.

A task is a remote function; one whose worker is lost is done again by another.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from ctxtools.corpus.engines.local import LocalEngine
from ctxtools.corpus.engines.task import about, do, result_of
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, ReadError, import_extra

_IN_FLIGHT = 256
_RETRIES = 3  # after a worker was lost; a file that ends each of them fails


class RayEngine(LocalEngine):
    """See `ctxtools.corpus.engines.Engine`; footers of files are read on this machine."""

    name = "ray"

    def __init__(self, workers: int = 0) -> None:
        super().__init__(workers)
        self._ray = import_extra("ray", "the engine Ray", "ray")

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none, in the order of the tasks."""
        ray = self._ray
        if not ray.is_initialized():
            ray.init(logging_level="error", include_dashboard=False)
        remote = ray.remote(max_retries=_RETRIES)(do)
        waiting: deque[tuple[str, object]] = deque()
        rest = iter(tasks)
        while True:
            more = islice(rest, (self._workers or _IN_FLIGHT) - len(waiting))
            waiting.extend((task, remote.remote(task)) for task in more)
            if not waiting:
                return
            task, future = waiting.popleft()
            try:
                yield result_of(ray.get(future))
            except ray.exceptions.RayError as error:
                reason = str(error).strip().partition("\n")[0]
                yield ReadError(f"{about(task)}: {reason}", hint="the file may be damaged")
