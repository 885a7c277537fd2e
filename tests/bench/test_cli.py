import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ctxtools.bench import measure
from ctxtools.cli.app import for_typer
from ctxtools.cli.commands.bench import bench
from ctxtools.errors import UsageError

BROKEN = Path(__file__).with_name("broken_engines.py")


@pytest.fixture(autouse=True)
def _cache(vocabularies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: vocabularies)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(for_typer(bench))
    quick = ("--rounds", "1", "--engine", "tiktoken", "--engine", "ctxtools")
    return CliRunner().invoke(app, [*quick, *arguments], catch_exceptions=False)


def test_the_users_files_are_measured_and_engines_agree(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One two three.\n" * 100)
    (tmp_path / "b.md").write_bytes("Ünïcödé – 漢字\r\n".encode() * 100)
    result = run(str(tmp_path), "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["reference"] == "tiktoken"
    assert report["bytes"] == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert {engine["engine"] for engine in report["engines"]} == {"ctxtools", "tiktoken"}
    for engine in report["engines"]:
        assert engine["correct"] and engine["tokens"] == report["tokens"]
        assert engine["mb_per_s"] > 0 and engine["peak_rss"] > 0


def test_a_built_text_has_the_size_asked_for_and_a_table_is_printed() -> None:
    result = run("--size", "20k", "--corpus", "jsonl", "--threads", "2")
    assert result.exit_code == 0
    assert "20.0 kB" in result.stdout
    assert result.stdout.count("✓") == 2


def test_size_cuts_the_users_text_at_a_character(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("漢字かな" * 100, "utf-8")
    assert json.loads(run(str(tmp_path), "--size", "100", "--json").stdout)["bytes"] == 99


def test_a_wrong_count_of_ours_is_shown_and_exits_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = measure.Outcome("ok", tokens=1, detail="tiktoken")
    monkeypatch.setattr(measure, "reference_outcome", lambda *args, **kwargs: wrong)
    result = run("--size", "20k", "--corpus", "jsonl")
    assert result.exit_code == 1
    assert "✗ wrong" in result.stdout
    assert "tokens instead of 1" in result.stdout


def test_an_engine_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UsageError, match="gpt-5 is not installed"):
        run("--engine", "gpt-5")


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no text"):
        run(str(tmp_path))


def test_without_a_folder_of_the_user_s_texts_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "file" / name)
    result = run("--size", "20k", "--engine", "tiktoken", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["bytes"] == 20_000
    assert "note: generated texts are not kept: " in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]

    def homeless(name: str) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("platformdirs.user_cache_path", homeless)
    result = run("--size", "20k", "--engine", "tiktoken", "-q")
    assert (result.exit_code, result.stderr) == (0, "")
