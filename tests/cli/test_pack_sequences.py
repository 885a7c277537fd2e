"""ctx pack-sequences: what it reads, the plan it writes, and its exit codes."""

import json
from pathlib import Path

import pytest

from ctxtools.encodings import get_encoding
from ctxtools.packing.training.load_plan import load_plan
from ctxtools.packing.training.sequences import pack_sequences
from tests.cli.conftest import Run
from tests.oracles import reference

LENGTHS = [700, 300, 0, 400, 600, 2500]
NUMBERS = " ".join(map(str, LENGTHS))


def rows(text: str) -> list[list[int]]:
    return [json.loads(line)["documents"] for line in text.splitlines()]


def test_numbers_from_a_pipe(run: Run) -> None:
    ran = run("pack-sequences", "--lengths", "-w", "1k", input=NUMBERS)
    assert ran.exit_code == 0
    assert rows(ran.stdout) == [[0, 1], [3, 4], [5], [5], [5]]
    assert ran.stderr.splitlines() == [
        "6 documents, 4,500 tokens: 5 training windows of 1,000, 90.0000% full",
        "at least 5 are needed: 0 above the lower bound",
        "documents longer than a training window were split, into 2 more pieces",
        "omitted: 1 document without a token",
    ]
    assert run("pack-sequences", "--lengths", "-w", "1k", "-q", input=NUMBERS).stderr == ""


@pytest.mark.parametrize("field", ["n", "ids", "text"])
def test_records(field: str, run: Run, folder: Path) -> None:
    texts = ["some words here " * n for n in range(60)]
    lines = [{"text": text, "n": i, "ids": list(range(i))} for i, text in enumerate(texts)]
    lines.append({"text": None, "n": None, "ids": None})
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    lengths = [*range(60), 0]
    if field == "text":
        lengths = [len(reference("o200k_base")(text)) for text in [*texts, ""]]
    ran = run("pack-sequences", "a.jsonl", "-w", "200", "--field", field, "--seed", "3")
    assert ran.exit_code == 0, ran.stderr
    expected = pack_sequences(lengths, 200, seed=3)
    assert rows(ran.stdout) == [window.documents.tolist() for window in expected]
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.Table.from_pylist(lines), "a.parquet")
    same = run("pack-sequences", "a.parquet", "-w", "200", "--column", field, "--seed", "3")
    assert (same.exit_code, same.stdout) == (0, ran.stdout)


def test_files_are_documents(run: Run, folder: Path) -> None:
    for n in (1, 2, 3):
        (folder / f"{n}.txt").write_text("word " * 10 * n)
    (folder / "b.bin").write_bytes(b"\0\1")
    ran = run("pack-sequences", ".", "-w", "50", "--json")
    figures = json.loads(ran.stdout)
    count = reference("o200k_base")
    assert figures["tokens"] == sum(len(count("word " * 10 * n)) for n in (1, 2, 3))
    assert [file["path"] for file in figures["files"]] == ["1.txt", "2.txt", "3.txt"]
    assert "skipped: b.bin: binary" in ran.stderr
    assert figures["skipped"] == [{"path": "b.bin", "reason": "binary"}], "where --json points"


def test_a_plan_in_a_file_and_its_figures(run: Run, folder: Path) -> None:
    options = ["--eos", "1", "--separator", "2", "--max-documents", "2", "--overlong", "drop"]
    arguments = ["--lengths", "-w", "1k", *options, "--stats", "s.json"]
    ran = run("pack-sequences", *arguments, "-o", "p.jsonl", input=NUMBERS)
    assert (ran.exit_code, ran.stdout) == (0, "")
    expected = pack_sequences(
        LENGTHS, 1000, eos_tokens=1, separator_tokens=2, max_documents=2, overlong="drop"
    )
    assert (folder / "p.jsonl").read_text() == "".join(expected.json_lines())
    figures = json.loads((folder / "s.json").read_text())
    assert expected.summary().items() <= figures.items()
    assert "dropped: 1 document longer than a training window" in ran.stderr
    assert load_plan("p.jsonl") == expected
    (folder / "out.txt").write_text(run("pack-sequences", *arguments, input=NUMBERS).stdout)
    assert load_plan("out.txt") == expected
    pytest.importorskip("pyarrow")
    assert run("pack-sequences", *arguments, "-o", "p.parquet", input=NUMBERS).exit_code == 0
    assert load_plan("p.parquet") == expected


