"""The hook for pre-commit and the GitHub Action, run as these run them.

Both install a stand-in of the package: see `tests.cli.check.stand_in`. pre-commit itself is the
real one; of the action the steps that are scripts are run by bash, with the variables that the
runner sets.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from shutil import copyfile, which
from typing import Any

import pytest

import ctxtools
from tests.cli.check.stand_in import CHECKOUT, write_project, write_wheel
from tests.documents.git.repositories import git
from tests.limits.conftest import write

yaml = pytest.importorskip("yaml")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="scripts are for bash"),
    pytest.mark.skipif(
        os.environ.get("CTXTOOLS_KERNEL") == "0", reason="the kernel changes nothing of it"
    ),
]
needs_git = pytest.mark.skipif(which("git") is None, reason="git is not installed")
needs_bash = pytest.mark.skipif(which("bash") is None, reason="bash is not installed")
needs_pre_commit = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="pre-commit is not installed"
)
HOOKS = CHECKOUT / ".pre-commit-hooks.yaml"
ACTION = CHECKOUT / "action.yml"


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a program of CI gets: nothing of this checkout, and no settings of the user."""
    kept = {name: os.environ[name] for name in ("PATH", "CTXTOOLS_KERNEL") if name in os.environ}
    home.mkdir(exist_ok=True)
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        **more,
    }


# pre-commit


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the hooks of this one."""
    root = tmp_path_factory.mktemp("hooks")
    copyfile(HOOKS, root / HOOKS.name)
    write_project(root, write_wheel(tmp_path_factory.mktemp("wheel")))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "hooks")
    return root


@pytest.fixture(scope="module")
def pre_commit_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its cache, where the hook is installed once."""
    return tmp_path_factory.mktemp("pre-commit")


