"""Programs that run engines, each in a process of its own that is ended when it takes too long.

A cluster or a virtual machine of Java that hangs must not hang the tests. Requests and answers are
lines of JSON on the standard streams of ``python -m tests.corpus.drivers NAME [ADDRESS]``.
"""

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ctxtools.corpus import Engine, Entry, PackOptions, get_engine, pack, run
from ctxtools.corpus.engines.task import make_task
from ctxtools.corpus.manifest import PARTS
from ctxtools.corpus.steps import Step, step_from_json, step_to_json
from ctxtools.errors import CtxtoolsError

START = 200.0  # seconds in which a cluster has to be there
ANSWER = 240.0  # seconds for a run
_FOUND = 120.0  # seconds in which a worker has to be at work
_NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}


class NotStarted(Exception):
    """The engine is not to be had on this machine; the text is the reason."""


class Driver:
    """A process with an engine, which runs steps one after the other.

    Args:
        name: a key of `STARTS`.
        address: of a cluster to join.

    Raises:
        NotStarted: it cannot start here.
    """

    def __init__(self, name: str, address: str = "") -> None:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.corpus.drivers", name, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            start_new_session=True,
            env={**os.environ, "RAY_raylet_start_wait_time_s": "180"},
        )
        try:
            self.address = str(self._answer(START)["address"])
        except AssertionError as error:
            self.close()
            raise NotStarted(str(error).strip().rpartition("\n")[2]) from error

    def run(self, inputs: Path, step: Step, out: Path, lose: str = "") -> list[str]:
        """Run a step; why parts failed.

        Args:
            inputs, step, out: as of `ctxtools.corpus.run`.
            lose: "worker" kills a process that has a unit, "parent" the one that started it,
                "node" a node of the cluster on which there is a worker. "task" kills nothing, but
                has one more task, which no worker can do.
        """
        return self._ask("run", str(inputs), step_to_json(step), str(out), lose)

    def pack(self, inputs: Path, options: Mapping[str, Any], out: Path) -> list[str]:
        """Pack a corpus by `PackOptions`; why parts failed."""
        return self._ask("pack", str(inputs), options, str(out), "")

    def _ask(self, *request: Any) -> list[str]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        failed: list[str] = self._answer(ANSWER)["failed"]
        return failed

    def close(self) -> None:
        """End the process, and all that it started."""
        for process in [*reversed(descendants(self._process.pid)), self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._printed):
            if stream:
                stream.close()

    def _answer(self, seconds: float) -> dict[str, Any]:
        """The next line.

        Raises:
            AssertionError: there is none in time, or it is an error.
        """
        assert self._process.stdout
        line, end = b"", time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                assert selector.select(end - time.monotonic()), f"no answer in {seconds:.0f} s"
                more = os.read(self._process.stdout.fileno(), 1 << 16)
                assert more, f"the program ended\n{self._last_lines()}"
                line += more
        answer: dict[str, Any] = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer

    def _last_lines(self) -> str:
        self._printed.seek(max(0, os.fstat(self._printed.fileno()).st_size - 4000))
        return self._printed.read().decode(errors="replace")


def descendants(process: int) -> list[int]:
    """The processes that a process started, and those that they started, parents first."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after_name = path.read_text().rpartition(")")[2].split()
            parents.setdefault(int(after_name[1]), []).append(int(path.parent.name))
    found = [process]
    for each in found:
        found += parents.get(each, [])
    return found[1:]


class _Losing:
    """An engine that loses a worker while that has a unit.

    Workers cannot start on one before a worker was lost: they wait for the lock of the folder.
    """

    def __init__(self, engine: Engine, out: Path, lose: "Callable[[_FindWorker], None]") -> None:
        self._engine, self._parts, self._lose = engine, out / PARTS, lose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        lock = os.open(self._parts, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ThreadPoolExecutor(1) as pool:
            lost = pool.submit(self._lose_one, lock)
            yield from self._engine.run(tasks)
            lost.result()

    def _lose_one(self, lock: int) -> None:
        try:
            self._lose(self._worker)
        finally:
            os.close(lock)

    def _worker(self, of: int = 0) -> int:
        """A process that waits for the lock: one of those that another started, or any.

        Raises:
            TimeoutError: there is none.
        """
        end = time.monotonic() + _FOUND
        while time.monotonic() < end:
            found = {*self._workers()} & {*descendants(of)} if of else self._workers()
            if found:
                return min(found)
            time.sleep(0.02)
        raise TimeoutError("no worker is at work")

    def _workers(self) -> list[int]:
        """The processes that wait for the lock."""
        found = set()
        for link in Path("/proc").glob("[0-9]*/fd/*"):
            with suppress(OSError):
                if link.readlink() == self._parts and int(link.parts[2]) != os.getpid():
                    found.add(int(link.parts[2]))
        return sorted(found)


class _Adding:
    """An engine that is given one more task, at which any worker raises an exception."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def run(self, tasks: Iterable[str]) -> Iterator[Entry | CtxtoolsError]:
        listed = [*tasks]
        listed.insert(1, make_task("none", "a task of no kind", {}))
        return self._engine.run(listed)


