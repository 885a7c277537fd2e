"""Recall of every way on every question."""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.relevance.questions import Case, Question
from benchmarks.relevance.scoring import entries_of, recall
from benchmarks.relevance.ways import Tree, Way
from ctxtools import Encoding, read_documents


@dataclass(frozen=True, slots=True)
class Answered:
    """One question to one way.

    Attributes:
        question: what was asked.
        way: the name of how was chosen.
        limit: tokens.
        recall: the share of the answer's lines in the prompt.
        token_count: of the prompt.
        seconds: of making it; of a way that does not ask, of the one prompt for all questions.
        held_out: whether nothing was tuned on the repository.
    """

    question: Question
    way: str
    limit: int
    recall: float
    token_count: int
    seconds: float
    held_out: bool = False


def write_tree(case: Case, folder: Path, encoding: Encoding) -> Tree:
    """The texts of a case as files in a folder, which is made anew, and read from there."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in case.texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")
    documents = [*read_documents(str(folder))]
    repository = case.repository
    return Tree(str(folder), documents, encoding, repository.ages, repository.changes)


def measure(
    case: Case,
    tree: Tree,
    ways: Iterable[Way],
    limits: Sequence[int],
    step: Callable[[str], None] = lambda _: None,
) -> list[Answered]:
    """All questions of a case to all ways that say anything about its repository."""
    results = []
    for way in ways:
        if way.needs_history and not tree.ages:
            continue
        step(f"{case.repository.name}: {way.name}")
        for limit in limits:
            asked = case.questions if way.asks else case.questions[:1]
            for question in asked:
                start = time.perf_counter()
                text = way.make(tree, limit, question.text)
                seconds = time.perf_counter() - start
                token_count, entries = tree.encoding.count(text), entries_of(text)
                if token_count > limit:
                    raise AssertionError(f"{way.name}: {token_count} tokens of {limit}")
                for each in [question] if way.asks else case.questions:
                    found = recall(each, case.texts, entries)
                    results.append(
                        Answered(
                            each, way.name, limit, found, token_count, seconds,
                            case.repository.held_out,
                        )
                    )  # fmt: skip
    return results


def by_way(results: Iterable[Answered]) -> Mapping[str, Mapping[int, list[Answered]]]:
    """Way -> limit -> its answers."""
    table: dict[str, dict[int, list[Answered]]] = {}
    for each in results:
        table.setdefault(each.way, {}).setdefault(each.limit, []).append(each)
    return table
