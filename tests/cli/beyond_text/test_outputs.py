"""What ``ctx count`` prints of files that are no text: tables, CSV, JSON, JSONL, trees."""

import csv
import io
import json
from pathlib import Path

import pytest

import ctxtools as ctx
from tests.cli.beyond_text.samples import jpeg, png
from tests.cli.conftest import Run

QWEN = "qwen3-vl-8b"
SMALL, LARGE = (int(ctx.image_tokens(QWEN, *size)) for size in ((640, 480), (1920, 1080)))
CHAT = [{"role": "user", "content": "Hello there"}]


@pytest.fixture
def tree(folder: Path) -> Path:
    """A folder with texts and images."""
    (folder / "art").mkdir()
    (folder / "art" / "large.jpg").write_bytes(jpeg(1920, 1080))
    (folder / "art" / "small.png").write_bytes(png())
    (folder / "a.txt").write_text("Hello world")
    (folder / "b.txt").write_text("Hello world, again")
    return folder


def test_a_table_has_kinds(run: Run, tree: Path) -> None:
    lines = run("count", ".", "-m", QWEN).stdout.splitlines()
    assert lines[0].split() == ["Tokens", "Of", "total", "Bytes", "Kind", "Path"]
    kinds = {line.split()[-1]: line.split()[-2] for line in lines[2:6]}
    assert kinds == {
        "art/large.jpg": "image", "art/small.png": "image", "a.txt": "text", "b.txt": "text",
    }  # fmt: skip
    assert lines[7].split()[-5:] == ["mixed", "total", "of", "4", "files"]
    total = SMALL + LARGE + 2 + 4
    assert lines[7].split()[0] == f"{total:,}"


def test_texts_alone_have_no_kinds(run: Run, tree: Path) -> None:
    assert "Kind" not in run("count", "a.txt", "b.txt", "-m", QWEN).stdout


def test_a_row_for_each_kind(run: Run, tree: Path) -> None:
    lines = run("count", ".", "-m", QWEN, "--by", "kind").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == [f"{SMALL + LARGE:,}", "6"]
    assert [line.split()[-1] for line in lines[2:4]] == ["image", "text"]
    groups = json.loads(run("count", ".", "-m", QWEN, "--by", "kind", "--json").stdout)["groups"]
    assert {each["name"]: (each["files"], each["tokens"][QWEN]) for each in groups} == {
        "image": (2, SMALL + LARGE),
        "text": (2, 6),
    }


def test_a_tree(run: Run, tree: Path) -> None:
    stdout = run("count", ".", "-m", QWEN, "--tree").stdout
    assert "├── art" in stdout
    assert "│   ├── large.jpg" in stdout
    (line,) = (line for line in stdout.splitlines() if line.endswith("├── art"))
    assert line.split()[0] == f"{SMALL + LARGE:,}"


def test_csv(run: Run, tree: Path) -> None:
    printed = run("count", ".", "-m", QWEN, "--csv", "--sort", "path").stdout
    rows = list(csv.reader(io.StringIO(printed)))
    assert rows[0] == ["path", "bytes", QWEN, "kind"]
    assert [(row[0], row[2], row[3]) for row in rows[1:]] == [
        ("a.txt", "2", "text"),
        ("art/large.jpg", str(LARGE), "image"),
        ("art/small.png", str(SMALL), "image"),
        ("b.txt", "4", "text"),
    ]


def test_csv_of_intervals(run: Run, folder: Path) -> None:
    (folder / "chat.json").write_text(json.dumps(CHAT))
    interval = ctx.count_messages(CHAT, model="claude-opus-4-8").interval
    printed = run("count", "chat.json", "-m", "claude-opus-4-8", "--csv").stdout
    rows = list(csv.reader(io.StringIO(printed)))
    name = "claude-opus-4-8"
    assert rows[0] == ["path", "bytes", name, f"{name} low", f"{name} high", "kind"]
    numbers = [interval.typical, interval.low, interval.high]
    assert rows[1][2:] == [*map(str, numbers), "conversation"]


def test_jsonl(run: Run, tree: Path) -> None:
    printed = run("count", ".", "-m", QWEN, "--jsonl").stdout
    lines = [json.loads(line) for line in printed.splitlines()]
    (small,) = (line for line in lines if line.get("path") == "art/small.png")
    assert (small["kind"], small["tokens"]) == ("image", {QWEN: SMALL})
    how = ctx.image_tokens(QWEN, 640, 480)
    assert small["how"] == {
        QWEN: {
            "rule": how.rule, "basis": how.basis, "source": how.source, "wrapper": how.wrapper,
        }
    }  # fmt: skip
    assert lines[-1]["total"]["tokens"] == {QWEN: SMALL + LARGE + 6}
    assert lines[-1]["notes"]


def test_limits_and_prices_include_them(run: Run, tree: Path) -> None:
    total = SMALL + LARGE + 6
    ran = run("count", ".", "-m", QWEN, "-l", str(total - 1), "--fail-over")
    assert ran.exit_code == 1
    assert "OVER" in ran.stdout
    assert run("count", ".", "-m", QWEN, "-l", str(total), "--fail-over").exit_code == 0
    priced = run("count", "art", "-m", "gpt-4o").stdout
    assert "as input" in priced


def test_notes_on_a_rule_are_printed_once(run: Run, tree: Path) -> None:
    stderr = run("count", ".", "-m", QWEN).stderr
    assert stderr.count("Alibaba's own service") == 1
    for number in range(30):
        (tree / f"{number}.jpg").write_bytes(png())
    stderr = run("count", ".", "-m", QWEN).stderr
    assert stderr.count("named .jpg, but it is a PNG") == 1
    assert run("count", ".", "-m", QWEN, "-q").stderr == ""
