"""The chunkers' adapters, where their packages are installed; and the suite that runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctxtools.bench.chunkers import CHUNKERS, Chunker, installed_chunkers
from ctxtools.bench.contract import CountBatch, Piece, Verdict, judge
from ctxtools.bench.engines import ENGINES, Vocabulary
from tests.bench.conftest import run_suite

TEXT = "".join(
    f"Paragraph {i} has three sentences. Here is the second of {i}! And the third is its last.\n\n"
    f"Größe {i} and naïveté; 漢字かな交じり文{i}。次の文です。\nA line with <|endoftext|>.\n\n"
    for i in range(12)
)
TABLE = "| Number | Square |\n| --- | --- |\n" + "".join(f"| {i} | {i * i} |\n" for i in range(30))
MARKDOWN = "# A heading\n\n" + TEXT.replace("\n\n", "\n\n## Another\n\n") + TABLE


@pytest.fixture(scope="module")
def count_batch(o200k: Vocabulary) -> CountBatch:
    engine = ENGINES["tiktoken"]()
    engine.load(o200k)
    return lambda texts: engine.count_batch(texts, 1)


Run = Callable[..., Verdict]


@pytest.fixture
def run(o200k: Vocabulary, count_batch: CountBatch) -> Run:
    """Chunks a text by the chunker of a name, and judges the chunks."""

    def run_chunker(name: str, text: str = TEXT, **options: Any) -> Verdict:
        chunker = CHUNKERS[name]()
        chunker.load(o200k, **options)
        return judge(
            text,
            [Piece(*answer) for answer in chunker.answers(chunker.chunk(text))],
            count_batch,
            limit=options["limit"],
            overlap=options.get("overlap", 0),
            markdown=options.get("format") == "markdown",
        )

    return run_chunker


@pytest.mark.filterwarnings("ignore")  # warnings of other packages
@pytest.mark.parametrize("name", [n for n in installed_chunkers() if "ctxtools" not in n])
def test_an_adapter_reports_the_chunks_of_its_chunker(name: str, run: Run) -> None:
    """An adapter must not make its chunker look worse than it is."""
    # Without known faults of the chunkers: token chunkers break characters of other scripts.
    verdict = run(name, TEXT.encode("ascii", "ignore").decode(), limit=64)
    assert verdict.chunks >= verdict.fewest > 5
    assert verdict.lost_text == verdict.wrong_offsets == verdict.no_offsets == 0
    assert verdict.over_limit == 0
    assert verdict.fill > 0.4


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [n for n in installed_chunkers() if CHUNKERS[n].overlaps])
def test_overlap_is_asked_for(name: str, run: Run) -> None:
    assert run(name, limit=128, overlap=48).overlap > 0


@pytest.mark.parametrize("name", ["ctxtools", "ctxtools greedy"])
@pytest.mark.parametrize("limit", [8, 64, 1_000])
@pytest.mark.parametrize("overlap", [0, 4])
def test_ctxtools_keeps_the_contract(name: str, limit: int, overlap: int, run: Run) -> None:
    # No overlap starts inside the row of a table, which has more tokens.
    markdown = MARKDOWN.removesuffix(TABLE) if overlap else MARKDOWN
    for text, format in ((TEXT, "text"), (markdown, "markdown")):
        verdict = run(name, text, limit=limit, overlap=overlap, format=format)
        assert verdict.broken == ()
        assert name == "ctxtools greedy" or not verdict.tiny_last


def test_a_chunker_is_chosen_by_name_or_package() -> None:
    assert installed_chunkers(["ctxtools"]) == ["ctxtools", "ctxtools greedy"]
    assert installed_chunkers(["ctxtools greedy"]) == ["ctxtools greedy"]
    assert installed_chunkers(["nothing of that name"]) == []


def test_a_chunker_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing(Chunker):
        name = distribution = "not-to-be-found"

    monkeypatch.setitem(CHUNKERS, "not-to-be-found", Missing)
    assert Missing.version() is None
    assert "not-to-be-found" not in installed_chunkers()


def test_the_suite_times_and_judges_chunkers(tmp_path: Path) -> None:
    pytest.importorskip("pytest_benchmark")
    result = tmp_path / "result.json"
    arguments = [
        *("benchmarks/bench_chunk.py", "--quick"),
        *("--chunkers", "ctxtools", "--benchmark-json", str(result)),
        f"--benchmark-storage=file://{tmp_path}",
    ]
    ran = run_suite(arguments)
    assert ran.returncode == 0, ran.stdout
    found = [each["extra_info"] for each in json.loads(result.read_text())["benchmarks"]]
    kinds = {(each["kind"], each["engine"]) for each in found}
    names = ("ctxtools", "ctxtools greedy")
    assert kinds == {(kind, name) for kind in ("chunks of 128", "chunk growth") for name in names}
    for each in found:
        assert (each["status"], each["correct"]) == ("ok", True)
        if each["kind"] == "chunk growth":
            assert each["ratio"] > 0
        else:
            assert each["broken"] == []
            assert each["chunks"] >= each["fewest"] > 1
