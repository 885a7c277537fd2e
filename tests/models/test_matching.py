"""Rows that are found by the name of a model: lazily, and as if all of the table were read."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import ConfigError
from ctxtools.messages.media import rules
from ctxtools.models.catalog import FAMILIES
from ctxtools.models.matching import MatchTable, beginnings, holds
from ctxtools.toml_file import read_toml

RULES = Path(rules.__file__).parent / "rules"
TABLES = [(FAMILIES, "families"), *((path, "rules") for path in sorted(RULES.glob("*.toml")))]
PATTERNS = [row.pattern for path, name in TABLES for row in MatchTable(path, name).rows]


@pytest.mark.parametrize(("path", "name"), TABLES, ids=lambda value: getattr(value, "stem", ""))
def test_each_row_is_what_toml_says(path: Path, name: str) -> None:
    table, rows = MatchTable(path, name), read_toml(path)[name]
    assert [table.values(row) for row in table.rows] == rows
    assert [row.pattern for row in table.rows] == [rf"(?:{row['match']})(?=-|$)" for row in rows]


@given(st.data())
def test_what_a_pattern_matches_begins_as_it_says(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    key = data.draw(st.from_regex(re.compile(rf"\A{pattern}", re.ASCII)))
    if holds(pattern, key):
        assert key.startswith(beginnings(pattern))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("gpt-4o", ("gpt-4o",)),
        ("gpt-?4", ("gpt",)),
        ("a+b", ("a",)),
        ("ab{2}", ("a",)),
        (r"o1|gpt-\d", ("o1", "gpt-")),
        ("(o1|o3)-mini", ("o1", "o3")),
        ("(?:x|y(a|b))z", ("x", "y")),
        ("(open-)?mistral", ("open-", "mistral")),
        ("(a|b)*c", ("a", "b", "c")),
        ("(?!x)y", ("",)),
        ("[ab(]c|d", ("",)),
        (r"\d|d", ("",)),
        ("a||b", ("",)),
    ],
)
def test_beginnings(pattern: str, expected: tuple[str, ...]) -> None:
    assert beginnings(pattern) == expected


def test_a_row_without_a_pattern_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[[rules]]\nname = "x"\n')
    with pytest.raises(ConfigError, match="has no match"):
        MatchTable(path, "rules")
