"""Counting large texts in a process that goes on: what a long-running job gets."""

from statistics import median
from typing import Any

import pytest

from benchmarks.corpora import (
    Text,
    corpus_text,
    file_text,
    reference,
    reference_of_files,
    split_files,
)
from benchmarks.timing import Bench, Settings
from ctxtools.bench.machine import usable_cpus
from ctxtools.bench.measure import PIECE, Outcome, Worker

_ALL = len(usable_cpus())


@pytest.mark.cases(
    encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts", "jsonl"]
)
def bench_warm(bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str) -> None:
    """The same text again, on one thread: caches know all of it."""
    _time_warm(bench, settings, encoding, engine, corpus)


@pytest.mark.cases(encodings=["cl100k_base", "deepseek_v3", "qwen2"], corpora=["code"])
def bench_warm_encodings(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """The same with the other packaged encodings."""
    _time_warm(bench, settings, encoding, engine, corpus)


def _time_warm(bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str) -> None:
    text = corpus_text(corpus, settings.size)
    with bench.worker(engine, encoding) as worker:
        worker.ask("load")
        first = worker.ask("count", path=str(text.path)).checked(reference(encoding, text))
        bench.time(
            "warm",
            lambda: worker.ask("count", path=str(text.path)),
            engine=engine,
            encoding=encoding,
            text=text,
            first=first,
        )


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts"])
def bench_in_turn(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """The same, in turn with ctxtools: what a machine is busy with slows both down."""
    if engine == "ctxtools":
        pytest.skip("what the others take turns with")
    text = corpus_text(corpus, settings.size)
    with bench.worker("ctxtools", encoding) as ours, bench.worker(engine, encoding) as theirs:
        _time_in_turn(bench, "in turn", (ours, encoding), (theirs, encoding), engine, text)


@pytest.mark.cases(
    encodings=["cl100k_base", "deepseek_v3", "qwen2"], corpora=["code", "prose", "chinese"]
)
def bench_encodings_in_turn(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """An encoding in turn with o200k_base, with the same engine."""
    text = corpus_text(corpus, settings.size)
    with bench.worker(engine, "o200k_base") as usual, bench.worker(engine, encoding) as other:
        _time_in_turn(
            bench, "encodings in turn", (usual, "o200k_base"), (other, encoding), engine, text
        )


def _time_in_turn(
    bench: Bench,
    kind: str,
    ours: tuple[Worker, str],
    theirs: tuple[Worker, str],
    engine: str,
    text: Text,
) -> None:
    """Time the second of two workers, each with its encoding, in turn with the first."""
    first = Outcome("ok")
    for worker, encoding in (ours, theirs):
        worker.ask("load")
        counted = worker.ask("count", path=str(text.path)).checked(reference(encoding, text))
        first = counted if first.status == "ok" else first
    ratios = []

    def one_turn() -> Outcome:
        own, other = (worker.ask("count", path=str(text.path)) for worker, _ in (ours, theirs))
        ratios.append(other.seconds / own.seconds)
        return other

    cost = 2 * one_turn().seconds if first.status == "ok" else None
    bench.time(kind, one_turn, engine=engine, encoding=theirs[1], text=text, first=first, cost=cost)
    bench.fixture.extra_info["times"] = median(ratios) if ratios else None


@pytest.mark.cases(encodings=["o200k_base"], corpora=["prose", "chinese"])
def bench_other_text(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """A text after another of the same kind, on one thread: caches know what texts share."""
    half, other = split_files(corpus, 2 * settings.size, settings.size)[:2]
    text = file_text(corpus, other)

    def count_after_other() -> Outcome:
        with bench.worker(engine, encoding) as worker:
            worker.ask("load")
            worker.ask("count", path=half)
            return worker.ask("count", path=other)

    first = count_after_other().checked(reference(encoding, text))
    bench.time(
        "other text",
        count_after_other,
        engine=engine,
        encoding=encoding,
        text=text,
        first=first,
        cost=3 * first.seconds + 0.3,  # the text before it, loading, the process
        max_rounds=3,
    )


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose"])
def bench_threads(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """A batch of pieces on all processors, warm."""
    text = corpus_text(corpus, settings.size)
    with bench.worker(engine, encoding, threads=_ALL) as worker:
        worker.ask("load")

        def count() -> Outcome:
            return worker.ask("batch", path=str(text.path), length=PIECE)

        bench.time(
            "all threads",
            count,
            engine=engine,
            encoding=encoding,
            text=text,
            first=count().checked(reference(encoding, text, PIECE)),
            threads=_ALL,
        )


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code"])
def bench_file_threads(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str
) -> None:
    """One large file on all processors, in turn with one."""
    text = corpus_text(corpus, settings.size)
    request: dict[str, Any] = {"do": "files", "paths": [str(text.path)]}
    with (
        bench.worker(engine, encoding) as alone,
        bench.worker(engine, encoding, threads=_ALL) as together,
    ):
        ratios = []
        for worker in (alone, together):
            worker.ask("load")
        first = together.ask(**request).checked(reference(encoding, text))

        def one_turn() -> Outcome:
            one, all_ = alone.ask(**request), together.ask(**request)
            ratios.append(one.seconds / all_.seconds)
            return all_

        bench.time(
            "one file, threads in turn",
            one_turn,
            engine=engine,
            encoding=encoding,
            text=text,
            first=first,
            threads=_ALL,
        )
    bench.fixture.extra_info["times"] = median(ratios) if ratios else None


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code"])
def bench_files(bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str) -> None:
    """Files from disk (from the system's cache of it) to counts, on all processors, warm."""
    text = corpus_text(corpus, settings.size)
    paths = split_files(corpus, settings.size, max(settings.size // 100, 1_000))
    with bench.worker(engine, encoding, threads=_ALL) as worker:
        worker.ask("load")

        def count() -> Outcome:
            return worker.ask("files", paths=paths)

        bench.time(
            "files, all threads",
            count,
            engine=engine,
            encoding=encoding,
            text=text,
            first=count().checked(reference_of_files(encoding, paths)),
            threads=_ALL,
        )


@pytest.mark.cases(encodings=["o200k_base"], corpora=["prose"])
@pytest.mark.parametrize("length", [20, 1000], ids=["20 characters", "1000 characters"])
def bench_small_texts(
    bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str, length: int
) -> None:
    """A call for each small text, on one thread: what a call costs shows."""
    text = corpus_text(corpus, settings.size // 10)
    with bench.worker(engine, encoding) as worker:
        worker.ask("load")

        def count() -> Outcome:
            return worker.ask("calls", path=str(text.path), length=length)

        bench.time(
            f"texts of {length} characters",
            count,
            engine=engine,
            encoding=encoding,
            text=text,
            first=count().checked(reference(encoding, text, length)),
            length=length,
        )


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "chinese"])
def bench_encode(bench: Bench, settings: Settings, encoding: str, engine: str, corpus: str) -> None:
    """The ids, in the container that the engine makes, on one thread, warm."""
    text = corpus_text(corpus, settings.size)
    with bench.worker(engine, encoding) as worker:
        worker.ask("load")

        def encode() -> Outcome:
            return worker.ask("encode", path=str(text.path))

        bench.time(
            "encode",
            encode,
            engine=engine,
            encoding=encoding,
            text=text,
            first=encode().checked(reference(encoding, text)),
        )
