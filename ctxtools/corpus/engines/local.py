"""This machine: each task in a child process, as many at once as there are processors.

A damaged file that ends the process of its reader ends a child, and the run says which file it was.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from ctxtools import isolated
from ctxtools.corpus.engines.task import about, do, failed, result_of
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.reading import row_groups
from ctxtools.corpus.units import Unit, unit_from_json
from ctxtools.errors import CtxtoolsError, FormatError
from ctxtools.parallel import map_ordered

_MEMORY = 1 << 34  # bytes of a child's address space
_SECONDS = 86_400.0  # of CPU time for a task
_HINT = "the file may be damaged"


class LocalEngine:
    """See `ctxtools.corpus.engines.Engine`.

    Args:
        workers: how many tasks are worked on at once; 0 is one for each processor.
    """

    name = "local"

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none, in the order of the tasks."""
        return map(result_of, map_ordered(do_apart, tasks, self._workers))

    def row_groups(self, unit: Unit) -> list[int]:
        """The bytes of each row group of a Parquet file.

        Raises:
            ReadError, FormatError: it cannot be read, or is damaged.
        """
        try:
            sizes: list[int] = _ask("row_groups_job", {"unit": unit.to_json()})["sizes"]
        except isolated.Ended as error:
            raise FormatError(f"{unit}: {error}", hint=_HINT) from None
        return sizes


def do_apart(task: str) -> str:
    """`do`, in a child process, which a damaged file may end."""
    try:
        result: str = _ask("task_job", {"task": task})["result"]
    except isolated.Ended as error:
        return failed(FormatError(f"{about(task)}: {error}", hint=_HINT))
    except CtxtoolsError as error:
        return failed(error)
    return result


def _ask(job: str, request: dict[str, Any]) -> dict[str, Any]:
    started = isolated.Run(f"{__name__}:{job}", request, memory=_MEMORY, seconds=_SECONDS)
    with closing(started) as run:
        ((answer, _),) = run
        return answer


def task_job(request: dict[str, Any], stream: Any, data: bytes) -> isolated.Frames:
    """A task, in a child."""
    yield {"result": do(request["task"])}, b""


def row_groups_job(request: dict[str, Any], stream: Any, data: bytes) -> isolated.Frames:
    """`row_groups`, in a child."""
    yield {"sizes": row_groups(unit_from_json(request["unit"]))}, b""
