"""The examples run as their first lines say, and do what they claim."""

import os
import subprocess
import sys
from pathlib import Path

import ctxtools as ctx
from tests.example_project import write_project

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def example(*words: str | Path, text: str = "", folder: Path = ROOT) -> str:
    ran = subprocess.run(
        [sys.executable, EXAMPLES / words[0], *words[1:]],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_each_is_named_in_the_list() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert [each.name for each in EXAMPLES.glob("*.py") if f"`{each.name}`" not in listed] == []


def test_search_docs(tmp_path: Path) -> None:
    write_project(tmp_path)
    printed = example("search_docs.py", tmp_path, "which chapter is next?")
    assert "write the next chapter" in printed
    assert printed.strip().endswith("Question: which chapter is next?")


def test_agent_loop() -> None:
    assert "old messages were dropped" in example("agent_loop.py")


def test_review_change(tmp_path: Path) -> None:
    write_project(tmp_path)
    commit = (
        "git init -q . && git add . && git -c user.name=a -c user.email=a@localhost commit -qm a"
    )
    ran = subprocess.run(commit, shell=True, cwd=tmp_path, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    with (tmp_path / "notes" / "todo.md").open("a") as file:
        file.write("- [ ] buy ink\n")
    printed = example("review_change.py", tmp_path)
    assert "buy ink" in printed
    assert "todo.md above" in printed


def test_training_windows() -> None:
    assert "resumed at step 10" in example("training_windows.py")


def test_count_stream() -> None:
    text = "".join(f"line {n} of a log\n" for n in range(1000))
    kept = example("count_stream.py", "500", text=text)
    encoding = ctx.get_encoding("o200k_base")
    assert text.startswith(kept)
    assert encoding.count(kept) <= 500 < encoding.count(text[: len(kept) + 20])
