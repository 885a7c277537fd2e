"""How well chunks are found again: data sets, metrics and the command."""

import csv
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ctxtools import get_encoding
from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.retrieval import rankers
from ctxtools.bench.retrieval.chunkings import Maker, measured_chunkers
from ctxtools.bench.retrieval.dataset import (
    Dataset,
    Question,
    generated_dataset,
    load_dataset,
)
from ctxtools.bench.retrieval.measure import EQUAL_LIMIT, EQUAL_MEAN, compare, measure
from ctxtools.bench.retrieval.metrics import BUDGET, TOP, Chunk, difference, mean, scores, whole
from ctxtools.bench.retrieval.rankers import Ranker, installed_rankers
from ctxtools.bench.retrieval.vectors import KeptVectors
from ctxtools.cli.app import for_typer
from ctxtools.cli.commands.bench import bench
from ctxtools.errors import CtxtoolsError, UsageError

TEXT = "The first sentence. The second one! And the third?\n"


class SharedWords(Ranker):
    """By the number of words that a chunk shares with the question. It needs no package."""

    name = "words"
    distributions = ()

    def scores(self, chunks: Sequence[str], questions: Sequence[str]) -> Any:
        raise NotImplementedError

    def orders(self, chunks: Sequence[str], questions: Sequence[str]) -> Iterable[list[int]]:
        words = [{*chunk.split()} for chunk in chunks]
        for question in questions:
            asked = {*question.split()}
            yield sorted(range(len(chunks)), key=lambda number: -len(words[number] & asked))


def write(folder: Path, *rows: tuple[str, str, str], text: str = TEXT) -> Path:
    (folder / "a.md").write_text(text, "utf-8")
    with (folder / "questions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("question", "references", "corpus_id"), *rows])
    return folder


def reference(content: str, start: int, end: int | None = None) -> str:
    end = start + len(content) if end is None else end
    return json.dumps([{"content": content, "start_index": start, "end_index": end}])


# Data sets


def test_references_are_found_where_their_indexes_are_wrong(tmp_path: Path) -> None:
    second = "The second one!"
    folder = write(
        tmp_path,
        ("right?", reference(second, 20), "a"),
        ("off by some?", reference(second, 3), "a"),
        ("nowhere?", reference("Not in there.", 0), "a"),
    )
    found = load_dataset(folder)
    assert found.questions == (
        Question("right?", "a", ((20, 35),)),
        Question("off by some?", "a", ((20, 35),)),
    )
    assert (found.spans, found.not_found) == (2, 1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("?", reference("The", 0), "../a"), "there is no '../a.md'"),
        (("?", reference("The", 0), "b"), "there is no 'b.md'"),
        (("?", "{", "a"), "row 2 has references"),
        (("?", '["The"]', "a"), "row 2 has references"),
        (("?", '[{"content": 1, "start_index": 0, "end_index": 1}]', "a"), "row 2 has references"),
        (("?", reference("absent", 0), "a"), "no question with an answer"),
    ],
)
def test_what_is_no_data_set_is_an_error(
    row: tuple[str, str, str], message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "a.md").write_text(TEXT)
    with pytest.raises(UsageError, match=message):
        load_dataset(write(folder, row))


def test_a_folder_without_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"questions\.csv"):
        load_dataset(tmp_path)
    (tmp_path / "questions.csv").write_text("question,corpus_id\n")
    with pytest.raises(UsageError, match="lacks a column"):
        load_dataset(tmp_path)


def test_a_generated_data_set_is_the_same_for_a_seed() -> None:
    assert generated_dataset(8, seed=3) == generated_dataset(8, seed=3) != generated_dataset(8)
    made = generated_dataset(8)
    assert len(made.questions) == 16
    for question in made.questions:
        ((start, end),) = question.answer
        assert made.texts["things"][start:end].endswith("before the evening comes.")


# Metrics

