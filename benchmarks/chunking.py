"""A chunker in a separate process: its time, its chunks, and a verdict on them."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from benchmarks.corpora import Text, vocab
from ctxtools.bench import chunkers
from ctxtools.bench.chunkers import CHUNKERS
from ctxtools.bench.contract import CountBatch, Piece, Verdict, judge
from ctxtools.bench.engines import ENGINES
from ctxtools.bench.measure import Outcome, Worker

ENCODING = "o200k_base"
_ADAPTERS = Path(chunkers.__file__)


@dataclass(frozen=True, slots=True)
class Task:
    """What a chunker has to do.

    Attributes:
        chunker: its name in ``CHUNKERS``.
        limit, overlap: in tokens.
        format: of the text; told to a chunker that knows it.
        timeout: seconds that a text may take.
    """

    chunker: str
    limit: int
    overlap: int = 0
    format: str = "text"
    timeout: float = 20.0

    def open(self) -> tuple[Worker, Outcome]:
        """A new process, and the outcome of loading the chunker in it."""
        worker = Worker(self.chunker, vocab(ENCODING), timeout=self.timeout, adapters=_ADAPTERS)
        known = self.format in CHUNKERS[self.chunker].formats
        load = worker.ask(
            "load",
            limit=self.limit,
            overlap=self.overlap,
            format=self.format if known else "text",
        )
        return worker, load


@dataclass(frozen=True, slots=True)
class Judged:
    """A text's chunks, timed and judged.

    Attributes:
        outcome: the time; ``tokens`` are those of the chunks, counted again.
        text: what was timed: the text, or only its start.
        verdict: on the chunks.
    """

    outcome: Outcome
    text: Text
    verdict: Verdict = field(default_factory=Verdict)


def run_chunker(task: Task, probe: Text, text: Text, start: Text) -> Judged:
    """Chunk a text in a new process, after another text, and judge its chunks.

    Args:
        task: what the chunker has to do.
        probe: the other text, whose time says how long the text will take.
        text: what is timed, unless that would take too long.
        start: the first bytes of the text, which are timed instead if it would.
    """
    worker, outcome = task.open()
    with worker, tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "chunks.json"
        if outcome.status == "ok":
            outcome = worker.ask("chunk", path=str(probe.path), out="")
        if outcome.status != "ok":
            return Judged(outcome, start)
        timed = start if outcome.seconds * text.size / probe.size > task.timeout else text
        outcome = worker.ask("chunk", path=str(timed.path), out=str(out))
        if outcome.status == "timeout" and timed is not start:
            return run_chunker(task, probe, start, start)
        if outcome.status != "ok":
            return Judged(outcome, timed)
        pieces = [Piece(*answer) for answer in json.loads(out.read_text())]
    verdict = judge(
        timed.path.read_bytes().decode(),
        pieces,
        recount(),
        limit=task.limit,
        overlap=task.overlap,
        markdown=task.format == "markdown",
    )
    return Judged(replace(outcome, tokens=verdict.tokens), timed, verdict)


@cache
def recount() -> CountBatch:
    """A counter independent of ctxtools: tiktoken, or `tokenizers` where that panics."""
    loaded = []
    for name in ("tiktoken", "tokenizers"):
        engine = ENGINES[name]()
        engine.load(vocab(ENCODING))
        loaded.append(engine)

    def count_batch(texts: Sequence[str]) -> list[int]:
        long_space = any(text[1_000:1_100].isspace() for text in texts)
        return loaded[long_space].count_batch(texts, 2)

    return count_batch
