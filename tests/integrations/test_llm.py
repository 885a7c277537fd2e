"""The plugin of llm, in llm itself: fragments, commands and the tool."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import ctxtools
from ctxtools.errors import CtxtoolsError, UsageError
from tests.test_scripts import load_script

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "integrations/llm-ctxtools"
llm = pytest.importorskip("llm")
plugin = load_script(FOLDER / "llm_ctxtools.py")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.md").write_text("# Refunds\n\nRefunds are issued within a week.\n" * 30)
    (folder / "b.py").write_text("def add(a, b):\n    return a + b\n")
    (folder / "c.bin").write_bytes(bytes(range(256)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    return folder


@pytest.fixture
def plugged() -> Iterator[Any]:
    """llm with the plugin, and with a model that answers with its prompt."""
    from llm.plugins import pm

    class Echo(llm.Model):  # type: ignore[name-defined,misc]
        model_id = "echo-of-tests"

        def execute(self, prompt: Any, stream: Any, response: Any, conversation: Any) -> list[str]:
            return [prompt.prompt]

    models = ModuleType("models_of_tests")
    vars(models)["register_models"] = llm.hookimpl(lambda register: register(Echo()))
    pm.register(models)
    pm.register(plugin, "ctxtools")
    yield pm
    pm.unregister(plugin)
    pm.unregister(models)


def test_a_folder_is_packed_within_the_limit(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoding = ctxtools.get_encoding("o200k_base")
    fragment = plugin.packed_fragment("project?limit=200")
    assert encoding.count(fragment) <= 200
    assert "def add" in fragment and "b.py" in fragment
    assert str(project) not in fragment
    assert fragment.source.startswith("ctx:project?limit=200 (")
    assert "of 200 tokens of o200k_base, 1 skipped" in fragment.source
    assert "2 documents" in capsys.readouterr().err


def test_what_counts_and_what_goes_in_may_be_said(project: Path) -> None:
    encoding = ctxtools.get_encoding("deepseek_v3")
    whole = plugin.packed_fragment("project?model=deepseek-v4-pro&reserve=32k")
    assert "of 968,000 tokens of deepseek_v3" in whole.source
    assert "Refunds" in plugin.packed_fragment("project?query=how are refunds issued&limit=99")
    only = plugin.packed_fragment("project?include=*.py&encoding=deepseek_v3&limit=1k")
    assert "def add" in only and "Refunds" not in only
    assert encoding.count(only) <= 1000
    assert plugin.packed_fragment("project/b.py").count("def add") == 1


@pytest.mark.parametrize(
    "argument",
    [
        "project?limits=5",
        "project?limit",
        "project?limit=5&limit=6",
        "project?limit=much",
        "project?limit=5k&reserve=5k",
        "project?model=no-such-model-at-all",
        "project?include=*.none",
        "missing",
    ],
)
@pytest.mark.usefixtures("project")
def test_what_cannot_be_packed_is_an_error(argument: str) -> None:
    with pytest.raises((CtxtoolsError, OSError)):
        plugin.packed_fragment(argument)


def test_secrets_do_not_go_in_unasked(project: Path) -> None:
    (project / "key.txt").write_text("AKIA" + "IOSFODNN7EXAMPLQ\n")
    with pytest.raises(UsageError, match=r"key\.txt"):
        plugin.packed_fragment("project")
    assert "AKIA" in plugin.packed_fragment("project?secrets=off")
    assert "AKIA" not in plugin.packed_fragment("project?exclude=key.txt")


def test_llm_sends_it_and_logs_where_it_is_from(project: Path, plugged: Any) -> None:
    from click.testing import CliRunner
    from llm.cli import cli

    words = ["-m", "echo-of-tests", "-f", "ctx:project?limit=1k", "What is this?"]
    ran = CliRunner().invoke(cli, words)
    assert ran.exit_code == 0, ran.output
    assert "def add" in ran.stdout and "What is this?" in ran.stdout
    logged = CliRunner().invoke(cli, ["fragments"])
    assert "ctx:project?limit=1k (" in logged.stdout
    refused = CliRunner().invoke(cli, [*words[:3], "ctx:project?limt=1k", "What?"])
    assert refused.exit_code == 1
    assert "unknown option" in refused.output and "there are limit" in refused.output


def test_llm_has_the_commands(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import click

    group = click.Group()
    plugin.register_commands(group)
    with pytest.raises(SystemExit) as ended:
        group.main(["ctx", "count", str(project / "b.py"), "-m", "gpt-5"], standalone_mode=True)
    assert ended.value.code == 0
    assert int(capfd.readouterr().out) == plugin.count_tokens((project / "b.py").read_text())
    with pytest.raises(SystemExit) as ended:
        group.main(["ctx", "fits", str(project), "--limit", "5"], standalone_mode=True)
    assert ended.value.code == 1
    with pytest.raises(SystemExit) as ended:
        group.main(["ctx", "count", "--help"], standalone_mode=True)
    assert "Usage: ctx count" in capfd.readouterr().out


def test_models_may_call_the_counter(plugged: Any) -> None:
    tools = llm.get_tools()
    assert tools["count_tokens"].implementation("one two", model="deepseek-v4-pro") == 2


def test_the_readme_names_the_options() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in text or f"{name}=" in text for name in plugin.ONCE + plugin.SEVERAL)
