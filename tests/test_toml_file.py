"""TOML tables: each wrong value is an error that says where."""

from pathlib import Path

import pytest

from ctxtools.errors import ConfigError
from ctxtools.toml_file import Table, read_toml


def test_a_key_that_nobody_read_is_an_error_and_one_that_was_is_not() -> None:
    table = Table({"a": 1, "b": 2}, "f.toml", "tool.x")
    assert table.size("a") == 1
    with pytest.raises(ConfigError, match=r"^f\.toml: unknown setting tool\.x\.b"):
        table.done()
    assert table.size("b") == 2
    table.done()


def test_named_and_listed_tables_are_read_alike() -> None:
    named = Table({"models": {"a": {"x": 1}}}, "f").tables("models")
    listed = Table({"models": [{"name": "a", "x": 1}]}, "f").tables("models")
    assert [dict(each.values) for each in named] == [dict(each.values) for each in listed]
    assert [each.path for each in (*named, *listed)] == ['models."a"', 'models."a"']


def test_absent_values_are_none_or_empty() -> None:
    table = Table({}, "f")
    assert [table.text("k"), table.texts("k"), table.flag("k"), table.size("k")] == [None] * 4
    assert [table.choice("k", ("a",)), table.number("k"), table.numbers("k", 2)] == [None] * 3
    assert table.tables("k") == []
    assert "k" not in table.table("k")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{tmp_path}: is a directory"):
        read_toml(tmp_path)