spans = st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True).map(
    lambda ends: tuple((a, b) for a, b in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)


@given(spans, st.lists(st.integers(1, 59), max_size=9, unique=True), st.randoms(), st.booleans())
def test_scores_are_those_of_sets_of_characters(
    answer: tuple[tuple[int, int], ...],
    cuts: list[int],
    chance: random.Random,
    overlaps: bool,
) -> None:
    ends = [*sorted(cuts), 60]
    starts = [max(0, cut - 2 * overlaps) for cut in [0, *ends[:-1]]]
    chunks = [
        Chunk("a", start, end, "x" * (end - start), chance.randint(1, BUDGET))
        for start, end in zip(starts, ends, strict=True)
    ]
    order = list(range(len(chunks)))
    chance.shuffle(order)
    dataset = Dataset({"a": "x" * 60}, (Question("?", "a", answer),))

    gold = {at for start, end in answer for at in range(start, end)}

    def characters(numbers: Sequence[int]) -> list[int]:
        return [at for n in numbers for at in range(chunks[n].start, chunks[n].end)]

    top = characters(order[:TOP])
    affordable = [
        n
        for i, n in enumerate(order)
        if sum(chunks[other].tokens for other in order[: i + 1]) <= BUDGET
    ]
    inside = len(gold & {*top})
    found = scores(dataset, chunks, [order])
    assert found.recall == pytest.approx((inside / len(gold),))
    assert found.precision == pytest.approx((inside / len(top),))
    assert found.iou == pytest.approx((inside / (len(top) + len(gold) - inside),))
    assert found.within == pytest.approx((len(gold & {*characters(affordable)}) / len(gold),))
    complete = [any(c.start <= a and b <= c.end for c in chunks) for a, b in answer]
    assert whole(dataset, chunks) == sum(complete) / len(complete)


def test_an_interval_is_the_same_each_time_and_has_the_mean() -> None:
    ours, theirs = [0.0, 1.0, 1.0, 0.5] * 20, [0.0, 0.5, 1.0, 0.0] * 20
    found = difference(ours, theirs)
    assert found == difference(ours, theirs)
    assert found.low < found.mean == 0.25 < found.high
    assert difference(ours, ours) == (0, 0, 0)


# Chunks and rankers


@pytest.mark.filterwarnings("ignore")  # warnings of other packages
@pytest.mark.parametrize("name", measured_chunkers())
def test_chunks_are_where_they_say_and_have_the_mean(name: str, o200k: Vocabulary) -> None:
    dataset, count_batch = generated_dataset(), get_encoding("o200k_base").count_batch
    text = dataset.texts["things"]
    maker = Maker(measured_chunkers()[name], dataset, o200k, count_batch)
    limit, chunks = maker.of_mean(60)
    assert abs(mean([chunk.tokens for chunk in chunks]) - 60) < 6
    assert max(chunk.tokens for chunk in chunks) <= limit
    assert all(chunk.text.endswith(text[chunk.start : chunk.end]) for chunk in chunks)
    assert {at for chunk in chunks for at in range(chunk.start, chunk.end)} >= {
        at for at, character in enumerate(text) if not character.isspace()
    }


def test_all_settings_are_compared_with_the_best_peer(o200k: Vocabulary, tmp_path: Path) -> None:
    """Of which a chunker of ours stands in for one, so that none need be installed."""

    class Peer(measured_chunkers()["ctxtools"]):  # type: ignore[misc]
        name = "peer"
        _options = {"strategy": "greedy"}  # noqa: RUF012

    results = measure(
        generated_dataset(),
        o200k,
        get_encoding("o200k_base").count_batch,
        {**measured_chunkers(["ctxtools"]), "peer": Peer},
        [SharedWords(tmp_path)],
        limit=100,
        means=(60, 80),
    )
    assert [result.compared for result in results[:2]] == [EQUAL_LIMIT, EQUAL_MEAN]
    assert all(0.5 < mean(result.scores["words"].recall) <= 1 for result in results)
    found = compare(results)
    assert {each.peer for each in found} == {"peer"}
    assert {each.ranker for each in found} == {"words", "mean"}
    assert not any(each.chunker == "peer" for each in found)


@pytest.mark.parametrize("name", installed_rankers())
def test_a_ranker_finds_what_it_is_asked_for(name: str, tmp_path: Path) -> None:
    chunks = [
        "The library opens at nine and lends books, maps and music to everybody.",
        "Bread is baked from flour, water, salt and yeast, and smells wonderful.",
        "",
        "A bicycle has two wheels, a chain, pedals and brakes.",
    ]
    questions = ["How is bread made from flour?", "Which parts does a bicycle have?"]
    ranker = installed_rankers()[name](tmp_path)
    first = [*ranker.orders(chunks, questions)]
    assert [order[0] for order in first] == [1, 3]
    assert all(sorted(order) == [0, 1, 2, 3] for order in first)
    assert [*installed_rankers()[name](tmp_path).orders(chunks, questions)] == first


def test_vectors_are_made_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def make(texts: Sequence[str]) -> list[list[float]]:
        asked.extend(texts)
        return [[float(len(text)), 0.5] for text in texts]

    first = KeptVectors(tmp_path / "v.sqlite", make)(["a", "bb", "a"])
    second = KeptVectors(tmp_path / "v.sqlite", make)(["bb", "ccc"])
    assert sorted(asked) == ["a", "bb", "ccc"]
    assert first[0] == first[2] and second[0] == first[1] != second[1]


# The command


def run(monkeypatch: pytest.MonkeyPatch, vocabularies: Path, *arguments: str) -> Result:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: vocabularies)
    monkeypatch.setattr(rankers, "RANKERS", {"words": SharedWords})
    app = typer.Typer()
    app.command()(for_typer(bench))
    return CliRunner().invoke(app, [*arguments], catch_exceptions=False)


def test_the_command_reports_both_comparisons(
    monkeypatch: pytest.MonkeyPatch, vocabularies: Path, tmp_path: Path
) -> None:
    made = generated_dataset(16)
    text = made.texts["things"]
    rows = [
        (q.text, reference(text[q.answer[0][0] : q.answer[0][1]], 0), "a") for q in made.questions
    ]
    write(tmp_path, *rows, text=text)
    arguments = ("--retrieval", str(tmp_path), "--engine", "ctxtools")
    result = run(monkeypatch, vocabularies, *arguments, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["questions"], report["spans_not_found"]) == (32, 0)
    assert {each["compared"] for each in report["results"]} == {EQUAL_LIMIT, EQUAL_MEAN}
    assert 0 < report["results"][0]["rankers"]["words"]["recall"] <= 1
    assert text not in result.stdout
    tables = run(monkeypatch, vocabularies, *arguments)
    assert EQUAL_MEAN in tables.stdout and "32 questions" in tables.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--ranker", "magic"), "unknown ranker magic"),
        (("--engine", "scissors"), "scissors is not installed"),
    ],
)
def test_what_is_not_there_is_an_error(
    arguments: tuple[str, ...],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    vocabularies: Path,
    tmp_path: Path,
) -> None:
    write(tmp_path, ("?", reference("The", 0), "a"))
    with pytest.raises(CtxtoolsError, match=message):
        run(monkeypatch, vocabularies, "--retrieval", str(tmp_path), *arguments)
