"""Counts of a model whose tokenizer is not public, through the commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctxtools.models import get_model
from tests.cli.conftest import Run

MODEL = "claude-sonnet-5"
NUMBERS = "".join(f"{n},{n * n},{n / 7:.4f}\n" for n in range(400))
WORDS = "The harbour master wrote the names of all the boats into a ledger. " * 60
CHINESE = "港务长把所有船只的名字写进一本登记簿，然后关上了窗户。\n" * 80


@pytest.fixture
def texts(folder: Path) -> dict[str, str]:
    found = {"a.csv": NUMBERS, "b.txt": WORDS, "c.txt": CHINESE}
    for name, text in found.items():
        (folder / name).write_text(text)
    return found


def _figures(text: str) -> list[int]:
    estimate = get_model(MODEL).estimate
    assert estimate
    interval = estimate.of(estimate.measure(text))
    return [interval.low, interval.typical, interval.high]


def _json(run: Run, *arguments: str | int) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return result


def test_each_file_is_estimated_by_its_own_characters(run: Run, texts: dict[str, str]) -> None:
    found = _json(run, "count", ".", "-m", MODEL)
    for file in found["files"]:
        low, typical, high = _figures(texts[Path(file["path"]).name])
        assert file["tokens"] == {MODEL: typical}
        assert file["intervals"] == {MODEL: [low, high]}


def test_a_total_is_estimated_by_the_characters_of_all(run: Run, texts: dict[str, str]) -> None:
    files = _json(run, "count", ".", "-m", MODEL)
    total = files["total"]["tokens"][MODEL]
    low, high = files["total"]["intervals"][MODEL]
    assert low < total < high
    assert abs(total / sum(file["tokens"][MODEL] for file in files["files"]) - 1) < 0.1
    assert high <= 1.05 * sum(file["intervals"][MODEL][1] for file in files["files"])


def test_a_model_with_a_tokenizer_is_exact_beside_an_estimate(
    run: Run, texts: dict[str, str]
) -> None:
    both = _json(run, "count", ".", "-m", MODEL, "-e", "deepseek_v3")
    alone = _json(run, "count", ".", "-e", "deepseek_v3")
    assert both["total"]["tokens"]["deepseek_v3"] == alone["total"]["tokens"]["deepseek_v3"]
    assert list(both["total"]["intervals"]) == [MODEL]


def test_large_files_are_estimated_from_a_sample(run: Run, folder: Path) -> None:
    (folder / "large.csv").write_text(NUMBERS * 1000)
    typical = _figures(NUMBERS)[1]
    found = _json(run, "count", "large.csv", "-m", MODEL)
    assert abs(found["total"]["tokens"][MODEL] / (1000 * typical) - 1) < 0.02
    piped = run("count", "-", "-m", MODEL, "--json", input=NUMBERS * 1000).stdout
    assert json.loads(piped)["total"] == found["total"], "as a file that engines read themselves"


def test_fits_goes_by_the_upper_bound(run: Run, texts: dict[str, str]) -> None:
    low, typical, high = _figures(NUMBERS)
    for limit, fits in ((high, True), (high - 1, False), (low - 1, False)):
        ran = run("fits", "a.csv", "-m", MODEL, "--limit", limit)
        assert ran.exit_code == (0 if fits else 1)
        answer = "fits" if fits else "does not fit" if limit < low else "may not fit"
        assert f"{MODEL}: {answer}, ~{typical:,}" in ran.stdout
    found = _json(run, "fits", "a.csv", "-m", MODEL, "--limit", 10**6)
    assert found["columns"][0]["interval"] == [low, high]


def test_records_are_estimated_together(run: Run, folder: Path) -> None:
    rows = [{"text": line} for line in NUMBERS.splitlines()]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = _json(run, "count", "rows.jsonl", "--field", "text", "-m", MODEL)
    assert found["files"][0]["records"] == len(rows)
    low, high = found["total"]["intervals"][MODEL]
    assert low < found["total"]["tokens"][MODEL] < high


@pytest.mark.parametrize("limit", [300, 2000, 6000])
def test_a_pack_is_within_the_limit_by_its_upper_bound(
    limit: int, run: Run, texts: dict[str, str]
) -> None:
    found = _json(run, "pack", ".", "-m", MODEL, "-l", limit)
    low, typical, high = _figures(found["text"])
    assert found["estimate"] == {"low": low, "typical": typical, "high": high}
    assert high <= limit


def test_count_and_fits_estimate_the_same(run: Run, folder: Path) -> None:
    """A sample of the characters of each file is counted, by both commands the same."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [f"row {i}: " + "ä 漢字 x{} 12,345\n"[i % 13 :] * (i % 97) for i in range(400)]
    (folder / "a.txt").write_text("word 12 日本\n" * 3000)
    (folder / "b.md").write_text("".join(rows))
    (folder / "c.jsonl").write_text("".join(json.dumps({"t": row}) + "\n" for row in rows))
    table = pyarrow.table({"t": rows})
    parquet.write_table(table, folder / "d.parquet", row_group_size=50)
    for paths in (
        ["a.txt"], ["a.txt", "b.md"], ["b.md", "a.txt"], ["c.jsonl", "--field", "t"],
        ["d.parquet", "--column", "t"],
    ):  # fmt: skip
        counted = _json(run, "count", *paths, "-m", MODEL)["total"]
        (fitted,) = _json(run, "fits", *paths, "-m", MODEL, "-l", 10**7)["columns"]
        assert fitted["tokens"] == counted["tokens"][MODEL]
        assert fitted["interval"] == counted["intervals"][MODEL]
