"""What the documents name is there: files, folders, links and just recipes."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REPOSITORY = "https://github.com/ctxtools/ctxtools"
RAW = "https://raw.githubusercontent.com/ctxtools/ctxtools/main/"
DOCUMENTS = [
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "RELEASE.md", "SECURITY.md"),
    *("benchmarks/README.md", "kernel/README.md"),
]

pytestmark = pytest.mark.skipif(
    not (ROOT / "CHANGELOG.md").exists(), reason="the tests are run without the rest of the tree"
)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files(name: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        path = link.partition("#")[0]
        for prefix in (f"{REPOSITORY}/blob/main/", f"{REPOSITORY}/tree/main/", RAW):
            path = path.removeprefix(prefix)
        if "://" in path or not path:
            continue
        base = ROOT if path != link.partition("#")[0] else (ROOT / name).parent
        assert (base / path).exists(), link


def test_the_links_of_the_readme_are_absolute() -> None:
    """PyPI shows it, where a relative link leads nowhere."""
    links = re.findall(r"\]\(([^)\s]+)\)", read("README.md"))
    assert links
    assert all(link.startswith("https://") for link in links)


def paths_in(text: str) -> set[str]:
    """What looks like a path of this repository: in backquotes, with a slash or a known ending."""
    found = set()
    for quoted in re.findall(r"`([^`\n]+)`", text):
        for word in quoted.split():
            if re.fullmatch(r"\.?\w[\w.-]*(/[\w.-]*)+|[\w-]+\.(py|rs|toml|md|txt)|justfile", word):
                found.add(word)
    return found


# Names in the text that are of a user, of git or of pip, not of this repository.
OTHERS = {"ctxtools.toml", "not_built.txt", "origin/main", "dist/"}


def exists(path: str) -> bool:
    """Whether a path is in the repository; one file or folder alone may be anywhere in it."""
    if "/" in path.rstrip("/") or path.startswith("."):
        return (ROOT / path).exists()
    homes = ("ctxtools", "kernel/src", "tests", "scripts", "benchmarks")
    return (ROOT / path).exists() or any(
        found for home in homes for found in (ROOT / home).rglob(path.rstrip("/"))
    )


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "RELEASE.md"])
def test_paths_exist(name: str) -> None:
    paths = paths_in(read(name)) - OTHERS
    assert paths
    assert not {path for path in paths if not exists(path)}


def test_recipes_exist() -> None:
    recipes = set(re.findall(r"^([a-z][\w-]*)[^\n]*:(?!=)", read("justfile"), re.MULTILINE))
    named = set(re.findall(r"`just ([a-z-]+)", read("CONTRIBUTING.md")))
    assert named
    assert named <= recipes


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
@pytest.mark.parametrize("script", ["run", "lint", "test-fallback", "test-install", "test-kernel"])
def test_ci_scripts_can_be_run(script: str) -> None:
    assert (ROOT / ".ci" / script).stat().st_mode & 0o100
