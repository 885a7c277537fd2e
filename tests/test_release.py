"""What a release is made with: workflows, notes, the recipe for conda, what is in the kernel."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ctxtools import __version__
from tests.test_scripts import SCRIPTS, load_script

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BY_TAG = {"taiki-e/install-action"}
"""Actions without a version to pin; in no workflow that can write."""


def read(path: Path) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        if used := re.search(r"uses: ([^./][^@]*)@(.*)", line):
            assert used[1] in BY_TAG or re.fullmatch(r"[0-9a-f]{40} # \S.*", used[2]), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_no_more_than_it_does(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    writing = {
        name
        for name, job in workflow["jobs"].items()
        if "write" in job.get("permissions", {}).values()
    }
    allowed = {"release": {"contents", "pypi", "image", "release"}, "docs": {"publish"}}
    assert writing == allowed.get(path.stem, set())
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "secrets." not in str(step)
        # What strangers write is not pasted into scripts.
        assert not re.search(r"\$\{\{\s*(github\.event|inputs)", step.get("run", ""))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_runs_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in re.findall(r"(?<![\w/])((?:\.ci|scripts)/[\w./-]+)", text):
        assert (ROOT / name).exists(), name
    workflow = read(path)
    for job in workflow["jobs"].values():
        assert {
            *([job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []))
        } <= {*workflow["jobs"]}
        if called := job.get("uses"):
            assert "workflow_call" in read(ROOT / called)[True]  # YAML's `on`


def release_notes(folder: Path, tag: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([folder / ".ci/release-notes", tag], capture_output=True, text=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the notes are made of, with a section for this version."""
    for name in (
        "ctxtools/__init__.py",
        "kernel/Cargo.toml",
        "kernel/Cargo.lock",
        ".ci/release-notes",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## Unreleased\n\n- next\n\n## {__version__} - 2026-12-01\n\n- this\n\n"
        f"## {__version__}1 - 2026-11-01\n\n- before\n"
    )
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="a script of a shell")
def test_notes_are_the_section_of_the_version(clone: Path) -> None:
    ran = release_notes(clone, f"v{__version__}")
    assert (ran.returncode, ran.stdout.strip()) == (0, "- this")


@pytest.mark.skipif(os.name == "nt", reason="a script of a shell")
@pytest.mark.parametrize("name", ["ctxtools/__init__.py", "kernel/Cargo.toml", "kernel/Cargo.lock"])
def test_one_version_everywhere(name: str, clone: Path) -> None:
    path = clone / name
    path.write_text(path.read_text("utf-8").replace(f'"{__version__}"', '"99.0.0"'), "utf-8")
    ran = release_notes(clone, f"v{__version__}")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"error: the tag is v{__version__}, {name} has 99.0.0\n"


@pytest.mark.skipif(os.name == "nt", reason="a script of a shell")
def test_a_release_has_notes(clone: Path) -> None:
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n- next\n")
    ran = release_notes(clone, f"v{__version__}")
    assert ran.returncode == 1
    assert ran.stderr == f"error: CHANGELOG.md has no section ## {__version__}\n"


def test_the_recipe_for_conda_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    recipe = read(ROOT / "conda/recipe/recipe.yaml")
    needed = {
        re.sub(r"(?=[<>=])", " ", each, count=1) for each in project["project"]["dependencies"]
    }
    assert recipe["context"]["version"] == __version__
    assert {*recipe["requirements"]["run"]} == needed | {"python >=${{ python_min }}"}
    assert {
        re.sub(r"(?=[<>=])", " ", each, count=1) for each in project["build-system"]["requires"]
    } <= {*recipe["requirements"]["host"]}
    assert project["project"]["requires-python"] == f">={recipe['context']['python_min']}"
    files = {*project["project"]["license-files"], "THIRDPARTY.yml"}  # made by the recipe
    assert {*recipe["about"]["license_file"]} == files


def test_what_is_in_the_kernel_is_listed() -> None:
    document = load_script(SCRIPTS / "build_sbom.py").document()
    manifest = tomllib.loads((ROOT / "kernel/Cargo.toml").read_text("utf-8"))
    names = {each["name"] for each in document["components"]}
    assert {*manifest["dependencies"]} <= names
    assert not {*manifest["dev-dependencies"]} & names
    for each in document["components"]:
        assert each["purl"] == f"pkg:cargo/{each['name']}@{each['version']}"
        assert re.fullmatch("[0-9a-f]{64}", each["hashes"][0]["content"])
    references = [each["ref"] for each in document["dependencies"]]
    assert sorted(references) == sorted(
        [
            document["metadata"]["component"]["bom-ref"],
            *(each["bom-ref"] for each in document["components"]),
        ]
    )
    assert {name for each in document["dependencies"] for name in each["dependsOn"]} <= {
        *references
    }


def test_an_image_is_built_of_what_is_sent_to_it() -> None:
    """The wheel is: .dockerignore lists what it is made of, and no more."""
    sent = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert all((ROOT / name).exists() for name in sent)
    needed = [project["readme"], *project["license-files"], "scripts/build_sbom.py", "kernel"]
    assert all(any(name == each or name.startswith(f"{each}/") for each in sent) for name in needed)
