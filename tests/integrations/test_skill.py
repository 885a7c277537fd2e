"""The skill for coding agents: its commands exist, run, and print what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ctxtools import __version__
from ctxtools.cli.quick import COMMANDS
from ctxtools.cli.shell.words import all_commands
from tests.example_project import printed, run, shows, write_project

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "skills/ctxtools/SKILL.md"
TEXT = FILE.read_text("utf-8")
NAMED = re.findall(r"`(ctx (?!…)[^`]+)`", TEXT)


def manifest(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / ".claude-plugin" / name).read_text("utf-8"))
    return content


def test_the_front_matter_is_that_of_a_skill() -> None:
    """https://agentskills.io/specification"""
    facts = yaml.safe_load(TEXT.split("---\n")[1])
    assert facts["name"] == FILE.parent.name
    assert 0 < len(facts["description"]) <= 1024
    assert len(facts["compatibility"]) <= 500


@pytest.mark.parametrize("command", NAMED)
def test_a_command_that_it_names_is_there(command: str) -> None:
    known = {each.name: each for each in all_commands()}
    words = command.split()[1:]
    name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
    spellings = {spelling for each in known[name].options for spelling in each.spellings}
    assert {word for word in words if word.startswith("-")} <= spellings


def test_all_large_tasks_are_named() -> None:
    names = {command.split()[1] for command in NAMED}
    assert {"count", "fits", "pack", "chunk", "truncate", "models", "memory", "corpus"} <= names


def test_its_examples_print_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    block = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(block), re.MULTILINE)
    assert len(commands) >= 6
    for command, expected in commands:
        ran = run(command, tmp_path)
        assert ran.returncode == 0, printed(ran)
        assert shows(expected, ran), f"{command}: {printed(ran)}"
    assert (tmp_path / "chunks.jsonl").exists()


def test_the_plugin_names_what_is_there() -> None:
    """https://code.claude.com/docs/en/plugins-reference"""
    plugin, market = manifest("plugin.json"), manifest("marketplace.json")
    assert plugin["version"] == __version__
    assert [each["name"] for each in market["plugins"]] == [plugin["name"]]
    assert (ROOT / market["plugins"][0]["source"] / ".claude-plugin/plugin.json").exists()
    server = plugin["mcpServers"]["ctxtools"]
    assert server["command"] == "ctx"
    assert " ".join(server["args"]) in COMMANDS
