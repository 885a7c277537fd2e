"""The README is true: its commands print what it says, and its Python runs."""

import re
from pathlib import Path

import pytest

from tests.example_project import add_files, printed, run, shows, write_project

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [
    (command, output)
    for language, block in BLOCKS
    if language == "console"
    for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
EXAMPLES = [block for language, block in BLOCKS if language == "python"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the README's commands speak of."""
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("command", "expected"), COMMANDS, ids=[c for c, _ in COMMANDS])
def test_commands_print_what_the_readme_says(command: str, expected: str, project: Path) -> None:
    add_files(project, command)
    ran = run(command, project)
    assert ran.returncode == 0
    assert shows(expected, ran), printed(ran)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_python_runs(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "README.md", "exec"), {})
    for call, value in re.findall(r"^(encoding\.count.*?)  # (\d+)$", example, re.MULTILINE):
        scope: dict[str, object] = {}
        exec(compile(f"{example}\nresult = {call}", "README.md", "exec"), scope)
        assert scope["result"] == int(value)


def test_the_readme_shows_commands_and_code() -> None:
    assert len(COMMANDS) >= 4
    assert len(EXAMPLES) >= 2