def test_documents_are_truncated_and_reported(run: Run, folder: Path) -> None:
    options = ["--lengths", "-w", "1k", "--eos", "1", "--overlong", "truncate"]
    ran = run("pack-sequences", *options, "-o", "p.jsonl", input=NUMBERS)
    assert "truncated: 1 document longer than a training window" in ran.stderr
    assert "were split" not in ran.stderr
    plan = load_plan("p.jsonl")
    assert plan == pack_sequences(LENGTHS, 1000, eos_tokens=1, overlong="truncate")
    assert plan.truncated.tolist() == [5]


SECTIONS = "".join(f"# Part {n}\n\n{'A sentence. ' * (20 + n)}\n\n" for n in range(12))


@pytest.mark.parametrize("kind", ["a.md", "a.jsonl", "a.parquet", "-"])
def test_split_at_boundaries(kind: str, run: Run, folder: Path) -> None:
    """Each piece starts with a paragraph: the documents before and between do not move places."""
    ids = reference("o200k_base")(SECTIONS)
    decode = get_encoding("o200k_base").decode
    lines = [{"text": text} for text in ("short", SECTIONS, None, "short", SECTIONS)]
    arguments, number, piped = [kind], [0], ""
    if kind == "a.parquet":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(lines), "a.parquet")
        arguments, number = [kind, "--column", "text"], [1, 4]
    elif kind == "a.jsonl":
        (folder / kind).write_text("".join(json.dumps(line) + "\n" for line in lines))
        arguments, number = [kind, "--field", "text"], [1, 4]
    elif kind == "-":
        piped = SECTIONS
    else:
        (folder / kind).write_text(SECTIONS)
    options = ["-w", "100", "--eos", "1", "--overlong", "split-at-boundaries"]
    ran = run("pack-sequences", *arguments, *options, input=piped)
    assert ran.exit_code == 0, ran.stderr
    for document in number:
        starts = [
            start
            for row in map(json.loads, ran.stdout.splitlines())
            for at, start in zip(row["documents"], row["starts"], strict=True)
            if at == document
        ]
        assert len(starts) > 5
        assert all(decode(ids[start:]).startswith(("#", "A", " A")) for start in starts)
    assert "without a text" not in ran.stderr


def test_documents_without_boundaries(run: Run, folder: Path) -> None:
    ran = run("pack-sequences", "-w", "9", "--lengths", "--overlong", "split-at-boundaries")
    assert ran.exit_code == 2
    assert "needs texts, not --lengths" in ran.stderr
    (folder / "a.jsonl").write_text('{"n": 50}\n{"n": "a b c d e f g h i j k"}\n{"n": 5}\n')
    options = ["--field", "n", "--overlong", "split-at-boundaries"]
    ran = run("pack-sequences", "a.jsonl", "-w", "9", *options)
    assert "of those, 1 came without text, and was cut where a training window ends" in ran.stderr
    (folder / "b.bin").write_bytes(b"\0\1")
    ran = run("pack-sequences", ".", "-w", "9", "--overlong", "split-at-boundaries")
    assert "b.bin: binary" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "input", "message"),
    [
        (["-w", "0"], NUMBERS, "window must be >= 1, got 0"),
        (["-w", "big"], NUMBERS, "'big' is not a size"),
        (["-w", "5", "--eos", "5"], NUMBERS, "window must be > --eos, got 5 and 5"),
        (["-w", "1k", "--overlong", "raise"], NUMBERS, "document 5 has 2500 tokens"),
        (["-w", "1k"], "1 -2", "'-2' is not a number of tokens"),
        (["-w", "1k"], "1 2.5", "'2.5' is not a number of tokens"),
        (["-w", "1k", "-o", "plan"], NUMBERS, "name a file that ends with .parquet or .jsonl"),
        (["-w", "1k", "-o", "no/p.jsonl"], NUMBERS, "no/p.jsonl"),
        (["-w", "1k", "-o", "p.jsonl", "--stats", "p.jsonl"], NUMBERS, "cannot be both"),
    ],
)
def test_errors(arguments: list[str], input: str, message: str, run: Run, folder: Path) -> None:
    ran = run("pack-sequences", "--lengths", *arguments, input=input)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("value", ["true", "1.5", "-1", "{}", '"a', '["a", "b"]', '[{"role": 1}]'])
