"""Engines: what works on the tasks of a corpus, each a few lines over the same function."""

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol, get_args

from ctxtools.checks import check_choice
from ctxtools.corpus.manifest import Entry
from ctxtools.corpus.units import Unit
from ctxtools.errors import CtxtoolsError

EngineName = Literal["local", "daft", "ray", "spark"]


class Engine(Protocol):
    """Processes of this machine, or a cluster."""

    name: str

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        """The entry of each task, or why there is none, as they are done.

        Args:
            tasks: as of `ctxtools.corpus.engines.task`.
        """

    def row_groups(self, unit: Unit) -> list[int]:
        """The bytes of each row group of a Parquet file.

        Raises:
            ReadError, FormatError: it cannot be read, or is damaged.
        """


def get_engine(name: EngineName = "local", *, workers: int = 0) -> Engine:
    """An engine by its name.

    Args:
        name: "local" for processes of this machine; "daft", "ray" or "spark" for these libraries,
            which run on this machine too, or on the cluster that they are connected to.
        workers: how many tasks are worked on at once; 0 leaves it to the engine.

    Raises:
        UsageError: an unknown name.
        MissingExtraError: the library is not installed.
    """
    check_choice("engine", name, get_args(EngineName))
    if name == "daft":
        from ctxtools.corpus.engines.daft import DaftEngine

        return DaftEngine(workers)
    if name == "ray":
        from ctxtools.corpus.engines.ray import RayEngine

        return RayEngine(workers)
    if name == "spark":
        from ctxtools.corpus.engines.spark import SparkEngine

        return SparkEngine(workers)
    from ctxtools.corpus.engines.local import LocalEngine

    return LocalEngine(workers)
