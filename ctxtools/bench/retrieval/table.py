"""Results as rows of text, for a terminal or a page, and as JSON."""

from collections.abc import Sequence
from typing import Any

from ctxtools.bench.retrieval.measure import Comparison, Result, compare
from ctxtools.bench.retrieval.metrics import BUDGET, TOP, Scores, mean

COLUMNS = (f"recall@{TOP}", f"precision@{TOP}", f"IoU@{TOP}", f"recall@{BUDGET} tokens")


def heads(results: Sequence[Result]) -> list[str]:
    """The heads of the columns of `rows`."""
    rankers = results[0].scores if results else {}
    return ["chunker", "limit", "mean tokens", "spans whole", *rankers]


def rows(results: Sequence[Result]) -> list[list[str]]:
    """A row for each chunker; in the column of a ranker all of `COLUMNS`, in per cent."""
    return [
        [
            result.chunker,
            "/".join(map(str, result.limits)),
            "/".join(f"{tokens:.0f}" for tokens in result.mean_tokens),
            f"{100 * result.whole:.1f} %",
            *(" / ".join(f"{100 * mean(each):.1f}" for each in s) for s in result.scores.values()),
        ]
        for result in results
    ]


def compared(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of each way to compare."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.compared, []).append(result)
    return found


def comparison_heads(results: Sequence[Result]) -> list[str]:
    """The heads of the columns of `comparison_rows`."""
    rankers = results[0].scores if results else {}
    return ["setting", *rankers, "mean"]


def comparison_rows(results: Sequence[Result]) -> list[list[str]]:
    """A row for each setting of ctxtools: the difference of its recall within the budget to the
    best peer, in points, with the interval and the name of the peer."""
    found: dict[str, list[str]] = {}
    for each in compare(results):
        found.setdefault(each.chunker, [each.chunker]).append(_difference(each))
    return [*found.values()]


def as_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    """All that is known of the results, but for single questions."""
    return [
        {
            "chunker": result.chunker,
            "version": result.version,
            "compared": result.compared,
            "limits": result.limits,
            "chunks": result.chunks,
            "mean_tokens": result.mean_tokens,
            "spans_whole": result.whole,
            "rankers": {name: _means(scores) for name, scores in result.scores.items()},
        }
        for result in results
    ]


def comparisons_as_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The differences of recall within the budget to the best peer, with their intervals."""
    return [
        {
            "chunker": each.chunker,
            "compared": each.compared,
            "ranker": each.ranker,
            "peer": each.peer,
            **each.difference._asdict(),
        }
        for each in compare(results)
    ]


def _difference(comparison: Comparison) -> str:
    middle, low, high = (100 * value for value in comparison.difference)
    return f"{middle:+.1f} [{low:+.1f}, {high:+.1f}] {comparison.peer}"


def _means(scores: Scores) -> dict[str, float]:
    return {name: mean(values) for name, values in scores._asdict().items()}