@needs_git
@needs_pre_commit
def test_the_hook_checks_what_is_committed(
    hooks: Path, pre_commit_home: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    write(here / "AGENTS.md", 10)
    write(here / "docs/a.md", 10)
    write(here / "docs/other.md", 999)
    (here / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    (here / "ctxtools.toml").write_text(
        '[check]\n"AGENTS.md" = 10\n"docs/**" = { each = 20, all = 30 }\n"*.png" = 5\n'
    )
    revision = git(hooks, "rev-parse", "HEAD").strip()
    (here / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks: [{{id: ctx-check, verbose: true}}]\n"
    )
    git(here, "init", "-q")
    git(here, "add", "AGENTS.md", "docs/a.md", "logo.png", ".pre-commit-config.yaml")
    ran_in = environment(tmp_path / "home", PRE_COMMIT_HOME=str(pre_commit_home))

    def pre_commit() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--color", "never"]
        return subprocess.run(command, cwd=here, env=ran_in, capture_output=True, text=True)

    ran = pre_commit()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "no limit is exceeded" in ran.stdout and "skipped: logo.png: binary" in ran.stdout
    assert "other.md" not in ran.stdout  # which is not committed
    write(here / "docs/a.md", 21)
    git(here, "add", "docs/a.md")
    ran = pre_commit()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "OVER   docs/a.md" in ran.stdout
    write(here / "docs/a.md", 20)  # which is only on the disk
    assert pre_commit().returncode == 1


def test_hooks_are_those_of_the_command() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text())
    assert hook["id"] == "ctx-check" and hook["entry"].split() == ["ctx", "check"]


# GitHub Actions


def fill(value: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
    """A value with the expressions in it replaced, as the runner does."""
    for name, given in inputs.items():
        value = value.replace(f"${{{{ inputs.{name} }}}}", given)
    for step, found in outputs.items():
        for name, given in found.items():
            value = value.replace(f"${{{{ steps.{step}.outputs.{name} }}}}", given)
    assert "${{" not in value, value
    return value


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(ACTION.read_text())
    return read


class Runner:
    """Runs the steps of the action that are scripts."""

    def __init__(self, action: dict[str, Any], root: Path, workspace: Path) -> None:
        self.action, self.root, self.workspace = action, root, workspace
        self.summary = root / "summary.md"
        self.summary.touch()
        self.outputs = {"python": {"python-path": sys.executable}}
        wheels = root / "wheels"
        wheels.mkdir()
        write_wheel(wheels)
        (root / "temp").mkdir()
        self.environment = environment(
            root / "home",
            PIP_FIND_LINKS=str(wheels),
            GITHUB_ACTION_PATH=str(CHECKOUT),
            GITHUB_WORKSPACE=str(workspace),
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_RUN_ID="1",
            GITHUB_ACTIONS="true",
            RUNNER_TEMP=str(root / "temp"),
        )

    def run(self, only: str = "", **given: str) -> subprocess.CompletedProcess[str]:
        """The last step that ran, or the first that failed.

        Args:
            only: run the step of this name alone.
            given: inputs, with _ for -.
        """
        inputs = {name: facts["default"] for name, facts in self.action["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        assert {*inputs} == {*self.action["inputs"]}
        for step in self.action["runs"]["steps"]:
            if "run" not in step or (only and step["name"] != only):
                continue
            assert "${{" not in step["run"]  # values would be code
            output = self.root / "output"
            output.write_text("")
            own = {n: fill(v, inputs, self.outputs) for n, v in step["env"].items()}
            folder = fill(step.get("working-directory", "."), inputs, self.outputs)
            ran = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.workspace / folder,
                env={**self.environment, "GITHUB_OUTPUT": str(output), **own},
                capture_output=True,
                text=True,
            )
            lines = output.read_text().splitlines()
            self.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
            if ran.returncode:
                break
        return ran


@needs_git
@needs_bash
def test_the_action_annotates_and_sums_up(action: dict[str, Any], tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    write(workspace / "AGENTS.md", 11)
    write(workspace / "docs/a b.md", 10)
    (workspace / "ctxtools.toml").write_text('[check]\n"AGENTS.md" = 10\n"docs/**" = 20\n')
    git(workspace, "init", "-q")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "one")
    runner = Runner(action, tmp_path, workspace)
    ran = runner.run()
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.splitlines() == [
        "::error file=AGENTS.md,title=Token limit::AGENTS.md has 11 o200k_base tokens, 1 over the "
        "limit of 10 (AGENTS.md)",
        "ctx check: 2 files checked: 1 limit is exceeded",
    ]
    assert "| **`AGENTS.md`** | 11 | 10 | 110.0% |" in runner.summary.read_text()

    def check(**given: str) -> subprocess.CompletedProcess[str]:
        return runner.run("Check limits of tokens", **given)

    assert check(paths="docs").returncode == 0
    assert check(paths="docs/a b.md\n\nAGENTS.md\n").returncode == 1
    assert check(limits="AGENTS.md=11\ndocs/**=each:10,all:10\n").returncode == 0
    assert check(limits="AGENTS.md=11", encoding="cl100k_base", args="--strict -q").returncode == 0
    write(workspace / "docs/a b.md", 12)
    grown = check(limits="docs/**=20", against="HEAD", max_growth="10%")
    assert grown.returncode == 1 and "file=docs/a b.md,title=Token growth::" in grown.stdout
    in_folder = check(working_directory="docs", paths="a b.md", limits="*=11")
    assert in_folder.returncode == 1 and "::error file=docs/a b.md," in in_folder.stdout
    # What comes from a pull request is a value, and no code.
    ran = check(limits="$(touch ran)`touch ran`=5", against='"; touch ran; "', args="; touch ran")
    assert ran.returncode == 2 and not [*workspace.rglob("ran")]


def test_what_the_action_says_of_itself(action: dict[str, Any]) -> None:
    assert action["runs"]["using"] == "composite"
    page = (CHECKOUT / "docs" / "check.md").read_text()
    for name, facts in action["inputs"].items():
        assert facts["description"] and isinstance(facts["default"], str)
        assert f"`{name}`" in page, name
    version = ctxtools.__version__
    assert f"ctxtools/ctxtools@v{version}" in page and f"rev: v{version}" in page
    used = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert all(len(each.partition("@")[2]) == 40 for each in used)  # a commit, not a tag
