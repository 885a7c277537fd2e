"""The pages of docs/ are true: from top to bottom in one folder, commands print what they say, and
the Python runs."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def write_data(folder: Path) -> None:
    """The corpus that the pages speak of."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    folder.mkdir()
    words = [
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "a",
        "lazy",
        "dog",
        "while",
        "rain",
        "falls",
        "on",
        "old",
        "stone",
        "walls",
    ]
    for number in range(3):
        chosen = random.Random(number)
        lengths = [chosen.randint(5, 400) for _ in range(200)]
        texts = [" ".join(chosen.choices(words, k=length)) for length in lengths]
        ids = [f"{number}-{row}" for row in range(len(texts))]
        table = pyarrow.table({"id": ids, "text": texts})
        parquet.write_table(table, folder / f"web-{number}.parquet")


def test_there_are_pages() -> None:
    assert DOCS / "corpora.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("CTXTOOLS_") or "KERNEL" in k},
        "XDG_CONFIG_HOME": str(tmp_path / "none"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = 0
    scope: dict[str, object] = {}
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(block, page.name, "exec"), scope)
            done += 1
            continue
        for command, expected in COMMAND.findall(block):
            ran = subprocess.run(
                command, shell=True, capture_output=True, text=True, env=environment
            )
            printed = (ran.stdout + ran.stderr).rstrip("\n")
            assert ran.returncode == 0, printed
            pattern = re.escape(expected.rstrip("\n")).replace("…", ".*")
            assert re.fullmatch(pattern, printed), f"{command}: {printed}"
            done += 1
    assert done >= 3
