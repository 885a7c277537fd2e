"""Counting large texts in a process that goes on: what a long-running job gets."""

from statistics import median
from typing import Any

import pytest

from benchmarks.corpora import Text, corpus_text, file_text, reference, split_files
from benchmarks.timing import Case, Settings
from ctxtools.bench.machine import usable_cpus
from ctxtools.bench.measure import PIECE, Outcome, Worker

_ALL = len(usable_cpus())


@pytest.mark.cases(
    encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts", "jsonl"]
)
def bench_warm(case: Case, text: Text) -> None:
    """The same text again, on one thread: caches know all of it."""
    case.repeat("warm", text, {"do": "count", "path": str(text.path)})


@pytest.mark.cases(encodings=["cl100k_base", "deepseek_v3", "qwen2"], corpora=["code"])
def bench_warm_encodings(case: Case, text: Text) -> None:
    """The same with the other packaged encodings."""
    case.repeat("warm", text, {"do": "count", "path": str(text.path)})


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts"])
def bench_in_turn(case: Case, text: Text) -> None:
    """The same, in turn with ctxtools: what a machine is busy with slows both down."""
    if case.engine == "ctxtools":
        pytest.skip("what the others take turns with")
    with case.worker(engine="ctxtools") as ours, case.worker() as theirs:
        _measure_in_turn(case, "in turn", (ours, case.encoding), theirs, text)


@pytest.mark.cases(
    encodings=["cl100k_base", "deepseek_v3", "qwen2"], corpora=["code", "prose", "chinese"]
)
def bench_encodings_in_turn(case: Case, text: Text) -> None:
    """An encoding in turn with o200k_base, with the same engine."""
    with case.worker(encoding="o200k_base") as usual, case.worker() as other:
        _measure_in_turn(case, "encodings in turn", (usual, "o200k_base"), other, text)


def _measure_in_turn(
    case: Case,
    kind: str,
    ours: tuple[Worker, str],
    theirs: Worker,
    text: Text,
    do: str = "count",
    **more: int,
) -> None:
    """Measure a worker of the case in turn with another, which has the encoding next to it."""
    request: dict[str, Any] = {"do": do, "path": str(text.path), **more}
    first = Outcome("ok")
    for worker, encoding in (ours, (theirs, case.encoding)):
        worker.ask("load")
        right = reference(encoding, text, more.get("length", 0))
        counted = worker.ask(**request).checked(right)
        first = counted if first.status == "ok" else first
    ratios = []

    def one_turn() -> Outcome:
        own, other = (worker.ask(**request) for worker in (ours[0], theirs))
        ratios.append(other.seconds / own.seconds)
        return other

    cost = 2 * one_turn().seconds if first.status == "ok" else None
    case.measure(kind, one_turn, text, first, cost=cost, **more)
    case.fixture.extra_info["times"] = median(ratios) if ratios else None


@pytest.mark.cases(encodings=["o200k_base"], corpora=["prose", "chinese"])
def bench_other_text(case: Case, settings: Settings, corpus: str) -> None:
    """A text after another of the same kind, on one thread: caches know what texts share."""
    half, other = split_files(corpus, 2 * settings.size, settings.size)[:2]
    text = file_text(corpus, other)

    def count_after_other() -> Outcome:
        with case.worker() as worker:
            worker.ask("load")
            worker.ask("count", path=half)
            return worker.ask("count", path=other)

    first = count_after_other().checked(reference(case.encoding, text))
    cost = 3 * first.seconds + 0.3  # the text before it, loading, the process
    case.measure("other text", count_after_other, text, first, cost=cost, max_rounds=3)


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose"])
def bench_threads(case: Case, text: Text) -> None:
    """A batch of pieces on all processors, warm."""
    request = {"do": "batch", "path": str(text.path), "length": PIECE}
    case.repeat("all threads", text, request, threads=_ALL)


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code"])
def bench_file_threads(case: Case, text: Text) -> None:
    """One large file on all processors, in turn with one."""
    request: dict[str, Any] = {"do": "files", "paths": [str(text.path)]}
    with case.worker() as alone, case.worker(threads=_ALL) as together:
        ratios = []
        for worker in (alone, together):
            worker.ask("load")
        first = together.ask(**request).checked(reference(case.encoding, text))

        def one_turn() -> Outcome:
            one, all_ = alone.ask(**request), together.ask(**request)
            ratios.append(one.seconds / all_.seconds)
            return all_

        case.measure("one file, threads in turn", one_turn, text, first, threads=_ALL)
    case.fixture.extra_info["times"] = median(ratios) if ratios else None


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code"])
def bench_files(case: Case, settings: Settings, corpus: str, text: Text) -> None:
    """Files from disk (from the system's cache of it) to counts, on all processors, warm."""
    paths = split_files(corpus, settings.size, max(settings.size // 100, 1_000))
    case.repeat("files, all threads", text, {"do": "files", "paths": paths}, threads=_ALL)


@pytest.mark.cases(encodings=["o200k_base"], corpora=["prose"])
@pytest.mark.parametrize("length", [20, 1000], ids=["20 characters", "1000 characters"])
def bench_small_texts(case: Case, settings: Settings, corpus: str, length: int) -> None:
    """A call for each small text, on one thread: what a call costs shows."""
    text = corpus_text(corpus, settings.size // 10)
    request = {"do": "calls", "path": str(text.path), "length": length}
    case.repeat(f"texts of {length} characters", text, request, length=length)


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "chinese"])
def bench_encode(case: Case, text: Text) -> None:
    """The ids, in the container that the engine makes, on one thread, warm."""
    case.repeat("encode", text, {"do": "encode", "path": str(text.path)})


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts"])
def bench_encode_in_turn(case: Case, text: Text) -> None:
    """The same, in turn with ctxtools: what a machine is busy with slows both down."""
    if case.engine == "ctxtools":
        pytest.skip("what the others take turns with")
    with case.worker(engine="ctxtools") as ours, case.worker() as theirs:
        _measure_in_turn(case, "ids in turn", (ours, case.encoding), theirs, text, "encode")


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose", "chinese", "scripts"])
@pytest.mark.parametrize("length", [1000, PIECE], ids=["1000 characters", "65536 characters"])
def bench_encode_batch_in_turn(case: Case, text: Text, length: int) -> None:
    """The ids of a batch on all processors, warm, in turn with ctxtools."""
    if case.engine == "ctxtools":
        pytest.skip("what the others take turns with")
    with (
        case.worker(engine="ctxtools", threads=_ALL) as ours,
        case.worker(threads=_ALL) as theirs,
    ):
        kind, do = "ids of a batch in turn", "encode batch"
        _measure_in_turn(case, kind, (ours, case.encoding), theirs, text, do, length=length)
    case.fixture.extra_info["threads"] = _ALL


@pytest.mark.cases(encodings=["o200k_base"], corpora=["code", "prose", "chinese"])
def bench_encode_first(case: Case, text: Text) -> None:
    """The ids of the first text of a process, on one thread: caches know nothing."""

    def encode_first() -> Outcome:
        with case.worker() as worker:
            worker.ask("load")
            return worker.ask("encode", path=str(text.path))

    first = encode_first().checked(reference(case.encoding, text))
    cost = 2 * first.seconds + 0.5  # loading, the process
    case.measure("ids, first", encode_first, text, first, cost=cost, max_rounds=5)
