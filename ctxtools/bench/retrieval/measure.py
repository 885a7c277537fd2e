"""Each chunker with each ranker: at an equal limit, and at an equal mean size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ctxtools.bench.chunkers import Chunker
from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.retrieval.chunkings import CountBatch, Maker, is_ours
from ctxtools.bench.retrieval.dataset import Dataset
from ctxtools.bench.retrieval.metrics import (
    Chunk,
    Difference,
    Scores,
    average,
    difference,
    mean,
    scores,
    whole,
)
from ctxtools.bench.retrieval.rankers import Ranker

LIMIT = 400
"""The limit that all have in the first comparison."""
MEANS = (200, 250, 300)
"""The mean tokens that all have in the second. Of one alone the result is as much chance as not:
where a few cuts fall moves it by one or two points; so each question gets the mean of all."""

EQUAL_LIMIT, EQUAL_MEAN = "equal limit", "equal mean size"


@dataclass(frozen=True, slots=True)
class Result:
    """A chunker, compared in one way.

    Attributes:
        chunker: its name.
        version: of its package.
        compared: `EQUAL_LIMIT` or `EQUAL_MEAN`.
        limits: those that it was given.
        chunks: how many it made, at each limit.
        mean_tokens: of a chunk, at each limit.
        whole: the share of the spans of answers that lie in one chunk.
        scores: by ranker.
    """

    chunker: str
    version: str
    compared: str
    limits: tuple[int, ...]
    chunks: tuple[int, ...]
    mean_tokens: tuple[float, ...]
    whole: float
    scores: dict[str, Scores]


def measure(
    dataset: Dataset,
    vocab: Vocabulary,
    count_batch: CountBatch,
    chunkers: dict[str, type[Chunker]],
    rankers: Sequence[Ranker],
    *,
    limit: int = LIMIT,
    means: Sequence[int] = MEANS,
    step: Callable[[str], None] = lambda name: None,
) -> list[Result]:
    """The results of all chunkers in both ways.

    Args:
        dataset: texts and questions.
        vocab, count_batch: the vocabulary that all count with, and a counter.
        chunkers: by name.
        rankers: what orders their chunks.
        limit: see `LIMIT`.
        means: see `MEANS`.
        step: called with what is done next.
    """
    results = []
    for name, chunker in chunkers.items():
        maker = Maker(chunker, dataset, vocab, count_batch)
        step(f"{name}, {EQUAL_LIMIT}")
        at_limit = [(limit, maker.at_limit(limit))]
        results.append(_result(chunker, EQUAL_LIMIT, at_limit, dataset, rankers))
        step(f"{name}, {EQUAL_MEAN}")
        of_means = [maker.of_mean(size) for size in means]
        results.append(_result(chunker, EQUAL_MEAN, of_means, dataset, rankers))
    return results


def _result(
    chunker: type[Chunker],
    compared: str,
    chunkings: Sequence[tuple[int, list[Chunk]]],
    dataset: Dataset,
    rankers: Sequence[Ranker],
) -> Result:
    questions = [question.text for question in dataset.questions]
    by_ranker = {
        ranker.name: average(
            [
                scores(dataset, chunks, ranker.orders([chunk.text for chunk in chunks], questions))
                for _, chunks in chunkings
            ]
        )
        for ranker in rankers
    }
    return Result(
        chunker.name,
        chunker.version() or "",
        compared,
        tuple(limit for limit, _ in chunkings),
        tuple(len(chunks) for _, chunks in chunkings),
        tuple(mean([chunk.tokens for chunk in chunks]) for _, chunks in chunkings),
        mean([whole(dataset, chunks) for _, chunks in chunkings]),
        by_ranker,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A setting of ctxtools beside the best peer, in recall within the budget.

    Attributes:
        chunker, compared: of the setting's result.
        ranker: the ranker, or "mean" for the mean of all.
        peer: the peer with the highest mean.
        difference: how much higher the setting is.
    """

    chunker: str
    compared: str
    ranker: str
    peer: str
    difference: Difference


def compare(results: Sequence[Result]) -> list[Comparison]:
    """Each setting of ctxtools beside the best peer, with each ranker and the mean of all."""
    comparisons = []
    for ours in results:
        peers = [r for r in results if r.compared == ours.compared and not is_ours(r.chunker)]
        if not is_ours(ours.chunker) or not peers:
            continue
        for ranker in (*ours.scores, "mean"):
            best = max(peers, key=lambda peer: mean(_within(peer, ranker)))
            delta = difference(_within(ours, ranker), _within(best, ranker))
            comparisons.append(Comparison(ours.chunker, ours.compared, ranker, best.chunker, delta))
    return comparisons


def _within(result: Result, ranker: str) -> Sequence[float]:
    if ranker == "mean":
        return average([*result.scores.values()]).within
    return result.scores[ranker].within


def cache_of(folder: Path) -> Path:
    """The folder below another that keeps vectors."""
    path = folder / "vectors"
    path.mkdir(parents=True, exist_ok=True)
    return path
