"""TOML tables: each wrong value is an error that says where."""

import codecs
import tomllib
from pathlib import Path

import pytest

from ctxtools.errors import ConfigError
from ctxtools.toml_file import Table, may_have_tool_table, read_toml


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


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_a_byte_order_mark_is_no_part_of_the_file(mark: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(mark + b'key = "text"\n')
    assert read_toml(tmp_path / "x.toml") == {"key": "text"}


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_is_named(mark: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(mark + 'key = "text"'.encode("utf-16-le"))
    with pytest.raises(ConfigError, match="UTF-16, and TOML must be UTF-8") as error:
        read_toml(tmp_path / "x.toml")
    assert error.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ctxtools]\n",
        "[ tool . 'ctxtools' ]\n",
        "[tool]\nctxtools.limit = 9\n",
        '  ["tool"]\nctxtools = {limit = 9}\n',
        "tool.ctxtools.limit = 9\n",
        "tool = {ctxtools = {limit = 9}}\n",
        'tool = {a = """\n""", ctxtools = {limit = 9}}\n',
        "\ufefftool = {a = '''\n''', ctxtools = {}}\n",
        '["t\\u006fol"."ctxtools"]\n',
        '[tool."ctxtools".models]\r\n',
    ],
)
def test_a_table_of_a_tool_is_seen_without_parsing(text: str) -> None:
    assert tomllib.loads(text.removeprefix("\ufeff"))["tool"]["ctxtools"] is not None
    assert may_have_tool_table(text.encode(), b"ctxtools")


@pytest.mark.parametrize(
    "text",
    ["[tool.x]\na = 1\n", '[project]\nname = "ctxtools"\n[tool.x]\na = ["ctxtools"]\n', ""],
)
def test_most_files_have_none(text: str) -> None:
    assert not may_have_tool_table(text.encode(), b"ctxtools")
