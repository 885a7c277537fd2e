"""Options: their choices are those of the library, and their help is a reviewed snapshot."""

from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from ctxtools._core.types import Overlong
from ctxtools.chunking.settings import OnOversize, Strategy
from ctxtools.cli import quick
from ctxtools.cli.app import app
from ctxtools.config import Color
from ctxtools.encodings.engines.backend import Side
from ctxtools.packing.arguments import FORMS, Format, Order, Trim
from tests.cli.conftest import Run

COMMANDS: Any = typer.main.get_command(app)
NAMES = [*quick.COMMANDS]
HELP = Path(__file__).with_name("help.txt")


def parameter(command: str, name: str) -> Any:
    return next(each for each in found_command(command).params if each.name == name)


def found_command(name: str) -> Any:
    """A command by its name, of one word or two."""
    command = COMMANDS
    for word in name.split():
        command = command.get_command(None, word)
    return command


@pytest.mark.parametrize(
    ("command", "option", "choices"),
    [
        ("chunk", "strategy", get_args(Strategy)),
        ("chunk", "on_oversize", get_args(OnOversize)),
        ("pack", "format", get_args(Format)),
        ("pack", "order", get_args(Order)),
        ("pack", "trim", get_args(Trim)),
        ("pack-sequences", "overlong", (*get_args(Overlong), "split-at-boundaries")),
        ("truncate", "side", get_args(Side)),
        *((name, "color", get_args(Color)) for name in ("count", "pack", "show", "bench")),
    ],
)
def test_choices_are_those_of_the_library(command: str, option: str, choices: Any) -> None:
    assert tuple(parameter(command, option).type.choices) == choices


def test_forms_are_those_of_the_library() -> None:
    assert parameter("pack", "forms").default == ",".join(FORMS)


def test_the_help_of_every_command() -> None:
    """If a change is intended: ``python -m tests.cli.test_options``, and read the difference."""
    assert help_of_all() == HELP.read_text(encoding="utf-8")


def help_of_all() -> str:
    """What --help says, by itself: the table around it is typer's, and changes with it."""
    lines = []
    for name in NAMES:
        command = found_command(name)
        lines += [f"ctx {name}", "", *command.help.splitlines(), ""]
        for each in command.params:
            if each.param_type_name == "argument":
                lines.append(f"  {each.metavar}  {each.help}")
            else:
                spelling = ", ".join(each.opts)
                known = f" <{'|'.join(each.type.choices)}>" if hasattr(each.type, "choices") else ""
                default = f" [{each.default}]" if each.show_default and each.default else ""
                lines.append(f"  {spelling}{known}  {each.help}{default}")
        lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["", *quick.GROUPS, *NAMES])
def test_help_is_shown(name: str, run: Run) -> None:
    ran = run(*name.split(), "--help")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "Usage: " in ran.stdout


if __name__ == "__main__":
    HELP.write_text(help_of_all(), encoding="utf-8")
