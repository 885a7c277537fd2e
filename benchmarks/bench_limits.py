"""Where engines give way: worst-case inputs, and texts that grow."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from benchmarks.corpora import corpus_text, reference, worst_text
from benchmarks.timing import Case, Settings
from ctxtools.bench.machine import available_memory
from ctxtools.bench.measure import Outcome, Worker
from ctxtools.bench.worst import WORST_INPUTS
from ctxtools.units import format_bytes

_VARIANTS = 5
_WORST_TIMEOUT = 20.0  # seconds for a megabyte; an engine that takes longer has failed


class _Workers:
    """A loaded worker for each engine, kept from one input to the next until it breaks."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._workers: dict[tuple[str, str], Worker] = {}

    def get(self, case: Case) -> Worker:
        """The worker of an engine; a new one, if there is none or the last was dropped."""
        key = (case.engine, case.encoding)
        if key not in self._workers:
            worker = case.worker(timeout=_WORST_TIMEOUT)
            self._workers[key] = self._stack.enter_context(worker)
            worker.ask("load")
        return self._workers[key]

    def drop(self, case: Case) -> None:
        """Do not use the worker again: its process has ended, or is not to be trusted."""
        self._workers.pop((case.engine, case.encoding)).close()

    def close(self) -> None:
        """End all of them."""
        self._stack.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[_Workers]:
    """Loaded workers for the worst-case inputs."""
    loaded = _Workers()
    yield loaded
    loaded.close()


@pytest.mark.cases(encodings=["o200k_base", "cl100k_base", "deepseek_v3", "qwen2"])
@pytest.mark.parametrize("kind", WORST_INPUTS)
def bench_worst(case: Case, settings: Settings, workers: _Workers, kind: str) -> None:
    """An input that engines are slow or wrong on, or crash on, one thread.

    Each round has another variant of it: the same again is one look-up for an engine that
    remembers words, since such an input may be one word.
    """
    text = worst_text(kind, settings.worst)
    worker = workers.get(case)
    variants = iter(range(1, _VARIANTS + 1))

    def count_another() -> Outcome:
        another = worst_text(kind, settings.worst, next(variants))
        return worker.ask("count", path=str(another.path))

    first = worker.ask("count", path=str(text.path)).checked(reference(case.encoding, text))
    case.measure("worst case", count_another, text, first, max_rounds=_VARIANTS)
    if first.status in ("crash", "timeout"):
        workers.drop(case)


_peaks: dict[str, tuple[int, int]] = {}  # engine -> (bytes of text, peak memory) of the last size


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code"])
def bench_growth(case: Case, size: int, corpus: str) -> None:
    """The first count of ever larger texts, one thread, a new process for each; and its memory."""
    text = corpus_text(corpus, size)
    counted = _too_large(case.engine, size)
    if counted is None:
        load, both = case.fresh_count(text)
        counted = replace(both, seconds=both.seconds - load.seconds)
        _peaks[case.engine] = (size, counted.peak_rss)
    # One round is enough for a large text; a second would take as long again.
    case.measure("growth", lambda: counted, text, max_rounds=1)


def _too_large(engine: str, size: int) -> Outcome | None:
    """Why a text is not given to an engine: by its last peak it would not fit into memory."""
    last, peak = _peaks.get(engine, (0, 0))
    memory = available_memory()
    if not last or memory is None or (needed := peak * size // last) < memory // 2:
        return None
    return Outcome("error", detail=f"not tried, would need about {format_bytes(needed)}")
