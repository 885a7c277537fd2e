"""What a process pays once: loading an engine, and its first pass over a text."""

import pytest

from benchmarks.corpora import Text
from benchmarks.timing import Case
from ctxtools.bench.measure import Outcome

_ENCODINGS = ["o200k_base", "cl100k_base", "deepseek_v3", "qwen2"]


@pytest.mark.cases(encodings=_ENCODINGS)
def bench_load(case: Case) -> None:
    """Importing the engine and loading the vocabulary, in a new process each time."""

    def load() -> Outcome:
        with case.worker() as worker:
            return worker.ask("load")

    first = load()
    cost = first.seconds + 0.1  # a process takes longer to start than some engines take to load
    case.time("load", load, engine=case.engine, encoding=case.encoding, first=first, cost=cost)


@pytest.mark.cases(encodings=_ENCODINGS[:1], corpora=["code", "prose", "chinese"])
def bench_first_pass(case: Case, text: Text) -> None:
    """Loading and the first count, in a new process each time: what a command's user gets."""
    loads: list[float] = []
    counts: list[float] = []

    def load_and_count() -> Outcome:
        load, both = case.fresh_count(text)
        loads.append(load.seconds)
        counts.append(both.seconds - load.seconds)
        return both

    case.measure("first pass", load_and_count, text, load_seconds=loads, count_seconds=counts)
