"""Engines give the files of the local one, whatever is lost on the way."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxtools import MissingExtraError, UsageError
from ctxtools.corpus import CountStep, EncodeStep, PackOptions, get_engine, pack, run, verify
from ctxtools.corpus.steps import Step
from tests.corpus.test_driver import damaged, digests, write_corpus

if sys.platform == "win32":
    pytest.skip("needs processes of POSIX", allow_module_level=True)

from tests.corpus.drivers import Driver, NotStarted

_LIBRARIES = {"local": (), "daft": ("daft",), "ray": ("ray",), "spark": ("pyspark", "pandas")}
_STEPS = (CountStep(encodings=("o200k_base", "deepseek-v4-pro")), EncodeStep(keep=()))
_ALL = ("local", "daft", "ray", "daft-on-ray", "spark")
_RETRYING = ("ray", "spark")  # a unit whose worker is lost goes to another

Expected = dict[Step, dict[str, str]]


class Drivers:
    """Those of all engines, each started once, when it is first asked for."""

    def __init__(self) -> None:
        self._started: dict[str, Driver | str] = {}

    def get(self, name: str) -> Driver:
        """Skip the test if there is none."""
        if name not in self._started:
            self._started[name] = self._start(name)
        found = self._started[name]
        if isinstance(found, str):
            pytest.skip(found)
        return found

    def _start(self, name: str) -> Driver | str:
        for library in [each for part in name.split("-on-") for each in _LIBRARIES[part]]:
            if importlib.util.find_spec(library) is None:
                return f"{library} is not installed"
        if name == "spark" and shutil.which("java") is None:
            return "Spark needs Java (Debian's default-jre-headless)"
        address = self.get("ray").address if name == "daft-on-ray" else ""
        try:
            return Driver(name, address)
        except NotStarted as error:
            return f"{name} does not start on this machine: {error}"

    def close(self) -> None:
        for driver in reversed([*self._started.values()]):
            if isinstance(driver, Driver):
                driver.close()


@pytest.fixture(scope="module")
def drivers() -> Iterator[Drivers]:
    found = Drivers()
    yield found
    found.close()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expected]:
    """A corpus, and the digests of what comes of it on the local engine."""
    folder = tmp_path_factory.mktemp("corpus")
    inputs = write_corpus(folder / "in", 12)
    expected: Expected = {}
    for step in _STEPS:
        assert not run([inputs], step, folder / step.kind).failed
        expected[step] = digests(folder / step.kind)
    return inputs, expected


@pytest.mark.parametrize("step", _STEPS, ids=lambda step: step.kind)
@pytest.mark.parametrize("name", _ALL[1:])
def test_the_files_are_the_same(
    name: str, step: Step, drivers: Drivers, corpus: tuple[Path, Expected], tmp_path: Path
) -> None:
    inputs, expected = corpus
    assert drivers.get(name).run(inputs, step, tmp_path) == []
    assert digests(tmp_path) == expected[step]


@pytest.mark.parametrize("name", _ALL[1:])
def test_the_windows_are_the_same(
    name: str, drivers: Drivers, corpus: tuple[Path, Expected], tmp_path: Path
) -> None:
    options: dict[str, Any] = {"window": 64, "encoding": "o200k_base", "pad": 0, "seed": 1}
    assert not pack([corpus[0]], tmp_path / "here", PackOptions(**options)).failed
    assert drivers.get(name).pack(corpus[0], options, tmp_path / "out") == []
    assert digests(tmp_path / "out") == digests(tmp_path / "here")


@pytest.mark.parametrize("name", _ALL)
def test_a_worker_is_lost(
    name: str, drivers: Drivers, corpus: tuple[Path, Expected], tmp_path: Path
) -> None:
    """Its unit is done by another; or its file is named, and done by the next run."""
    inputs, expected = corpus
    driver = drivers.get(name)
    failed = driver.run(inputs, _STEPS[0], tmp_path, lose="worker")
    if name in _RETRYING:
        assert failed == []
    else:
        (reason,) = failed
        assert str(inputs) in reason
        assert driver.run(inputs, _STEPS[0], tmp_path) == []
    assert digests(tmp_path) == expected[_STEPS[0]]
    assert verify(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "lose"), [("ray", "node"), ("daft-on-ray", "parent"), ("spark", "parent")]
)
def test_all_workers_of_a_node_are_lost(
    name: str, lose: str, drivers: Drivers, corpus: tuple[Path, Expected], tmp_path: Path
) -> None:
    inputs, expected = corpus
    assert drivers.get(name).run(inputs, _STEPS[0], tmp_path, lose=lose) == []
    assert digests(tmp_path) == expected[_STEPS[0]]


@pytest.mark.parametrize("name", _ALL)
def test_a_task_that_no_worker_can_do(
    name: str, drivers: Drivers, corpus: tuple[Path, Expected], tmp_path: Path
) -> None:
    """It fails alone, also where an engine gives up all tasks for the sake of one."""
    inputs, expected = corpus
    (reason,) = drivers.get(name).run(inputs, _STEPS[0], tmp_path, lose="task")
    assert "a task of no kind" in reason
    assert drivers.get(name).run(inputs, _STEPS[0], tmp_path) == []
    assert digests(tmp_path) == expected[_STEPS[0]]


@pytest.mark.parametrize("name", _ALL[1:])
def test_a_damaged_file_fails_alone(name: str, drivers: Drivers, tmp_path: Path) -> None:
    inputs, out = write_corpus(tmp_path / "in", 3), tmp_path / "out"
    damaged(inputs / "1.parquet", "cut")
    (reason,) = drivers.get(name).run(inputs, CountStep(), out)
    assert str(inputs / "1.parquet") in reason
    assert len([*out.glob("*.parquet")]) == 2


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="engine"):
        get_engine("dask")  # type: ignore[arg-type]
    missing: Any = None
    monkeypatch.setitem(sys.modules, "daft", missing)
    with pytest.raises(MissingExtraError, match="needs daft"):
        get_engine("daft")
