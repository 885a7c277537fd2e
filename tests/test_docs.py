"""The pages of docs/ are true: from top to bottom in one folder, commands print what they say, and
the Python runs."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.example_project import add_files, printed, run, shows, write_project

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if BLOCK.search(page.read_text("utf-8"))]


def test_there_are_pages() -> None:
    assert {"index", "corpora"} <= {page.stem for page in PAGES}


def test_every_extra_is_explained() -> None:
    """But for those of who works on ctxtools."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    table = (DOCS / "install.md").read_text("utf-8").split("## Extras")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = sorted(name for row in rows for name in re.findall(r"`(\w+)`", row))
    assert named == sorted({*project["optional-dependencies"]} - {"docs", "test"})


def test_the_start_names_every_guide() -> None:
    table = (DOCS / "index.md").read_text("utf-8").split("## Where to go next")[1]
    linked = re.findall(r"\]\((\w+\.md)\)", table)
    pages = {page.name for page in DOCS.glob("*.md")} - {"index.md", "vocabulary.md"}
    assert sorted(linked) == sorted(pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = page.read_text(encoding="utf-8")
    write_project(tmp_path)
    add_files(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for language, block in BLOCK.findall(text):
        if language == "python":
            exec(compile(block, page.name, "exec"), scope)
            continue
        for command, expected in COMMAND.findall(block):
            ran = run(command, tmp_path)
            assert ran.returncode == 0, printed(ran)
            assert shows(expected, ran), f"{command}: {printed(ran)}"
