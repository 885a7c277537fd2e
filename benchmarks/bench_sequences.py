"""Packing training windows: seconds, and windows above the lower bound, for all packers."""

import random
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.timing import Settings
from ctxtools import __version__, pack_sequences
from ctxtools.bench.machine import cpu_name

# documents, their median and sigma (log-normal), tokens of a training window
CASES = {
    "1M documents into 8,192": (1_000_000, 400, 1.2, 8192),
    "10M documents into 1,048,576": (10_000_000, 400, 1.2, 1 << 20),
    "100k long documents into 1,048,576": (100_000, 200_000, 0.8, 1 << 20),
}
Packer = Callable[[Sequence[int], int], int]  # lengths, none above the window -> windows


@cache
def lengths(n: int, median: int, sigma: float, window: int) -> "array[int]":
    """Lengths of documents; what is longer than a window was split."""
    draw = random.Random(1)
    found = array("q")
    for _ in range(n):
        length = max(1, int(draw.lognormvariate(0, sigma) * median))
        while length > window:
            found.append(window)
            length -= window
        found.append(length)
    return found


def next_fit(lengths: Sequence[int], window: int) -> int:
    """The baseline: one open window, and a new one where a document does not fit."""
    windows, remaining = 0, 0
    for length in lengths:
        if length > remaining:
            windows, remaining = windows + 1, window
        remaining -= length
    return windows


def seqpacker(lengths: Sequence[int], window: int) -> int:
    """Its own best-fit decreasing."""
    packer = pytest.importorskip("seqpacker")
    return len(packer.pack_sequences(list(lengths), window, strategy="obfd").bins)


PACKERS: dict[str, Packer] = {
    "ctxtools": lambda lengths, window: pack_sequences(lengths, window).bins,
    "next-fit": next_fit,
    "seqpacker": seqpacker,
}


@pytest.mark.parametrize("engine", PACKERS)
@pytest.mark.parametrize("case", CASES)
def bench_sequences(
    benchmark: BenchmarkFixture, settings: Settings, case: str, engine: str
) -> None:
    """From lengths to windows, one thread. ctxtools also says which document goes where."""
    n, median, sigma, window = CASES[case]
    if settings.rounds == 1:
        n //= 1000
    given = lengths(n, median, sigma, window)
    bound = pack_sequences(given, window).lower_bound
    benchmark.group, benchmark.name = f"sequences, {case}", engine
    windows = benchmark.pedantic(PACKERS[engine], (given, window), rounds=min(3, settings.rounds))
    assert windows >= bound
    benchmark.extra_info.update(
        kind="sequences",
        engine=engine,
        version={"ctxtools": __version__, "next-fit": "1"}.get(engine) or version(engine),
        encoding="",
        corpus=case,
        bytes=given.itemsize * len(given),
        tokens=sum(given),
        threads=1,
        cpu=cpu_name(),
        status="ok",
        bins=windows,
        gap=windows - bound,
        efficiency=sum(given) / (windows * window),
    )
