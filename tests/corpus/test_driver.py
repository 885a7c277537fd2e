"""Runs over folders: every row once, the same files however often a run was stopped."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ctxtools import ConfigError, CtxtoolsError, get_encoding
from ctxtools.corpus import (
    ChunkStep,
    CountStep,
    EncodeStep,
    FitStep,
    Progress,
    Result,
    load_manifest,
    run,
    units,
    verify,
)
from ctxtools.corpus.lengths import add_histograms, total

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

COUNT = get_encoding("o200k_base").count
TEXTS = ["A first text.", None, "", "Ein zweiter\nmit „Zeichen“ 中文", 'quoted "text", with commas']


def rows_of(number: int, size: int = 40) -> dict[str, list[Any]]:
    chosen = random.Random(number)
    texts = [chosen.choice(TEXTS) for _ in range(size)]
    return {"id": [f"{number}-{i}" for i in range(size)], "text": texts}


def write_corpus(folder: Path, files: int = 4) -> Path:
    folder.mkdir(parents=True)
    for number in range(files):
        table = pyarrow.table(rows_of(number))
        parquet.write_table(table, folder / f"{number}.parquet", row_group_size=16)
    return folder


def read_all(folder: Path) -> list[dict[str, Any]]:
    """The rows of a complete run, in the order of the inputs."""
    parts = [entry.part for entry in load_manifest(folder).entries]
    return [
        row for part in parts for row in parquet.read_table(folder / f"{part}.parquet").to_pylist()
    ]


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in files}


def done(result: Result) -> Result:
    assert not result.failed
    assert result.manifest
    return result


def test_what_lost_workers_have_left_is_removed_at_the_end(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    names = (out / f".a.{'0' * 16}.ctxtools-tmp", out / "_parts" / f".b.{'1' * 16}.ctxtools-tmp")

    def leave(_: Progress) -> None:
        for path in names:
            path.write_bytes(b"")

    done(run([corpus], CountStep(), out, progress=leave))
    assert not any(path.exists() for path in names)
    assert verify(out) == []


def test_each_row_once_in_order(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in")
    result = done(run([corpus], CountStep(), tmp_path / "out"))
    expected = [
        {"id": id, "o200k_base": None if text is None else COUNT(text)}
        for number in range(4)
        for id, text in zip(*rows_of(number).values(), strict=True)
    ]
    assert read_all(tmp_path / "out") == expected
    tokens = sum(row["o200k_base"] or 0 for row in expected)
    nulls = sum(row["o200k_base"] is None for row in expected)
    totals = result.manifest and result.manifest.totals()
    assert totals and (totals["rows_in"], totals["rows_out"]) == (160, 160)
    assert (totals["tokens"], totals["nulls"]) == (tokens, nulls)
    assert verify(tmp_path / "out") == []
    histograms = [parquet.read_table(path) for path in (tmp_path / "out/_parts").glob("*.parquet")]
    assert total(add_histograms(histograms)) == (160 - nulls, tokens)


def test_other_steps(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in", 1)
    texts = [text for text in rows_of(0)["text"] if text is not None]
    done(run([corpus], EncodeStep(keep=()), tmp_path / "ids"))
    ids = [row["input_ids"] for row in read_all(tmp_path / "ids")]
    assert [each for each in ids if each is not None] == list(
        map(get_encoding("o200k_base").encode, texts)
    )
    done(run([corpus], FitStep(limit=2), tmp_path / "fit"))
    assert all((row["o200k_base"] or 0) <= 2 for row in read_all(tmp_path / "fit"))
    options = {"encoding": "o200k_base", "chunk_size": 4}
    done(run([corpus], ChunkStep(options), tmp_path / "chunks"))
    assert "".join(row["text"] for row in read_all(tmp_path / "chunks")) == "".join(texts)


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.jsonl", "a.jsonl.gz", "a.ndjson", "a.csv", "a.tsv", "a.arrow", "a.ipc"]
)
def test_formats(tmp_path: Path, name: str) -> None:
    rows = rows_of(3, 50)
    table, path = pyarrow.table(rows), tmp_path / name
    lines = [
        json.dumps(dict(zip(rows, each, strict=True))) for each in zip(*rows.values(), strict=True)
    ]
    if name.endswith(".parquet"):
        parquet.write_table(table, path)
    elif name.endswith((".csv", ".tsv")):
        from pyarrow import csv

        options = csv.WriteOptions(delimiter="\t" if name.endswith(".tsv") else ",")
        csv.write_csv(table, path, options)
    elif name.endswith((".arrow", ".ipc")):
        kind = pyarrow.ipc.new_stream if name == "a.arrow" else pyarrow.ipc.new_file
        with kind(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
    else:
        data = "\n".join(lines).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else b"\xef\xbb\xbf" + data)
    done(run([path], CountStep(), tmp_path / "out"))
    expected = [None if text is None else COUNT(text) for text in rows["text"]]
    assert [row["o200k_base"] for row in read_all(tmp_path / "out")] == expected
    assert [row["id"] for row in read_all(tmp_path / "out")] == rows["id"]


def test_a_large_file_is_several_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = write_corpus(tmp_path / "in", 2)
    done(run([corpus], CountStep(), tmp_path / "whole"))
    monkeypatch.setattr(units, "SPLIT", 1)
    monkeypatch.setattr(units, "_UNIT", 1)
    manifest = done(run([corpus], CountStep(), tmp_path / "parts")).manifest
    assert manifest
    assert [entry.row_groups for entry in manifest.entries] == [(0, 1), (1, 2), (2, 3)] * 2
    assert read_all(tmp_path / "parts") == read_all(tmp_path / "whole")


def test_a_run_that_was_killed_goes_on(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in", 6)
    done(run([corpus], CountStep(), tmp_path / "once"))
    expected = digests(tmp_path / "once")
    code = (
        "import sys; from ctxtools.corpus import CountStep, run; "
        "run([sys.argv[1]], CountStep(), sys.argv[2])"
    )
    chosen = random.Random(1)
    for number in range(4):
        out = tmp_path / f"killed-{number}"
        with subprocess.Popen([sys.executable, "-c", code, corpus, out]) as process:
            while not list(out.glob("_parts/*.json")) and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chosen.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
        done(run([corpus], CountStep(), out))
        assert digests(out) == expected


def test_only_what_changed_is_done_again(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    done(run([corpus], CountStep(), out))
    assert done(run([corpus], CountStep(), out)).reused == 4
    parquet.write_table(pyarrow.table(rows_of(9)), corpus / "2.parquet")
    (corpus / "3.parquet").unlink()
    result = done(run([corpus], CountStep(), out))
    assert (result.reused, result.removed) == (2, 2)
    assert [row["id"] for row in read_all(out)][80:] == rows_of(9)["id"]
    assert verify(out) == []


def test_a_part_that_is_gone_is_made_again(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    done(run([corpus], CountStep(), out))
    expected = digests(out)
    next(out.glob("*.parquet")).unlink()
    assert [problem.reason for problem in verify(out)] == ["missing, or cannot be read"]
    assert done(run([corpus], CountStep(), out)).reused == 3
    assert digests(out) == expected


def test_verify_finds_what_was_changed(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    done(run([corpus], CountStep(), out))
    part = next(out.glob("*.parquet"))
    data = bytearray(part.read_bytes())
    data[10] ^= 1
    part.write_bytes(data)
    (out / "other.parquet").write_bytes(b"")
    assert sorted(problem.reason for problem in verify(out)) == [
        "its content is not what was written",
        "not in the manifest",
    ]


def damaged(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "cut":
        data = data[: len(data) // 2]
    elif how == "bytes":
        data[8:200] = os.urandom(192)
    else:
        data = bytearray(b"no such format")
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["cut", "bytes", "text"])
def test_a_damaged_file_fails_alone(tmp_path: Path, how: str) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    good = (corpus / "1.parquet").read_bytes()
    damaged(corpus / "1.parquet", how)
    result = run([corpus], CountStep(), out)
    (error,) = result.failed
    assert str(corpus / "1.parquet") in str(error)
    assert result.manifest is None
    assert not (out / "_manifest.json").exists()
    (corpus / "1.parquet").write_bytes(good)
    assert done(run([corpus], CountStep(), out)).reused == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"text": "a"}\n{"text": \n', "line 2 is not JSON"),
        (b'{"text": "a"}\n[1]\n', "line 2 is no object of JSON"),
        (b'{"body": "a"}\n', "unknown column 'text'"),
        (b'{"text": 1}\n', "line 1 has a number as 'text', not a string"),
    ],
)
def test_lines_that_are_wrong(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    (error,) = run([tmp_path / "a.jsonl"], CountStep(), tmp_path / "out").failed
    assert reason in str(error)
    assert str(tmp_path / "a.jsonl") in str(error)


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in", 2), tmp_path / "out"
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)); "
        "from ctxtools.corpus import CountStep, run; "
        "print(*run([sys.argv[1]], CountStep(), sys.argv[2]).failed)"
    )
    command = [sys.executable, "-c", code, str(corpus), str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "file too large" in ran.stdout
    assert list(out.glob("*.parquet")) == list(out.glob("_parts/*.json")) == []
    done(run([corpus], CountStep(), out))


def test_folders_of_something_else(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in", 1), tmp_path / "out"
    done(run([corpus], CountStep(), out))
    with pytest.raises(ConfigError, match="other options"):
        run([corpus], CountStep(encodings=("gpt-4",)), out)
    with pytest.raises(ConfigError, match="is not empty"):
        run([corpus], CountStep(), corpus)


def test_a_folder_without_a_finished_part_takes_other_options(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in"), tmp_path / "out"
    assert len(run([corpus], CountStep(column="nope"), out).failed) == 4
    done(run([corpus], CountStep(), out))
    done(run([corpus], CountStep(), tmp_path / "once"))
    assert digests(out) == digests(tmp_path / "once")
    (corpus / "0.parquet").write_bytes(b"damaged")
    (out / "_manifest.json").unlink()
    assert len(run([corpus], CountStep(), out).failed) == 1
    with pytest.raises(ConfigError, match="other options"):
        run([corpus], CountStep(column="id"), out)


def test_a_folder_of_quite_other_inputs_stays(tmp_path: Path) -> None:
    corpus, other, out = write_corpus(tmp_path / "in"), write_corpus(tmp_path / "b"), tmp_path / "o"
    done(run([corpus], CountStep(), out))
    expected = digests(out)
    with pytest.raises(ConfigError, match="has the parts of other inputs"):
        run([other], CountStep(), out)
    assert digests(out) == expected
    for path in corpus.iterdir():  # changed, all of them
        parquet.write_table(pyarrow.table(rows_of(7)), path)
    done(run([corpus], CountStep(), out))
    done(run([corpus / "1.parquet", other], CountStep(), out))
    assert done(run([other], CountStep(), out)).removed == 1
    assert verify(out) == []


def test_one_run_at_a_time(tmp_path: Path) -> None:
    corpus, out = write_corpus(tmp_path / "in", 1), tmp_path / "out"

    def second(_: object) -> None:
        with pytest.raises(ConfigError, match="another run is at work"):
            run([corpus], CountStep(), out)
        seen.append(1)

    seen: list[int] = []
    done(run([corpus], CountStep(), out, progress=second))
    assert seen


def test_options_are_checked_first(tmp_path: Path) -> None:
    for step in (CountStep(encodings=("none",)), ChunkStep({"encoding": "none"})):
        with pytest.raises(CtxtoolsError):
            run([tmp_path / "missing"], step, tmp_path / "out")
    assert not (tmp_path / "out").exists()
