"""Engines give the files of the local one, whatever is lost on the way."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxtools import MissingExtraError, UsageError
from ctxtools.corpus import CountStep, Result, get_engine, run
from tests.corpus.test_driver import damaged, digests, write_corpus

_NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}

pytestmark = pytest.mark.xdist_group("engines")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A corpus, and the digests of what comes of it on the local engine."""
    folder = tmp_path_factory.mktemp("corpus")
    inputs = write_corpus(folder / "in", 12)
    result = run([inputs], CountStep(), folder / "local")
    assert not result.failed
    return inputs, digests(folder / "local")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A Ray cluster of two nodes on this machine, which may be a slow one."""
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "300")
    ray = pytest.importorskip("ray")
    utils = pytest.importorskip("ray.cluster_utils")
    found = utils.Cluster(initialize_head=True, head_node_args=_NODE)
    found.add_node(**_NODE)
    path = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    ray.init(
        address=found.address, logging_level="error", runtime_env={"env_vars": {"PYTHONPATH": path}}
    )
    yield found
    ray.shutdown()
    found.shutdown()


def needs_java() -> None:
    pytest.importorskip("pyspark")
    pytest.importorskip("pandas")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java (Debian's default-jre-headless)")


def check(result: Result, out: Path, expected: dict[str, str]) -> None:
    assert not result.failed
    assert digests(out) == expected


def test_daft(corpus: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    pytest.importorskip("daft")
    check(run([corpus[0]], CountStep(), tmp_path, engine=get_engine("daft")), tmp_path, corpus[1])


def test_ray(corpus: tuple[Path, dict[str, str]], cluster: Any, tmp_path: Path) -> None:
    check(run([corpus[0]], CountStep(), tmp_path, engine=get_engine("ray")), tmp_path, corpus[1])


def test_a_worker_of_ray_is_lost(
    corpus: tuple[Path, dict[str, str]], cluster: Any, tmp_path: Path
) -> None:
    """Its tasks are done again by another, and no row is there twice."""
    lost = cluster.add_node(**_NODE)
    removed: list[bool] = []

    def remove(_: object) -> None:
        if not removed:
            removed.append(cluster.remove_node(lost, allow_graceful=False))

    result = run([corpus[0]], CountStep(), tmp_path, engine=get_engine("ray"), progress=remove)
    assert removed
    check(result, tmp_path, corpus[1])


def test_daft_on_ray(corpus: tuple[Path, dict[str, str]], cluster: Any, tmp_path: Path) -> None:
    """In a process of its own: Daft's runner is chosen once."""
    pytest.importorskip("daft")
    code = (
        "import sys, daft, ray; from ctxtools.corpus import CountStep, get_engine, run; "
        f"ray.init(address={cluster.address!r}, logging_level='error', "
        "runtime_env={'env_vars': {'PYTHONPATH': sys.argv[3]}}); daft.set_runner_ray(); "
        "result = run([sys.argv[1]], CountStep(), sys.argv[2], engine=get_engine('daft')); "
        "sys.exit(str(result.failed) if result.failed else 0)"
    )
    python = shutil.which("python") or "python"
    command = [python, "-c", code, str(corpus[0]), str(tmp_path / "out"), str(Path.cwd())]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert digests(tmp_path / "out") == corpus[1]


def test_spark(corpus: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    needs_java()
    check(run([corpus[0]], CountStep(), tmp_path, engine=get_engine("spark")), tmp_path, corpus[1])


def test_a_worker_of_spark_is_lost(corpus: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    needs_java()
    stop = threading.Event()

    def kill() -> None:
        while not stop.is_set() and not list(tmp_path.glob("_parts/*.json")):
            time.sleep(0.01)
        for process in Path("/proc").glob("[0-9]*"):
            command = process / "cmdline"
            if command.exists() and b"pyspark.daemon" in command.read_bytes():
                os.kill(int(process.name), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        result = run([corpus[0]], CountStep(), tmp_path, engine=get_engine("spark"))
    finally:
        stop.set()
        thread.join()
    check(result, tmp_path, corpus[1])


@pytest.mark.parametrize("name", ["daft", "ray", "spark"])
def test_a_damaged_file_fails_alone(name: Any, tmp_path: Path, request: Any) -> None:
    if name == "spark":
        needs_java()
    pytest.importorskip("pyspark" if name == "spark" else name)
    if name == "ray":
        request.getfixturevalue("cluster")
    inputs = write_corpus(tmp_path / "in", 3)
    damaged(inputs / "1.parquet", "cut")
    result = run([inputs], CountStep(), tmp_path / "out", engine=get_engine(name))
    assert [str(inputs / "1.parquet") in str(error) for error in result.failed] == [True]


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="engine"):
        get_engine("dask")  # type: ignore[arg-type]
    monkeypatch.setitem(__import__("sys").modules, "daft", None)
    with pytest.raises(MissingExtraError, match="needs daft"):
        get_engine("daft")
