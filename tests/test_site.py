"""The site has every public name and command once, and is built without a warning."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

import ctxtools
from ctxtools.cli import quick
from tests.test_scripts import SCRIPTS, load_script

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
MODULES = {name for name in ctxtools.__all__ if isinstance(getattr(ctxtools, name), ModuleType)}
site = load_script(SCRIPTS / "build_site.py")


def test_every_public_name_is_in_the_reference_once() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in REFERENCE.glob("*.md"))
    named = Counter(re.findall(r"^::: ctxtools\.(\w+)$", pages, re.MULTILINE))
    assert named == Counter(set(ctxtools.__all__) - MODULES | {"corpus"})


def test_every_command_and_option_is_in_the_reference() -> None:
    page = site.cli_page()
    assert re.findall(r"^## ctx (.*)$", page, re.MULTILINE) == [*quick.COMMANDS]
    assert "| `--model`, `-m` | A model, such as deepseek-v4-pro" in page
    assert "One of `file`, `dir`, `type`, `kind`. Default: `file`." in page


def test_benchmarks_show_the_newest_results_with_their_plots() -> None:
    pages = dict(site.benchmark_pages())
    newest = max(each.name for each in site.RESULTS.iterdir() if each.name.endswith("-cpus"))
    assert f"({newest}.md)" in str(pages["benchmarks/index.md"])
    shown = re.findall(r"!\[[^]]*\]\((\S+?)\)", str(pages[f"benchmarks/{newest}.md"]))
    assert shown
    assert all(f"benchmarks/{name}" in pages for name in shown)


def test_the_site_is_built(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package)
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "-q"]
    ran = subprocess.run([*command, "-d", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert (
        "Splits documents into chunks" in (tmp_path / "reference/chunking/index.html").read_text()
    )
    # Griffe finds types and defaults by one name: names that share a description are told apart.
    described = re.findall(
        r"<tr class=\"doc-section-item\">\s*<td>\s*<code>([^<]+)</code>",
        (tmp_path / "reference/limits/index.html").read_text("utf-8"),
    )
    assert {"model", "encoding", "archives"} < set(described)
    assert [name for name in described if "," in name] == []
    page = (tmp_path / "index.html").read_text("utf-8")
    loaded = re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=\"(https?:[^\"]+)", page)
    assert [url for url in loaded if not url.startswith("https://ctxtools.github.io/")] == []
    # By this mark the theme's script finds where to show stars, for which it asks api.github.com.
    for each in tmp_path.rglob("*.html"):
        assert "data-md-component=source" not in each.read_text("utf-8").replace('"', ""), each
