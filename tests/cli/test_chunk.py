"""``ctx chunk``: what it writes where, and what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.oracles import reference

TEXT = "# A book\n\n" + "".join(
    f"## Chapter {n}\n\nIt was the best of times. It was the worst of times, 最好的时代。\n\n"
    for n in range(40)
)


def count(text: str) -> int:
    return len(reference("o200k_base")(text))


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_chunks_are_lines_of_json(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    ran = run("chunk", "book.md", "--size", "64")
    chunks = rows(ran.stdout)
    assert ran.exit_code == 0
    assert "".join(str(chunk["text"]) for chunk in chunks) == TEXT
    assert all(chunk["token_count"] == count(str(chunk["text"])) <= 64 for chunk in chunks)
    assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
    assert {chunk["source"] for chunk in chunks} == {"book.md"}
    assert ["A book", "Chapter 2"] in [chunk["headings"] for chunk in chunks]
    assert f"{len(chunks)} chunks of at most 64 tokens from 1 document: " in ran.stderr
    assert " cuts: section " in ran.stderr
    assert run("chunk", "book.md", "--size", "64", "-q").stderr == ""
    assert run("chunk", "book.md", "--size", "64").stdout == ran.stdout, "from run to run"


def test_overlap_and_header_are_inside_the_size(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    ran = run("chunk", "book.md", "--size", "48", "--overlap", "8", "--header")
    chunks = rows(ran.stdout)
    assert all(chunk["token_count"] == count(str(chunk["text"])) <= 48 for chunk in chunks)
    for chunk in chunks:
        a, b = chunk["start_index"], chunk["end_index"]
        assert isinstance(a, int)
        assert isinstance(b, int)
        assert chunk["text"] == str(chunk["header"]) + TEXT[a:b]
    assert any(str(chunk["header"]).startswith("A book") for chunk in chunks)


def test_nested_sizes(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    ran = run("chunk", "book.md", "--size", "256,64")
    chunks = rows(ran.stdout)
    parents = {chunk["id"] for chunk in chunks if chunk["parent_id"] is None}
    assert {chunk["parent_id"] for chunk in chunks if chunk["parent_id"]} == parents
    assert "of at most 256 tokens" in ran.stderr
    assert "of at most 64 tokens" in ran.stderr


def test_a_pipe(run: Run) -> None:
    ran = run("chunk", "--size", "64", input=TEXT)
    assert "".join(str(chunk["text"]) for chunk in rows(ran.stdout)) == TEXT


def test_records_are_documents(run: Run, folder: Path) -> None:
    (folder / "a.jsonl").write_text(json.dumps({"text": TEXT}) + "\n" + '{"text": "short"}\n')
    chunks = rows(run("chunk", "a.jsonl", "--field", "text", "--size", "512").stdout)
    assert {chunk["source"] for chunk in chunks} == {"a.jsonl#1", "a.jsonl#2"}


def test_a_file_is_written_whole_or_not_at_all(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    out = folder / "out.jsonl"
    ran = run("chunk", "book.md", "--size", "64", "-o", out)
    assert (ran.exit_code, ran.stdout) == (0, "")
    before = out.read_text()
    assert before == run("chunk", "book.md", "--size", "64").stdout
    (folder / "big.txt").write_text("fine so far\n" * 99 + "\U0001f9d1\u200d\U0001f680")
    ran = run("chunk", "book.md", "big.txt", "--size", "1", "-o", out)
    assert ran.exit_code == 2
    assert "\n\nhint: raise the chunk size, or set --on-oversize split-tokens\n" in ran.stderr
    assert out.read_text() == before
    assert sorted(p.name for p in folder.iterdir()) == ["big.txt", "book.md", "out.jsonl"]


def test_parquet(run: Run, folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "book.md").write_text(TEXT)
    assert run("chunk", "book.md", "--size", "64", "-o", "out.parquet").exit_code == 0
    table = parquet.read_table(folder / "out.parquet").to_pylist()
    printed = rows(run("chunk", "book.md", "--size", "64").stdout)
    assert table == [{k: v for k, v in row.items() if k != "metadata"} for row in printed]


def test_a_folder_has_a_file_for_each_chunk(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    assert run("chunk", "book.md", "--size", "64", "-o", "out/").exit_code == 0
    manifest = rows((folder / "out" / "chunks.jsonl").read_text())
    texts = [(folder / "out" / str(row["file"])).read_text() for row in manifest]
    assert "".join(texts) == TEXT
    assert manifest[0]["file"] == "000001-book.md"
    ran = run("chunk", "book.md", "-o", "out/")
    assert ran.exit_code == 2
    assert "out is a folder that is not empty" in ran.stderr


def test_lone_surrogates_are_written_as_what_they_are_counted_as(run: Run, folder: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "a.jsonl").write_text('{"text": "one \\ud800 two"}\n')
    assert run("chunk", "a.jsonl", "--field", "text", "-o", "out.parquet").exit_code == 0
    assert run("chunk", "a.jsonl", "--field", "text", "-o", "out/").exit_code == 0
    (row,) = parquet.read_table(folder / "out.parquet").to_pylist()
    assert row["text"] == "one \ufffd two"
    assert row["token_count"] == count(row["text"])
    assert (folder / "out" / "000001-a.jsonl#1.txt").read_text("utf-8") == row["text"]


def test_a_folder_in_no_folder(run: Run, folder: Path) -> None:
    ran = run("chunk", "-o", "gone/out/", input="text")
    assert ran.exit_code == 2
    assert "error: gone/out/: there is no folder gone" in ran.stderr, "as it was typed"


def test_a_folder_where_a_file_is(run: Run, folder: Path) -> None:
    """Everything was cut before the error, which named the temporary folder."""
    (folder / "a.jsonl").write_text("kept")
    ran = run("chunk", "-o", "a.jsonl/", input=TEXT)
    assert ran.exit_code == 2
    assert (
        ran.stderr == "error: a.jsonl is a file, not a folder\n\nhint: name a new folder, or no /\n"
    )
    assert (folder / "a.jsonl").read_text() == "kept"


@pytest.mark.parametrize("name", ["x.csv", "x.JSON", "x.md", "x.jsonl.gz", "x.arrow", "./x.py"])
def test_no_json_lines_under_the_name_of_another_format(name: str, run: Run, folder: Path) -> None:
    ran = run("chunk", "-o", name, input=TEXT)
    assert ran.exit_code == 2
    assert f"error: {name}: chunks are written as JSON Lines or Parquet, not as ." in ran.stderr
    assert "hint: name a file that ends with .jsonl or .parquet, or a folder (name/)" in ran.stderr
    assert list(folder.iterdir()) == []


def test_names_of_outputs(run: Run, folder: Path) -> None:
    """A suffix in capitals was none: .PARQUET was JSON lines."""
    assert run("chunk", "-o", "x.PARQUET", input=TEXT).exit_code == 0
    assert (folder / "x.PARQUET").read_bytes().startswith(b"PAR1")
    for name in ("x", "x.JSONL", "x.ndjson", "x.txt", "x.2026"):
        assert run("chunk", "-o", name, input=TEXT).exit_code == 0
        assert rows((folder / name).read_text())
    for command in (["chunk"], ["pack"], ["truncate", "-l", "9"], ["pack-sequences", "-w", "9"]):
        ran = run(*command, "-o", "", input=TEXT)
        assert ran.exit_code == 2
        assert "error: --output is an empty name\n\nhint: " in ran.stderr


def test_names_of_chunks_are_not_too_long(run: Run, folder: Path) -> None:
    for name in ("n" * 250 + ".md", "文" * 80 + ".txt", "v1." + "e" * 250):
        (folder / name).write_text("some words")
    assert run("chunk", ".", "-o", "out/").exit_code == 0
    names = [path.name for path in (folder / "out").iterdir()]
    assert len(names) == 4
    assert max(len(name.encode()) for name in names) < 200


def test_a_dry_run_draws_the_sizes(run: Run, folder: Path) -> None:
    (folder / "book.md").write_text(TEXT)
    ran = run("chunk", "book.md", "--size", "100", "--prefer", "fill", "--dry-run")
    lines = ran.stdout.splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith(" 91 to 100  █")
    chunks = len(rows(run("chunk", "book.md", "--size", "100", "--prefer", "fill").stdout))
    assert sum(int(line.split()[-1]) for line in lines) == chunks
    figures = json.loads(
        run("chunk", "book.md", "--size", "100", "--prefer", "fill", "--dry-run", "--json").stdout
    )
    assert figures["sizes"][0]["chunks"] == chunks


def test_files_that_are_not_cut_are_reported(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("some words")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (folder / "bad.json").write_text('{"a": ')
    ran = run("chunk", ".")
    assert ran.exit_code == 0
    assert "skipped: logo.png: binary (PNG image)" in ran.stderr
    assert "note: bad.json: cut as plain text: " in ran.stderr
    assert {row["source"] for row in rows(ran.stdout)} == {"a.txt", "bad.json"}
    assert run("chunk", ".", "--strict").exit_code == 2
    ran = run("chunk", "a.txt", "gone.txt")
    assert ran.exit_code == 2
    assert "error: gone.txt: no such file" in ran.stderr
    assert len(rows(ran.stdout)) == 1, "the run goes on"


def test_files_of_unknown_format_are_noted_once(run: Run, folder: Path) -> None:
    for name in ("a.xyz", "b.xyz", "c.abc", "d.txt", "e.md", "README", "Procfile"):
        (folder / name).write_text("some words")
    note = "note: 4 files of unknown format (.xyz, .abc, Procfile) were cut as plain text"
    assert run("chunk", ".").stderr.count(note) == 1
    assert "1 file of unknown format (.abc) was cut" in run("chunk", "c.abc").stderr
    for arguments in (["d.txt", "e.md", "README"], ["a.xyz", "--format", "text"]):
        assert "unknown format" not in run("chunk", *arguments).stderr


def test_a_long_log_is_cut_as_text(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log was cut in bounded memory before there were entries."""
    (folder / "a.log").write_text("10:01:02 a. b\n" * 300)
    monkeypatch.setattr("ctxtools.cli.runs.chunk.MAX_LOG", 5_000)
    assert {row["kind"] for row in rows(run("chunk", "a.log").stdout)} == {"record"}
    (folder / "a.log").write_text("10:01:02 a. b\n" * 30_000)
    ran = run("chunk", "a.log")
    assert {row["kind"] for row in rows(ran.stdout)} == {"text"}
    assert sum(row["text"].count("\n") for row in rows(ran.stdout)) == 30_000
    assert "note: a.log: cut as plain text: it is a log of more than" in ran.stderr