def test_no_plan_for_a_part_of_the_documents(value: str, run: Run, folder: Path) -> None:
    (folder / "a.jsonl").write_text(f'{{"n": 5}}\n{{"n": {value}}}\n')
    (folder / "b.jsonl").write_text('{"n": 5}\n')
    ran = run("pack-sequences", ".", "-w", "10", "--field", "n", "-o", "p.jsonl")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: a.jsonl: line 2" in ran.stderr
    assert not (folder / "p.jsonl").exists()
    assert run("pack-sequences", "gone", "-w", "10").exit_code == 2


def test_numbers_in_quotes_are_texts_and_this_is_said(run: Run, folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"n": "512"}\n{"n": ""}\n{"n": "7"}\n')
    ran = run("pack-sequences", "a.jsonl", "-w", "10", "--field", "n")
    assert "note: every text is a number, and was counted as a text" in ran.stderr
    (folder / "a.jsonl").write_text('{"n": "512"}\n{"n": "seven"}\n')
    assert "note:" not in run("pack-sequences", "a.jsonl", "-w", "10", "--field", "n").stderr


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("a.csv", "a table does not say whether a column is of texts, ids", "Parquet or JSONL"),
        ("a.jsonl", "JSONL has fields, and no columns", "--field n"),
        ("a.txt", "not a readable Parquet file", "another format"),
    ],
)
def test_a_column_of_another_format(
    name: str, message: str, hint: str, run: Run, folder: Path
) -> None:
    """A number in a CSV is a text: its tokens would have been counted."""
    pytest.importorskip("pyarrow")
    (folder / name).write_text("n\n512\n7\n" if name == "a.csv" else '{"n": 512}\n')
    ran = run("pack-sequences", name, "-w", "900", "--column", "n")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"error: {name}: {message}" in ran.stderr and hint in ran.stderr


def test_both_kinds_of_records_at_once(run: Run, folder: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (folder / "a.jsonl").write_text('{"n": 5}\n')
    parquet.write_table(pyarrow.table({"m": [6, 7]}), "b.parquet")
    ran = run("pack-sequences", ".", "-w", "20", "--field", "n", "--column", "m")
    assert json.loads(ran.stdout)["lengths"] == [5, 6, 7]


def test_bad_records_are_skipped_and_the_others_keep_their_numbers(run: Run, folder: Path) -> None:
    lines = ['{"t": "one two"}', "{", '{"t": true}', '{"t": "three"}', '{"u": 1}']
    (folder / "a.jsonl").write_text("\n".join(lines))
    options = ["--field", "t", "--window", "10"]
    assert run("pack-sequences", "a.jsonl", *options).exit_code == 2
    ran = run("pack-sequences", "a.jsonl", *options, "--skip-bad-records")
    assert ran.exit_code == 0, ran.stderr
    assert "3 bad records were skipped: line 2: not JSON" in ran.stderr
    window = json.loads(ran.stdout.splitlines()[0])
    assert window["lengths"] == [2, 1]
    assert window["documents"] == [0, 3], "the fourth record is number 3"
    (folder / "plan.jsonl").write_text("old")
    options = ["--field", "nope", "--window", "10", "--skip-bad-records", "-o", "plan.jsonl"]
    ran = run("pack-sequences", "a.jsonl", *options)
    assert ran.exit_code == 2 and "no good record" in ran.stderr
    assert (folder / "plan.jsonl").read_text() == "old"
