"""SECURITY.md says what the code does: its bounds are those of the constants that it names."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from ctxtools.config import _IN_PROJECT

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text()
ROWS = re.findall(r"^\| (.+) \| ([\d,]+)(?: (\w+))? \| `([\w.]+)\.(\w+)` \|$", TEXT, re.MULTILINE)
UNITS = {"": 1, "s": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def test_every_row_is_read() -> None:
    assert len(ROWS) == len(re.findall(r"\| `ctxtools\.", TEXT)) > 0


@pytest.mark.parametrize(
    ("number", "unit", "module", "name"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_bound(number: str, unit: str, module: str, name: str) -> None:
    assert getattr(import_module(module), name) == int(number.replace(",", "")) * UNITS[unit]


def test_settings_of_a_project() -> None:
    said = TEXT.partition("A project's file may set")[2].partition(". ")[0]
    names = re.findall(r"`([a-z]+)`", said.replace("`always`", ""))
    assert names == list(_IN_PROJECT)


def test_paths_exist() -> None:
    paths = re.findall(r"`((?:ctxtools|tests|kernel|\.ci)/[\w./-]*)`", TEXT)
    assert paths and all((ROOT / path).exists() for path in paths)