class _FindWorker(Protocol):
    """Finds a process that has a unit: one of those that another started, or any."""

    def __call__(self, of: int = 0) -> int: ...


_Loss = Callable[[], Callable[[_FindWorker], None]]
"""What is called before the run, and returns what kills something that a worker needs."""

_Started = tuple[str, dict[str, _Loss]]
"""The address of a cluster, and what it can lose."""


def _lose_worker() -> Callable[[_FindWorker], None]:
    return lambda find: os.kill(find(), signal.SIGKILL)


def _lose_parent() -> Callable[[_FindWorker], None]:
    def lose(find: _FindWorker) -> None:
        status = Path(f"/proc/{find()}/stat").read_text()
        os.kill(int(status.rpartition(")")[2].split()[1]), signal.SIGKILL)

    return lose


@contextmanager
def _nothing(_: str) -> Iterator[_Started]:
    yield "", {"worker": _lose_worker}


@contextmanager
def _ray(_: str) -> Iterator[_Started]:
    """A cluster of two nodes on this machine; a third is there while it is to be lost."""
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=_NODE)
    cluster.add_node(**_NODE)
    ray.init(cluster.address, logging_level="error", runtime_env=_environment())

    def lose_node() -> Callable[[_FindWorker], None]:
        node = cluster.add_node(**_NODE)
        cluster.wait_for_nodes()

        def lose(find: _FindWorker) -> None:
            find(node.all_processes["raylet"][0].process.pid)
            cluster.remove_node(node, allow_graceful=False)

        return lose

    yield cluster.address, {"worker": _lose_worker, "node": lose_node}


@contextmanager
def _daft_on_ray(address: str) -> Iterator[_Started]:
    import daft
    import ray

    ray.init(address, logging_level="error", runtime_env=_environment())
    daft.set_runner_ray()
    yield "", {"worker": _lose_worker, "parent": _lose_parent}


@contextmanager
def _spark(_: str) -> Iterator[_Started]:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2, 4]").config("spark.ui.enabled", "false")
    session.getOrCreate()
    yield "", {"worker": _lose_worker, "parent": _lose_parent}


def _environment() -> dict[str, Any]:
    """Workers import what this process does."""
    path = os.pathsep.join(each or str(Path.cwd()) for each in sys.path)
    return {"env_vars": {"PYTHONPATH": path}}


STARTS: dict[str, Callable[[str], AbstractContextManager[_Started]]] = {
    "local": _nothing,
    "daft": _nothing,
    "daft-on-ray": _daft_on_ray,
    "ray": _ray,
    "spark": _spark,
}


def main() -> None:
    """Start an engine, then run what is asked for."""
    name, address = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(values: dict[str, Any]) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    try:
        with STARTS[name](address) as (own_address, losses):
            engine = get_engine(name.partition("-")[0])  # type: ignore[arg-type]
            answer({"address": own_address})
            for line in sys.stdin:
                kind, inputs, options, out, lose = json.loads(line)
                Path(out).mkdir(parents=True, exist_ok=True)
                used: Any = engine
                if lose == "task":
                    used = _Adding(engine)
                elif lose:
                    used = _Losing(engine, Path(out), losses[lose]())
                if kind == "pack":
                    result = pack([inputs], out, PackOptions(**options), engine=used)
                else:
                    result = run([inputs], step_from_json(options), out, engine=used)
                answer({"failed": [str(error) for error in result.failed]})
    except Exception:
        answer({"error": traceback.format_exc()})


if __name__ == "__main__":
    main()
