"""``ctx fits`` says what it knows: exact figures, or "at least" where it stopped."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from ctxtools import get_encoding
from tests.cli.conftest import Run

LINE = "one two three four five\n"


def count(text: str, encoding: str = "o200k_base") -> int:
    return get_encoding(encoding).count(text)


def columns(run: Run, *arguments: str, input: str = "") -> list[dict[str, Any]]:
    answer = json.loads(run("fits", *arguments, "--json", input=input).stdout)
    assert answer["fits"] == all(each["fits"] for each in answer["columns"])
    return list(answer["columns"])


@pytest.mark.parametrize("repeated", [1, 20, 3000])
@pytest.mark.parametrize("kind", ["file", "folder", "pipe"])
def test_near_its_end_an_input_is_counted_exactly(
    kind: str, repeated: int, run: Run, folder: Path
) -> None:
    (folder / "a.txt").write_text(LINE * repeated)
    arguments = {"file": ["a.txt"], "folder": ["."], "pipe": []}[kind]
    text = (LINE * repeated) if kind == "pipe" else ""
    n = count(LINE * repeated)
    if kind == "pipe" and repeated > 1365:
        pytest.skip("a pipe of more than a block")
    for limit in (2, n - 1):
        ran = run("fits", *arguments, "-l", str(limit), input=text)
        assert ran.exit_code == 1
        assert ran.stdout == (
            f"o200k_base: does not fit, {n:,} of {limit:,} tokens, over by {n - limit:,}\n"
        )
        (column,) = columns(run, *arguments, "-l", str(limit), input=text)
        figures = (column["tokens"], column["complete"], column["exact"], column["fits"])
        assert figures == (n, True, True, False)
    assert run("fits", *arguments, "-l", str(n), input=text).exit_code == 0


def test_a_long_pipe_is_not_waited_for(run: Run) -> None:
    text = LINE * 200_000
    ran = run("fits", "-l", "10", input=text)
    (column,) = columns(run, "-l", "10", input=text)
    assert (column["complete"], column["exact"]) == (False, False)
    assert 10 < column["tokens"] < count(text)
    assert ran.stdout == (f"o200k_base: does not fit, at least {column['tokens']:,} of 10 tokens\n")


def test_a_guess_of_the_whole_is_near(run: Run, folder: Path) -> None:
    words = [*"αβγδε", "token", "window", "12", "\n", "()"]
    shuffled = random.Random(7)
    text = " ".join(shuffled.choices(words, k=800_000))
    (folder / "a.txt").write_text(text)
    n = count(text)
    (column,) = columns(run, "a.txt", "-l", "9")
    assert 9 < column["tokens"] <= n
    assert abs(column["estimated_total"] - n) < 0.1 * n
    assert 0 < column["share_of_bytes_read"] < 1
    people = run("fits", "a.txt", "-l", "9").stdout
    assert f"at least {column['tokens']:,} of 9 tokens; " in people
    assert people.endswith(f"all may be ~{column['estimated_total']:,}\n")


def test_each_target_has_true_figures(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(LINE * 60_000)
    small, large = "gpt-4", "gpt-4.1"  # 8,192 and 1,047,576 tokens
    first, second = columns(run, "a.txt", "-m", small, "-m", large)
    assert (first["framing"], second["framing"]) == (7, 7)
    assert first["tokens"] == count(LINE * 60_000, "cl100k_base") + 7
    assert second["tokens"] == count(LINE * 60_000) + 7
    assert (first["fits"], second["fits"]) == (False, True)
    assert first["complete"] and second["complete"]
    assert "at least" not in run("fits", "a.txt", "-m", small, "-m", large).stdout


def test_an_estimate_is_read_on_until_it_is_certain(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(LINE * 3000)
    model = ["-m", "claude-opus-4-1"]
    (column,) = columns(run, "a.txt", *model, "-l", "10")
    low, high = column["interval"]
    assert low > 10
    ran = run("fits", "a.txt", *model, "-l", "10")
    assert "does not fit, ~" in ran.stdout
    ran = run("fits", "a.txt", *model, "-l", str(high - 1))
    assert ran.exit_code == 1
    assert "may not fit, ~" in ran.stdout
    assert run("fits", "a.txt", *model, "-l", str(high)).exit_code == 0


def test_a_full_window_is_noted(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text(" hello" * 8192)
    ran = run("fits", "a.txt", "-m", "gpt-4")
    assert ran.exit_code == 1, "what is sent has the framing of a message, too"
    assert "does not fit, 8,199 of 8,192 tokens, over by 7 (with 7 of a message's" in ran.stdout
    ran = run("fits", "a.txt", "-m", "gpt-4", "--no-framing")
    assert ran.exit_code == 0
    assert "fits, 8,192 of 8,192 tokens, 0 to spare" in ran.stdout
    assert "note: gpt-4: 0 tokens are left for a message's framing" in ran.stderr
    assert json.loads(run("fits", "a.txt", "-m", "gpt-4", "--no-framing", "--json").stdout)["notes"]
    assert run("fits", "a.txt", "-m", "gpt-4", "-q").stderr == ""
    (folder / "a.txt").write_text(" hello" * 8185)
    ran = run("fits", "a.txt", "-m", "gpt-4")
    assert (ran.exit_code, ran.stderr) == (
        0,
        "note: gpt-4: 0 tokens are left for the answer; --reserve keeps some free\n",
    )
    (folder / "a.txt").write_text(" hello" * 8192)
    assert run("fits", "a.txt", "-l", "8192").stderr == "", "not a model"
    assert run("fits", "a.txt", "-m", "gpt-4o", "-l", "8192").stderr == "", "a limit of one's own"
    assert run("fits", "a.txt", "-m", "gpt-4o").stderr == "", "a larger window"
    (folder / "a.txt").write_text(" hello" * 8191)
    assert run("fits", "a.txt", "-m", "text-embedding-3-small").stderr == "", "it gives no answer"
    (folder / "a.txt").write_text(" hello" * 8000)
    assert run("fits", "a.txt", "-m", "gpt-4").stderr == ""
    assert run("fits", "a.txt", "-m", "gpt-4", "-r", "150").stderr == ""


def test_what_is_named_and_missing_is_an_error_wherever_reading_stopped(
    run: Run, folder: Path
) -> None:
    (folder / "a.txt").write_text(LINE * 100_000)
    ran = run("fits", "a.txt", "gone", "-l", "9")
    assert ran.exit_code == 2
    assert "gone: no such file or directory" in ran.stderr
    ran = run("fits", "gone", "-l", "9", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["fits"]) == (2, None)
    assert run("fits", "gone", "-l", "9").stdout == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "of 272,000 (input limit), "),
        (["-r", "32k"], "of 272,000 (input limit; the reserve fits in the rest), "),
        (["-r", "128k"], "of 272,000 (400,000 minus 128,000 reserved), "),
        (["-r", "300k"], "of 100,000 (400,000 minus 300,000 reserved), "),
        (["-l", "1000"], "of 1,000 tokens, "),
        (["-l", "1000", "-r", "100"], "of 900 (1,000 minus 100 reserved), "),
    ],
)
def test_limits_are_explained(options: list[str], expected: str, run: Run) -> None:
    assert expected in run("fits", "-m", "gpt-5", *options, input="a").stdout


def test_shares_are_of_what_is_named(run: Run, folder: Path) -> None:
    n = 7722
    (folder / "a.txt").write_text(" word" * n)
    (folder / "b.txt").write_text("")
    share = "154.4% of 5,000 (10,000 minus 5,000 reserved), OVER"
    assert share in run("count", ".", "-l", "10k", "-r", "5k").stdout
    assert "77.2% of 10,000" in run("count", ".", "-l", "10k").stdout
    table = run("count", "a.txt", "-l", "10k", "-r", "5k", "-e", "qwen2", "-e", "o200k_base").stdout
    assert "Of available" in table
    assert "154.4% OVER" in table


@pytest.mark.parametrize("name", ["missing.txt", "bad.jsonl"])
def test_what_could_not_be_read_leaves_the_answer_open(name: str, run: Run, folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"t": "one two three"}\n')
    (folder / "bad.jsonl").write_text('{"t": "four"}\n{"t": 5\n')
    arguments = ["fits", "a.jsonl", name, "--field", "t", "-l"]
    ran = run(*arguments, "100")
    assert ran.exit_code == 2
    assert "what could be read fits, at least " in ran.stdout
    found = json.loads(run(*arguments, "100", "--json").stdout)
    (column,) = found["columns"]
    assert (found["fits"], column["fits"], column["complete"]) == (None, None, False)
    ran = run(*arguments, "2")
    assert ran.exit_code == 2
    assert "does not fit, at least " in ran.stdout and "all may be" not in ran.stdout
    found = json.loads(run(*arguments, "2", "--json").stdout)
    assert (found["fits"], found["columns"][0]["fits"]) == (False, False)
