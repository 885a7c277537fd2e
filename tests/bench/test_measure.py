import json
from pathlib import Path

import pytest

from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.measure import Outcome, Worker, measure_engine, reference_outcome
from tests.bench.conftest import run_suite

BROKEN = Path(__file__).with_name("broken_engines.py")
TEXT = "What an engine prints is not an answer: naïve, 漢字.\n" * 10
FEED = Vocabulary("o200k_base", "", "", "", False)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_bytes(TEXT.encode())
    return path


def measure(engine: str, text: Path, tokens: int, timeout: float = 60) -> Outcome:
    reference = Outcome("ok", tokens=tokens, digest="of the reference's ids")
    return measure_engine(
        engine, FEED, text, reference, rounds=1, timeout=timeout, adapters=BROKEN
    ).outcome


@pytest.mark.parametrize(
    ("engine", "status", "detail"),
    [
        ("fast-and-wrong", "wrong", "1 tokens instead of 560"),
        ("raising", "error", "ValueError: too long for me"),
        ("panicking", "crash", "PanicException: stack overflow"),
        ("ending", "crash", "exit status 77: no message"),
    ],
)
def test_a_broken_engine_is_reported_by_its_failure(
    engine: str, status: str, detail: str, text: Path
) -> None:
    outcome = measure(engine, text, tokens=560)
    assert (outcome.status, outcome.detail) == (status, detail)


def test_an_engine_that_hangs_is_killed(text: Path) -> None:
    assert measure("hanging", text, tokens=560, timeout=2).status == "timeout"


def test_a_wrong_engine_has_no_time(text: Path) -> None:
    reference = Outcome("ok", tokens=560)
    measurement = measure_engine("fast-and-wrong", FEED, text, reference, adapters=BROKEN)
    assert (measurement.first_seconds, measurement.warm_seconds) == (0, 0)


def test_output_of_an_engine_is_not_an_answer(text: Path) -> None:
    outcome = measure("talking", text, tokens=len(TEXT.encode()))
    assert (outcome.status, outcome.tokens) == ("ok", len(TEXT.encode()))


def test_other_ids_of_the_right_number_are_wrong(text: Path) -> None:
    reference = Outcome("ok", tokens=len(TEXT), digest="0" * 64)
    with Worker("wrong-ids", FEED, adapters=BROKEN) as worker:
        outcome = worker.ask("encode", path=str(text)).checked(reference)
    assert outcome.status == "wrong"
    assert outcome.detail == "the ids differ from the reference"


def test_asking_after_a_crash_is_a_crash_again(text: Path) -> None:
    with Worker("ending", FEED, adapters=BROKEN) as worker:
        assert worker.ask("count", path=str(text)).status == "crash"
        assert worker.ask("count", path=str(text)).status == "crash"


def test_the_reference_in_segments_equals_the_reference_at_once(
    text: Path, o200k: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiktoken = pytest.importorskip("tiktoken")
    load = pytest.importorskip("tiktoken.load")
    source = "\n\nAt a line's start,\n  or not. \n \nZ\r\n" * 300_000
    text.write_bytes(source.encode())  # longer than a part
    ranks = load.load_tiktoken_bpe(o200k.tiktoken_path)
    encoding = tiktoken.Encoding(
        "o200k", pat_str=o200k.pattern, mergeable_ranks=ranks, special_tokens={}
    )
    assert reference_outcome(o200k, text).tokens == len(encoding.encode_ordinary(source))


def test_a_broken_engine_in_the_suite_shows_as_wrong(tmp_path: Path) -> None:
    pytest.importorskip("pytest_benchmark")
    result = tmp_path / "result.json"
    arguments = [
        *("benchmarks", "-k", "bench_warm and not encodings", "--quick", "--adapters", str(BROKEN)),
        *("--engines", "fast-and-wrong,tiktoken", "--benchmark-json", str(result)),
        f"--benchmark-storage=file://{tmp_path}",
    ]
    run = run_suite(arguments)
    assert run.returncode == 0, run.stdout
    found = {
        each["extra_info"]["engine"]: each for each in json.loads(result.read_text())["benchmarks"]
    }
    assert found["tiktoken"]["extra_info"]["correct"] is True
    wrong = found["fast-and-wrong"]
    assert wrong["extra_info"]["correct"] is False
    assert wrong["extra_info"]["status"] == "wrong"
    assert wrong["extra_info"]["mb_per_s"] is None
    assert "wrong" in wrong["group"]
    assert wrong["group"] != found["tiktoken"]["group"]
