"""``ctx pack``: what it writes and where, what it says, and its exit codes."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools.encodings import get_encoding
from ctxtools.models import get_model
from tests.cli.conftest import Run
from tests.cli.pack.conftest import CODE

O200K = get_encoding("o200k_base")


def parse(text: str) -> Any:
    return json.loads(text)


def test_everything_goes_to_stdout_and_the_table_to_stderr(run: Run, tree: Path) -> None:
    ran = run("pack", ".")
    assert ran.exit_code == 0
    assert ran.stdout.startswith(
        '<documents>\n<document index="1" source="README.md">\n# A project'
    )
    assert ran.stdout.endswith("</document>\n</documents>\n")
    assert f"o200k_base: {O200K.count(ran.stdout):,} tokens" in ran.stderr
    assert "src/main.py" in ran.stderr and "100.0%" in ran.stderr
    assert "skipped: logo.png: binary (PNG image)" in ran.stderr
    assert "left_out" not in ran.stdout
    assert run("pack", ".", "-q").stderr == ""


@pytest.mark.parametrize("limit", [40, 100, 256, 600, 2000])
def test_the_written_text_keeps_the_limit(limit: int, run: Run, tree: Path) -> None:
    ran = run("pack", ".", "-l", limit, "-r", limit // 4, "-o", "out.xml", "--stats", "stats.json")
    assert (ran.exit_code, ran.stdout) == (0, "")
    stats = parse((tree / "stats.json").read_text())
    written = (tree / "out.xml").read_bytes().decode()
    assert O200K.count(written) == stats["token_count"] <= limit - limit // 4
    assert (stats["limit"], stats["available"]) == (limit, limit - limit // 4)
    paths = [each["path"] for each in stats["documents"] + stats["omitted"]]
    assert sorted(paths) == ["README.md", "logo.png", "notes.txt", "src/main.py", "src/util.py"]
    assert all(each["reason"] for each in stats["omitted"])
    assert 0 <= stats["value"] <= stats["upper_bound"]


def test_an_existing_output_is_not_an_input(run: Run, tree: Path) -> None:
    first = run("pack", ".", "-o", "out.xml", "--stats", "out.json")
    text = (tree / "out.xml").read_text()
    second = run("pack", ".", "-o", "out.xml", "--stats", "out.json")
    assert (tree / "out.xml").read_text() == text
    assert "out.xml: the output itself" in second.stderr and "out.xml" not in first.stderr


def test_parts_of_an_earlier_run_are_no_input(run: Run, tree: Path) -> None:
    """They were packed again, each run into more parts than the last."""
    first = run("pack", ".", "--parts", "3", "-o", "out.xml", "--json")
    assert len(list(tree.glob("out.*-of-3.xml"))) == 3
    second = run("pack", ".", "--parts", "3", "-o", "out.xml", "--json")
    assert parse(second.stdout)["token_count"] == parse(first.stdout)["token_count"]
    assert "out.2-of-3.xml: the output itself" in second.stderr
    facts = parse(run("pack", ".", "-o", "out.xml", "--dry-run", "--json").stdout)
    assert not [each for each in facts["documents"] if "-of-" in each["path"]]


def test_each_part_is_reported_against_the_part_limit(run: Run, tree: Path) -> None:
    """With --part-limit alone no limit was shown, and with --limit the wrong one."""
    for limit in ((), ("-l", "1M")):
        ran = run("pack", ".", "--parts", "auto", "--part-limit", "700", "-o", "p.xml", *limit)
        assert ran.stderr.count("% of 700\n") == len(list(tree.glob("p.*.xml"))) > 1
        ran = run("pack", ".", "--parts", "auto", "--part-limit", "70k", *limit)
        assert "% of 70,000\n" in ran.stderr
    assert "% of " not in run("pack", ".", "--parts", "3", "-o", "q.xml").stderr
    assert "% of " not in run("pack", ".").stderr


@pytest.mark.parametrize("how", ["src/main.py", "src/../src/main.py", "link.py"])
def test_an_input_is_not_written_over(how: str, run: Run, tree: Path) -> None:
    """It was skipped as the output itself, and then replaced by an empty text."""
    (tree / "link.py").symlink_to("src/main.py")
    for arguments in (("-o", how), ("--stats", how), ("--template", how, "-o", "src/main.py")):
        ran = run("pack", "src/main.py", *arguments)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "is both an input and an output\n\nhint: " in ran.stderr
        assert (tree / "src" / "main.py").read_text() == CODE


def test_where_nothing_can_be_read_nothing_is_written(run: Run, tree: Path) -> None:
    """An earlier prompt was replaced by an empty one."""
    (tree / "out.xml").write_text("earlier")
    assert run("pack", "none.py", "-o", "out.xml", "--stats", "s.json").exit_code == 2
    assert (tree / "out.xml").read_text() == "earlier" and not (tree / "s.json").exists()
    assert run("pack", "none.py", "notes.txt", "-o", "out.xml").exit_code == 2
    assert (tree / "out.xml").read_text() == "earlier"


def test_pins_that_do_not_fit(run: Run, tree: Path) -> None:
    arguments = ("pack", ".", "-l", 300, "--pin", "src/*.py", "-o", "out.xml")
    ran = run(*arguments, "--json", "--stats", "stats.json")
    assert ran.exit_code == 1
    assert ran.stderr.startswith("error: what has to go in takes ")
    refusal = parse(ran.stdout)
    assert [each["name"] for each in refusal["conflict"]] == ["the frame", "src/main.py"]
    assert refusal["available"] == 300
    assert not (tree / "out.xml").exists() and not (tree / "stats.json").exists()
    assert run(*arguments).stdout == ""


def test_a_reserve_that_leaves_nothing(run: Run, tree: Path) -> None:
    ran = run("pack", ".", "-l", 300, "-r", 300, "--json")
    assert ran.exit_code == 1
    assert "leaves nothing" in parse(ran.stdout)["error"]


def test_json_holds_the_text_where_it_goes_nowhere_else(run: Run, tree: Path) -> None:
    facts = parse(run("pack", "src", "--json", "-m", "deepseek-v4").stdout)
    assert facts["model"] == "deepseek-v4-pro" and facts["exact"]
    assert facts["limit"] == get_model("deepseek-v4-pro").context
    assert get_encoding("deepseek_v3").count(facts["text"]) == facts["token_count"]
    assert "text" not in parse(run("pack", "src", "--json", "-o", "out.xml").stdout)


def test_a_dry_run_writes_nothing(run: Run, tree: Path) -> None:
    ran = run("pack", ".", "--dry-run", "-o", "out.xml", "--stats", "s.json")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "README.md" in ran.stderr
    assert not (tree / "out.xml").exists() and not (tree / "s.json").exists()
    assert parse(run("pack", ".", "--dry-run", "--json").stdout)["documents"]


def test_an_estimate_is_packed_by_its_upper_end(run: Run, tree: Path) -> None:
    estimate = get_model("claude-opus-4-8").estimate
    assert estimate is not None
    ran = run("pack", ".", "-m", "claude-opus-4-8", "-l", 1000, "--json")
    facts = parse(ran.stdout)
    count = get_encoding(estimate.encoding).count(facts["text"])
    assert facts["token_count"] == count and not facts["exact"]
    assert facts["estimate"]["high"] == estimate.of(estimate.measure(facts["text"])).high <= 1000
    assert "is an estimate (~)" in ran.stderr and "~" in ran.stderr
    ran = run("pack", ".", "-m", "claude-opus-4-8", "-l", 9)
    assert ran.exit_code == 1
    assert "the smallest, README.md, takes ~" in ran.stderr and " tokens of 9\n" in ran.stderr


def test_the_user_says_what_matters(run: Run, tree: Path) -> None:
    def first(*options: str | int) -> str:
        ran = run("pack", ".", "-l", 420, "--forms", "whole", "--json", *options)
        assert ran.exit_code == 0, ran.stderr
        return " ".join(each["path"] for each in parse(ran.stdout)["documents"])

    assert first() == "README.md notes.txt"
    for options in (
        ("--priority", "src/util.py=100"),
        ("--tier", "util.*"),
        ("--pin", "src/util.py"),
        ("--requires", "notes.txt=src/main.py"),
    ):
        assert first(*options) == "README.md src/util.py"


def test_explain(run: Run, tree: Path) -> None:
    ran = run("pack", ".", "--dry-run", "--explain", "--priority", "src/**=2")
    assert "weight 2 x code 1 x depth 0.90" in ran.stderr
    assert "readme 3" in ran.stderr


@pytest.mark.parametrize("format", ["xml", "markdown", "json", "plain"])
def test_formats_and_the_tree(format: str, run: Run, tree: Path) -> None:
    text = run("pack", ".", "--format", format, "--tree", "-q").stdout
    assert "main.py" in text[text.lower().index("tree") :]
    if format == "json":
        assert len(parse(text)["documents"]) == 4


def test_a_template_of_the_users(run: Run, tree: Path) -> None:
    (tree / "template").write_text(
        "Files:\n{{#documents}}\n<<{{source}}>>\n{{/documents}}\nDone.\n"
    )
    ran = run("pack", "src", "--template", "template", "-q")
    assert ran.stdout == "Files:\n<<main.py>>\n<<util.py>>\nDone.\n"
    (tree / "template").write_text("{{documents}} {{wrong}}")
    assert run("pack", "src", "--template", "template").exit_code == 2


def test_parts(run: Run, tree: Path) -> None:
    ran = run("pack", ".", "--parts", "auto", "--part-limit", "700", "-o", "out.xml", "--json")
    assert ran.exit_code == 0, ran.stderr
    facts = parse(ran.stdout)
    names = sorted(path.name for path in tree.glob("out.*"))
    n = len(facts["parts"])
    assert n > 2 and names == [f"out.{i}-of-{n}.xml" for i in range(1, n + 1)]
    for name, part in zip(names, facts["parts"], strict=True):
        assert O200K.count((tree / name).read_text()) == part["token_count"] <= 700
    many = run("pack", ".", "--parts", "auto", "--part-limit", "700")
    assert many.exit_code == 2 and "one stdout" in many.stderr
    assert run("pack", "src", "--parts", "1", "-q").stdout.startswith("<documents>")
    over = run("pack", ".", "--parts", "2", "--part-limit", "700", "-o", "x.xml")
    assert over.exit_code == 1 and not list(tree.glob("x.*"))


def test_the_clipboard(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tree.parent / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    ran = run("pack", "src", "--copy")
    assert ran.exit_code == 2 and "clipboard" in ran.stderr
    if sys.platform == "win32":
        return
    (tools / "wl-copy").write_text(f"#!/bin/sh\n/bin/cat > {tools}/pasted\n")
    os.chmod(tools / "wl-copy", 0o755)
    ran = run("pack", "src", "--copy")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert (tools / "pasted").read_text() == run("pack", "src", "-q").stdout


def test_a_pack_begins_as_the_one_it_replaces(run: Run, folder: Path) -> None:
    for name in "abc":
        (folder / f"{name}.md").write_text(f"# {name}\n\n" + f"Words of {name}. " * 700)
    command = ("pack", ".", "-m", "gpt-4o", "--stable-from", "p.xml", "-o", "p.xml")
    assert "0 documents as before (there is no earlier text)" in run(*command).stderr
    first = (folder / "p.xml").read_text()
    (folder / "c.md").write_text("# c\n\nOther words.\n")
    ran = run(*command, "--stats", "s.json")
    assert re.search(
        r"stable: 2 documents as before \(c\.md changed\); a prompt cache can hold [\d,]+ of "
        r"[\d,]+ tokens \(from 1,024 tokens on, in steps of 128\), which saves \$0\.\d+ of \$0\.",
        ran.stderr,
    )
    second = (folder / "p.xml").read_text()
    assert second[: first.index("# c")] == first[: first.index("# c")]
    facts = json.loads((folder / "s.json").read_text())["stable"]
    assert facts["documents"] == 2
    assert 0 < facts["tokens"] - facts["cacheable_tokens"] < 128
    assert facts["saved"] == pytest.approx(facts["cacheable_tokens"] * 1.25e-6)
    assert run("pack", ".", "-l", "9k", "--stable-from", "none.xml").exit_code == 2
    parts = run("pack", ".", "-l", "9k", "--stable-from", "p.xml", "--parts", "auto")
    assert parts.exit_code == 2 and "--parts packs everything, and takes no --stable-from" in (
        parts.stderr
    )
    asked = run("pack", ".", "-l", "9k", "--query", "what is it?", "--parts", "2")
    assert asked.exit_code == 2 and "takes no --query\n\nhint: pack one text" in asked.stderr


def test_a_question_of_which_no_word_occurs_is_an_error(run: Run, folder: Path) -> None:
    """A pack of whatever seemed best was written, and -q hid the note that said so."""
    (folder / "a.md").write_text("Refunds are issued by hand.\n")
    for options in ([], ["-q"], ["--json"]):
        ran = run("pack", ".", "-l", "9k", "--query", "zzz", "-o", "p.xml", *options)
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "--query: no document has any of its words\n\nhint: ask with words" in ran.stderr
        assert not (folder / "p.xml").exists()
    # A question that says nothing is none, and one with a word that is missing has others.
    for question, note in (("what is this?", "nothing is chosen by it"), ("zzz refunds", "zzz")):
        ran = run("pack", ".", "-l", "9k", "--query", question, "-o", "p.xml")
        assert ran.exit_code == 0 and note in ran.stderr
