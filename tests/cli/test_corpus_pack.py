"""``ctx corpus pack``: what is written, printed and reported."""

import json
from pathlib import Path

import pytest

from ctxtools import get_encoding
from ctxtools.packing.training.adapters import PackedDataset
from tests.cli.conftest import Run
from tests.cli.test_corpus import write_lines

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXTS = ["One two three four five six.", "", "Seven eight.", None]


def test_windows_and_what_is_said_of_them(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", *({"text": text, "n": len(text or "")} for text in TEXTS))
    write_lines(folder / "b.jsonl", {"text": "word " * 50}, "nothing")
    command = ["corpus", "pack", "a.jsonl", "b.jsonl", "-e", "o200k_base", "-w", "16", "-o", "out"]
    options = ["--overlong", "truncate", "--pad", "<|endoftext|>", "--keep", "n"]
    ran = run(*command, *options)
    assert ran.exit_code == 2
    assert "b.jsonl: line 2 is not JSON" in ran.stderr
    assert "once that is mended, the same command does what is missing" in ran.stderr
    write_lines(folder / "b.jsonl", {"text": "word " * 50, "n": 1}, "nothing")
    ran = run(*command, *options, "--skip-bad-records", "--files")
    assert ran.exit_code == 0, ran.stderr
    encode = get_encoding("o200k_base").encode
    documents = [encode(text) for text in (*TEXTS, "word " * 50) if text]
    tokens = sum(map(len, documents))
    assert f"6 rows, {tokens} tokens: 2 training windows of 16" in ran.stdout
    assert "at least 2 are needed: 0 above the lower bound" in ran.stdout
    assert "omitted: 2 documents without a token" in ran.stdout
    assert "omitted: 1 bad record" in ran.stdout
    assert f"truncated: 1 document, {len(documents[2]) - 15} tokens left out" in ran.stdout
    windows = list(PackedDataset.open(folder / "out", convert=list))
    assert sorted(sorted(window["piece_n"]) for window in windows) == [[1], [12, 28]]
    ran = run(*command, *options, "--skip-bad-records", "--json")
    figures = json.loads(ran.stdout)
    assert (figures["windows"], figures["rows"], figures["empty"]) == (2, 6, 2)
    assert (figures["truncated"], figures["dropped"], figures["bad_records"]) == (1, 0, 1)
    assert figures["tokens"] - figures["left_out"] == figures["window_tokens"] - 3  # EOS
    assert [each["rows"] for each in figures["files"]] == [4, 2]
    assert run("corpus", "verify", "out").exit_code == 0
    ran = run(*command, *options)  # which may not leave a record out any more
    assert ran.exit_code == 2
    assert "b.jsonl: line 2 is not JSON" in ran.stderr


def test_ids_and_tokens_by_name(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"ids": [5, 6], "mask": [0, 1]}, {"ids": [7], "mask": [1]})
    options = ["--column", "ids", "--eos", "1", "--separator", "2", "--separator", "3"]
    ran = run(
        *("corpus", "pack", "a.jsonl", "-w", "8", "-o", "out", *options),
        *("--loss-mask", "mask", "--ignore", "separator", "--ignore", "eos"),
    )
    assert ran.exit_code == 0, ran.stderr
    (window,) = PackedDataset.open(folder / "out", convert=list)
    assert window["input_ids"] == [5, 6, 1, 2, 3, 7, 1]
    assert window["labels"] == [-100, 6, -100, -100, -100, 7, -100]
    ran = run("corpus", "pack", "a.jsonl", "--column", "ids", "-w", "8", "-o", "none")
    assert ran.exit_code == 2
    assert "name its id or spelling as --eos" in ran.stderr
    ran = run("corpus", "pack", "a.jsonl", "-e", "gpt-4", "--eos", "<eos>", "-w", "8", "-o", "none")
    assert "--eos: no special token '<eos>'" in ran.stderr
    ran = run(
        *("corpus", "pack", "a.jsonl", "--eos", "none", "--ignore", "x", "-w", "8", "-o", "a")
    )
    assert "choose one of first, eos, separator" in ran.stderr


def test_columns_of_several_types_are_named(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"text": "a", "id": 1, "n": 1})
    (folder / "b.csv").write_text("text,id\nb,2\n")
    write_lines(folder / "c.jsonl", {"text": "c", "id": 3, "n": 1.5})
    command = ["corpus", "pack", ".", "-e", "gpt-4", "-w", "16", "-o", "out"]
    ran = run(*command, "--workers", "1")
    assert ran.exit_code == 2
    files = f"int64 in {folder.resolve()}/a.jsonl, string in {folder.resolve()}/b.csv"
    assert f"error: column 'id' has several types: {files}" in ran.stderr
    assert "hint: --keep names the columns that go along" in ran.stderr
    assert run(*command[:-1], "kept", "--keep", "id").exit_code == 2
    (folder / "b.csv").unlink()
    assert run(*command[:-1], "kept", "--keep", "id").exit_code == 0


def test_options_that_cannot_be_are_named(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"ids": [1], "tags": ["a"], "mask": [1]})
    command = ["corpus", "pack", "a.jsonl", "--column", "ids", "-w", "8", "-o", "out", "--eos"]
    ran = run(*command, "-1")
    assert "error: --eos must be >= 0, got -1" in ran.stderr
    ran = run(*command, "none", "--loss-mask", "nope")
    assert "error: --loss-mask: no column 'nope'" in ran.stderr
    assert "hint: the columns are tags, mask\n" in ran.stderr
    ran = run(*command, "none", "--loss-mask", "tags")
    assert "error: --loss-mask: column 'tags' has no number for each id" in ran.stderr
    assert "hint: those that have are mask\n" in ran.stderr
    assert run(*command, "none", "--loss-mask", "mask").exit_code == 0


@pytest.mark.parametrize("step", ["pack", "count"])
def test_texts_as_bytes_are_to_be_cast(step: str, run: Run, folder: Path) -> None:
    parquet.write_table(pyarrow.table({"text": [b"a"]}), folder / "a.parquet")
    options = ["-w", "8"] if step == "pack" else []
    ran = run("corpus", step, "a.parquet", "-e", "gpt-4", "-o", "out", *options)
    assert ran.exit_code == 2
    assert "column 'text' must be of strings, got binary" in ran.stderr
    assert "hint: name a column of strings, or cast this one to string" in ran.stderr