def test_headers_of_tables_are_not_repeated_if_that_is_not_wanted(run: Run, folder: Path) -> None:
    (folder / "a.csv").write_text("name,age\n" + "Ada,36\n" * 90)
    for options, header in (([], "name,age\n"), (["--no-table-header"], "")):
        ran = run("chunk", "a.csv", "--size", "60", *options)
        assert {row["text"].startswith("name,age\n") for row in rows(ran.stdout)[1:]} == {
            header != ""
        }


@pytest.mark.parametrize(
    ("arguments", "named"),
    [([], "--dry-run --json"), (["--dry-run"], "--json"), (["-o", "out.jsonl"], "--json")],
)
def test_what_a_message_names_lists_all(
    arguments: list[str], named: str, run: Run, folder: Path
) -> None:
    """Beyond the first 20, notes and skipped files were nowhere, whatever the message said."""
    for n in range(30):
        (folder / f"{n:02}.json").write_text('{"a": ')
        (folder / f"{n:02}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (folder / "latin.txt").write_bytes("Le café était fermé, à côté de l’hôtel.\n".encode("cp1252"))
    told = run("chunk", ".", *arguments).stderr
    assert f"skipped: 10 more (10 binary (PNG image)); {named} lists them" in told
    assert f"note: 11 more; {named} lists them" in told
    ran = run("chunk", ".", *arguments, *named.split())
    figures = json.loads(ran.stdout)
    assert len([each for each in figures["skipped"] if each["path"].endswith(".png")]) == 30
    assert len(figures["notes"]) == 31
    assert any(note.startswith("29.json: cut as plain text: ") for note in figures["notes"])
    assert "latin.txt: decoded as cp1252 (detected)" in figures["notes"]


@pytest.mark.parametrize("arguments", [[], ["-o", "out.jsonl"], ["--dry-run"]])
def test_partial_output_of_a_failing_file_is_reported(
    arguments: list[str], run: Run, folder: Path
) -> None:
    """It was an error, and its first records were among the chunks without a word."""
    lines = ['{"text": "one"}', '{"text": "two"}', '{"other": "three"}', '{"text": "four"}']
    (folder / "a.jsonl").write_text("\n".join(lines))
    ran = run("chunk", "a.jsonl", "--field", "text", *arguments)
    assert ran.exit_code == 2
    assert "a.jsonl: line 3: no field 'text'; its first 2 records were kept\n" in ran.stderr
    assert "2 chunks of at most 512 tokens from 2 documents" in ran.stderr
    (folder / "a.jsonl").write_text("\n".join(lines[::-1]))
    assert "its first record was kept" in run("chunk", "a.jsonl", "--field", "text").stderr
    (folder / "a.jsonl").write_text("\n".join(lines[2:]))
    assert "no field 'text'\n" in run("chunk", "a.jsonl", "--field", "text").stderr


def test_partial_output_of_a_failing_text_is_reported(run: Run, folder: Path) -> None:
    """Its chunks were there, and no line of the summary counted them."""
    noise = bytes(1 + i * i * 7919 % 255 for i in range(100_000))
    (folder / "a.txt").write_bytes(b"some words " * 420_000 + noise)
    ran = run("chunk", ".", "--size", "4k")
    kept = len(rows(ran.stdout))
    assert kept
    assert f"in any known charset; its first {kept} chunks were kept" in ran.stderr
    assert f"{kept} chunks of at most 4,000 tokens from 1 document: " in ran.stderr


def test_byte_offsets_do_not_count_a_byte_order_mark(run: Run, folder: Path) -> None:
    """Without a note they did not slice the file, in which they are three more."""
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbfsome words")
    ran = run("chunk", "a.txt")
    assert rows(ran.stdout)[0]["end_byte"] == len("some words")
    assert "note: a.txt: byte order mark removed: byte offsets start after its " in ran.stderr
    (folder / "a.txt").write_bytes(b"some words")
    assert "note: " not in run("chunk", "a.txt", "--charset", "utf-8-sig").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "0"], "error: --size must be from 1 to 2**62 tokens, got 0\n"),
        (["--size", "lots"], "lots"),
        (["--size", "64", "--overlap", "64"], "error: --overlap must be from 0 to 63, got 64\n"),
        (["--size", "64,128"], "--size must have the largest size first, got 64,128\n\nhint: "),
        (["--size", "64", "--min-size", "65"], "error: --min-size must be from 0 to 64, got 65\n"),
        (["--format", "cobol"], "unknown format 'cobol'"),
        (["--json"], "would both go to stdout"),
        (["--dry-run", "-o", "x"], "--dry-run writes nothing"),
    ],
)
def test_bad_input(run: Run, arguments: list[str], message: str) -> None:
    ran = run("chunk", *arguments, input="text")
    assert ran.exit_code == 2
    assert message in ran.stderr


def test_an_empty_input_has_no_chunks(run: Run) -> None:
    ran = run("chunk", input="")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "no chunks from 1 document" in ran.stderr
    assert run("chunk", "--dry-run", input="").exit_code == 0


def test_a_size_above_the_limit_of_the_model_is_noted(run: Run, folder: Path) -> None:
    note = "--size 10,000 is above the limit of gpt-4, 8,192 tokens"
    ran = run("chunk", "-m", "gpt-4", "-s", "10k,512", input=TEXT)
    assert ran.exit_code == 0
    assert f"note: {note}" in ran.stderr
    ran = run("chunk", "-m", "gpt-4", "-s", "10k", "--dry-run", "--json", input=TEXT)
    assert json.loads(ran.stdout)["notes"][0].startswith(note)
    assert "272,000" in run("chunk", "-m", "gpt-5", "-s", "272001", input=TEXT).stderr
    for options in (["-m", "gpt-4", "-s", "8192"], ["-s", "10k"], ["-m", "gpt-5", "-s", "272k"]):
        assert "note:" not in run("chunk", *options, input=TEXT).stderr
