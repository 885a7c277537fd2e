"""``ctx corpus``: what is written, printed and reported."""

import json
from pathlib import Path
from typing import Any

import pytest

from ctxtools import Chunker, get_encoding
from ctxtools.cli.output.reports.corpus import Work, progress_line
from ctxtools.corpus import Entry, Progress, load_manifest
from tests.cli.conftest import Run

parquet = pytest.importorskip("pyarrow.parquet")

TEXT = "One sentence. Another one.\n\n" * 40


def rows_of(folder: Path) -> list[dict[str, Any]]:
    entries = load_manifest(folder).entries
    return [
        row
        for each in entries
        for row in parquet.read_table(folder / each.files[0].name).to_pylist()
    ]


def write_lines(path: Path, *lines: object) -> None:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts), encoding="utf-8")


def test_bad_records_fail_or_are_counted(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"text": "a b"}, "nothing", {"text": 5}, {"text": None})
    write_lines(folder / "b.jsonl", {"text": "c"})
    ran = run("corpus", "count", ".", "-o", "out")
    assert ran.exit_code == 2
    assert "a.jsonl: line 2 is not JSON" in ran.stderr
    assert "hint: --skip-bad-records leaves such records out" in ran.stderr
    ran = run("corpus", "count", ".", "-o", "out", "--skip-bad-records", "--files")
    assert ran.exit_code == 0
    assert "5 rows of 2 files: 3 tokens, 1 row without a text, 2 bad records left out" in ran.stdout
    (row,) = [line.split() for line in ran.stdout.splitlines() if "a.jsonl" in line]
    assert row[:4] == ["4", "1", "2", "2"]
    assert "a.jsonl: 2 bad records left out: line 2 is not JSON" in ran.stderr
    assert "line 3 has a number as 'text', not a string" in ran.stderr
    assert [row["o200k_base"] for row in rows_of(folder / "out")] == [2, None, 1]
    ran = run("corpus", "count", ".", "-o", "out", "--skip-bad-records", "--json")
    figures = json.loads(ran.stdout)
    assert (figures["reused"], figures["rows_in"], figures["rows_out"]) == (2, 5, 3)
    assert figures["bad_records"] == figures["files"][0]["bad_records"] == 2
    assert [each[:6] for each in figures["files"][0]["first_bad"]] == ["line 2", "line 3"]


def test_archives_of_a_folder_are_listed(run: Run, folder: Path) -> None:
    """They were left out without a word."""
    (folder / "in").mkdir()
    write_lines(folder / "in" / "a.jsonl", {"text": "a b"})
    (folder / "in" / "b.zip").write_bytes(b"")
    for options in ([], ["--json"]):
        ran = run("corpus", "count", "in", "-o", "out", *options)
        assert ran.exit_code == 0
        assert "b.zip: an archive (hint: unpack archives" in ran.stderr
    [skipped] = json.loads(ran.stdout)["skipped"]
    assert skipped["reason"] == "an archive"
    assert run("corpus", "count", "in", "-o", "out", "-q").stderr == ""
    ran = run("corpus", "pack", "in", "-o", "packed", "-w", "8", "-e", "o200k_base", "--json")
    assert json.loads(ran.stdout)["skipped"] == [skipped]
    ran = run("corpus", "count", "in/b.zip", "-o", "new")
    assert ran.exit_code == 2
    assert "in/b.zip: an archive" in ran.stderr


def test_a_part_without_bad_records_is_not_done_again(run: Run, folder: Path) -> None:
    """But one with bad records is, if they may not be passed over any more."""
    write_lines(folder / "a.jsonl", {"text": "a b"}, "nothing")
    write_lines(folder / "b.jsonl", {"text": "c"})
    assert run("corpus", "count", ".", "-o", "out", "--skip-bad-records").exit_code == 0
    ran = run("corpus", "count", ".", "-o", "out", "--json")
    assert ran.exit_code == 2
    assert json.loads(ran.stdout)["reused"] == 1


def test_ids_of_several_encodings(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"id": 1, "text": TEXT})
    names = ["o200k_base", "gpt-4"]
    ran = run("corpus", "encode", "a.jsonl", "-o", "out", "-e", names[0], "-e", names[1])
    assert ran.exit_code == 0
    (row,) = rows_of(folder / "out")
    assert row == {
        "id": 1,
        "input_ids_o200k_base": get_encoding("o200k_base").encode(TEXT),
        "input_ids_gpt-4": get_encoding("cl100k_base").encode(TEXT),
    }
    assert run("corpus", "encode", "a.jsonl", "-o", "one", "-e", "gpt-4").exit_code == 0
    assert rows_of(folder / "one")[0]["input_ids"] == row["input_ids_gpt-4"]
    twice = run("corpus", "encode", "a.jsonl", "-o", "two", "-e", "gpt-4", "-e", "gpt-4")
    assert twice.exit_code == 2
    assert "named twice" in twice.stderr


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        (["--size", "32", "--overlap", "8"], {"chunk_size": 32, "chunk_overlap": 8}),
        (["-s", "64,16", "--prefer", "fill"], {"chunk_size": [64, 16], "prefer": "fill"}),
        (
            ["--format", "markdown", "--break-at", "heading=2", "--size", "40", "--header"],
            {"format": "markdown", "break_at": {"heading": 2}, "chunk_size": 40, "header": True},
        ),
    ],
)
def test_chunks_are_those_of_the_chunker(
    options: list[str], arguments: dict[str, Any], run: Run, folder: Path
) -> None:
    text = f"# Title\n\n{TEXT}\n## Two\n\n{TEXT}"
    write_lines(folder / "a.jsonl", {"text": text, "id": 7})
    ran = run("corpus", "chunk", "a.jsonl", "-o", "out", *options)
    assert ran.exit_code == 0, ran.stderr
    rows = rows_of(folder / "out")
    expected = Chunker(get_encoding("o200k_base"), **arguments).chunk(text)
    assert [row["text"] for row in rows] == [chunk.text for chunk in expected]
    assert {row["document_id"] for row in rows} == {7}


