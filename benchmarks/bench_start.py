"""What a process pays once: loading an engine, and its first pass over a text."""

import pytest

from benchmarks.corpora import corpus_text, reference
from benchmarks.timing import Bench, Settings
from ctxtools.bench.measure import Outcome

_ENCODINGS = ["o200k_base", "cl100k_base", "deepseek_v3", "qwen2"]


@pytest.mark.cases(encodings=_ENCODINGS)
def bench_load(bench: Bench, encoding: str, engine: str) -> None:
    """Importing the engine and loading the vocabulary, in a new process each time."""

    def load() -> Outcome:
        with bench.worker(engine, encoding) as worker:
            return worker.ask("load")

    first = load()
    # A process takes longer to start than some engines take to load.
    bench.time(
        "load", load, engine=engine, encoding=encoding, first=first, cost=first.seconds + 0.1
    )


@pytest.mark.cases(encodings=_ENCODINGS[:1], corpora=["code", "prose", "chinese"])
def bench_first_pass(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """Loading and the first count, in a new process each time: what a command's user gets."""
    text = corpus_text(corpus, settings.size)

    loads: list[float] = []
    counts: list[float] = []

    def load_and_count() -> Outcome:
        load, both = bench.fresh_count(engine, encoding, text)
        loads.append(load.seconds)
        counts.append(both.seconds - load.seconds)
        return both

    bench.time(
        "first pass",
        load_and_count,
        engine=engine,
        encoding=encoding,
        text=text,
        first=load_and_count().checked(reference(encoding, text)),
        load_seconds=loads,
        count_seconds=counts,
    )
