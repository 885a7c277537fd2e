"""Packing a prompt: what is chosen within a limit, and commands from folder to file."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.chunking import recount
from benchmarks.corpora import CACHE
from benchmarks.packers import (
    ENCODING,
    PACKERS,
    PROGRAMS,
    latin_numbers,
    make_documents,
    make_folder,
    mark,
)
from benchmarks.timing import Settings
from ctxtools import __version__, get_encoding, pack
from ctxtools.bench.machine import cpu_name
from ctxtools.bench.measure import Outcome

# files, tokens of the limit
SELECTIONS = {
    "2,000 files into 1,000,000": (2000, 1_000_000),
    "200 files into 100,000": (200, 100_000),
    "50 files into 8,192": (50, 8192),
}
_FOLDER = 2000  # files


@pytest.mark.parametrize("engine", PACKERS)
@pytest.mark.parametrize("case", SELECTIONS)
def bench_selection(
    benchmark: BenchmarkFixture, settings: Settings, case: str, engine: str
) -> None:
    """From documents in memory to the text, counting included."""
    n, limit = SELECTIONS[case]
    if settings.rounds == 1:
        n, limit = max(n // 20, 5), max(limit // 20, 1000)
    documents, values = make_documents(n)
    encoding = get_encoding(ENCODING)
    best = pack(documents, encoding, budget=limit, values=values, forms=["whole"]).upper_bound
    rounds = min(5, settings.rounds)
    arguments = (documents, values, limit)
    text, names = benchmark.pedantic(PACKERS[engine], arguments, rounds=rounds)
    (tokens,) = recount()([text])
    benchmark.group, benchmark.name = f"selection, {case}", engine
    benchmark.extra_info.update(
        kind="selection",
        engine=engine,
        version=__version__ if engine == "ctxtools" else "1",
        encoding=ENCODING,
        corpus=case,
        bytes=sum(len(each.encode()) for each in documents.values()),
        threads=0,
        cpu=cpu_name(),
        status="ok" if tokens <= limit else "over the limit",
        detail=f"{tokens:,} tokens",
        tokens=tokens,
        limit=limit,
        value=sum(values[name] for name in names),
        share=sum(values[name] for name in names) / best,
    )


@pytest.mark.parametrize("name", PROGRAMS)
def bench_prompt(benchmark: BenchmarkFixture, settings: Settings, name: str) -> None:
    """A folder into one file, half of its tokens being the limit of what takes one."""
    program = PROGRAMS[name]
    if program.path is None:
        pytest.skip(f"{name} is not installed")
    n = 40 if settings.rounds == 1 else _FOLDER
    folder, output = make_folder(n), CACHE / "prompt.xml"
    size = sum(path.stat().st_size for path in folder.rglob("*.py"))
    limit = size // 8  # about four bytes a token

    def run() -> Outcome:
        output.unlink(missing_ok=True)
        outcome, _ = program.run(folder=folder, output=output, limit=limit)
        nothing = outcome.status == "ok" and not output.exists()
        return Outcome("error", detail="it wrote nothing") if nothing else outcome

    outcome = benchmark.pedantic(run, rounds=min(5, settings.rounds))
    text = output.read_text("utf-8") if outcome.status == "ok" else ""
    (tokens,) = recount()([text])
    benchmark.group, benchmark.name = "a folder into a prompt", name
    benchmark.extra_info.update(
        kind="prompt",
        engine=name,
        version=program.version(),
        encoding=ENCODING,
        corpus=f"{n:,} files",
        bytes=size,
        threads=0,
        cpu=cpu_name(),
        status=outcome.status if tokens <= limit or not program.has_limit else "over the limit",
        detail=outcome.detail,
        tokens=tokens,
        limit=limit,
        files=n,
        whole=sum(mark(number) in text for number in range(n)),
        latin=sum(mark(number) in text for number in latin_numbers(n)),
    )