def test_wrong_options_are_spelled_as_options(run: Run, folder: Path) -> None:
    write_lines(folder / "a.jsonl", {"text": "a"})
    ran = run("corpus", "chunk", "a.jsonl", "-o", "out", "--size", "8", "--overlap", "9")
    assert ran.exit_code == 2
    assert "--overlap" in ran.stderr
    ran = run("corpus", "chunk", "a.jsonl", "-o", "out", "--break-at", "line")
    assert ran.exit_code == 2
    assert not (folder / "out").exists()


def test_what_to_do_about_files_that_are_not_as_written(run: Run, folder: Path) -> None:
    for name in "abc":
        write_lines(folder / f"{name}.jsonl", {"text": name})
    command = ["corpus", "count", ".", "-o", "out"]
    assert run(*command).exit_code == 0
    (folder / "out/other").write_text("")
    ran = run("corpus", "verify", "out")
    assert (ran.exit_code, ran.stdout) == (1, "out/other: not in the manifest\n")
    assert "hint" not in ran.stderr
    (folder / "out/other").unlink()
    changed, gone, _ = (folder / "out").glob("*.parquet")
    changed.write_bytes(changed.read_bytes()[::-1])
    gone.unlink()
    ran = run("corpus", "verify", "out")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("hint: remove these files, if they are there, and give the")
    for line in ran.stdout.splitlines():
        (folder / line.partition(":")[0]).unlink(missing_ok=True)
    assert run(*command).exit_code == 0
    assert run("corpus", "verify", "out").exit_code == 0


def test_folders_that_cannot_be_verified(run: Run, folder: Path) -> None:
    ran = run("corpus", "verify", "missing")
    assert ran.exit_code == 2
    assert "error: missing: no such folder" in ran.stderr
    assert "same command" not in ran.stderr
    (folder / "empty").mkdir()
    ran = run("corpus", "verify", "empty")
    assert "_manifest.json: no manifest" in ran.stderr


def test_remaining_time_goes_by_bytes() -> None:
    entry = Entry("0", "a", None, 5, 5, 0, 100, ())
    progress = Progress(2, 4, entry, 30_000_000, 90_000_000, "count", 10_000_000)
    assert progress_line(progress, Work(1, 20_000_000, 1_000_000, 10)) == (
        "count: 2 of 4 parts, 30.0 MB of 90.0 MB, 2.0 MB/s, 100,000 tokens/s, 30 s left"
    )
    assert progress_line(progress, Work(1, 50_000, 1, 10)).endswith("3 h 20 min left")
    by_parts = Progress(2, 4, entry, phase="exchange")
    assert progress_line(by_parts, Work(2, 0, 1_000, 200)) == (
        "exchange: 2 of 4 parts, 5 tokens/s, 3 min left"
    )


def test_progress_ends_with_all_bytes(tmp_path: Path) -> None:
    from ctxtools.corpus import CountStep
    from ctxtools.corpus import run as run_corpus

    for name in "abc":
        write_lines(tmp_path / f"{name}.jsonl", {"text": name * 99})
    seen: list[Progress] = []
    run_corpus([tmp_path], CountStep(), tmp_path / "out", progress=seen.append)
    sizes = [path.stat().st_size for path in sorted(tmp_path.glob("*.jsonl"))]
    assert [each.size for each in seen] == sizes
    assert [each.bytes_done for each in seen] == [sum(sizes[: n + 1]) for n in range(3)]
    assert {each.bytes for each in seen} == {sum(sizes)}


def test_totals_of_several_encodings_and_of_chunks(run: Run, folder: Path) -> None:
    texts = ["Ein Text mit ß und „Zeichen“", "中文文本", None]
    write_lines(folder / "a.jsonl", *({"text": text} for text in texts))
    names = ["o200k_base", "cl100k_base"]
    sums = [sum(get_encoding(n).count(text) for text in texts if text) for n in names]
    expected = ", ".join(f"{total} tokens of {n}" for n, total in zip(names, sums, strict=True))
    for command in ("count", "encode"):
        arguments = ("a.jsonl", "-o", command, *(f"-e{n}" for n in names))
        ran = run("corpus", command, *arguments)
        assert f"3 rows of 1 file: {expected}, 1 row without a text" in ran.stdout
        figures = json.loads(run("corpus", command, *arguments, "--json").stdout)
        assert figures["counts"] == dict(zip(names, sums, strict=True))
    ran = run("corpus", "chunk", "a.jsonl", "-o", "chunks", "--size", "8")
    chunks = len(rows_of(folder / "chunks"))
    assert f"3 rows of 1 file: {chunks} chunks, " in ran.stdout
