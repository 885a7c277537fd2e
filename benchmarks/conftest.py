"""The suite's options, parameters and fixtures."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpora import Text, available_corpora, corpus_text
from benchmarks.peers import choose_engines, load_adapters
from benchmarks.timing import CLOCK, Bench, Case, Settings
from ctxtools.bench import engines
from ctxtools.bench.engines import ENGINES
from ctxtools.bench.machine import machine_info as this_machine
from ctxtools.units import format_bytes, parse_size

_SETTINGS = pytest.StashKey[Settings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the suite's own options."""
    group = parser.getgroup("ctxtools benchmarks")
    group.addoption("--size", default=None, help="of a corpus; 1 GB adds that to growth [5 MB]")
    group.addoption("--corpus", default=None, help="a text file to measure on, or a corpus's name")
    group.addoption("--engines", default="", help="which engines, with commas between [installed]")
    group.addoption("--chunkers", default="", help="the same of chunkers [of --engines, or all]")
    group.addoption("--adapters", default=None, help="a Python file that defines other engines")
    group.addoption("--quick", action="store_true", help="tiny sizes, one of each: does it run?")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the options once, and set how pytest-benchmark shows and keeps its results."""
    config.addinivalue_line("markers", "cases(encodings, corpora): what to parametrise over")
    if not config.option.benchmark_disable:
        config.option.benchmark_autosave = f"{datetime.now():%Y-%m-%d-%H%M%S}"
    config.option.benchmark_sort = "min"
    config.option.benchmark_columns = ["min", "median", "iqr", "rounds"]
    adapters = config.getoption("--adapters")
    path = Path(adapters).resolve() if adapters else Path(engines.__file__)
    if adapters:
        ENGINES.update(load_adapters(path))
    config.stash[_SETTINGS] = _settings(config, path)


def _settings(config: pytest.Config, adapters: Path) -> Settings:
    option = config.getoption("--size")
    size = parse_size(option) if option else 5_000_000
    if config.getoption("--quick"):
        small = parse_size(option) if option else 20_000
        return Settings(small, (2_000, small), 3_000, 1, 0.0, 60, adapters)
    growth: tuple[int, ...] = (1_000_000, 10_000_000, 100_000_000)
    if size > 100_000_000:  # too large for every benchmark, so growth alone has it
        growth, size = (*growth, size), 5_000_000
    return Settings(size, growth, 1_000_000, 7, 1.5, 600, adapters)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise over what a benchmark's ``cases`` marker names and the options leave."""
    marker = metafunc.definition.get_closest_marker("cases")
    names = set(metafunc.fixturenames)
    quick = metafunc.config.getoption("--quick")
    settings = metafunc.config.stash[_SETTINGS]
    if "encoding" in names and marker:
        encodings = marker.kwargs["encodings"][: 1 if quick else None]
        wanted = [name for name in metafunc.config.getoption("--engines").split(",") if name]
        try:
            pairs = [(e, engine) for e in encodings for engine in choose_engines(e, wanted)]
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error
        metafunc.parametrize("encoding, engine", pairs)
    if "corpus" in names and marker:
        chosen = metafunc.config.getoption("--corpus")
        corpora = [chosen] if chosen else available_corpora(marker.kwargs["corpora"])
        metafunc.parametrize("corpus", corpora[: 1 if quick else None], ids=lambda c: Path(c).name)
    if "size" in names:
        metafunc.parametrize("size", settings.growth, ids=format_bytes)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the workers' clock to the benchmarks that use workers."""
    for item in items:
        if "bench" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.benchmark(timer=CLOCK))


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Name the processor as the rest of the suite does, and say how many may be used."""
    machine_info["ctxtools"] = this_machine()


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest) -> Settings:
    """What the command line asks for."""
    return request.config.stash[_SETTINGS]


@pytest.fixture
def bench(benchmark: BenchmarkFixture, settings: Settings) -> Bench:
    """Records what workers report."""
    return Bench(benchmark, settings)


@pytest.fixture
def case(bench: Bench, encoding: str, engine: str) -> Case:
    """One engine with one encoding."""
    return Case(bench.fixture, bench.settings, engine, encoding)


@pytest.fixture
def text(corpus: str, settings: Settings) -> Text:
    """A corpus of the usual size."""
    return corpus_text(corpus, settings.size)
