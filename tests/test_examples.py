"""The examples run as their first lines say, and do what they claim."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ctxtools as ctx
from tests.example_project import write_project

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def example(*words: str | Path, text: str = "", folder: Path = ROOT) -> str:
    ran = run(*words, text=text, folder=folder)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def run(
    *words: str | Path, text: str = "", folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, EXAMPLES / words[0], *words[1:]],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )


def test_each_is_named_in_the_list() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    assert [each.name for each in EXAMPLES.glob("*.py") if f"`{each.name}`" not in listed] == []


@pytest.mark.parametrize("name", ["search_docs.py", "review_change.py", "count_stream.py"])
def test_without_arguments_each_says_which(name: str) -> None:
    ran = run(name)
    assert ran.returncode == 1
    assert ran.stderr.lstrip().splitlines()[2].startswith(("    python ", "    cat "))
    assert "Traceback" not in ran.stderr


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
        file.write("- [ ] buy ink, with AKIAIOSFODNN7EXAMPLE\n")
    reviewed = run("review_change.py", tmp_path)
    assert "buy ink" in reviewed.stdout
    assert "todo.md above" in reviewed.stdout
    assert "todo.md:44: looks like a secret (AWS Access Key)" in reviewed.stderr


def test_training_windows() -> None:
    assert "resumed at step 10" in example("training_windows.py")


def test_count_stream() -> None:
    text = "".join(f"line {n} of a log\n" for n in range(1000))
    kept = example("count_stream.py", "500", text=text)
    encoding = ctx.get_encoding("o200k_base")
    assert text.startswith(kept)
    assert encoding.count(kept) <= 500 < encoding.count(text[: len(kept) + 20])
