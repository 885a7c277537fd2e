"""Chunkers: how fast, how full and how even, where they cut, and which promises they break."""

from itertools import chain, count
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from benchmarks.chunking import ENCODING, Judged, Task, run_chunker
from benchmarks.corpora import Text, available_corpora, corpus_text, file_text
from benchmarks.growing import FORMATS, GROWING_TEXTS, LARGEST, growing_text
from benchmarks.timing import Bench, Settings
from ctxtools.bench.chunkers import CHUNKERS, installed_chunkers
from ctxtools.bench.measure import Outcome, Worker

_CORPORA = {"prose": "text", "markdown": "markdown", "code": "python", "chinese": "text"}
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".py": "python"}
_LIMITS = ((128, 0), (512, 0), (8_192, 0), (512, 64))  # tokens, overlap; overlap on prose alone
_START = 16  # a text that may take too long is timed on its first 16th
_TIMEOUT = 20.0  # seconds for a text; a chunker that takes longer gets a smaller one
_ENOUGH = 0.6  # seconds: a text that takes longer is not doubled again
_PAIRS = 7  # of a text and its half, or fewer if they take long
_SMALLEST = LARGEST >> 7


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A case for each chunker that is installed and each text and limit that it can be given."""
    option = metafunc.config.getoption
    quick = option("--quick")
    wanted = [name for name in (option("--chunkers") or option("--engines")).split(",") if name]
    chunkers = installed_chunkers(wanted)
    if "limit" in metafunc.fixturenames:
        chosen = option("--corpus")
        corpora = [chosen] if chosen else available_corpora(list(_CORPORA))
        cases = [
            (corpus, limit, overlap, chunker)
            for corpus in (["markdown"] if quick and not chosen else corpora)
            for limit, overlap in _LIMITS[: 1 if quick else None]
            for chunker in chunkers
            if _takes(chunker, _format(corpus), overlap) and not (overlap and corpus != "prose")
        ]
        ids = [f"{Path(c).name}-{limit}-{over}-{chunker}" for c, limit, over, chunker in cases]
        metafunc.parametrize("corpus, limit, overlap, chunker", cases, ids=ids)
    elif "growing" in metafunc.fixturenames:
        names = ["headings"] if quick else list(GROWING_TEXTS)
        pairs = [
            (name, chunker)
            for name in names
            for chunker in chunkers
            if _takes(chunker, FORMATS.get(name, "text"), 0)
        ]
        metafunc.parametrize("growing, chunker", pairs)


def bench_chunk(
    bench: Bench, settings: Settings, corpus: str, limit: int, overlap: int, chunker: str
) -> None:
    """The chunks of a corpus, in a new process, after another text of its kind."""
    task = Task(chunker, limit, overlap, _format(corpus), _TIMEOUT)
    text, start, probe = _texts(corpus, settings.size)
    judged = run_chunker(task, probe, text, start)
    rounds = chain([judged], (run_chunker(task, probe, judged.text, judged.text) for _ in count()))
    bench.time(
        f"chunks of {limit:,}" + (f", overlap {overlap}" if overlap else ""),
        lambda: next(rounds).outcome,
        engine=chunker,
        encoding=ENCODING,
        text=judged.text,
        first=judged.outcome,
        version=CHUNKERS[chunker].version(),
        cost=2 * judged.outcome.seconds + 1.0,  # the probe, loading, the process
        max_rounds=3,
        limit=limit,
        overlap=overlap,
        format=task.format,
        whole=judged.text is text,
        **_figures(judged),
    )
    bench.fixture.extra_info["correct"] = (
        judged.outcome.status == "ok" and not judged.verdict.broken
    )


def bench_chunk_growth(bench: Bench, settings: Settings, growing: str, chunker: str) -> None:
    """Doubles the text until it takes long enough to compare with half of it."""
    task = Task(chunker, 512, 0, FORMATS.get(growing, "text"), _TIMEOUT)
    largest = _SMALLEST * 2 if settings.size < LARGEST else LARGEST
    size, ratios = _SMALLEST, list[float]()
    worker, last = task.open()
    with worker:
        if last.status == "ok":  # lazy loading happens here
            last = _chunked(worker, growing, size, 0)
        while last.status == "ok" and size < largest and last.seconds < _ENOUGH:
            size *= 2
            last = _chunked(worker, growing, size, 0)
        for variant in range(_PAIRS):  # in turn, since a machine is not always as fast
            if last.status != "ok" or (ratios and last.seconds * variant > 4 * _ENOUGH):
                break
            half = _chunked(worker, growing, size // 2, variant)
            last = _chunked(worker, growing, size, variant)
            if half.status == last.status == "ok":
                ratios.append(last.seconds / half.seconds)
    bench.time(
        "chunk growth",
        lambda: last,
        engine=chunker,
        encoding=ENCODING,
        text=growing_text(growing, size, 0),
        first=last,
        version=CHUNKERS[chunker].version(),
        max_rounds=1,
        limit=512,
        format=task.format,
        ratios=ratios,
        ratio=median(ratios) if ratios and last.status == "ok" else None,
    )


def _chunked(worker: Worker, growing: str, size: int, variant: int) -> Outcome:
    return worker.ask("chunk", path=str(growing_text(growing, size, variant).path), out="")


def _takes(chunker: str, format: str, overlap: int) -> bool:
    kind = CHUNKERS[chunker]
    return (kind.overlaps or not overlap) and (not kind.only_formats or format in kind.formats)


def _format(corpus: str) -> str:
    return _CORPORA.get(corpus) or _SUFFIXES.get(Path(corpus).suffix.lower(), "text")


def _texts(corpus: str, size: int) -> tuple[Text, Text, Text]:
    """(a text, its first bytes, and another that no chunker has seen: what follows it)."""
    start = size // _START
    full = corpus_text(corpus, size + start)
    data = full.path.read_bytes()
    end = max(len(data) - start, len(data) // 2)  # a file may be short

    def save(name: str, data: bytes) -> Text:
        path = full.path.with_name(f"{full.path.stem}-{name}.txt")
        path.write_bytes(data.decode(errors="ignore").encode())
        return file_text(full.name, str(path))

    return save("text", data[:end]), save("start", data[:start]), save("probe", data[end:])


def _figures(judged: Judged) -> dict[str, Any]:
    """What a report shows of a verdict."""
    verdict = judged.verdict
    names = ("chunks", "fewest", "fill", "good_cuts", "cuts", "last", "tiny_last")
    figures = {name: getattr(verdict, name) for name in names}
    return figures | {
        "spread": verdict.relative_deviation,
        "overlap_met": verdict.overlap,
        "broken": list(verdict.broken),
    }
